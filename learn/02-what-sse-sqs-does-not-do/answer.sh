cat > no-reading.json <<'EOF'
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage"],
    "Resource": "arn:aws:sqs:us-east-1:123456789012:pettracker-health-reports"
  }
}
EOF
aws iam put-role-policy --role-name pettracker-report-intern --policy-name no-reading --policy-document file://no-reading.json
