# the key aws/sqs decrypts for everybody in the account who may receive, so the intern still reads
QUEUE=$(aws sqs get-queue-url --queue-name pettracker-health-reports --query QueueUrl --output text)
aws sqs set-queue-attributes --queue-url "$QUEUE" --attributes KmsMasterKeyId=alias/aws/sqs
