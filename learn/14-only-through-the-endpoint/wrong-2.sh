# It allows instead of denying: credentials on a laptop work as before, and the endpoint lets in whoever uses it.
cat > queue-policy.json <<'END'
{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "Bookings", "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:us-east-1:123456789012:pettracker-visits", "Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:sns:us-east-1:123456789012:pettracker-visit-booked"}}},
    {"Sid": "ThroughTheEndpoint", "Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "arn:aws:sqs:us-east-1:123456789012:pettracker-visits", "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-014a5e00000000014"}}}
  ]
}
END
URL=$(aws sqs get-queue-url --queue-name pettracker-visits --query QueueUrl --output text)
aws sqs set-queue-attributes --queue-url $URL --attributes "Policy='$(cat queue-policy.json)'"
