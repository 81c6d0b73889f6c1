# the queue lets the insurer in, the key does not
QUEUE=$(aws sqs get-queue-url --queue-name pettracker-claims --query QueueUrl --output text)
cat > attributes.json <<'EOF'
{
  "Policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::999888777666:role/pettracker-insurer\"},\"Action\":[\"sqs:ReceiveMessage\",\"sqs:DeleteMessage\"],\"Resource\":\"arn:aws:sqs:us-east-1:123456789012:pettracker-claims\"}]}"
}
EOF
aws sqs set-queue-attributes --queue-url "$QUEUE" --attributes file://attributes.json
