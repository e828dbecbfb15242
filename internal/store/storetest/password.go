package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

func password(account, apikey string) keyring.StoredPassword {
	return keyring.StoredPassword{Account: account, APIKey: apikey, Hash: "$argon2id$v=19$m=1,t=1,p=1$c2FsdA$" + apikey, PepperVersion: 1, CreatedAt: start}
}

func (d *db) setPassword(p keyring.StoredPassword) {
	d.t.Helper()
	d.update(p.Account, func(w keyring.Writer) error { return w.SetPassword(d.t.Context(), p) })
}

func (d *db) apiUser(username string) keyring.Subject {
	d.t.Helper()
	return read(d, func(r keyring.Reader) (keyring.Subject, error) { return r.APIUser(d.t.Context(), username) })
}

func (d *db) noAPIUser(what, username string) {
	d.t.Helper()
	absent(d, what, func(r keyring.Reader) (keyring.Subject, error) { return r.APIUser(d.t.Context(), username) })
}

func user(account, id, username string) keyring.APIKey {
	k := apikey(account, id, 1)
	k.Username = username
	return k
}

func testAPIUser(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1", "acct_2")
	sub := subaccount("acct_1", "sub_1", 1)
	sub.APIKeyLimit, sub.SendLimit = ptr(3), ptr(int64(5))
	d.found(sub, subaccount("acct_1", "sub_2", 1))
	full := inSubaccount("sub_1", user("acct_1", "key_1", "żółć 🗝@example.com"))
	full.ExpiresAt, full.LockedAt, full.Failures, full.Enabled, full.Scopes = ptr(at(99)), ptr(at(5)), 3, false, []string{}
	full.PreviousSecretEndsAt, full.SecretVersion, full.Revision = ptr(at(8)), 4, 9
	own, theirs := user("acct_1", "key_2", "User"), user("acct_2", "key_3", "user")
	d.insert(full, own, theirs, inSubaccount("sub_1", apikey("acct_1", "key_4", 1)))
	d.insertSecrets(stored("acct_1", "key_1", 1)) // no part of it
	d.noAPIUser("without a password yet", own.Username)
	for _, k := range []keyring.APIKey{full, own, theirs} {
		d.setPassword(password(k.Account, k.ID))
	}
	same(t, d.apiUser(full.Username), keyring.Subject{Account: account("acct_1"), APIKey: &full, Subaccount: &sub, Password: ptr(password("acct_1", "key_1"))})
	same(t, d.apiUser("User"), keyring.Subject{Account: account("acct_1"), APIKey: &own, Password: ptr(password("acct_1", "key_2"))})
	same(t, d.apiUser("user"), keyring.Subject{Account: account("acct_2"), APIKey: &theirs, Password: ptr(password("acct_2", "key_3"))})
	for _, odd := range []string{"", "USER", "use", "user ", "user\x00", "\xff", "%", "key_2", strings.Repeat("x", 10_000)} {
		d.noAPIUser(fmt.Sprintf("username %.20q", odd), odd)
	}

	// It is as it is now, not as it was when the password was set.
	d.update("acct_1", func(w keyring.Writer) error { return w.SetStanding(ctx, "acct_1", "suspended") })
	sub.Name, sub.Revision = "changed", 2
	d.update("acct_1", func(w keyring.Writer) error { return w.UpdateSubaccount(ctx, sub) })
	d.update("acct_1", func(w keyring.Writer) error { return w.SetFailures(ctx, "acct_1", "key_1", 0, nil) })
	got := d.apiUser(full.Username)
	full.Failures, full.LockedAt = 0, nil
	same(t, got.APIKey, &full)
	same(t, got.Subaccount, &sub)
	same(t, got.Account.Standing, "suspended")
}

func testUsernames(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1", "acct_2")
	d.found(subaccount("acct_1", "sub_1", 1))
	d.insert(user("acct_1", "key_1", "user"), user("acct_1", "key_2", "User"), apikey("acct_1", "key_3", 1), apikey("acct_1", "key_4", 1))
	for _, again := range []keyring.APIKey{user("acct_1", "key_5", "user"), user("acct_2", "key_5", "user"), inSubaccount("sub_1", user("acct_1", "key_5", "user"))} {
		d.refused(keyring.ErrDuplicate, again.Account, func(w keyring.Writer) error { return w.InsertAPIKey(ctx, again) })
	}
	d.update("acct_1", func(w keyring.Writer) error { return w.DeleteAPIKey(ctx, "acct_1", "key_1") })
	d.insert(user("acct_2", "key_5", "user")) // free again
}

func testPassword(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1", "acct_2")
	d.insert(user("acct_1", "key_1", "one"), user("acct_1", "key_2", "two"))
	d.setPassword(password("acct_1", "key_1"))
	d.setPassword(password("acct_1", "key_2"))
	changed := keyring.StoredPassword{Account: "acct_1", APIKey: "key_1", Hash: "another", PepperVersion: 7, CreatedAt: at(5)}
	d.setPassword(changed)
	same(t, *d.apiUser("one").Password, changed)
	history := func(account, id string) []keyring.SpentPassword {
		all := read(d, func(r keyring.Reader) ([]keyring.SpentPassword, error) { return r.PasswordHistory(ctx, account, id) })
		slices.SortFunc(all, func(a, b keyring.SpentPassword) int { return strings.Compare(a.Hash, b.Hash) })
		return all
	}
	first := password("acct_1", "key_1")
	same(t, history("acct_1", "key_1"), []keyring.SpentPassword{{Hash: first.Hash, PepperVersion: 1}, {Hash: "another", PepperVersion: 7}})
	same(t, history("acct_1", "key_2"), []keyring.SpentPassword{{Hash: password("acct_1", "key_2").Hash, PepperVersion: 1}})
	same(t, history("acct_2", "key_1"), []keyring.SpentPassword{})
	for what, again := range map[string]keyring.StoredPassword{"an earlier one": first, "the current one": changed} {
		t.Log(what)
		d.refused(keyring.ErrDuplicate, "acct_1", func(w keyring.Writer) error { return w.SetPassword(ctx, again) })
	}
	for _, p := range []keyring.StoredPassword{password("acct_2", "key_1"), password("acct_1", "key_9"), password("acct_1", ""), password("acct_9", "key_1")} {
		d.refused(keyring.ErrNotFound, p.Account, func(w keyring.Writer) error { return w.SetPassword(ctx, p) })
	}
	same(t, *d.apiUser("one").Password, changed)
	same(t, *d.apiUser("two").Password, password("acct_1", "key_2"))
	same(t, len(history("acct_1", "key_1")), 2)
	d.update("acct_1", func(w keyring.Writer) error { return w.DeleteAPIKey(ctx, "acct_1", "key_1") })
	same(t, history("acct_1", "key_1"), []keyring.SpentPassword{})
}

// testSubjectAbove looks at what comes with a key beside itself.
func testSubjectAbove(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1")
	sub := subaccount("acct_1", "sub_1", 1)
	sub.APIKeyLimit, sub.SendLimit = ptr(3), ptr(int64(5))
	d.found(sub, subaccount("acct_1", "sub_2", 1))
	inside := inSubaccount("sub_1", user("acct_1", "key_1", "user"))
	inside.Failures, inside.LockedAt = 3, ptr(at(4))
	own := apikey("acct_1", "key_2", 1)
	d.insert(inside, own)
	d.insertSecrets(stored("acct_1", "key_1", 1), stored("acct_1", "key_2", 1))
	d.setPassword(password("acct_1", "key_1")) // no part of it
	same(t, d.subject(stored("acct_1", "key_1", 1).Digest),
		keyring.Subject{Secret: stored("acct_1", "key_1", 1), Account: account("acct_1"), APIKey: &inside, Subaccount: &sub})
	same(t, d.subject(stored("acct_1", "key_2", 1).Digest),
		keyring.Subject{Secret: stored("acct_1", "key_2", 1), Account: account("acct_1"), APIKey: &own})
	sub.Status, sub.APIKeyLimit, sub.Revision = "suspended", nil, 2
	d.update("acct_1", func(w keyring.Writer) error { return w.UpdateSubaccount(ctx, sub) })
	same(t, d.subject(stored("acct_1", "key_1", 1).Digest).Subaccount, &sub)
}
