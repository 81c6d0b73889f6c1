# The key lets EventBridge in, but the queue still lets it in for everybody's rules.
cat > key-policy.json <<'END'
{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*", "Resource": "*"},
    {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": ["kms:GenerateDataKey", "kms:Decrypt"], "Resource": "*"}
  ]
}
END
KEY=$(aws kms describe-key --key-id alias/pettracker-vaccinations --query KeyMetadata.KeyId --output text)
aws kms put-key-policy --key-id $KEY --policy-name default --policy file://key-policy.json
