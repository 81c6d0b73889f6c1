// Stores objects with the AWS SDK for JavaScript v3, which knows the server and its
// user by its environment alone, in a bucket whose name it is given.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { CreateBucketCommand, DeleteObjectsCommand, GetObjectCommand, HeadObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";

const s3 = new S3Client({ forcePathStyle: true });
const Bucket = process.argv[2];
await s3.send(new CreateBucketCommand({ Bucket }));

const large = randomBytes(1 << 20);
const bodies = {
  bytes: () => ({ Body: large }),
  stream: () => ({ Body: Readable.from([large.subarray(0, 1000), large.subarray(1000)]), ContentLength: large.length }),
};
for (const [Key, body] of Object.entries(bodies)) {
  await s3.send(new PutObjectCommand({ Bucket, Key, ...body(), Metadata: { Name: "v" } }));
  const got = await s3.send(new GetObjectCommand({ Bucket, Key }));
  assert.deepEqual(Buffer.from(await got.Body.transformToByteArray()), large, Key);
  assert.deepEqual(got.Metadata, { name: "v" });
}

const keys = ["a b/+%/é", "//", "😀&<>\"'", "a%2Fb", "?x=1#y", "~!*'()"];
for (const Key of keys) {
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
  assert.equal(await (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body.transformToString(), Key);
}
const listed = await s3.send(new ListObjectsV2Command({ Bucket }));
assert.deepEqual(listed.Contents.map((o) => o.Key).sort(), [...keys, ...Object.keys(bodies)].sort());
const deleted = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: keys.map((Key) => ({ Key })) } }));
assert.equal(deleted.Deleted.length, keys.length);
await assert.rejects(s3.send(new HeadObjectCommand({ Bucket, Key: keys[0] })), (e) => e.$metadata.httpStatusCode === 404);
await assert.rejects(s3.send(new GetObjectCommand({ Bucket, Key: keys[0] })), (e) => e.name === "NoSuchKey");

// A link to read, and one to write, into whose query the SDK puts a checksum [S094].
const get = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: "bytes" }), { expiresIn: 60 });
assert.deepEqual(Buffer.from(await (await fetch(get)).arrayBuffer()), large);
const put = await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key: "linked" }), { expiresIn: 60 });
assert.equal((await fetch(put, { method: "PUT", body: "by link" })).status, 200);
assert.equal(await (await s3.send(new GetObjectCommand({ Bucket, Key: "linked" }))).Body.transformToString(), "by link");
assert.equal((await fetch(put.replace("linked", "other"), { method: "PUT", body: "x" })).status, 403);
console.log("ok");
