"""Runs the chapter: every Python code fence of a Markdown file, in their order,
in one namespace. The placeholders that the chapter leaves open, queue_url and
topic_arn, are the only names given to it. At the end secure_queue_setup() is called.
"""

import re
import sys

import boto3

fences = re.findall(r"^```python\n(.*?)^```", open(sys.argv[1]).read(), re.S | re.M)
assert len(fences) == 9, len(fences)

queue_url = boto3.client("sqs").create_queue(QueueName="pettracker-notifications")["QueueUrl"]
topic_arn = boto3.client("sns").create_topic(Name="image-uploads")["TopicArn"]
names = {"queue_url": queue_url, "topic_arn": topic_arn}
for number, fence in enumerate(fences, 1):
    try:
        exec(compile(fence, f"fence {number}", "exec"), names)
    except Exception:
        print(f"fence {number} failed:\n{fence}", file=sys.stderr)
        raise
names["secure_queue_setup"]()
