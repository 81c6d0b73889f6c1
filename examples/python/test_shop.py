"""The shop, written as for real AWS: endpoint, region and credentials are those
of the environment."""

import base64
import json
import os
import urllib.request

import boto3
import pytest
from botocore.exceptions import ClientError

sqs = boto3.client("sqs")


def url(queue):
    return sqs.get_queue_url(QueueName=queue)["QueueUrl"]


def control(path):
    """Asks waxseal what AWS would not tell."""
    with urllib.request.urlopen(os.environ["AWS_ENDPOINT_URL"] + "/_waxseal/" + path) as answer:
        return json.load(answer)


def test_the_shop_may_not_send_to_payroll():
    payroll = url("payroll")
    with pytest.raises(ClientError, match="KMS.AccessDeniedException") as denied:
        sqs.send_message(QueueUrl=payroll, MessageBody="a rise for all")

    # Its own policy allows the call to the queue; it is the key's policy that leaves it out.
    request = denied.value.response["ResponseMetadata"]["RequestId"]
    (decision,) = control("decisions?decision=Deny&request-id=" + request)["decisions"]
    assert decision["action"] == "kms:GenerateDataKey"
    assert decision["message"].endswith("because no resource-based policy allows the kms:GenerateDataKey action")
    assert decision["trace"]["steps"][0]["sid"] == "OnlyPayroll"


def test_an_order_is_readable_by_the_shop_and_not_on_the_disk():
    orders = url("orders")
    sqs.send_message(QueueUrl=orders, MessageBody="card 4111 1111 1111 1111")

    (stored,) = control("at-rest/123456789012/us-east-1/orders")["messages"]
    assert stored["encryption"] == "SSE-KMS"
    assert b"4111" not in base64.b64decode(stored["ciphertext"], validate=True)

    (received,) = sqs.receive_message(QueueUrl=orders)["Messages"]
    assert received["Body"] == "card 4111 1111 1111 1111"
    sqs.delete_message(QueueUrl=orders, ReceiptHandle=received["ReceiptHandle"])
