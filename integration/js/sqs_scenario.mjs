// Plays the scenario of a file with the AWS SDK for JavaScript, v3 or v2, and
// prints what each call answered, one JSON object a line. The v2 of
// package.json is of the time when SQS's SDKs spoke the Query protocol.
import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";

const [file, version] = process.argv.slice(2);
const endpoint = process.env.AWS_ENDPOINT_URL;
const saved = {};

// The clients answer of a call, or throw an error as describe understands it.
const clients = {
  async v3() {
    const sdk = await import("@aws-sdk/client-sqs");
    const sqs = new sdk.SQSClient({ maxAttempts: 1 });
    return (op, params) => sqs.send(new sdk[op + "Command"](params));
  },
  async v2() {
    const { default: AWS } = await import("aws-sdk");
    const sqs = new AWS.SQS({ endpoint, region: process.env.AWS_REGION, maxRetries: 0 });
    return (op, params) => sqs[op[0].toLowerCase() + op.slice(1)](params).promise();
  },
};

const describe = (e) => ({
  Code: e.Error?.Code ?? e.code ?? e.name, Message: e.message, Status: e.$metadata?.httpStatusCode ?? e.statusCode,
});

// resolve puts saved values in the place of $names, and bytes in that of base64.
function resolve(v) {
  if (Array.isArray(v)) return v.map(resolve);
  if (v?.$bytes) return Buffer.from(v.$bytes, "base64");
  if (v && typeof v === "object") return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, resolve(x)]));
  return typeof v === "string" && v[0] === "$" ? saved[v.slice(1)] : v;
}

// plain is a result without what the SDK adds, bytes in base64.
function plain(v) {
  if (v instanceof Uint8Array) return Buffer.from(v).toString("base64");
  if (Array.isArray(v)) return v.map(plain);
  if (!v || typeof v !== "object") return v;
  return Object.fromEntries(Object.entries(v).filter(([k]) => k !== "$metadata" && k !== "ResponseMetadata").map(([k, x]) => [k, plain(x)]));
}

const at = (v, path) => path.split(".").reduce((x, key) => x[key], v);

const send = await clients[version]();

async function call(op, params) {
  try {
    return { op, result: plain(await send(op, params)) };
  } catch (e) {
    return { op, error: describe(e) };
  }
}

for (const step of JSON.parse(readFileSync(file, "utf8"))) {
  if (step.advance) {
    await fetch(endpoint + "/_waxseal/clock", { method: "POST", body: JSON.stringify({ advance: step.advance }) });
  } else if (step.op) {
    let line = await call(step.op, resolve(step.params));
    while (step.until && at(line.result, step.until.path) !== step.until.is) {
      await setTimeout(20);
      line = await call(step.op, resolve(step.params));
    }
    for (const [name, path] of Object.entries(step.save ?? {})) saved[name] = at(line.result, path);
    console.log(JSON.stringify(line));
  }
}
