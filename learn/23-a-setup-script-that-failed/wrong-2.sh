# An Allow keeps nobody out: the reports' own policy still lets them in.
cat > queue-policy.json <<'END'
{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "DenyUnencryptedTransport", "Effect": "Deny", "Principal": "*", "Action": ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage"], "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
    {"Sid": "AllowNoticeService", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:role/pettracker-notice-service"}, "Action": ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], "Resource": "arn:aws:sqs:us-east-1:123456789012:pettracker-notices-secure"}
  ]
}
END
cat > trust.json <<'END'
{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
  ]
}
END
cat > key.json <<'END'
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["kms:GenerateDataKey", "kms:Decrypt"],
      "Resource": "arn:aws:kms:us-east-1:123456789012:key/23a3c0de-1111-4a23-8a23-00000000023a"
    }
  ]
}
END
URL=$(aws sqs get-queue-url --queue-name pettracker-notices-secure --query QueueUrl --output text)
aws sqs set-queue-attributes --queue-url $URL --attributes "Policy='$(cat queue-policy.json)'"
aws iam update-assume-role-policy --role-name pettracker-notice-service --policy-document file://trust.json
aws iam put-role-policy --role-name pettracker-notice-service --policy-name key --policy-document file://key.json
