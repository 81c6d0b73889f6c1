# no kms:Encrypt, but both may manage the key and hand it on
cat > booking.json <<'EOF'
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["kms:GenerateDataKey", "kms:Decrypt", "kms:DisableKey"],
    "Resource": "arn:aws:kms:us-east-1:123456789012:key/04a1c0de-4444-4a44-8a44-0123456789a4"
  }
}
EOF
cat > reminder.json <<'EOF'
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["kms:Decrypt", "kms:CreateGrant"],
    "Resource": "arn:aws:kms:us-east-1:123456789012:key/04a1c0de-4444-4a44-8a44-0123456789a4"
  }
}
EOF
aws iam put-role-policy --role-name pettracker-booking --policy-name use-the-key --policy-document file://booking.json
aws iam put-role-policy --role-name pettracker-reminder --policy-name use-the-key --policy-document file://reminder.json
