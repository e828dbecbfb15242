package storetest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

func (d *db) apikey(account, id string) keyring.APIKey {
	d.t.Helper()
	return read(d, func(r keyring.Reader) (keyring.APIKey, error) { return r.APIKey(d.t.Context(), account, id) })
}

func (d *db) count(account string) int {
	d.t.Helper()
	return read(d, func(r keyring.Reader) (int, error) { return r.CountAPIKeys(d.t.Context(), account, "") })
}

func testAPIKeyRoundTrip(t *testing.T, d *db) {
	d.seed("acct_1")
	full := apikey("acct_1", "key_full", 1)
	full.ExpiresAt, full.PreviousSecretEndsAt = ptr(at(100*365*24*3600)), ptr(at(60))
	full.Enabled, full.SecretVersion, full.Revision = false, 7, 1<<40
	full.SecretCreatedAt, full.UpdatedAt = at(30), at(31)

	least := apikey("acct_1", "key_least", 2)
	least.Description, least.Scopes, least.SecretHint = "", []string{}, ""

	odd := apikey("acct_1", "key_odd", 3)
	odd.Name = "żółć 鍵 🗝 %_\\ \"a\" 'b'"
	odd.Description = strings.Repeat("é", 500)
	odd.Scopes = []string{`a"b`, "c,d", "mail.send", "ø"}

	abroad := apikey("acct_1", "key_abroad", 4)
	east := time.FixedZone("east", 5*3600)
	abroad.ExpiresAt, abroad.CreatedAt = ptr(at(9).In(east)), at(4).In(east)

	fine := apikey("acct_1", "key_fine", 5)
	fine.UpdatedAt = at(5).Add(123456 * time.Microsecond) // more than the domain asks for keys, as it does for the audit trail

	unset := apikey("acct_1", "key_unset", 6)
	unset.Scopes = nil

	all := []keyring.APIKey{full, least, odd, abroad, fine, unset}
	d.insert(all...)
	all[3].ExpiresAt, all[3].CreatedAt = ptr(at(9)), at(4)
	all[5].Scopes = []string{}
	for _, want := range all {
		same(t, d.apikey("acct_1", want.ID), want)
		same(t, read(d, func(r keyring.Reader) (keyring.APIKey, error) {
			return r.APIKeyNamed(t.Context(), "acct_1", "", want.Name)
		}), want)
	}
	same(t, d.list(keyring.APIKeyQuery{Account: "acct_1", Limit: 100}), all)
	if n := d.count("acct_1"); n != len(all) {
		t.Errorf("counted %d keys, want %d", n, len(all))
	}
}

func testAPIKeyNotFound(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1")
	for _, id := range []string{"key_1", ""} {
		absent(d, "apikey "+id, func(r keyring.Reader) (keyring.APIKey, error) { return r.APIKey(ctx, "acct_1", id) })
		absent(d, "apikey named "+id, func(r keyring.Reader) (keyring.APIKey, error) { return r.APIKeyNamed(ctx, "acct_1", "", id) })
		d.refused(keyring.ErrNotFound, "acct_1", func(w keyring.Writer) error { return w.UpdateAPIKey(ctx, apikey("acct_1", id, 1)) })
		d.refused(keyring.ErrNotFound, "acct_1", func(w keyring.Writer) error { return w.DeleteAPIKey(ctx, "acct_1", id) })
	}
	if got := d.list(keyring.APIKeyQuery{Account: "acct_1", Limit: 1}); got == nil || len(got) != 0 {
		t.Errorf("an empty account lists %#v, want an empty slice", got)
	}
	if n := d.count("acct_1") + d.count("acct_unknown"); n != 0 {
		t.Errorf("counted %d keys where there are none", n)
	}
	if err := d.Update(ctx, "acct_2", func(w keyring.Writer) error { return w.InsertAPIKey(ctx, apikey("acct_2", "key_1", 1)) }); err == nil {
		t.Error("inserted a key into an unknown account")
	}
	absent(d, "key of an unknown account", func(r keyring.Reader) (keyring.APIKey, error) { return r.APIKey(ctx, "acct_2", "key_1") })
}

func testAPIKeyDuplicates(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1", "acct_2")
	d.insert(apikey("acct_1", "key_1", 1))
	again := apikey("acct_1", "key_1", 2)
	again.Name = "another"
	d.refused(keyring.ErrDuplicate, "acct_1", func(w keyring.Writer) error { return w.InsertAPIKey(ctx, again) })
	// Ids are unique over all accounts: secrets name their holder by it alone.
	d.refused(keyring.ErrDuplicate, "acct_2", func(w keyring.Writer) error { return w.InsertAPIKey(ctx, apikey("acct_2", "key_1", 3)) })
	same(t, d.apikey("acct_1", "key_1"), apikey("acct_1", "key_1", 1))

	// Whether names are unique is the platform's rule, not the store's.
	namesake := apikey("acct_1", "key_2", 1)
	namesake.Name = apikey("acct_1", "key_1", 1).Name
	d.insert(namesake)

	// A duplicate that fn passes over undoes nothing that came before it.
	d.update("acct_1", func(w keyring.Writer) error {
		if err := w.InsertAPIKey(ctx, apikey("acct_1", "key_3", 3)); err != nil {
			return err
		}
		if err := w.InsertAPIKey(ctx, again); !errors.Is(err, keyring.ErrDuplicate) {
			t.Errorf("got %v, want %v", err, keyring.ErrDuplicate)
		}
		return nil
	})
	same(t, d.apikey("acct_1", "key_3"), apikey("acct_1", "key_3", 3))
}

func testAPIKeyCase(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1")
	upper, lower := apikey("acct_1", "key_A", 1), apikey("acct_1", "key_a", 1)
	upper.Name, lower.Name = "CI", "ci"
	d.insert(lower, upper)
	same(t, d.apikey("acct_1", "key_A"), upper)
	same(t, d.apikey("acct_1", "key_a"), lower)
	for _, want := range []keyring.APIKey{upper, lower} {
		same(t, read(d, func(r keyring.Reader) (keyring.APIKey, error) { return r.APIKeyNamed(ctx, "acct_1", "", want.Name) }), want)
	}
	absent(d, "third case", func(r keyring.Reader) (keyring.APIKey, error) { return r.APIKeyNamed(ctx, "acct_1", "", "Ci") })
	absent(d, "trailing space", func(r keyring.Reader) (keyring.APIKey, error) { return r.APIKeyNamed(ctx, "acct_1", "", "ci ") })
	same(t, d.list(keyring.APIKeyQuery{Account: "acct_1", Limit: 9}), []keyring.APIKey{lower, upper})
	d.update("acct_1", func(w keyring.Writer) error { return w.DeleteAPIKey(ctx, "acct_1", "key_a") })
	same(t, d.list(keyring.APIKeyQuery{Account: "acct_1", Limit: 9}), []keyring.APIKey{upper})
}

func testAPIKeyNamed(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1")
	made := []string{"key_c", "key_b", "key_a", "key_d"}
	for i, id := range made {
		k := apikey("acct_1", id, []int{5, 3, 3, 4}[i]) // the clock is not what counts
		k.Name = "same"
		d.insert(k)
	}
	for _, want := range made {
		got := read(d, func(r keyring.Reader) (keyring.APIKey, error) { return r.APIKeyNamed(ctx, "acct_1", "", "same") })
		if got.ID != want {
			t.Errorf("the oldest is %s, want %s", got.ID, want)
		}
		d.update("acct_1", func(w keyring.Writer) error { return w.DeleteAPIKey(ctx, "acct_1", want) })
	}
}

func testAPIKeyUpdate(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1")
	before := apikey("acct_1", "key_1", 1)
	d.insert(before, apikey("acct_1", "key_2", 1))
	after := keyring.APIKey{
		ID: before.ID, Account: before.Account, Name: "new name", Description: "", Scopes: []string{"admin"}, Enabled: false,
		ExpiresAt: ptr(at(50)), SecretHint: "ptn_key_wxyz...", SecretVersion: 2, SecretCreatedAt: at(10), PreviousSecretEndsAt: ptr(at(20)),
		CreatedAt: at(999), UpdatedAt: at(10), Revision: 2,
	}
	d.update("acct_1", func(w keyring.Writer) error { return w.UpdateAPIKey(ctx, after) })
	after.CreatedAt = before.CreatedAt // never changes: the order of a list that is being paged hangs on it
	same(t, d.apikey("acct_1", "key_1"), after)

	after.ExpiresAt, after.PreviousSecretEndsAt, after.Revision = nil, nil, 3
	d.update("acct_1", func(w keyring.Writer) error { return w.UpdateAPIKey(ctx, after) })
	same(t, d.apikey("acct_1", "key_1"), after)
	same(t, d.apikey("acct_1", "key_2"), apikey("acct_1", "key_2", 1))
}

func testAPIKeyStale(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1")
	k := apikey("acct_1", "key_1", 1)
	k.Revision = 5
	d.insert(k)
	for _, revision := range []int64{0, 1, 4, 5, 7} {
		changed := k
		changed.Name, changed.Revision = "changed", revision
		d.refused(keyring.ErrStale, "acct_1", func(w keyring.Writer) error { return w.UpdateAPIKey(ctx, changed) })
	}
	same(t, d.apikey("acct_1", "key_1"), k)
}

func testAPIKeyDelete(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1")
	d.insert(apikey("acct_1", "key_1", 1), apikey("acct_1", "key_2", 1))
	d.insertSecrets(stored("acct_1", "key_1", 1), stored("acct_1", "key_1", 2), stored("acct_1", "key_2", 1))
	d.update("acct_1", func(w keyring.Writer) error { return w.DeleteAPIKey(ctx, "acct_1", "key_1") })
	absent(d, "deleted key", func(r keyring.Reader) (keyring.APIKey, error) { return r.APIKey(ctx, "acct_1", "key_1") })
	for version := 1; version <= 2; version++ {
		absent(d, "secret of a deleted key", func(r keyring.Reader) (keyring.Subject, error) {
			return r.Subject(ctx, [][]byte{stored("acct_1", "key_1", version).Digest})
		})
	}
	d.refused(keyring.ErrNotFound, "acct_1", func(w keyring.Writer) error { return w.DeleteAPIKey(ctx, "acct_1", "key_1") })
	if got := d.subject(stored("acct_1", "key_2", 1).Digest); got.APIKey == nil || got.APIKey.ID != "key_2" {
		t.Errorf("the other key's secret belongs to %+v", got.APIKey)
	}
	// The secrets are gone, not hidden: a key of the same id would revive them.
	d.insert(apikey("acct_1", "key_1", 2))
	absent(d, "secret of an earlier key", func(r keyring.Reader) (keyring.Subject, error) {
		return r.Subject(ctx, [][]byte{stored("acct_1", "key_1", 1).Digest})
	})
}

func testAPIKeyIsolation(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_a", "acct_b")
	mine := apikey("acct_a", "key_1", 1)
	d.insert(mine)
	d.insertSecrets(stored("acct_a", "key_1", 1))
	absent(d, "by id", func(r keyring.Reader) (keyring.APIKey, error) { return r.APIKey(ctx, "acct_b", "key_1") })
	absent(d, "by name", func(r keyring.Reader) (keyring.APIKey, error) { return r.APIKeyNamed(ctx, "acct_b", "", mine.Name) })
	if got := d.list(keyring.APIKeyQuery{Account: "acct_b", IDs: []string{"key_1"}, Limit: 9}); len(got) != 0 {
		t.Errorf("another account lists %v", got)
	}
	if n := d.count("acct_b"); n != 0 {
		t.Errorf("another account counts %d keys", n)
	}
	stolen := mine
	stolen.Account, stolen.Name, stolen.Revision = "acct_b", "stolen", 2
	d.refused(keyring.ErrNotFound, "acct_b", func(w keyring.Writer) error { return w.UpdateAPIKey(ctx, stolen) })
	d.refused(keyring.ErrNotFound, "acct_b", func(w keyring.Writer) error { return w.DeleteAPIKey(ctx, "acct_b", "key_1") })
	if err := d.Update(ctx, "acct_b", func(w keyring.Writer) error { return w.InsertSecret(ctx, stored("acct_b", "key_1", 2)) }); err == nil {
		t.Error("another account gave the key a secret")
	}
	same(t, d.apikey("acct_a", "key_1"), mine)
	if got := d.subject(stored("acct_a", "key_1", 1).Digest); got.Account.ID != "acct_a" {
		t.Errorf("the secret belongs to account %s", got.Account.ID)
	}
}

// testAnyText looks for what no database text can hold. A caller can ask for any
// bytes, so that is a miss, and no failure of the store.
func testAnyText(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1")
	d.insert(apikey("acct_1", "key_1", 1))
	for _, odd := range []string{"\xff", "key\x00_1", "key_1\x00", "'; DROP TABLE apikeys; --", strings.Repeat("x", 10_000), "\u2028", "🗝"} {
		absent(d, "apikey", func(r keyring.Reader) (keyring.APIKey, error) { return r.APIKey(ctx, "acct_1", odd) })
		absent(d, "apikey named", func(r keyring.Reader) (keyring.APIKey, error) { return r.APIKeyNamed(ctx, "acct_1", "", odd) })
		absent(d, "account", func(r keyring.Reader) (keyring.Account, error) { return r.Account(ctx, odd) })
		for _, q := range []keyring.APIKeyQuery{{IDs: []string{odd}}, {Name: odd}, {NamePrefix: odd}, {Scope: odd}} {
			q.Account, q.Limit = "acct_1", 9
			if got := d.list(q); len(got) != 0 {
				t.Errorf("%+v found %v", q, got)
			}
		}
	}
	same(t, d.apikey("acct_1", "key_1"), apikey("acct_1", "key_1", 1))
}
