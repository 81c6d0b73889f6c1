// Sends, receives and deletes one message with the AWS SDK for JavaScript v3,
// which knows the server by its environment alone.
import assert from "node:assert/strict";
import {
  CreateQueueCommand, DeleteMessageCommand, GetQueueAttributesCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient,
} from "@aws-sdk/client-sqs";

const sqs = new SQSClient({});
const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: `javascript-${process.pid}` }));
const body = "carriage\r\nreturn, \"quotes\", <tags> & ünïcode ☃ 𝄞";
// The SDK checks the MD5 of the body, and of what it receives, by itself.
const sent = await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body }));
const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }));
assert.equal(Messages.length, 1);
assert.equal(Messages[0].Body, body);
assert.equal(Messages[0].MessageId, sent.MessageId);
await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: Messages[0].ReceiptHandle }));
const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
assert.equal(Attributes.ApproximateNumberOfMessagesNotVisible, "0");
await assert.rejects(
  sqs.send(new SendMessageCommand({ QueueUrl: QueueUrl + "-absent", MessageBody: body })),
  (e) => e.name === "QueueDoesNotExist" && e.$metadata.httpStatusCode === 400,
);
console.log("ok");
