package storetest

import (
	"context"
	"errors"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// background is what every rollback test starts from: a record of each kind.
func (d *db) background() {
	d.t.Helper()
	ctx := d.t.Context()
	d.seed("acct_1")
	d.insert(apikey("acct_1", "key_1", 1), apikey("acct_1", "key_2", 1))
	d.update("acct_1", func(w keyring.Writer) error { return w.InsertOwner(ctx, owner("acct_1", "own_1")) })
	d.insertSecrets(stored("acct_1", "key_1", 1), stored("acct_1", "key_1", 2), stored("acct_1", "key_2", 1), ownerSecret("acct_1", "own_1"))
	d.keep(answer("acct_1", "one", 1))
	d.append(event("acct_1", 1))
	d.found(subaccount("acct_1", "sub_1", 1), subaccount("acct_1", "sub_2", 2))
	d.insert(backgroundUsers()...)
	d.setPassword(password("acct_1", "key_user"))
	for _, name := range []string{"one", "two"} {
		d.define(customScope("acct_1", name))
	}
	d.use("acct_1", use("key_1", -1, "a", 1), use("key_1", 0, "a", 1))
	d.request("acct_1", 0, 1)
}

// backgroundUsers are the keys of background that are in sub-accounts.
func backgroundUsers() []keyring.APIKey {
	return []keyring.APIKey{inSubaccount("sub_1", user("acct_1", "key_user", "user")), inSubaccount("sub_2", apikey("acct_1", "key_sub", 1))}
}

// everything makes a write of each kind over background.
func everything(ctx context.Context, w keyring.Writer) error {
	changed := apikey("acct_1", "key_1", 1)
	changed.Name, changed.Revision = "changed", 2
	added := ownerSecret("acct_2", "own_2")
	suspended, redefined, reset := subaccount("acct_1", "sub_1", 1), customScope("acct_1", "one"), password("acct_1", "key_user")
	suspended.Name, suspended.Revision, redefined.Description, redefined.Revision, reset.Hash = "changed", 2, "changed", 2, "changed"
	return errors.Join(
		w.InsertAccount(ctx, account("acct_2")),
		w.InsertOwner(ctx, owner("acct_2", "own_2")),
		w.InsertSecret(ctx, added),
		w.SetStanding(ctx, "acct_1", api.StandingSuspended),
		w.InsertAPIKey(ctx, apikey("acct_1", "key_3", 3)),
		w.UpdateAPIKey(ctx, changed),
		w.DeleteAPIKey(ctx, "acct_1", "key_2"),
		w.DeleteSecretsBefore(ctx, "key_1", 2),
		w.EndSecret(ctx, "key_1", 2, at(9)),
		w.InsertIdempotencyRecord(ctx, answer("acct_1", "two", 2)),
		w.DeleteIdempotencyRecordsBefore(ctx, "acct_1", at(2), 9),
		w.DeleteIdempotencyRecord(ctx, "acct_1", digest("two")),
		w.AppendAudit(ctx, event("acct_1", 2)),
		w.SetFailures(ctx, "acct_1", "key_user", 5, ptr(at(5))),
		w.SetPassword(ctx, reset),
		w.InsertSubaccount(ctx, subaccount("acct_1", "sub_3", 3)),
		w.UpdateSubaccount(ctx, suspended),
		w.DeleteAPIKeysOf(ctx, "acct_1", "sub_2", 9),
		w.DeleteSubaccount(ctx, "acct_1", "sub_2"),
		w.InsertCustomScope(ctx, customScope("acct_1", "three")),
		w.UpdateCustomScope(ctx, redefined),
		w.DeleteCustomScope(ctx, "acct_1", "two"),
		w.DeleteUsageBefore(ctx, "acct_1", day(0)),
		w.AddUsage(ctx, "acct_1", []keyring.UsageCount{use("key_1", 0, "a", 1), use("key_1", 0, "b", 1)}),
		w.AddRequests(ctx, "acct_1", hour(0), 1),
	)
}

// untouched checks that nothing of everything is there.
func (d *db) untouched(s keyring.Store) {
	d.t.Helper()
	ctx, t := d.t.Context(), d.t
	d = &db{t: t, Store: s}
	before := account("acct_1")
	before.ScopesRevision = 2
	same(t, read(d, func(r keyring.Reader) ([]keyring.Account, error) { return r.Accounts(ctx) }), []keyring.Account{before})
	same(t, d.list(keyring.APIKeyQuery{Account: "acct_1", Limit: 9}), []keyring.APIKey{apikey("acct_1", "key_1", 1), apikey("acct_1", "key_2", 1)})
	for _, s := range []keyring.StoredSecret{stored("acct_1", "key_1", 1), stored("acct_1", "key_1", 2), stored("acct_1", "key_2", 1), ownerSecret("acct_1", "own_1")} {
		same(t, d.subject(s.Digest).Secret, s)
	}
	d.noSubject("secret that was undone", ownerSecret("acct_2", "own_2").Digest)
	same(t, d.answer("acct_1", "one"), answer("acct_1", "one", 1))
	d.noAnswer("two")
	same(t, d.events("acct_1", 0, 9), []keyring.AuditEvent{event("acct_1", 1)})
	same(t, d.subaccounts(keyring.SubaccountQuery{Account: "acct_1", Limit: 9}), []keyring.Subaccount{subaccount("acct_1", "sub_1", 1), subaccount("acct_1", "sub_2", 2)})
	for _, k := range backgroundUsers() {
		same(t, d.list(keyring.APIKeyQuery{Account: "acct_1", Subaccount: k.Subaccount, Limit: 9}), []keyring.APIKey{k})
	}
	same(t, *d.apiUser("user").Password, password("acct_1", "key_user"))
	same(t, d.customScopes("acct_1"), []keyring.CustomScope{customScope("acct_1", "one"), customScope("acct_1", "two")})
	same(t, d.usage("acct_1", "key_1", day(-9)), []keyring.UsageCount{use("key_1", -1, "a", 1), use("key_1", 0, "a", 1)})
	if n := d.requests("acct_1", -9); n != 1 {
		t.Errorf("the account has %d requests, want 1", n)
	}
}
