# with Principal * everybody who calls a role of their own production may send
QUEUE=$(aws sqs get-queue-url --queue-name pettracker-partner-orders --query QueueUrl --output text)
cat > attributes.json <<'EOF'
{
  "Policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"sqs:SendMessage\",\"Resource\":\"arn:aws:sqs:us-east-1:123456789012:pettracker-partner-orders\",\"Condition\":{\"StringEquals\":{\"aws:PrincipalTag/Environment\":\"production\"}}}]}"
}
EOF
aws sqs set-queue-attributes --queue-url "$QUEUE" --attributes file://attributes.json
