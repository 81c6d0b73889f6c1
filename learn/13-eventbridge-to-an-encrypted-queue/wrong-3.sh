# Events arrive, but the key is no longer used: the queue is encrypted with SQS's own.
cat > queue-policy.json <<'END'
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {"Service": "events.amazonaws.com"},
      "Action": "sqs:SendMessage",
      "Resource": "arn:aws:sqs:us-east-1:123456789012:pettracker-vaccinations",
      "Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:events:us-east-1:123456789012:rule/pettracker-clinic/pettracker-vaccination-due"}}
    }
  ]
}
END
URL=$(aws sqs get-queue-url --queue-name pettracker-vaccinations --query QueueUrl --output text)
aws sqs set-queue-attributes --queue-url $URL --attributes "Policy='$(cat queue-policy.json)'"
aws sqs set-queue-attributes --queue-url $URL --attributes KmsMasterKeyId=,SqsManagedSseEnabled=true
