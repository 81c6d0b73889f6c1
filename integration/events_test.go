package integration

import (
	"strings"
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
assert meta(ev.delete_event_bus(Name="orders")) == {}
try:
    ev.describe_event_bus(Name="orders")
    raise SystemExit("there after it was deleted")
except ev.exceptions.ResourceNotFoundException as e:
    assert e.response["Error"]["Message"] == "Event bus orders does not exist.", e
print("done")
`
	if out := run(t, p.env(), python(t), "-c", life); out != "done\n" {
		t.Error(out)
	}
}

// The chapter's topic policy lets EventBridge reach system-alerts by its second statement.
// Without it nothing comes, and nobody who puts rules or events is told; the dead-letter
// queue, the log of deliveries and explain tell why [V209] [V219] [V224].
func TestEventBridgeReachesTheChaptersTopic(t *testing.T) {
	p := serve(t)
	const steps = `
import boto3, json, re, sys, time, urllib.request
chapter, control = sys.argv[1:]
ev, sqs, sns = boto3.client("events"), boto3.client("sqs"), boto3.client("sns")
(policy,) = [f for f in re.findall(r"^` + "```" + `python\n(.*?)^` + "```" + `", open(chapter).read(), re.S | re.M) if "AllowEventBridgePublish" in f]
topic = sns.create_topic(Name="system-alerts")["TopicArn"]
inbox, letters = sqs.create_queue(QueueName="inbox")["QueueUrl"], sqs.create_queue(QueueName="letters")["QueueUrl"]
def let_in(url, service):
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sqs:SendMessage", "Resource": "*"}]})})
let_in(inbox, "sns.amazonaws.com")
let_in(letters, "events.amazonaws.com")
sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:inbox")
ev.put_rule(Name="alerts", EventPattern=json.dumps({"source": ["pettracker"], "detail-type": ["Alert"]}))
put = ev.put_targets(Rule="alerts", Targets=[{"Id": "sns", "Arn": topic, "DeadLetterConfig": {"Arn": "arn:aws:sqs:us-east-1:123456789012:letters"}}])
assert put["FailedEntryCount"] == 0, put

def alert(text):
    answer = ev.put_events(Entries=[{"Source": "pettracker", "DetailType": "Alert", "Detail": json.dumps({"text": text})}])
    assert answer["FailedEntryCount"] == 0, answer
    return answer["Entries"][0]["EventId"]

refused = alert("lost")
(letter,) = sqs.receive_message(QueueUrl=letters, WaitTimeSeconds=20, MessageAttributeNames=["All"])["Messages"]
told = {name: a["StringValue"] for name, a in letter["MessageAttributes"].items()}
assert json.loads(letter["Body"])["id"] == refused and told["ERROR_CODE"] == "NO_PERMISSIONS" and told["TARGET_ARN"] == topic, letter
exec(policy, {"topic_arn": topic})
reached = alert("found")
(message,) = sqs.receive_message(QueueUrl=inbox, WaitTimeSeconds=20)["Messages"]
notification = json.loads(message["Body"])
event = json.loads(notification["Message"])
assert event["id"] == reached and event["detail"] == {"text": "found"} and "Subject" not in notification, notification
for _ in range(200):  # what came of a delivery is written down when the topic has answered, and the message may be here by then
    deliveries = json.load(urllib.request.urlopen(control + "/_waxseal/deliveries?source=events&rule=arn:aws:events:us-east-1:123456789012:rule/alerts"))["deliveries"]
    if len(deliveries) == 2:
        break
    time.sleep(0.05)
assert {d["messageId"]: (d["status"], d["endpoint"]) for d in deliveries} == {refused: ("FAILURE", topic), reached: ("SUCCESS", topic)}, deliveries
print(refused)
`
	refused := strings.TrimSpace(run(t, p.env(), python(t), "-c", steps, chapter, p.url))
	text := unwrapped(run(t, p.env(), binary(t), "explain", "--message", refused))
	for _, want := range []string{
		"FAILURE sns arn:aws:sns:us-east-1:123456789012:system-alerts", "rule arn:aws:events:us-east-1:123456789012:rule/alerts",
		"events.amazonaws.com", "sns:Publish",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the explanation lacks %q:\n%s", want, text)
		}
	}
}

// A day of a schedule passes at once, and each tick arrives [V107] [V134].
func TestADayOfASchedule(t *testing.T) {
	p := serve(t)
	const steps = `
import boto3, json, sys, urllib.request
control = sys.argv[1]
ev, sqs = boto3.client("events"), boto3.client("sqs")
queue = sqs.create_queue(QueueName="ticks", Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "*"}]})})["QueueUrl"]
ev.put_rule(Name="hourly", ScheduleExpression="rate(1 hour)")
ev.put_targets(Rule="hourly", Targets=[{"Id": "1", "Arn": "arn:aws:sqs:us-east-1:123456789012:ticks"}])
urllib.request.urlopen(urllib.request.Request(control + "/_waxseal/clock", b'{"advance":"24h"}', {"Content-Type": "application/json"}))
times = set()
while len(times) < 24:
    for m in sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20, MaxNumberOfMessages=10)["Messages"]:
        event = json.loads(m["Body"])
        assert event["source"] == "aws.events" and event["detail-type"] == "Scheduled Event" and event["detail"] == {}, event
        times.add(event["time"])
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=m["ReceiptHandle"])
assert "Messages" not in sqs.receive_message(QueueUrl=queue)
print(len(times))
`
	if out := run(t, p.env(), python(t), "-c", steps, p.url); out != "24\n" {
		t.Error(out)
	}
}
