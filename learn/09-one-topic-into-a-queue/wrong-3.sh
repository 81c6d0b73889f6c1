# aws:SourceAccount alone lets in every topic of the account, marketing too
QUEUE=$(aws sqs get-queue-url --queue-name pettracker-search-party --query QueueUrl --output text)
cat > attributes.json <<'EOF'
{
  "Policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"sns.amazonaws.com\"},\"Action\":\"sqs:SendMessage\",\"Resource\":\"arn:aws:sqs:us-east-1:123456789012:pettracker-search-party\",\"Condition\":{\"StringEquals\":{\"aws:SourceAccount\":\"123456789012\"}}}]}"
}
EOF
aws sqs set-queue-attributes --queue-url "$QUEUE" --attributes file://attributes.json
