# The key of the dead-letter queue does not open dead letters: the task starts and fails.
cat > redrive.json <<'END'
{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "TakeOutOfTheDeadLetterQueue", "Effect": "Allow", "Action": ["sqs:StartMessageMoveTask", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], "Resource": "arn:aws:sqs:us-east-1:123456789012:pettracker-walks-dlq"},
    {"Sid": "PutBack", "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:us-east-1:123456789012:pettracker-walks"},
    {"Sid": "TheKeyOfTheWalks", "Effect": "Allow", "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": "arn:aws:kms:us-east-1:123456789012:key/21b3c0de-1111-4a21-8a21-00000000021b"}
  ]
}
END
cat > allow.json <<'END'
{"redrivePermission": "byQueue", "sourceQueueArns": ["arn:aws:sqs:us-east-1:123456789012:pettracker-walks"]}
END
DLQ=$(aws sqs get-queue-url --queue-name pettracker-walks-dlq --query QueueUrl --output text)
aws iam put-role-policy --role-name pettracker-walk-operator --policy-name redrive --policy-document file://redrive.json
aws sqs set-queue-attributes --queue-url $DLQ --attributes "RedriveAllowPolicy='$(cat allow.json)'"
