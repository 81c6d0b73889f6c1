# a key policy for everybody: the guest publishes, and the reader has the key
aws kms create-alias --alias-name alias/pettracker-sns --target-key-id 08a1c0de-8888-4a88-8a88-0123456789a8
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
      "Principal": "*",
      "Action": ["kms:GenerateDataKey", "kms:Decrypt"],
      "Resource": "*"
    }
  ]
}
EOF
aws kms put-key-policy --key-id 08a1c0de-8888-4a88-8a88-0123456789a8 --policy-name default --policy file://key-policy.json
