"""The chapter's claims as a test suite for pytest, written as one for real AWS
would be: no endpoint, no region, no credentials. `waxseal exec -- pytest` gives them.
"""

import json
import os
import pathlib
import re
import subprocess
import sys

import boto3
import botocore.exceptions
import pytest

HERE = pathlib.Path(__file__).parent


@pytest.fixture
def sqs():
    return boto3.client("sqs")


def test_every_snippet_of_the_chapter_runs():
    subprocess.run([sys.executable, HERE / "chapter.py", HERE.parent / "testdata" / "chapter.md"], check=True)


def test_a_body_goes_through_a_queue_encrypted_with_a_key_of_ones_own(sqs):
    key = boto3.client("kms").create_key()["KeyMetadata"]["KeyId"]
    url = sqs.create_queue(QueueName="secret", Attributes={"KmsMasterKeyId": key})["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="user@example.com")
    assert [m["Body"] for m in sqs.receive_message(QueueUrl=url)["Messages"]] == ["user@example.com"]


def test_plain_http_is_denied_and_https_is_not(sqs):
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "DenyUnencryptedTransport",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "sqs:*",
                "Resource": "*",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    }
    url = sqs.create_queue(QueueName="transport", Attributes={"Policy": json.dumps(policy)})["QueueUrl"]
    port = re.search(r":\d+", os.environ["AWS_ENDPOINT_URL"])[0]
    with pytest.raises(botocore.exceptions.ClientError, match="AccessDenied.*with an explicit deny in a resource-based policy"):
        boto3.client("sqs", endpoint_url="http://127.0.0.1" + port).send_message(QueueUrl=url, MessageBody="x")
    boto3.client("sqs", endpoint_url="https://127.0.0.1" + port).send_message(QueueUrl=url, MessageBody="x")
