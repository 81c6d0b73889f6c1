# It is the role that is narrowed: it loses the partner outside the VPC, and foreign credentials still pass through the endpoint.
cat > send.json <<'END'
{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:us-east-1:123456789012:pettracker-exports"}
  ]
}
END
aws iam put-role-policy --role-name pettracker-exporter --policy-name send --policy-document file://send.json
