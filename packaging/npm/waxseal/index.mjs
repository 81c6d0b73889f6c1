import { spawn } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { devNull } from "node:os";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { program } from "./program.mjs";

/** How many denials of one test are explained. */
const most = 5;

export async function startWaxseal(options = {}) {
  const server = launch(commandLine(options));
  const place = await ready(server);
  try {
    const emulator = new Emulator(server, place, await credentialsOf(place, place.account, "root"));
    release(server);
    return emulator;
  } catch (error) {
    await end(server);
    throw error;
  }
}

/** A running server, as its account's root user sees it. */
class Emulator {
  #server;

  constructor(server, place, credentials) {
    this.#server = server;
    this.endpoint = place.endpoint;
    Object.assign(this, identity(place, place.account, credentials));
  }

  async as(principal) {
    const [, account = this.account, name] = /^(?:arn:[^:]+:iam::(\d{12}):)?(root|(?:role|user)\/.+)$/.exec(principal) ?? [];
    if (name === undefined) {
      throw new TypeError(`a principal is "root", "role/NAME", "user/NAME" or an ARN, not ${JSON.stringify(principal)}`);
    }
    return identity(this, account, await credentialsOf(this, account, name));
  }

  async advance(seconds) {
    if (!Number.isFinite(seconds)) {
      throw new TypeError(`the clock is turned by a number of seconds, not by ${seconds}`);
    }
    const { now } = JSON.parse(await control(this, "clock", JSON.stringify({ advance: `${seconds.toFixed(9)}s` })));
    return new Date(now);
  }

  async reset() {
    await control(this, "reset", "");
  }

  async explain(error) {
    const id = requestId(error);
    if (id === undefined) {
      throw new TypeError("what is explained is a request id, or an AWS SDK's error, which has one in $metadata.requestId", { cause: error });
    }
    return explanation(this, id);
  }

  explained(run) {
    const emulator = this;
    return async function () { // without parameters, for runners read them
      const [last] = await denials(emulator, 1);
      try {
        return await run.apply(this, arguments);
      } catch (error) {
        throw await withDenials(emulator, error, last);
      }
    };
  }

  async stop() {
    await end(this.#server);
  }

  async [Symbol.asyncDispose ?? Symbol.for("nodejs.asyncDispose")]() {
    await this.stop();
  }
}

// The options that are a flag of `waxseal serve` with one value.
const flags = { account: "123456789012", region: "us-east-1", strict: undefined, upstream: undefined };

function commandLine({ init, args, ...rest }) {
  const line = ["serve", "--until-eof", "--addr", "127.0.0.1:0", "--log", "warn"];
  for (const name of Object.keys(rest)) {
    if (!Object.hasOwn(flags, name)) {
      throw new TypeError(`startWaxseal has no option ${JSON.stringify(name)}; its options are init, args, ${Object.keys(flags).join(", ")}`);
    }
  }
  for (const [name, usual] of Object.entries(flags)) {
    const value = rest[name] ?? usual;
    if (value !== undefined) {
      line.push(`--${name}`, String(value));
    }
  }
  for (const file of [init ?? []].flat()) {
    line.push("--init", file instanceof URL ? fileURLToPath(file) : String(file));
  }
  return [...line, ...(args ?? [])];
}

/**
 * Starts the server, which ends when its standard input does: so it goes with
 * this process, however that ends.
 */
function launch(line) {
  // What the environment says for another server does not reach this one.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("WAXSEAL_")));
  const server = spawn(program(), line, {
    env,
    stdio: "pipe",
    windowsHide: true,
    detached: process.platform !== "win32", // a terminal's ctrl-C is for the tests, which may still call
  });
  server.stdin.on("error", () => {}); // the server has ended by itself
  return server;
}

/** Waits until the server answers. Its own words are the error where it does not. */
async function ready(server) {
  let words = "";
  const keep = (text) => { words += text; };
  server.stderr.setEncoding("utf8").on("data", keep);
  const ended = once(server, "close");
  ended.catch(() => {}); // where it did not even start, which is thrown below
  let place;
  for await (const line of createInterface({ input: server.stdout })) {
    const found = /^waxseal ready: (http:\S+) .*account (\d+) region (\S+)$/.exec(line);
    if (found !== null) {
      place = { endpoint: found[1], account: found[2], region: found[3] };
    }
    if (line === "Ready." && place !== undefined) {
      server.stderr.off("data", keep).on("data", (text) => process.stderr.write(text));
      process.stderr.write(words);
      return place;
    }
  }
  const [status, signal] = await ended;
  throw new Error(words.trim() || `waxseal ended before it was ready: ${signal ?? `exit status ${status}`}`);
}

/** Lets this process end while the server runs. */
function release(server) {
  server.stdout.resume();
  for (const held of [server, server.stdin, server.stdout, server.stderr]) {
    held.unref();
  }
}

/** Ends the server, and waits until it has. */
async function end(server) {
  server.stdin.end();
  if (server.exitCode === null && server.signalCode === null) {
    server.ref();
    await once(server, "exit");
  }
}

/** What clients need to call as a principal. */
function identity({ endpoint, region }, account, credentials) {
  // Clients refuse an endpoint where the user's environment or profile asks for other ones.
  const config = { endpoint, region, credentials, useFipsEndpoint: false, useDualstackEndpoint: false };
  return { account, region, config, env: environment(endpoint, region, credentials) };
}

/**
 * The variables that lead SDKs to the server. They only add: those of the user's
 * that would lead elsewhere get a value by which they do not.
 */
function environment(endpoint, region, { accessKeyId, secretAccessKey, sessionToken = "" }) {
  const env = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: "true",
  };
  for (const name of Object.keys(process.env)) {
    if (name.startsWith("AWS_ENDPOINT_URL_")) {
      env[name] = endpoint;
    } else if (/^AWS_(DEFAULT_)?PROFILE$/.test(name)) {
      env[name] = "";
    } else if (/^AWS_(USE_(FIPS|DUALSTACK)_ENDPOINT|IGNORE_CONFIGURED_ENDPOINT_URLS)$/.test(name)) {
      env[name] = "false";
    }
  }
  return env;
}

async function credentialsOf(place, account, principal) {
  const answer = JSON.parse(await control(place, `credentials/${account}/${principal.split("/").map(encodeURIComponent).join("/")}`));
  const credentials = { accessKeyId: answer.AccessKeyId, secretAccessKey: answer.SecretAccessKey };
  return answer.Token ? { ...credentials, sessionToken: answer.Token } : credentials;
}

/** The request that an error is about: it may be wrapped by the program under test. */
function requestId(of) {
  if (typeof of === "string") {
    return of;
  }
  const seen = new Set();
  for (let error = of; typeof error === "object" && error !== null && !seen.has(error); error = error.cause) {
    seen.add(error);
    const id = error.$metadata?.requestId ?? error.requestId; // of version 3, of version 2
    if (typeof id === "string") {
      return id;
    }
  }
  return undefined;
}

const explanation = (place, id) => control(place, `explain?request-id=${encodeURIComponent(id)}`);

/** The newest denials, newest first. */
async function denials(place, limit) {
  return JSON.parse(await control(place, `decisions?decision=Deny&limit=${limit}`)).decisions;
}

const same = (one, other) => one.requestId === other?.requestId && one.time === other.time && one.action === other.action;

/** The error of a test, with the explanation of what was denied since the last denial before it. */
async function withDenials(place, error, last) {
  let told;
  try {
    const newest = await denials(place, 10 * most);
    const before = newest.findIndex((denial) => same(denial, last));
    const ids = new Set(newest.slice(0, before < 0 ? newest.length : before).map((denial) => denial.requestId));
    told = await Promise.all([...ids].slice(0, most).reverse().map((id) => explanation(place, id)));
  } catch {
    return error; // the server is gone, and the test's own error counts
  }
  if (told.length === 0) {
    return error;
  }
  const text = `what waxseal denied in this test:\n\n${told.join("\n")}`;
  if (typeof error?.message !== "string") {
    return new Error(text, { cause: error });
  }
  // The same error, so that a runner shows its stack, code and difference.
  const [short, long] = [error.message, `${error.message}\n\n${text}`];
  const stack = String(error.stack);
  error.message = long;
  error.stack = stack.includes(short) ? stack.replace(short, () => long) : `${stack}\n\n${text}`;
  return error;
}

/** Asks the control API, by POST where there is a body, even an empty one. What it refuses is an error in its words. */
async function control({ endpoint }, path, body) {
  const call = request(`${endpoint}/_waxseal/${path}`, { method: body === undefined ? "GET" : "POST", agent: false });
  call.end(body);
  const [answer] = await once(call, "response");
  let text = "";
  for await (const part of answer.setEncoding("utf8")) {
    text += part;
  }
  if (answer.statusCode >= 300) {
    throw new Error(refusal(text));
  }
  return text;
}

function refusal(text) {
  try {
    return JSON.parse(text).error ?? text;
  } catch {
    return text;
  }
}
