# kms:* works, and lets the consumer create data keys and both encrypt (and delete the key)
cat > key.json <<'EOF'
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "kms:*",
    "Resource": "arn:aws:kms:us-east-1:123456789012:key/04a1c0de-4444-4a44-8a44-0123456789a4"
  }
}
EOF
aws iam put-role-policy --role-name pettracker-booking --policy-name use-the-key --policy-document file://key.json
aws iam put-role-policy --role-name pettracker-reminder --policy-name use-the-key --policy-document file://key.json
