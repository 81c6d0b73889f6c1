# Everybody is let in who knows the id, as if it were a password.
cat > trust.json <<'END'
{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "VetLabForPetTracker", "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"sts:ExternalId": "pt-8c41-max"}}}
  ]
}
END
aws iam update-assume-role-policy --role-name pettracker-lab-access --policy-document file://trust.json
