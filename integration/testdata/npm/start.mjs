// Starts a server that nobody stops, and goes on where it is to be killed.
import { startWaxseal } from "waxseal";

console.log((await startWaxseal()).endpoint);
if (process.argv[2] === "killed") {
  setInterval(() => {}, 1000);
}
