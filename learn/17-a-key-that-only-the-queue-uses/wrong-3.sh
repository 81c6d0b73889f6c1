# aws:SourceArn is there only where a service calls for itself, and SQS calls for the reader: nothing is allowed anymore.
cat > decrypt.json <<'END'
{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "OnlyThroughTheRecordsQueue", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "arn:aws:kms:us-east-1:123456789012:key/17a3c0de-1111-4a17-8a17-000000000017", "Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:sqs:us-east-1:123456789012:pettracker-records"}}}
  ]
}
END
aws iam put-role-policy --role-name pettracker-records-reader --policy-name decrypt --policy-document file://decrypt.json
