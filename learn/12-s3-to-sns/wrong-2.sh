# replaces the default policy, and the alarm of the same account cannot publish any more
cat > topic-policy.json <<'EOF'
{
  "Version": "2012-10-17",
  "Statement": [
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
      "Events": ["s3:ObjectCreated:*"]
    }
  ]
}
EOF
aws s3api put-bucket-notification-configuration --bucket pettracker-photos --notification-configuration file://notifications.json
