# alias/aws/sqs is a KMS key: this is SSE-KMS, and it switches SSE-SQS off
QUEUE=$(aws sqs get-queue-url --queue-name pettracker-notifications --query QueueUrl --output text)
aws sqs set-queue-attributes --queue-url "$QUEUE" --attributes KmsMasterKeyId=alias/aws/sqs
