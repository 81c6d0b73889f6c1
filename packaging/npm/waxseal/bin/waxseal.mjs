#!/usr/bin/env node
// Runs the program as if it were called itself: with its arguments and streams,
// the signals that come here, and its exit status in the end.
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { program } from "../program.mjs";

// As waxseal itself has them: what cannot be used, and what cannot be executed.
const unusable = 2;
const notExecutable = 126;

// SIGUSR1 is left out: with it Node.js starts its debugger.
const passedOn = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR2"];

function fail(status, error) {
  console.error(`waxseal: ${error.message}`);
  process.exitCode = status;
}

function run(file) {
  const child = spawn(file, process.argv.slice(2), { stdio: "inherit" });
  for (const signal of passedOn) {
    process.on(signal, () => child.kill(signal));
  }
  child.on("error", (error) => fail(notExecutable, error));
  child.on("exit", (status, signal) => {
    if (signal === null) {
      process.exitCode = status;
      return;
    }
    process.exitCode = 128 + constants.signals[signal];
    process.removeAllListeners(signal);
    process.kill(process.pid, signal); // so that who started this sees the same end
  });
}

try {
  run(program());
} catch (error) {
  fail(unusable, error);
}
