# The condition names the rule as if it were on the default bus, so nothing matches it.
cat > queue-policy.json <<'END'
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {"Service": "events.amazonaws.com"},
      "Action": "sqs:SendMessage",
      "Resource": "arn:aws:sqs:us-east-1:123456789012:pettracker-vaccinations",
      "Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:events:us-east-1:123456789012:rule/pettracker-vaccination-due"}}
    }
  ]
}
END
cat > key-policy.json <<'END'
{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*", "Resource": "*"},
    {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": ["kms:GenerateDataKey", "kms:Decrypt"], "Resource": "*"}
  ]
}
END
URL=$(aws sqs get-queue-url --queue-name pettracker-vaccinations --query QueueUrl --output text)
KEY=$(aws kms describe-key --key-id alias/pettracker-vaccinations --query KeyMetadata.KeyId --output text)
aws sqs set-queue-attributes --queue-url $URL --attributes "Policy='$(cat queue-policy.json)'"
aws kms put-key-policy --key-id $KEY --policy-name default --policy file://key-policy.json
