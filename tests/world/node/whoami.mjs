// Who the AWS SDK for JavaScript is with a profile: its ARN on one line.
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { fromIni } from "@aws-sdk/credential-providers";

const credentials = fromIni({ profile: process.argv[2] });
const sts = new STSClient({ region: "eu-west-1", credentials });
console.log((await sts.send(new GetCallerIdentityCommand({}))).Arn);
