"""Works through what the chapter says of SNS, with its own snippets: a fan-out
by ArnEquals, a topic policy for S3 and EventBridge, a topic encrypted by alias.
What S3 and EventBridge would do is done through the control API at the second
argument. It prints one line for each thing that it tried.
"""

import json
import re
import sys
import urllib.request

import boto3

chapter, control = sys.argv[1:]
ACCOUNT, REGION = "123456789012", "us-east-1"
fences = re.findall(r"^```python\n(.*?)^```", open(chapter).read(), re.S | re.M)
sns, sqs, kms = (boto3.client(name) for name in ("sns", "sqs", "kms"))


def snippet(marker, **names):
    """Runs the chapter's snippet that holds the marker, and answers its names."""
    (text,) = [f for f in fences if marker in f]
    exec(compile(text, marker, "exec"), names)
    return names


def arn(service, name):
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{name}"


def tell(what, outcome):
    print(f"{what}: {outcome}", flush=True)


def act(service, source, topic):
    """What became of a service's attempt to publish."""
    body = {
        "service": service, "action": "sns:Publish", "sourceArn": source, "sourceAccount": ACCOUNT,
        "params": {"TopicArn": topic, "Message": f"from {service}"},
    }
    request = urllib.request.Request(control + "/_waxseal/act", json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        result = json.load(answer)
    return result.get("error", {}).get("code", result["status"])


def publish(topic, message):
    try:
        return sns.publish(TopicArn=topic, Message=message)["ResponseMetadata"]["HTTPStatusCode"]
    except sns.exceptions.ClientError as e:
        return e.response["Error"]["Code"]


def notified(queue):
    bodies = [json.loads(m["Body"]) for m in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])]
    return sorted(b["Message"] for b in bodies)


def let_in(queue, policy):
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps(policy)})


# Allow SNS to Send to SQS
queue = sqs.create_queue(QueueName="notification-queue")["QueueUrl"]
topic = sns.create_topic(Name="notification-topic")["TopicArn"]
stranger = sns.create_topic(Name="another-topic")["TopicArn"]
for t in (topic, stranger):
    sns.subscribe(TopicArn=t, Protocol="sqs", Endpoint=arn("sqs", "notification-queue"))
tell("publish before the queue policy", publish(topic, "too early"))
let_in(queue, snippet("AllowSNSPublish")["policy"])
tell("publish to the topic of ArnEquals", publish(topic, "hello"))
tell("publish to another topic", publish(stranger, "let me in"))
tell("in the queue", notified(queue))

# SNS Topic Policies
images = sns.create_topic(Name="image-uploads")["TopicArn"]
alerts = sns.create_topic(Name="system-alerts")["TopicArn"]
bucket, rule = "arn:aws:s3:::pettracker-images", arn("events", "rule/nightly")
tell("S3 before the topic policy", act("s3.amazonaws.com", bucket, images))
names = snippet("AllowS3Publish", topic_arn=images)
tell("S3", act("s3.amazonaws.com", bucket, images))
tell("S3 for another bucket", act("s3.amazonaws.com", "arn:aws:s3:::somebody-elses", images))
tell("EventBridge to S3's topic", act("events.amazonaws.com", rule, images))
sns.set_topic_attributes(TopicArn=alerts, AttributeName="Policy", AttributeValue=json.dumps(names["policy"]))
tell("EventBridge", act("events.amazonaws.com", rule, alerts))
tell("S3 to EventBridge's topic", act("s3.amazonaws.com", bucket, alerts))
tell("the owner, whom the policy no longer names", publish(images, "mine"))

# SNS Encryption
names = snippet("pettracker-events", sns=sns, topic_arn=images)
events = names["response"]["TopicArn"]
for t in (events, images):
    tell("key of " + t.split(":")[-1], sns.get_topic_attributes(TopicArn=t)["Attributes"]["KmsMasterKeyId"])
tell("publish before the alias is made", publish(events, "secret"))
key = kms.create_key(Description="PetTracker topic encryption")["KeyMetadata"]
kms.create_alias(AliasName="alias/pettracker-sns", TargetKeyId=key["KeyId"])
tell("publish", publish(events, "secret"))

# S3 to the encrypted topic needs the key's policy as well; SQS, which receives, does not.
let_in(queue, {"Statement": [{
    "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage",
    "Resource": arn("sqs", "notification-queue"), "Condition": {"ArnEquals": {"aws:SourceArn": images}},
}]})
sns.subscribe(TopicArn=images, Protocol="sqs", Endpoint=arn("sqs", "notification-queue"))
tell("S3 to the encrypted topic", act("s3.amazonaws.com", bucket, images))
policy = json.loads(kms.get_key_policy(KeyId=key["KeyId"])["Policy"])
policy["Statement"].append({
    "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": ["kms:GenerateDataKey*", "kms:Decrypt"], "Resource": "*",
    "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
})
kms.put_key_policy(KeyId=key["KeyId"], Policy=json.dumps(policy))
tell("S3 to the encrypted topic, with the key's statement", act("s3.amazonaws.com", bucket, images))
tell("in the queue", notified(queue))
sns.set_topic_attributes(TopicArn=images, AttributeName="KmsMasterKeyId", AttributeValue="alias/aws/sns")
tell("the owner, with the AWS managed key", publish(images, "mine"))
tell("S3, with the AWS managed key", act("s3.amazonaws.com", bucket, images))
