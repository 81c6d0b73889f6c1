// Puts rules, targets and events with the AWS SDK for JavaScript v3, which knows the server
// and its user by its environment alone. The bus and the queue have the name that it is given.
import assert from "node:assert/strict";
import {
  CreateEventBusCommand, DeleteEventBusCommand, DeleteRuleCommand, DescribeEventBusCommand, DescribeRuleCommand, EventBridgeClient,
  ListTagsForResourceCommand, ListTargetsByRuleCommand, PutEventsCommand, PutPermissionCommand, PutRuleCommand, PutTargetsCommand,
  RemoveTargetsCommand, TestEventPatternCommand,
} from "@aws-sdk/client-eventbridge";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";

const events = new EventBridgeClient(), sqs = new SQSClient();
const name = process.argv[2];
const answer = async (client, command) => {
  const { $metadata, ...members } = await client.send(command);
  assert.equal($metadata.httpStatusCode, 200);
  return members;
};

const EventBusName = name, Rule = "paid";
const rule = `arn:aws:events:us-east-1:123456789012:rule/${name}/paid`, queue = `arn:aws:sqs:us-east-1:123456789012:${name}`;
const { QueueUrl } = await answer(sqs, new CreateQueueCommand({ QueueName: name, Attributes: { Policy: JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "events.amazonaws.com" }, Action: "sqs:SendMessage", Resource: queue, Condition: { ArnEquals: { "aws:SourceArn": rule } } }],
}) } }));
const { EventBusArn } = await answer(events, new CreateEventBusCommand({ Name: name, Tags: [{ Key: "team", Value: "a" }] }));
assert.deepEqual(await answer(events, new ListTagsForResourceCommand({ ResourceARN: EventBusArn })), { Tags: [{ Key: "team", Value: "a" }] });
assert.ok((await answer(events, new DescribeEventBusCommand({ Name: EventBusArn }))).CreationTime instanceof Date);

const pattern = JSON.stringify({ source: ["shop"], detail: { state: [{ prefix: "pa" }] } });
assert.deepEqual(await answer(events, new PutRuleCommand({ Name: Rule, EventBusName, EventPattern: pattern })), { RuleArn: rule });
assert.equal((await answer(events, new DescribeRuleCommand({ Name: Rule, EventBusName }))).EventPattern, pattern);
const target = { Id: "1", Arn: queue, InputTransformer: { InputPathsMap: { state: "$.detail.state" }, InputTemplate: '{"state": <state>, "rule": <aws.events.rule-name>}' } };
assert.deepEqual(await answer(events, new PutTargetsCommand({ Rule, EventBusName, Targets: [target] })), { FailedEntryCount: 0, FailedEntries: [] });
assert.deepEqual(await answer(events, new ListTargetsByRuleCommand({ Rule, EventBusName })), { Targets: [target] });

const entry = (detail) => ({ EventBusName, Source: "shop", DetailType: "order", Detail: detail, Time: new Date("2026-01-02T03:04:05Z") });
const put = await answer(events, new PutEventsCommand({ Entries: [entry('{"state":"paid"}'), entry('{"state":"sent"}'), entry("paid")] }));
assert.equal(put.FailedEntryCount, 1);
assert.deepEqual(put.Entries.map((e) => e.ErrorCode), [undefined, undefined, "MalformedDetail"]);
const { Messages } = await answer(sqs, new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20, MaxNumberOfMessages: 10 }));
assert.deepEqual(Messages.map((m) => JSON.parse(m.Body)), [{ state: "paid", rule: "paid" }]);

const event = { id: "1", account: "123456789012", region: "us-east-1", time: "2026-01-02T03:04:05Z", source: "shop", "detail-type": "order", detail: { state: "sent" } };
assert.deepEqual(await answer(events, new TestEventPatternCommand({ EventPattern: pattern, Event: JSON.stringify(event) })), { Result: false });
await assert.rejects(events.send(new PutRuleCommand({ Name: "bad", EventPattern: '{"source":"shop"}' })), (e) => e.name === "InvalidEventPatternException" && e.$fault === "client");
await assert.rejects(events.send(new DescribeRuleCommand({ Name: "none", EventBusName })), (e) => e.name === "ResourceNotFoundException");
await assert.rejects(events.send(new PutPermissionCommand({ EventBusName, StatementId: "s", Action: "events:PutEvents", Principal: "*" })),
  (e) => e.name === "AccessDeniedException" && e.message.includes("explicit deny"), "the user may not open the bus");
await answer(events, new RemoveTargetsCommand({ Rule, EventBusName, Ids: ["1"] }));
await answer(events, new DeleteRuleCommand({ Name: Rule, EventBusName }));
assert.deepEqual(await answer(events, new DeleteEventBusCommand({ Name: name })), {});
console.log("ok");
