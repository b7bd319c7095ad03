// What the default chain of the AWS SDK for JavaScript comes to, for each case of a JSON file:
// the access key's id, or the words of the error. No call leaves the machine.
import { readFileSync } from "node:fs";
import { fromNodeProviderChain } from "@aws-sdk/credential-providers";

const keys = (name) => ({ accessKeyId: name, secretAccessKey: "s" });
const before = { ...process.env };
const found = [];
for (const { env, profile } of JSON.parse(readFileSync(process.argv[2]))) {
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, before, env);
  try {
    const provider = fromNodeProviderChain({
      profile,
      roleAssumer: async () => keys("ROLE"),
      roleAssumerWithWebIdentity: async ({ RoleArn }) => keys(RoleArn.split("/")[1]),
    });
    found.push((await provider()).accessKeyId);
  } catch (error) {
    found.push(`${error.name}: ${error.message}`);
  }
}
console.log(JSON.stringify(found));
