// Makes every call of mailchannels-sdk about sub-accounts and their keys, and prints
// what came back: a JSON object from a step's name to its result. The address comes
// in POSTERN_URL, the keys in POSTERN_KEY and POSTERN_STRANGER.
import { MailChannels } from "mailchannels-sdk";

const { POSTERN_URL: baseUrl, POSTERN_KEY: key, POSTERN_STRANGER: stranger } = process.env;
const api = new MailChannels(key, { baseUrl }).subAccounts;
const report = {};
const step = async (name, call) => (report[name] = await call);

await step("create", api.create("Acme", "acme1"));
await step("create again", api.create("Acme", "acme1"));
const random = await step("create at random", api.create("Acme"));
await step("list", api.list());
await step("list a page", api.list({ limit: 1, offset: 1 }));

const first = await step("key", api.createApiKey("acme1"));
await step("key of none", api.createApiKey("none1"));
await step("keys", api.listApiKeys("acme1"));
await step("keys of none", api.listApiKeys("none1"));
await step("delete key", api.deleteApiKey("acme1", first.data.id));
await step("delete key again", api.deleteApiKey("acme1", first.data.id));
await step("delete no key", api.deleteApiKey("acme1", "abc"));
await step("keys after", api.listApiKeys("acme1"));
for (let i = 0; i < 100; i++) {
  await api.createApiKey("acme1");
}
await step("key 101", api.createApiKey("acme1"));

await step("suspend", api.suspend("acme1"));
await step("suspend none", api.suspend("none1"));
await step("list suspended", api.list());
await step("activate", api.activate("acme1"));
await step("activate none", api.activate("none1"));

await step("limit before", api.getLimit("acme1"));
await step("set limit", api.setLimit("acme1", { sends: 5000 }));
await step("limit", api.getLimit("acme1"));
await step("delete limit", api.deleteLimit("acme1"));
await step("limit after", api.getLimit("acme1"));
await step("usage", api.getUsage("acme1"));

await step("smtp password", api.createSmtpPassword("acme1"));
await step("smtp passwords", api.listSmtpPasswords("acme1"));
await step("delete smtp password", api.deleteSmtpPassword("acme1", 1));

await step("stranger", new MailChannels(stranger, { baseUrl }).subAccounts.list());
await step("unknown key", new MailChannels("mch_unknown", { baseUrl }).subAccounts.list());

await step("delete", api.delete("acme1"));
await step("delete again", api.delete("acme1"));
await step("delete the other", api.delete(random.data.handle));
await step("list after", api.list());

console.log(JSON.stringify(report));
