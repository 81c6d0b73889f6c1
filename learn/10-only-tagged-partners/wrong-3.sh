# aws:ResourceTag asks for a tag of the queue, which has none, so nobody may send
QUEUE=$(aws sqs get-queue-url --queue-name pettracker-partner-orders --query QueueUrl --output text)
cat > attributes.json <<'EOF'
{
  "Policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::999888777666:root\"},\"Action\":\"sqs:SendMessage\",\"Resource\":\"arn:aws:sqs:us-east-1:123456789012:pettracker-partner-orders\",\"Condition\":{\"StringEquals\":{\"aws:ResourceTag/Environment\":\"production\"}}}]}"
}
EOF
aws sqs set-queue-attributes --queue-url "$QUEUE" --attributes file://attributes.json
