# denies receiving to everybody, the mailer too
QUEUE=$(aws sqs get-queue-url --queue-name pettracker-health-reports --query QueueUrl --output text)
cat > attributes.json <<'EOF'
{
  "Policy": "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":[\"sqs:ReceiveMessage\",\"sqs:DeleteMessage\"],\"Resource\":\"arn:aws:sqs:us-east-1:123456789012:pettracker-health-reports\"}}"
}
EOF
aws sqs set-queue-attributes --queue-url "$QUEUE" --attributes file://attributes.json
