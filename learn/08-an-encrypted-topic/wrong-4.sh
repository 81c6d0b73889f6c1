# no kms:Encrypt, but the publisher may give the key another policy
aws kms create-alias --alias-name alias/pettracker-sns --target-key-id 08a1c0de-8888-4a88-8a88-0123456789a8
cat > use-the-key.json <<'EOF'
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["kms:GenerateDataKey", "kms:Decrypt", "kms:PutKeyPolicy"],
      "Resource": "arn:aws:kms:us-east-1:123456789012:key/08a1c0de-8888-4a88-8a88-0123456789a8"
    }
  ]
}
EOF
aws iam put-role-policy --role-name pettracker-event-publisher --policy-name use-the-key --policy-document file://use-the-key.json
