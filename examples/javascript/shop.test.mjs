// The shop, written as for real AWS: endpoint, region and credentials are those
// of the environment.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DeleteMessageCommand, GetQueueUrlCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";

const sqs = new SQSClient();

async function url(queue) {
  return (await sqs.send(new GetQueueUrlCommand({ QueueName: queue }))).QueueUrl;
}

// Asks waxseal what AWS would not tell.
async function control(path) {
  return (await fetch(`${process.env.AWS_ENDPOINT_URL}/_waxseal/${path}`)).json();
}

test("the shop may not send to payroll", async () => {
  const QueueUrl = await url("payroll");
  const denied = await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "a rise for all" })).catch((e) => e);
  assert.equal(denied.Code, "KMS.AccessDeniedException");

  // Its own policy allows the call to the queue; it is the key's policy that leaves it out.
  const { decisions } = await control(`decisions?decision=Deny&request-id=${denied.$metadata.requestId}`);
  assert.equal(decisions[0].action, "kms:GenerateDataKey");
  assert.match(decisions[0].message, /because no resource-based policy allows the kms:GenerateDataKey action$/);
  assert.equal(decisions[0].trace.steps[0].sid, "OnlyPayroll");
});

test("an order is readable by the shop and not on the disk", async () => {
  const QueueUrl = await url("orders");
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "card 4111 1111 1111 1111" }));

  const { messages } = await control("at-rest/123456789012/us-east-1/orders");
  assert.equal(messages[0].encryption, "SSE-KMS");
  assert.ok(!Buffer.from(messages[0].ciphertext, "base64").includes("4111"));

  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  assert.equal(Messages[0].Body, "card 4111 1111 1111 1111");
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: Messages[0].ReceiptHandle }));
});
