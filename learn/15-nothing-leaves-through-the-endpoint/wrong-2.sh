# It lets the export job send and nothing else through: the reader is shut out.
cat > endpoint.json <<'END'
{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "OnlyOurQueues", "Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:us-east-1:123456789012:pettracker-exports"}
  ]
}
END
aws ec2 modify-vpc-endpoint --vpc-endpoint-id vpce-015a5e00000000015 --policy-document file://endpoint.json
