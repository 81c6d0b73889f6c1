# only one way to create an object is announced: a copy is not
cat > topic-policy.json <<'EOF'
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "__default_statement_ID",
      "Effect": "Allow",
      "Principal": {"AWS": "*"},
      "Action": [
        "SNS:GetTopicAttributes",
        "SNS:SetTopicAttributes",
        "SNS:AddPermission",
        "SNS:RemovePermission",
        "SNS:DeleteTopic",
        "SNS:Subscribe",
        "SNS:ListSubscriptionsByTopic",
        "SNS:Publish"
      ],
      "Resource": "arn:aws:sns:us-east-1:123456789012:pettracker-photo-uploads",
      "Condition": {"StringEquals": {"AWS:SourceOwner": "123456789012"}}
    },
    {
      "Sid": "PhotosBucket",
      "Effect": "Allow",
      "Principal": {"Service": "s3.amazonaws.com"},
      "Action": "sns:Publish",
      "Resource": "arn:aws:sns:us-east-1:123456789012:pettracker-photo-uploads",
      "Condition": {
        "ArnEquals": {"aws:SourceArn": "arn:aws:s3:::pettracker-photos"},
        "StringEquals": {"aws:SourceAccount": "123456789012"}
      }
    }
  ]
}
EOF
aws sns set-topic-attributes --topic-arn arn:aws:sns:us-east-1:123456789012:pettracker-photo-uploads --attribute-name Policy --attribute-value file://topic-policy.json
cat > notifications.json <<'EOF'
{
  "TopicConfigurations": [
    {
      "TopicArn": "arn:aws:sns:us-east-1:123456789012:pettracker-photo-uploads",
      "Events": ["s3:ObjectCreated:Put"]
    }
  ]
}
EOF
aws s3api put-bucket-notification-configuration --bucket pettracker-photos --notification-configuration file://notifications.json
