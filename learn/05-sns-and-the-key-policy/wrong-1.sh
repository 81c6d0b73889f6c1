# SNS may have data keys made, but not decrypt them, so SQS cannot verify them
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
      "Effect": "Allow",
      "Principal": {"Service": "sns.amazonaws.com"},
      "Action": "kms:GenerateDataKey*",
      "Resource": "*",
      "Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:sns:us-east-1:123456789012:pettracker-adoptions"}}
    }
  ]
}
EOF
aws kms put-key-policy --key-id 05a1c0de-5555-4a55-8a55-0123456789a5 --policy-name default --policy file://key-policy.json
