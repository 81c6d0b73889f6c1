cat > old-invoices.json <<'END'
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "UntilTheOldInvoicesAreMailed",
      "Effect": "Allow",
      "Action": "kms:Decrypt",
      "Resource": "arn:aws:kms:us-east-1:123456789012:key/24a3c0de-1111-4a24-8a24-00000000024a"
    }
  ]
}
END
URL=$(aws sqs get-queue-url --queue-name pettracker-invoices --query QueueUrl --output text)
OLD=$(aws kms describe-key --key-id alias/pettracker-invoices-1 --query KeyMetadata.KeyId --output text)
aws sqs set-queue-attributes --queue-url $URL --attributes KmsMasterKeyId=alias/pettracker-invoices-2
aws iam put-role-policy --role-name pettracker-invoice-mailer --policy-name old-invoices --policy-document file://old-invoices.json
aws kms enable-key --key-id $OLD
