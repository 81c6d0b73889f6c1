# IfExists is content with a call that names no id.
cat > trust.json <<'END'
{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "VetLabForPetTracker", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999888777666:root"}, "Action": "sts:AssumeRole", "Condition": {"StringEqualsIfExists": {"sts:ExternalId": "pt-8c41-max"}}}
  ]
}
END
aws iam update-assume-role-policy --role-name pettracker-lab-access --policy-document file://trust.json
