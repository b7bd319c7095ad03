// A SAML identity provider for AWS on a free port: a login form, then a page that posts the signed
// response to ACS. Prints the address of the form when it is ready.
// KEY, CERT: PEM. ACS. ROLES: `role-arn,provider-arn`, several by |.
import { createServer } from 'node:http';
import samlp from 'samlp';

const AWS = 'https://aws.amazon.com/SAML/Attributes';
const { KEY, CERT, ACS, ROLES, DURATION = '3600' } = process.env;

function claimsOf(user) {
  return {
    getClaims: () => ({
      [`${AWS}/Role`]: ROLES.split('|'),
      [`${AWS}/RoleSessionName`]: user.id,
      [`${AWS}/SessionDuration`]: DURATION,
    }),
    getNameIdentifier: () => ({ nameIdentifier: user.id }),
  };
}
claimsOf.prototype.metadata = [];

const respond = samlp.auth({
  issuer: 'https://idp.example.test',
  key: KEY,
  cert: CERT,
  audience: 'urn:amazon:webservices',
  recipient: ACS,
  destination: ACS,
  lifetimeInSeconds: 300,
  profileMapper: claimsOf,
  getPostURL: (audience, request, req, done) => done(null, ACS),
  getUserFromRequest: (req) => ({ id: req.body.username }),
});

const FORM = '<form method="post" action="/sso"><input name="username"><input name="password"></form>';

const server = createServer(async (req, res) => {
  res.set = (name, value) => res.setHeader(name, value);
  res.send = (body) => res.end(body);
  req.query = {};
  if (req.method === 'GET') return res.end(FORM);
  let body = '';
  for await (const chunk of req) body += chunk;
  req.body = Object.fromEntries(new URLSearchParams(body));
  if (req.body.password !== 'secret') {
    res.statusCode = 401;
    return res.end('bad password');
  }
  respond(req, res, (error) => {
    res.statusCode = 500;
    res.end(String(error));
  });
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/sso`));
