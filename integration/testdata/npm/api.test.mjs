import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, test } from "node:test";
import { CreateQueueCommand, ListQueuesCommand, PurgeQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { startWaxseal } from "waxseal";

const emulator = await startWaxseal({ init: new URL("fixtures.yaml", import.meta.url) });
after(() => emulator.stop());

const QueueUrl = `${emulator.endpoint}/${emulator.account}/orders`;
const admin = new SQSClient(emulator.config);
const asShop = async () => new SQSClient((await emulator.as("role/shop")).config);
const purge = async () => (await asShop()).send(new PurgeQueueCommand({ QueueUrl }));

test("a round trip", async () => {
  await (await asShop()).send(new SendMessageCommand({ QueueUrl, MessageBody: "hello" }));
  const { Messages } = await admin.send(new ReceiveMessageCommand({ QueueUrl }));
  assert.equal(Messages[0].Body, "hello");
});

test("the clock", async () => {
  const ahead = await emulator.advance(1.5 * 86400);
  const days = (ahead - Date.now()) / 86400000;
  assert.ok(days > 1.4 && days < 1.6, String(ahead));
  await assert.rejects(emulator.advance(1e15), /^Error: advance: /);
  await assert.rejects(emulator.advance("5m"), TypeError);
});

test("a fresh start", async () => {
  await admin.send(new CreateQueueCommand({ QueueName: "more" }));
  await emulator.reset();
  const { QueueUrls } = await admin.send(new ListQueuesCommand());
  assert.deepEqual(QueueUrls, [QueueUrl]);
});

test("an explanation by error, by its cause, and by request id", async () => {
  const error = await purge().catch((e) => e);
  const told = await emulator.explain(error);
  assert.match(told, /^DENIED {2}sqs:PurgeQueue\n[^]*To allow it:/m);
  assert.equal(await emulator.explain(new Error("nothing was purged", { cause: error })), told);
  assert.equal(await emulator.explain(error.$metadata.requestId), told);
  const s3 = new S3Client((await emulator.as("role/shop")).config);
  const unread = await s3.send(new GetObjectCommand({ Bucket: "invoices", Key: "1" })).catch((e) => e);
  assert.match(await emulator.explain(unread), /^DENIED {2}s3:GetObject\n/m);
  await assert.rejects(emulator.explain(new Error("no request")), TypeError);
  await assert.rejects(emulator.explain("unheard-of"), /no decision of request unheard-of is remembered/);
});

test("a failing function tells what was denied in it, and only that", async () => {
  await purge().catch(() => {}); // before it
  const failing = emulator.explained(async function (word) {
    await purge().catch(() => {});
    assert.equal(this, "this");
    assert.equal(word, "an argument");
    assert.fail("it was not purged");
  });
  const error = await failing.call("this", "an argument").catch((e) => e);
  assert.match(error.message, /^it was not purged\n\nwhat waxseal denied in this test:\n[^]*DENIED {2}sqs:PurgeQueue/);
  assert.equal(error.message.match(/DENIED {2}sqs:PurgeQueue/g).length, 1);
  assert.equal(error.code, "ERR_ASSERTION");
  assert.ok(error.stack.includes(error.message));
});

test("what fails for another reason, or does not fail, stays as it is", async () => {
  await purge().catch(() => {});
  const sad = new Error("sad");
  await assert.rejects(emulator.explained(() => { throw sad; })(), (error) => error === sad && error.message === "sad");
  assert.equal(await emulator.explained(async () => 7)(), 7);
});

test("principals", async () => {
  const other = await emulator.as("arn:aws:iam::999988887777:root");
  assert.equal(other.account, "999988887777");
  const { QueueUrls = [] } = await new SQSClient(other.config).send(new ListQueuesCommand());
  assert.deepEqual(QueueUrls, []);
  await assert.rejects(emulator.as("role/nobody"), /there is no role nobody|nobody/);
  await assert.rejects(emulator.as("shop"), TypeError);
  assert.ok((await emulator.as("role/shop")).env.AWS_SESSION_TOKEN);
});

test("strict credentials", async () => {
  const strict = await startWaxseal({ strict: "all" });
  await new SQSClient(strict.config).send(new CreateQueueCommand({ QueueName: "orders" }));
  await assert.rejects(new SQSClient({ ...strict.config, credentials: { accessKeyId: "test", secretAccessKey: "test" } }).send(new ListQueuesCommand()));
  await strict.stop();
  await strict.stop();
});

test("a neighbor", async () => {
  const neighbor = createServer((call, answer) => answer.end("the neighbor's")).listen(0, "127.0.0.1");
  await once(neighbor, "listening");
  const own = await startWaxseal({ upstream: `http://127.0.0.1:${neighbor.address().port}` });
  const answer = await fetch(`${own.endpoint}/2015-03-31/functions/`, {
    headers: { authorization: "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0" },
  });
  assert.equal(await answer.text(), "the neighbor's");
  await own.stop();
  neighbor.close();
});

test("disposed of, it is gone", async () => {
  const own = await startWaxseal();
  await fetch(`${own.endpoint}/_waxseal/health`);
  await own[Symbol.asyncDispose]();
  await assert.rejects(fetch(`${own.endpoint}/_waxseal/health`));
});

test("what is wrong is said in the server's words", async () => {
  await assert.rejects(startWaxseal({ init: "wrong.yaml" }), (error) => {
    assert.match(error.message, /^wrong\.yaml:4:.*nam\b[^]*\nwrong\.yaml:7:.*polices/);
    return true;
  });
  await assert.rejects(startWaxseal({ account: "12" }), /^Error: waxseal: --account: "12" is not an account of 12 digits$/);
  await assert.rejects(startWaxseal({ upstream: "nowhere" }), /--upstream/);
  await assert.rejects(startWaxseal({ upsteam: "http://127.0.0.1:9" }), /no option "upsteam"/);
});
