# with SSE-SQS no request is made, and a withdrawn permission never bites
QUEUE=$(aws sqs get-queue-url --queue-name pettracker-positions --query QueueUrl --output text)
aws sqs set-queue-attributes --queue-url "$QUEUE" --attributes KmsMasterKeyId=,SqsManagedSseEnabled=true
