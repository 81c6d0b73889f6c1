# a reuse period without a KMS key encrypts nothing
QUEUE=$(aws sqs get-queue-url --queue-name pettracker-notifications --query QueueUrl --output text)
aws sqs set-queue-attributes --queue-url "$QUEUE" --attributes KmsDataKeyReusePeriodSeconds=300
