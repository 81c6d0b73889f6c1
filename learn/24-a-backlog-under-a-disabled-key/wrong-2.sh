# The queue is emptied to get rid of the error: the two invoices are gone.
URL=$(aws sqs get-queue-url --queue-name pettracker-invoices --query QueueUrl --output text)
aws sqs set-queue-attributes --queue-url $URL --attributes KmsMasterKeyId=alias/pettracker-invoices-2
aws sqs purge-queue --queue-url $URL
