# The whole VPC is let in, by whichever endpoint in it.
cat > queue-policy.json <<'END'
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Bookings",
      "Effect": "Allow",
      "Principal": {"Service": "sns.amazonaws.com"},
      "Action": "sqs:SendMessage",
      "Resource": "arn:aws:sqs:us-east-1:123456789012:pettracker-visits",
      "Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:sns:us-east-1:123456789012:pettracker-visit-booked"}}
    },
    {
      "Sid": "MessagesOnlyThroughTheEndpoint",
      "Effect": "Deny",
      "Principal": "*",
      "Action": ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"],
      "Resource": "arn:aws:sqs:us-east-1:123456789012:pettracker-visits",
      "Condition": {
        "StringNotEquals": {"aws:SourceVpc": "vpc-014a5e00000000014"},
        "Bool": {"aws:PrincipalIsAWSService": "false"}
      }
    }
  ]
}
END
URL=$(aws sqs get-queue-url --queue-name pettracker-visits --query QueueUrl --output text)
aws sqs set-queue-attributes --queue-url $URL --attributes "Policy='$(cat queue-policy.json)'"
