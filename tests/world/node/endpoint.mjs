// Who the AWS SDK for JavaScript is by the endpoint that the environment names: its ARN on one line.
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import {
  fromContainerMetadata,
  fromHttp,
  fromInstanceMetadata,
  fromNodeProviderChain,
} from "@aws-sdk/credential-providers";

const providers = { fromContainerMetadata, fromHttp, fromInstanceMetadata, fromNodeProviderChain };
const credentials = providers[process.argv[2]]({ maxRetries: 1, timeout: 5000 });
const sts = new STSClient({ region: "eu-west-1", credentials });
console.log((await sts.send(new GetCallerIdentityCommand({}))).Arn);
