# names an alias that nobody has created; SQS accepts it, and sending fails
QUEUE=$(aws sqs get-queue-url --queue-name pettracker-vet-records --query QueueUrl --output text)
aws sqs set-queue-attributes --queue-url "$QUEUE" --attributes KmsMasterKeyId=alias/pettracker-vet-records
