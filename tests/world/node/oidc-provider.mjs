// An OpenID Connect provider on a free port: code with PKCE, device code, refresh tokens.
// Prints its issuer when it is ready. ID_TTL: seconds that an ID token lasts.
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const CLIENT = {
  client_id: 'rolecall',
  application_type: 'native', // any port of the loopback redirect
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
  response_types: ['code'],
  redirect_uris: ['http://127.0.0.1/callback'],
};

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [CLIENT],
    cookies: { keys: ['of the tests'] },
    features: { deviceFlow: { enabled: true }, devInteractions: { enabled: true } },
    pkce: { required: () => true },
    ttl: {
      AccessToken: 3600, AuthorizationCode: 60, DeviceCode: 600, Grant: 86400, Interaction: 600,
      IdToken: Number(process.env.ID_TTL ?? 3600), RefreshToken: 86400, Session: 86400,
    },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  });
  server.on('request', provider.callback());
  console.log(issuer);
});
