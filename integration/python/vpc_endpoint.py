"""The exam's pattern "Lambda in a VPC reaches SQS without internet", by each way
through a VPC endpoint: what is let in, and what is denied with which words.

usage: vpc_endpoint.py HOST:PORT CA-FILE ENDPOINT ACCOUNT

It prints a line of JSON for each denial: the way, what was asked for, the message
and the request's id.
"""

import json
import socket
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError

ADDRESS, CA, ENDPOINT, ACCOUNT = sys.argv[1:]
HOST, PORT = ADDRESS.split(":")

resolve = socket.getaddrinfo
# Not every resolver knows the names below localhost.
socket.getaddrinfo = lambda host, *rest, **options: resolve(HOST if host.endswith(".localhost") else host, *rest, **options)

WAYS = {
    "by path": f"http://{ADDRESS}/_vpce/{ENDPOINT}",
    "by path, HTTPS": f"https://{ADDRESS}/_vpce/{ENDPOINT}",
    "from an address": f"http://{ADDRESS}/_vpce/{ENDPOINT}@10.0.1.77",
    "by host": f"http://{ENDPOINT}.sqs.us-east-1.vpce.localhost:{PORT}",
    "by host, HTTPS": f"https://{ENDPOINT}.sqs.us-east-1.vpce.localhost:{PORT}",
}


def client(url, service="sqs"):
    return boto3.client(service, endpoint_url=url, verify=CA, config=Config(retries={"total_max_attempts": 1}))


def denied(way, what, call, **parameters):
    try:
        call(**parameters)
    except ClientError as e:
        print(json.dumps({"way": way, "what": what, "message": e.response["Error"]["Message"], "request": e.response["ResponseMetadata"]["RequestId"]}))
    else:
        raise SystemExit(f"{way}: {what} is allowed")


def queue(url, name):
    return f"{url}/{ACCOUNT}/{name}"


outside = client(f"http://{ADDRESS}")
denied("outside", "orders", outside.send_message, QueueUrl=queue(f"http://{ADDRESS}", "orders"), MessageBody="hello")
outside.send_message(QueueUrl=queue(f"http://{ADDRESS}", "office"), MessageBody="hello")

for way, url in WAYS.items():
    inside = client(url)
    orders = inside.get_queue_url(QueueName="orders")["QueueUrl"]
    assert orders == queue(url, "orders"), orders
    inside.send_message(QueueUrl=orders, MessageBody=way)
    assert [m["Body"] for m in inside.receive_message(QueueUrl=orders)["Messages"]] == [way]
    denied(way, "another queue", inside.send_message, QueueUrl=queue(url, "open"), MessageBody="hello")
    denied(way, "office", inside.send_message, QueueUrl=queue(url, "office"), MessageBody="hello")

for name, url, service in [
    ("no endpoint", f"http://{ADDRESS}/_vpce/vpce-00000000000000000", "sqs"),
    ("another service", f"http://{ADDRESS}/_vpce/{ENDPOINT}", "sns"),
    ("the way out of an isolated VPC", f"http://{ADDRESS}/_vpce/isolated", "kms"),
]:
    c = client(url, service)
    try:
        {"sqs": lambda: c.list_queues(), "sns": lambda: c.list_topics(), "kms": lambda: c.list_keys()}[service]()
    except HTTPClientError:  # the connection is closed
        continue
    raise SystemExit(f"{name} answers")
