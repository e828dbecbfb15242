'use strict';
// Runs every call of SendGrid's paths for keys, scopes and subusers through
// @sendgrid/client, and prints what came back as one JSON array.
const { Client } = require('@sendgrid/client');

const { SENDGRID_URL, SENDGRID_KEY } = process.env;
const report = [];

// client returns one that acts for a subuser, or for nobody. setApiKey sets the base
// URL back to SendGrid's own, so it comes first.
function client(subuser, key = SENDGRID_KEY) {
  const c = new Client();
  c.setApiKey(key);
  c.setDefaultRequest('baseUrl', SENDGRID_URL + '/');
  if (subuser) {
    c.setImpersonateSubuser(subuser);
  }
  return c;
}

// call notes what the SDK makes of an answer, be it a result or an error.
async function call(c, step, method, url, body, qs) {
  const entry = { step };
  try {
    const [response] = await c.request({ method, url, body, qs });
    entry.status = response.statusCode;
    entry.body = response.body;
    entry.headers = response.headers;
  } catch (error) {
    if (!error.response) {
      throw error;
    }
    entry.status = error.code;
    entry.failed = true;
    entry.body = error.response.body;
    entry.headers = error.response.headers;
  }
  report.push(entry);
  return entry.body;
}

async function keys(c, name) {
  const made = await call(c, `${name}: create`, 'POST', '/v3/api_keys', { name, scopes: ['mail.send', 'alerts.read'] });
  const one = `/v3/api_keys/${made.api_key_id}`;
  await call(c, `${name}: list`, 'GET', '/v3/api_keys', undefined, { limit: 5 });
  await call(c, `${name}: get`, 'GET', one);
  await call(c, `${name}: rename`, 'PATCH', one, { name: `${name} renamed` });
  await call(c, `${name}: replace`, 'PUT', one, { name: `${name} replaced`, scopes: ['stats.read'] });
  await call(c, `${name}: get again`, 'GET', one);
  await call(client('', made.api_key), `${name}: its scopes`, 'GET', '/v3/scopes');
  await call(c, `${name}: delete`, 'DELETE', one);
  await call(c, `${name}: get deleted`, 'GET', one);
  await call(c, `${name}: no name`, 'POST', '/v3/api_keys', {});
  await call(c, `${name}: scopes`, 'GET', '/v3/scopes');
  await call(client('', made.api_key), `${name}: use deleted`, 'GET', '/v3/scopes');
}

async function main() {
  const c = client('');
  await keys(c, 'own');
  const subuser = { username: 'node-shop', email: 'shop@example.com', password: 'a-password-of-a-subuser', ips: ['192.0.2.1'] };
  await call(c, 'subuser: create', 'POST', '/v3/subusers', subuser);
  await call(c, 'subuser: create again', 'POST', '/v3/subusers', subuser);
  await call(c, 'subuser: list', 'GET', '/v3/subusers', undefined, { username: 'node-shop', limit: 10, offset: 0 });
  await keys(client('node-shop'), 'shop');
  await call(c, 'subuser: ips', 'PUT', '/v3/subusers/node-shop/ips', ['192.0.2.2']);
  await call(c, 'subuser: disable', 'PATCH', '/v3/subusers/node-shop', { disabled: true });
  await call(c, 'subuser: list disabled', 'GET', '/v3/subusers');
  await call(c, 'subuser: delete', 'DELETE', '/v3/subusers/node-shop');
  await call(c, 'subuser: list none', 'GET', '/v3/subusers');
  console.log(JSON.stringify(report));
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
