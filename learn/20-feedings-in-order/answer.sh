cat > queue-policy.json <<'END'
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "OnlyTheFeedingsTopic",
      "Effect": "Allow",
      "Principal": {"Service": "sns.amazonaws.com"},
      "Action": "sqs:SendMessage",
      "Resource": "arn:aws:sqs:us-east-1:123456789012:pettracker-feeding-log.fifo",
      "Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:sns:us-east-1:123456789012:pettracker-feedings.fifo"}}
    }
  ]
}
END
cat > key-policy.json <<'END'
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
      "Sid": "SNS",
      "Effect": "Allow",
      "Principal": {"Service": "sns.amazonaws.com"},
      "Action": ["kms:GenerateDataKey", "kms:Decrypt"],
      "Resource": "*",
      "Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:sns:us-east-1:123456789012:pettracker-feedings.fifo"}}
    }
  ]
}
END
cat > feeder.json <<'END'
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "TheTopicsKey",
      "Effect": "Allow",
      "Action": ["kms:GenerateDataKey", "kms:Decrypt"],
      "Resource": "arn:aws:kms:us-east-1:123456789012:key/20a3c0de-1111-4a20-8a20-000000000020",
      "Condition": {"StringEquals": {"kms:ViaService": "sns.us-east-1.amazonaws.com"}}
    }
  ]
}
END
URL=$(aws sqs get-queue-url --queue-name pettracker-feeding-log.fifo --query QueueUrl --output text)
KEY=$(aws kms describe-key --key-id alias/pettracker-feedings --query KeyMetadata.KeyId --output text)
aws sqs set-queue-attributes --queue-url $URL --attributes "Policy='$(cat queue-policy.json)'"
aws kms put-key-policy --key-id $KEY --policy-name default --policy file://key-policy.json
aws iam put-role-policy --role-name pettracker-feeder --policy-name topic-key --policy-document file://feeder.json
