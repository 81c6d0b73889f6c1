# a key policy for everybody is no lock: the intern reads
cat > key-policy.json <<'EOF'
{
  "Version": "2012-10-17",
  "Statement": {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}
}
EOF
KEY=$(aws kms create-key --policy file://key-policy.json --query KeyMetadata.KeyId --output text)
aws kms create-alias --alias-name alias/pettracker-vet-records --target-key-id "$KEY"
QUEUE=$(aws sqs get-queue-url --queue-name pettracker-vet-records --query QueueUrl --output text)
aws sqs set-queue-attributes --queue-url "$QUEUE" --attributes KmsMasterKeyId=alias/pettracker-vet-records
