QUEUE=$(aws sqs get-queue-url --queue-name pettracker-claims --query QueueUrl --output text)
cat > attributes.json <<'EOF'
{
  "Policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"InsurerReads\",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::999888777666:role/pettracker-insurer\"},\"Action\":[\"sqs:ReceiveMessage\",\"sqs:DeleteMessage\"],\"Resource\":\"arn:aws:sqs:us-east-1:123456789012:pettracker-claims\"}]}"
}
EOF
aws sqs set-queue-attributes --queue-url "$QUEUE" --attributes file://attributes.json
cat > key-policy.json <<'EOF'
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Enable IAM User Permissions",
      "Effect": "Allow",
      "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
      "Action": "kms:*",
      "Resource": "*"
    },
    {
      "Sid": "InsurerDecrypts",
      "Effect": "Allow",
      "Principal": {"AWS": "arn:aws:iam::999888777666:role/pettracker-insurer"},
      "Action": "kms:Decrypt",
      "Resource": "*"
    }
  ]
}
EOF
aws kms put-key-policy --key-id 11a1c0de-1111-4a11-8a11-0123456789a1 --policy-name default --policy file://key-policy.json
