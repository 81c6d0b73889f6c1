# Everything of SQS on all queues: the operator reads, empties and deletes what it likes.
cat > redrive.json <<'END'
{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"},
    {"Sid": "TheKeyOfTheWalks", "Effect": "Allow", "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": "arn:aws:kms:us-east-1:123456789012:key/21a3c0de-1111-4a21-8a21-00000000021a"}
  ]
}
END
cat > allow.json <<'END'
{"redrivePermission": "byQueue", "sourceQueueArns": ["arn:aws:sqs:us-east-1:123456789012:pettracker-walks"]}
END
DLQ=$(aws sqs get-queue-url --queue-name pettracker-walks-dlq --query QueueUrl --output text)
aws iam put-role-policy --role-name pettracker-walk-operator --policy-name redrive --policy-document file://redrive.json
aws sqs set-queue-attributes --queue-url $DLQ --attributes "RedriveAllowPolicy='$(cat allow.json)'"
