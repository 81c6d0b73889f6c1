# the key of AWS never lets SNS in
QUEUE=$(aws sqs get-queue-url --queue-name pettracker-adoption-mails --query QueueUrl --output text)
aws sqs set-queue-attributes --queue-url "$QUEUE" --attributes KmsMasterKeyId=alias/aws/sqs
