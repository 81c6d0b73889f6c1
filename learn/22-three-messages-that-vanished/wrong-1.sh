# The filter is taken away instead of being applied to the body: the vet is alarmed by every weighing.
cat > history.json <<'END'
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {"Service": "sns.amazonaws.com"},
      "Action": "sqs:SendMessage",
      "Resource": "arn:aws:sqs:us-east-1:123456789012:pettracker-weight-history",
      "Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:sns:us-east-1:123456789012:pettracker-weighings"}}
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
      "Sid": "DeliveriesOfTheTopic",
      "Effect": "Allow",
      "Principal": {"Service": "sns.amazonaws.com"},
      "Action": ["kms:GenerateDataKey", "kms:Decrypt"],
      "Resource": "*",
      "Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:sns:us-east-1:123456789012:pettracker-weighings"}}
    }
  ]
}
END
HISTORY=$(aws sqs get-queue-url --queue-name pettracker-weight-history --query QueueUrl --output text)
KEY=$(aws kms describe-key --key-id alias/pettracker-weight-bills --query KeyMetadata.KeyId --output text)
ALERTS=$(aws sns list-subscriptions-by-topic --topic-arn arn:aws:sns:us-east-1:123456789012:pettracker-weighings --query "Subscriptions[?Endpoint=='arn:aws:sqs:us-east-1:123456789012:pettracker-weight-alerts'].SubscriptionArn" --output text)
aws sqs set-queue-attributes --queue-url $HISTORY --attributes "Policy='$(cat history.json)'"
aws kms put-key-policy --key-id $KEY --policy-name default --policy file://key-policy.json
aws sns set-subscription-attributes --subscription-arn $ALERTS --attribute-name FilterPolicy --attribute-value {}
