// Validates what an HTTP endpoint was sent, one JSON document a line of the
// file given, with AWS's own validator for Node.js. Its default pattern of hosts
// lets certificates of amazonaws.com alone pass; ours is the second argument.
import { readFileSync } from "node:fs";
import MessageValidator from "sns-validator";

const [file, host] = process.argv.slice(2);
const validate = (validator, message) => new Promise((resolve) => {
  validator.validate(message, (error) => resolve(error ? error.message : "valid"));
});

for (const line of readFileSync(file, "utf8").trim().split("\n")) {
  const message = JSON.parse(line);
  const ours = new MessageValidator(new RegExp(host));
  console.log([
    message.SignatureVersion, message.Type,
    await validate(ours, message),
    await validate(ours, { ...message, Message: message.Message + "." }),
    await validate(new MessageValidator(), message),
  ].join("; "));
}
