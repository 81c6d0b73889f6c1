# Patterns for actions and queue names let in what nobody asked for.
cat > worker.json <<'END'
{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": ["sqs:Receive*", "sqs:Delete*", "sqs:Change*", "sqs:Get*", "sqs:Send*"], "Resource": "arn:aws:sqs:us-east-1:123456789012:pettracker-reminder*"}
  ]
}
END
aws iam put-role-policy --role-name pettracker-reminder-worker --policy-name work --policy-document file://worker.json
aws iam delete-role-policy --role-name pettracker-reminder-worker --policy-name everything
