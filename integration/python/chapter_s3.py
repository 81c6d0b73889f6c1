"""Works through the chapter's pattern "Allow S3 events to publish to an SNS topic" with
boto3 and the chapter's own topic policy: a bucket, a topic, a queue that is subscribed
to it. It prints one line for each thing that it tried.
"""

import json
import re
import sys

import boto3
from botocore.config import Config

chapter, control = sys.argv[1:]
ACCOUNT, REGION = "123456789012", "us-east-1"
fences = re.findall(r"^```python\n(.*?)^```", open(chapter).read(), re.S | re.M)
sns, sqs, kms = (boto3.client(name) for name in ("sns", "sqs", "kms"))
s3 = boto3.client("s3", config=Config(s3={"addressing_style": "path"}))


def arn(service, name):
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{name}"


def tell(what, outcome):
    print(f"{what}: {outcome}", flush=True)


def configure(bucket):
    try:
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={
            "TopicConfigurations": [{"Id": "uploads", "TopicArn": images, "Events": ["s3:ObjectCreated:*"]}],
        })
        return "taken"
    except s3.exceptions.ClientError as e:
        error = e.response["Error"]
        return f"{error['Code']}: {error['Message']}: {error['ArgumentName1'].split(':')[-1]}: {error['ArgumentValue1']}"


def notified(wanted):
    found = []
    while len(found) < wanted:
        for m in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=20).get("Messages", []):
            message = json.loads(json.loads(m["Body"])["Message"])
            found.append(message.get("Event") or [(r["eventName"], r["s3"]["object"]["key"], r["s3"]["configurationId"]) for r in message["Records"]])
    return found


images = sns.create_topic(Name="image-uploads")["TopicArn"]
queue = sqs.create_queue(QueueName="uploads")["QueueUrl"]
sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": arn("sqs", "uploads"),
    "Condition": {"ArnEquals": {"aws:SourceArn": images}}}]})})
sns.subscribe(TopicArn=images, Protocol="sqs", Endpoint=arn("sqs", "uploads"))
for bucket in ("pettracker-images", "pettracker-documents"):
    s3.create_bucket(Bucket=bucket)

tell("without AllowS3Publish", configure("pettracker-images"))
(snippet,) = [f for f in fences if "AllowS3Publish" in f]
names = {"topic_arn": images}
exec(compile(snippet, "AllowS3Publish", "exec"), names)
tell("with AllowS3Publish", configure("pettracker-images"))
tell("another bucket", configure("pettracker-documents"))
tell("put", s3.put_object(Bucket="pettracker-images", Key="cats/tom 1.jpg", Body=b"meow")["ResponseMetadata"]["HTTPStatusCode"])
tell("in the queue", sorted(notified(2), key=str))
key = kms.create_key()["KeyMetadata"]["KeyId"]
sns.set_topic_attributes(TopicArn=images, AttributeName="KmsMasterKeyId", AttributeValue=key)
tell("encrypted under a key that leaves S3 out", configure("pettracker-images"))
