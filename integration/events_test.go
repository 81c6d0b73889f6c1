package integration

import (
	"testing"
)

// The life of buses, rules and targets as a program in Python sees it, over HTTP.
func TestEventBridgeByBoto3(t *testing.T) {
	p := serve(t)
	const life = `
import boto3, json, datetime
ev, sqs, sns = boto3.client("events"), boto3.client("sqs"), boto3.client("sns")

def meta(answer):
    assert answer.pop("ResponseMetadata")["HTTPStatusCode"] == 200
    return answer

rule = "arn:aws:events:us-east-1:123456789012:rule/orders/r"
queue = sqs.create_queue(QueueName="inbox", Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "*",
    "Condition": {"ArnEquals": {"aws:SourceArn": rule}, "StringEquals": {"aws:SourceAccount": "123456789012"}}}]})})["QueueUrl"]
arn = "arn:aws:sqs:us-east-1:123456789012:inbox"
assert meta(ev.create_event_bus(Name="orders", Tags=[{"Key": "team", "Value": "a"}])) == {"EventBusArn": "arn:aws:events:us-east-1:123456789012:event-bus/orders"}
assert meta(ev.put_rule(Name="r", EventBusName="orders", EventPattern=json.dumps({"source": ["shop"], "detail": {"state": [{"anything-but": "cancelled"}]}}))) == {"RuleArn": rule}
assert meta(ev.put_targets(Rule="r", EventBusName="orders", Targets=[{"Id": "1", "Arn": arn}])) == {"FailedEntryCount": 0, "FailedEntries": []}
assert meta(ev.list_rule_names_by_target(TargetArn=arn, EventBusName="orders")) == {"RuleNames": ["r"]}
bus = meta(ev.describe_event_bus(Name="orders"))
assert isinstance(bus["CreationTime"], datetime.datetime) and "Policy" not in bus, bus
assert meta(ev.put_permission(EventBusName="orders", StatementId="s", Action="events:PutEvents", Principal="111122223333")) == {}
assert json.loads(ev.describe_event_bus(Name="orders")["Policy"])["Statement"][0]["Sid"] == "s"
def entry(**members):
    return dict({"Source": "shop", "DetailType": "order", "Detail": json.dumps({"state": "paid"}), "EventBusName": "orders"}, **members)
put = meta(ev.put_events(Entries=[entry(), entry(Detail="{"), entry(Detail=json.dumps({"state": "cancelled"})), entry(Source="aws.s3")]))
assert put["FailedEntryCount"] == 2 and [e.get("ErrorCode") for e in put["Entries"]] == [None, "MalformedDetail", None, "NotAuthorizedForSourceException"], put
messages = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20, MaxNumberOfMessages=10)["Messages"]
event = json.loads(messages[0]["Body"])
assert len(messages) == 1 and event["id"] == put["Entries"][0]["EventId"] and event["detail"] == {"state": "paid"}, messages
assert meta(ev.test_event_pattern(EventPattern=json.dumps({"source": [{"prefix": "sh"}]}), Event=json.dumps(event))) == {"Result": True}
try:
    ev.put_rule(Name="bad", EventPattern=json.dumps({"source": "shop"}))
    raise SystemExit("taken")
except ev.exceptions.InvalidEventPatternException as e:
    assert e.response["Error"]["Message"].startswith('Event pattern is not valid. Reason: "source" must be an object or an array'), e
try:
    ev.delete_rule(Name="r", EventBusName="orders")
    raise SystemExit("deleted")
except ev.exceptions.ClientError as e:
    assert e.response["Error"]["Code"] == "ValidationException", e
assert meta(ev.remove_targets(Rule="r", EventBusName="orders", Ids=["1"])) == {"FailedEntryCount": 0, "FailedEntries": []}
ev.delete_rule(Name="r", EventBusName="orders")
assert meta(ev.delete_event_bus(Name="orders")) == {}
try:
    ev.delete_event_bus(Name="orders")
    raise SystemExit("deleted twice")
except ev.exceptions.ResourceNotFoundException as e:
    assert e.response["Error"]["Message"] == "Event bus orders does not exist.", e
print("done")
`
	if out := run(t, p.env(), python(t), "-c", life); out != "done\n" {
		t.Error(out)
	}
}
