# the alias names a key of ours, but the queue uses the key of AWS, which lets the intern in
KEY=$(aws kms create-key --query KeyMetadata.KeyId --output text)
aws kms create-alias --alias-name alias/pettracker-vet-records --target-key-id "$KEY"
QUEUE=$(aws sqs get-queue-url --queue-name pettracker-vet-records --query QueueUrl --output text)
aws sqs set-queue-attributes --queue-url "$QUEUE" --attributes KmsMasterKeyId=alias/aws/sqs
