# encrypts, but also lets every role of the account do everything with the queue
QUEUE=$(aws sqs get-queue-url --queue-name pettracker-notifications --query QueueUrl --output text)
cat > attributes.json <<'EOF'
{
  "SqsManagedSseEnabled": "true",
  "Policy": "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"sqs:*\",\"Resource\":\"arn:aws:sqs:us-east-1:123456789012:pettracker-notifications\"}}"
}
EOF
aws sqs set-queue-attributes --queue-url "$QUEUE" --attributes file://attributes.json
