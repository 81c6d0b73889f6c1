"""Makes stacks with boto3, as a user whose rights are those of the stacks, and reads them page by page.

The server is known by the environment alone.
"""

import json

import boto3
from botocore.exceptions import ClientError, WaiterError

iam = boto3.client("iam")
iam.create_user(UserName="builder")
key = iam.create_access_key(UserName="builder")["AccessKey"]
builder = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
cfn = boto3.client("cloudformation", **builder)


def allow(*actions):
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    iam.put_user_policy(UserName="builder", PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


def refused(code, message, call, **kwargs):
    try:
        call(**kwargs)
    except ClientError as e:
        assert e.response["Error"]["Code"] == code and message in e.response["Error"]["Message"], e.response["Error"]
        return
    raise AssertionError(f"{kwargs} is not refused")


def topics(n, **more):
    return json.dumps({"Resources": dict({f"T{i:03}": {"Type": "AWS::SNS::Topic"} for i in range(n)}, **more)})


# Without rights there is no stack; with those of CloudFormation alone its resources fail, by
# the user's own denial.
refused("AccessDenied", "not authorized to perform: cloudformation:CreateStack on resource: arn:aws:cloudformation:us-east-1:123456789012:stack/many/",
        cfn.create_stack, StackName="many", TemplateBody=topics(1))
allow("cloudformation:*")
denied = cfn.create_stack(StackName="denied", TemplateBody=topics(1))["StackId"]
try:
    cfn.get_waiter("stack_create_complete").wait(StackName="denied")
    raise AssertionError("a stack is made without rights")
except WaiterError as e:
    assert "ROLLBACK_COMPLETE" in str(e), e
events = cfn.describe_stack_events(StackName=denied)["StackEvents"]
(reason,) = [e["ResourceStatusReason"] for e in events if e["ResourceStatus"] == "CREATE_FAILED"]
assert "User: arn:aws:iam::123456789012:user/builder is not authorized to perform: SNS:" in reason, reason
assert "HandlerErrorCode: AccessDenied" in reason, reason

# Many resources come in pages, and are all there.
allow("cloudformation:*", "sns:*")
n = 120
made = cfn.create_stack(StackName="many", TemplateBody=topics(n), Tags=[{"Key": "team", "Value": "a"}])["StackId"]
cfn.get_waiter("stack_create_complete").wait(StackName=made)
refused("AlreadyExistsException", "Stack [many] already exists", cfn.create_stack, StackName="many", TemplateBody=topics(1))
pages = list(cfn.get_paginator("list_stack_resources").paginate(StackName="many"))
listed = [r["LogicalResourceId"] for page in pages for r in page["StackResourceSummaries"]]
assert len(pages) > 1 and sorted(listed) == [f"T{i:03}" for i in range(n)], (len(pages), listed)
pages = list(cfn.get_paginator("describe_stack_events").paginate(StackName="many"))
events = [e for page in pages for e in page["StackEvents"]]
assert len(pages) > 3 and len(events) == len({e["EventId"] for e in events}) == 3 * n + 2, (len(pages), len(events))
assert events[0]["ResourceStatus"] == "CREATE_COMPLETE" and events[-1]["ResourceStatusReason"] == "User Initiated", (events[0], events[-1])
(stack,) = cfn.describe_stacks(StackName=made)["Stacks"]
assert stack["Tags"] == [{"Key": "team", "Value": "a"}] and "Outputs" not in stack and "LastUpdatedTime" not in stack, stack
one = cfn.describe_stack_resource(StackName="many", LogicalResourceId="T007")["StackResourceDetail"]
tags = {t["Key"]: t["Value"] for t in boto3.client("sns").list_tags_for_resource(ResourceArn=one["PhysicalResourceId"])["Tags"]}
assert tags == {"team": "a", "aws:cloudformation:stack-name": "many", "aws:cloudformation:stack-id": made, "aws:cloudformation:logical-id": "T007"}, tags

# What fails in an update is undone; what is not needed any more goes.
refused("ValidationError", "No updates are to be performed.", cfn.update_stack, StackName="many", UsePreviousTemplate=True, Tags=stack["Tags"])
broken = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "bad name"}}
cfn.update_stack(StackName="many", TemplateBody=topics(n - 1, Broken=broken))
assert cfn.describe_stacks(StackName="many")["Stacks"][0]["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
cfn.update_stack(StackName="many", TemplateBody=topics(2))
cfn.get_waiter("stack_update_complete").wait(StackName="many")
assert len(boto3.client("sns").list_topics()["Topics"]) == 2
cfn.delete_stack(StackName="many")
cfn.get_waiter("stack_delete_complete").wait(StackName=made)
assert boto3.client("sns").list_topics()["Topics"] == []
refused("ValidationError", "Stack with id many does not exist", cfn.describe_stacks, StackName="many")
assert cfn.describe_stacks(StackName=made)["Stacks"][0]["StackStatus"] == "DELETE_COMPLETE"

# Stacks come in pages, too.
for i in range(105):
    cfn.create_stack(StackName=f"s{i}", TemplateBody=topics(1))
pages = list(cfn.get_paginator("list_stacks").paginate(StackStatusFilter=["CREATE_COMPLETE"]))
names = [s["StackName"] for page in pages for s in page["StackSummaries"]]
assert len(pages) == 2 and sorted(names) == sorted(f"s{i}" for i in range(105)), (len(pages), names)
described = [s["StackName"] for page in cfn.get_paginator("describe_stacks").paginate() for s in page["Stacks"]]
assert len(described) == 106, described  # those and the denied one

print("ok")
