#!/bin/sh
# The shop, written as for real AWS: endpoint, region and credentials are those
# of the environment.
set -eu

fail() { echo "FAIL: $*" >&2; exit 1; }
url() { aws sqs get-queue-url --queue-name "$1" --query QueueUrl --output text; }

# has TEXT WANTED...: TEXT contains each WANTED.
has() {
  text=$1; shift
  for wanted; do
    case $text in *"$wanted"*) ;; *) fail "no $wanted in: $text" ;; esac
  done
}

# The shop may not send to payroll. Its own policy allows the call to the queue;
# it is the key's policy that leaves it out.
payroll=$(url payroll)
if denied=$(aws sqs send-message --queue-url "$payroll" --message-body "a rise for all" 2>&1); then
  fail "the shop can send to payroll"
fi
has "$denied" KMS.AccessDeniedException
has "$(waxseal explain)" "DENIED  kms:GenerateDataKey" \
  "why  because no resource-based policy allows the kms:GenerateDataKey action" '"OnlyPayroll"'

# An order is readable by the shop and not on the disk.
orders=$(url orders)
aws sqs send-message --queue-url "$orders" --message-body "card 4111 1111 1111 1111" > /dev/null
stored=$(curl -fsS "$AWS_ENDPOINT_URL/_waxseal/at-rest/123456789012/us-east-1/orders")
has "$stored" '"encryption":"SSE-KMS"' '"ciphertext":"'
if echo "$stored" | sed 's/.*"ciphertext":"\([^"]*\)".*/\1/' | base64 -d | grep -q 4111; then
  fail "the order is on the disk: $stored"
fi
received=$(aws sqs receive-message --queue-url "$orders" --query 'Messages[0].[Body,ReceiptHandle]' --output text)
has "$received" "card 4111 1111 1111 1111"
aws sqs delete-message --queue-url "$orders" --receipt-handle "$(echo "$received" | cut -f2)"

echo "2 passed"
