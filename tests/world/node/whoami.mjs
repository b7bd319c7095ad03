// Who the AWS SDK for JavaScript is with a profile, by a provider of its: its ARN on one line.
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import * as providers from "@aws-sdk/credential-providers";

const [profile, provider = "fromIni"] = process.argv.slice(2);
const credentials = providers[provider]({ profile });
const sts = new STSClient({ region: "eu-west-1", credentials });
console.log((await sts.send(new GetCallerIdentityCommand({}))).Arn);
