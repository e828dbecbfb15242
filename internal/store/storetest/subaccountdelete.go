package storetest

import (
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// furnished are two keys of one place, one of them with all that can belong to a key.
func (d *db) furnished(account, subaccount, prefix string) []keyring.APIKey {
	d.t.Helper()
	full, plain := apikey(account, prefix+"_full", 1), apikey(account, prefix+"_plain", 2)
	full.Subaccount, full.Username, plain.Subaccount = subaccount, "user of "+prefix, subaccount
	d.insert(full, plain)
	d.insertSecrets(stored(account, full.ID, 1), stored(account, full.ID, 2), stored(account, plain.ID, 1))
	d.setPassword(password(account, full.ID))
	d.use(account, use(full.ID, 0, "read", 3))
	return []keyring.APIKey{full, plain}
}

// furniture checks that all of it is there.
func (d *db) furniture(keys []keyring.APIKey) {
	d.t.Helper()
	full, plain := keys[0], keys[1]
	same(d.t, d.apikey(full.Account, full.ID), full)
	same(d.t, d.apikey(plain.Account, plain.ID), plain)
	for _, s := range []keyring.StoredSecret{stored(full.Account, full.ID, 1), stored(full.Account, full.ID, 2), stored(full.Account, plain.ID, 1)} {
		same(d.t, d.subject(s.Digest).Secret, s)
	}
	same(d.t, *d.apiUser(full.Username).Password, password(full.Account, full.ID))
	same(d.t, d.usage(full.Account, full.ID, start.AddDate(-1, 0, 0)), []keyring.UsageCount{use(full.ID, 0, "read", 3)})
}

// gone checks that none of it is there. That could be hidden only, so the keys are
// made once more: what was left of the first ones would come back with them.
func (d *db) gone(keys []keyring.APIKey) {
	d.t.Helper()
	ctx, t, full := d.t.Context(), d.t, keys[0]
	empty := func(what string) {
		t.Helper()
		for _, k := range keys {
			for version := 1; version <= 2; version++ {
				d.noSubject("secret of "+what, stored(k.Account, k.ID, version).Digest)
			}
			same(t, d.usage(k.Account, k.ID, start.AddDate(-1, 0, 0)), []keyring.UsageCount{})
		}
		absent(d, "password of "+what, func(r keyring.Reader) (keyring.Subject, error) { return r.APIUser(ctx, full.Username) })
	}
	for _, k := range keys {
		absent(d, "deleted key", func(r keyring.Reader) (keyring.APIKey, error) { return r.APIKey(ctx, k.Account, k.ID) })
	}
	empty("a deleted key")
	d.insert(keys...)
	empty("an earlier key")
}

func testAPIKeyDeleteTakesAll(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1")
	deleted, left := d.furnished("acct_1", "", "one"), d.furnished("acct_1", "", "two")
	for _, k := range deleted {
		d.update("acct_1", func(w keyring.Writer) error { return w.DeleteAPIKey(ctx, "acct_1", k.ID) })
	}
	d.furniture(left)
	d.gone(deleted)
}

func testSubaccountDelete(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1", "acct_2")
	d.found(subaccount("acct_1", "sub_1", 1), subaccount("acct_1", "sub_2", 1), subaccount("acct_2", "sub_3", 1))
	deleted := d.furnished("acct_1", "sub_1", "deleted")
	left := [][]keyring.APIKey{d.furnished("acct_1", "", "own"), d.furnished("acct_1", "sub_2", "sibling"), d.furnished("acct_2", "sub_3", "other"), d.furnished("acct_2", "", "theirs")}
	d.define(customScope("acct_1", "shop:read"))
	d.request("acct_1", 0, 5)
	e := event("acct_1", 1)
	e.Subaccount = "sub_1"
	d.append(e)

	d.refused(keyring.ErrNotFound, "acct_2", func(w keyring.Writer) error { return w.DeleteSubaccount(ctx, "acct_2", "sub_1") })
	d.furniture(deleted)
	d.update("acct_1", func(w keyring.Writer) error { return w.DeleteSubaccount(ctx, "acct_1", "sub_1") })
	d.noSubaccount("deleted", "acct_1", "handle-sub_1")
	d.refused(keyring.ErrNotFound, "acct_1", func(w keyring.Writer) error { return w.DeleteSubaccount(ctx, "acct_1", "sub_1") })
	same(t, d.subaccounts(keyring.SubaccountQuery{Account: "acct_1", Limit: 9}), []keyring.Subaccount{subaccount("acct_1", "sub_2", 1)})
	same(t, d.subaccounts(keyring.SubaccountQuery{Account: "acct_2", Limit: 9}), []keyring.Subaccount{subaccount("acct_2", "sub_3", 1)})
	for _, keys := range left {
		d.furniture(keys)
	}
	same(t, d.customScopes("acct_1"), []keyring.CustomScope{customScope("acct_1", "shop:read")})
	if n := d.requests("acct_1", 0); n != 5 {
		t.Errorf("the account has %d requests left, want 5: they are its own", n)
	}
	same(t, d.events("acct_1", 0, 9), []keyring.AuditEvent{e}) // what happened there has happened

	again := subaccount("acct_1", "sub_1", 2)
	d.found(again)
	same(t, d.list(keyring.APIKeyQuery{Account: "acct_1", Subaccount: "sub_1", Limit: 9}), []keyring.APIKey{})
	d.gone(deleted)
}

func testSubaccountDeleteSomeKeys(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1", "acct_2")
	d.found(subaccount("acct_1", "sub_1", 1), subaccount("acct_1", "sub_2", 1))
	d.insert(apikey("acct_1", "key_own", 1))
	var made []string
	for _, id := range []string{"key_c", "key_a", "key_b"} {
		d.insert(inSubaccount("sub_1", apikey("acct_1", id, 1)), inSubaccount("sub_2", apikey("acct_1", id+"_2", 1)))
		made = append(made, id)
	}
	deleted := func(account, subaccount string, left ...string) {
		t.Helper()
		d.update(account, func(w keyring.Writer) error { return w.DeleteAPIKeysOf(ctx, account, subaccount, 2) })
		same(t, ids(d.list(keyring.APIKeyQuery{Account: "acct_1", Subaccount: "sub_1", Limit: 9})), append([]string{}, left...))
	}
	deleted("acct_2", "sub_1", made...)
	deleted("acct_1", "", made...)
	deleted("acct_1", "sub_1", "key_b")
	deleted("acct_1", "sub_1")
	deleted("acct_1", "sub_1")
	same(t, ids(d.list(keyring.APIKeyQuery{Account: "acct_1", Subaccount: "sub_2", Limit: 9})), []string{"key_c_2", "key_a_2", "key_b_2"})
	same(t, ids(d.list(keyring.APIKeyQuery{Account: "acct_1", Limit: 9})), []string{"key_own"})
	same(t, d.subaccounts(keyring.SubaccountQuery{Account: "acct_1", Limit: 9}), []keyring.Subaccount{subaccount("acct_1", "sub_1", 1), subaccount("acct_1", "sub_2", 1)})
}
