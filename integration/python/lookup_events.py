"""Looks events up with boto3. Argument fill: makes some events first, and looks
up by each attribute and page by page while other events arrive. Prints the ids
of the events that are not lookups themselves, newest first.
"""

import datetime
import json
import sys

import boto3
from botocore.exceptions import ClientError

trail = boto3.client("cloudtrail")
kms = boto3.client("kms")
sqs = boto3.client("sqs")
iam = boto3.client("iam")


def lookup(between=None, **arguments):
    """All events that are not lookups, newest first; between is called after each page."""
    events = []
    for page in trail.get_paginator("lookup_events").paginate(**arguments):
        events += [e for e in page["Events"] if e["EventName"] != "LookupEvents"]
        if between:
            between()
    return events


def ids(events):
    return [e["EventId"] for e in events]


def refused(code, **arguments):
    try:
        trail.lookup_events(**arguments)
    except ClientError as e:
        assert e.response["Error"]["Code"] == code and e.response["ResponseMetadata"]["HTTPStatusCode"] == 400, (code, e)
        return
    raise AssertionError(f"{arguments} is accepted, and not {code}")


def fill():
    key = kms.create_key()["KeyMetadata"]
    url = sqs.create_queue(QueueName="orders", Attributes={"KmsMasterKeyId": key["KeyId"]})["QueueUrl"]
    iam.create_user(UserName="alice")
    for name, document in (("use", {"Effect": "Allow", "Action": ["sqs:*", "kms:*"], "Resource": "*"}),):
        iam.put_user_policy(UserName="alice", PolicyName=name, PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": document}))
    made = iam.create_access_key(UserName="alice")["AccessKey"]
    alice = boto3.Session(made["AccessKeyId"], made["SecretAccessKey"])
    alice.client("sqs").send_message(QueueUrl=url, MessageBody="hello")
    received = alice.client("sqs").receive_message(QueueUrl=url)["Messages"]
    assert [m["Body"] for m in received] == ["hello"]
    try:
        alice.client("iam").list_users()
    except ClientError as e:
        assert e.response["Error"]["Code"] == "AccessDenied"
    return key, made["AccessKeyId"]


def look(key, access_key):
    events = lookup()
    assert {e["EventName"] for e in events} == {
        "CreateKey", "CreateQueue", "CreateUser", "PutUserPolicy", "CreateAccessKey", "GenerateDataKey", "Decrypt", "ListUsers",
    }, events
    for e in events:
        record = json.loads(e["CloudTrailEvent"])
        assert record["eventID"] == e["EventId"] and record["managementEvent"] and record["eventCategory"] == "Management"
        assert record["eventTime"] == e["EventTime"].astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")

    # Each attribute finds the events that show it, and nothing else.
    def shown(e):
        for name in ("EventId", "EventName", "ReadOnly", "Username", "EventSource", "AccessKeyId"):
            if name in e:
                yield name, e[name]
        for r in e["Resources"]:
            yield "ResourceName", r["ResourceName"]
            yield "ResourceType", r["ResourceType"]

    attributes = {pair for e in events for pair in shown(e)}
    assert {name for name, _ in attributes} == {
        "EventId", "EventName", "ReadOnly", "Username", "EventSource", "AccessKeyId", "ResourceName", "ResourceType",
    }, attributes
    for name, value in attributes:
        found = lookup(LookupAttributes=[{"AttributeKey": name, "AttributeValue": value}])
        assert ids(found) == [e["EventId"] for e in events if (name, value) in shown(e)], (name, value)
        assert lookup(LookupAttributes=[{"AttributeKey": name, "AttributeValue": value[:-1] or "x"}]) == [], (name, value)

    # Who used which key for which queue.
    for e in lookup(LookupAttributes=[{"AttributeKey": "ResourceName", "AttributeValue": key["Arn"]}])[:-1]:
        record = json.loads(e["CloudTrailEvent"])
        assert e["EventName"] in ("GenerateDataKey", "Decrypt") and e["Username"] == "alice" and e["AccessKeyId"] == access_key
        assert record["userIdentity"]["invokedBy"] == "sqs.amazonaws.com"
        assert record["requestParameters"]["encryptionContext"] == {"aws:sqs:arn": key["Arn"].split(":kms:")[0] + ":sqs:us-east-1:123456789012:orders"}

    # Pages hang together while events arrive.
    paged = lookup(between=lambda: kms.describe_key(KeyId=key["KeyId"]), PaginationConfig={"PageSize": 3})
    assert ids(paged) == ids(events), paged
    assert len(lookup()) > len(events)

    times = sorted(e["EventTime"] for e in events)
    assert len(lookup(StartTime=times[0], EndTime=times[-1])) >= len(events)
    assert lookup(EndTime=times[0] - datetime.timedelta(seconds=1)) == []

    refused("InvalidMaxResultsException", MaxResults=51)
    refused("InvalidTimeRangeException", StartTime=times[0] + datetime.timedelta(seconds=2), EndTime=times[0])
    refused("InvalidNextTokenException", NextToken="nonsense")
    refused("InvalidEventCategoryException", EventCategory="management")
    refused("InvalidLookupAttributesException", LookupAttributes=[{"AttributeKey": "Color", "AttributeValue": "red"}])


if sys.argv[1:] == ["fill"]:
    look(*fill())
print("\n".join(ids(lookup())))
