# Any trail of the account may write into the bucket.
cat > bucket-policy.json <<'END'
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "TheTrailLooks",
      "Effect": "Allow",
      "Principal": {"Service": "cloudtrail.amazonaws.com"},
      "Action": "s3:GetBucketAcl",
      "Resource": "arn:aws:s3:::pettracker-audit-logs",
      "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}}
    },
    {
      "Sid": "TheTrailWrites",
      "Effect": "Allow",
      "Principal": {"Service": "cloudtrail.amazonaws.com"},
      "Action": "s3:PutObject",
      "Resource": "arn:aws:s3:::pettracker-audit-logs/AWSLogs/123456789012/*",
      "Condition": {
        "StringEquals": {
          "s3:x-amz-acl": "bucket-owner-full-control",
          "aws:SourceAccount": "123456789012"
        }
      }
    }
  ]
}
END
cat > selectors.json <<'END'
[
  {
    "Name": "Management events",
    "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]
  },
  {
    "Name": "Messages of the prescriptions queue",
    "FieldSelectors": [
      {"Field": "eventCategory", "Equals": ["Data"]},
      {"Field": "resources.type", "Equals": ["AWS::SQS::Queue"]},
      {"Field": "resources.ARN", "Equals": ["arn:aws:sqs:us-east-1:123456789012:pettracker-prescriptions"]}
    ]
  }
]
END
aws s3api put-bucket-policy --bucket pettracker-audit-logs --policy file://bucket-policy.json
aws cloudtrail create-trail --name pettracker-audit --s3-bucket-name pettracker-audit-logs
aws cloudtrail put-event-selectors --trail-name pettracker-audit --advanced-event-selectors file://selectors.json
aws cloudtrail start-logging --name pettracker-audit
