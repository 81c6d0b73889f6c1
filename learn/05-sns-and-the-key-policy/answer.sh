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
      "Sid": "AllowTopicThroughSNS",
      "Effect": "Allow",
      "Principal": {"Service": "sns.amazonaws.com"},
      "Action": ["kms:GenerateDataKey*", "kms:Decrypt"],
      "Resource": "*",
      "Condition": {
        "ArnEquals": {"aws:SourceArn": "arn:aws:sns:us-east-1:123456789012:pettracker-adoptions"},
        "StringEquals": {"aws:SourceAccount": "123456789012"}
      }
    }
  ]
}
EOF
aws kms put-key-policy --key-id 05a1c0de-5555-4a55-8a55-0123456789a5 --policy-name default --policy file://key-policy.json
