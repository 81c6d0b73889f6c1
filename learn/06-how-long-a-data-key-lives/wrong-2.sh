# an hour is cheap, but a withdrawn permission works for an hour
QUEUE=$(aws sqs get-queue-url --queue-name pettracker-positions --query QueueUrl --output text)
aws sqs set-queue-attributes --queue-url "$QUEUE" --attributes KmsDataKeyReusePeriodSeconds=3600
