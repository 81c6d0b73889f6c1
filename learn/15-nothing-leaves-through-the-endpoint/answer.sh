cat > endpoint.json <<'END'
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "OnlyOurQueues",
      "Effect": "Allow",
      "Principal": "*",
      "Action": "sqs:*",
      "Resource": "*",
      "Condition": {"StringEquals": {"aws:ResourceAccount": "123456789012"}}
    }
  ]
}
END
aws ec2 modify-vpc-endpoint --vpc-endpoint-id vpce-015a5e00000000015 --policy-document file://endpoint.json
