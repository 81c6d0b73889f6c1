# kms:ViaService alone: the key still opens the legal queue, too.
cat > decrypt.json <<'END'
{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "OnlyThroughTheRecordsQueue", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "arn:aws:kms:us-east-1:123456789012:key/17a3c0de-1111-4a17-8a17-000000000017", "Condition": {"StringEquals": {"kms:ViaService": "sqs.us-east-1.amazonaws.com"}}}
  ]
}
END
aws iam put-role-policy --role-name pettracker-records-reader --policy-name decrypt --policy-document file://decrypt.json
