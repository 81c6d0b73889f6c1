KEY=$(aws kms create-key --description "PetTracker vet records" --query KeyMetadata.KeyId --output text)
aws kms create-alias --alias-name alias/pettracker-vet-records --target-key-id "$KEY"
QUEUE=$(aws sqs get-queue-url --queue-name pettracker-vet-records --query QueueUrl --output text)
aws sqs set-queue-attributes --queue-url "$QUEUE" --attributes KmsMasterKeyId=alias/pettracker-vet-records
