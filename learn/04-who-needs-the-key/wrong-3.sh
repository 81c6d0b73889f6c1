# an alias's ARN as Resource does not allow the use of the key
cat > booking.json <<'EOF'
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["kms:GenerateDataKey", "kms:Decrypt"],
    "Resource": "arn:aws:kms:us-east-1:123456789012:alias/pettracker-appointments"
  }
}
EOF
cat > reminder.json <<'EOF'
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "kms:Decrypt",
    "Resource": "arn:aws:kms:us-east-1:123456789012:alias/pettracker-appointments"
  }
}
EOF
aws iam put-role-policy --role-name pettracker-booking --policy-name use-the-key --policy-document file://booking.json
aws iam put-role-policy --role-name pettracker-reminder --policy-name use-the-key --policy-document file://reminder.json
