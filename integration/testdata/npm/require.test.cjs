"use strict";

const assert = require("node:assert/strict");
const { after, before, test } = require("node:test");
const { CreateQueueCommand, SQSClient } = require("@aws-sdk/client-sqs");
const { startWaxseal } = require("waxseal");

let emulator;
before(async () => { emulator = await startWaxseal({ account: "111122223333", region: "eu-west-1" }); });
after(() => emulator.stop());

test("SDKs find it by the environment, whatever profile there is", async () => {
  Object.assign(process.env, emulator.env);
  const { QueueUrl } = await new SQSClient().send(new CreateQueueCommand({ QueueName: "orders" }));
  assert.equal(QueueUrl, `${emulator.endpoint}/111122223333/orders`);
  assert.equal(emulator.account, "111122223333");
  assert.equal(emulator.region, "eu-west-1");
});
