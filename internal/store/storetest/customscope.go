package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

func customScope(account, name string) keyring.CustomScope {
	return keyring.CustomScope{
		Account: account, Name: name, Description: "Description of " + name, Group: "shop", Class: "general", Implies: []string{"a", "b"},
		CreatedAt: start, UpdatedAt: start, Revision: 1,
	}
}

func (d *db) define(s keyring.CustomScope) {
	d.t.Helper()
	d.update(s.Account, func(w keyring.Writer) error { return w.InsertCustomScope(d.t.Context(), s) })
}

func (d *db) customScopes(account string) []keyring.CustomScope {
	d.t.Helper()
	return read(d, func(r keyring.Reader) ([]keyring.CustomScope, error) { return r.CustomScopes(d.t.Context(), account) })
}

func testCustomScopes(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1", "acct_2")
	same(t, d.customScopes("acct_1"), []keyring.CustomScope{})
	full, least, upper, theirs := customScope("acct_1", "shop:write"), customScope("acct_1", "shop:ø"), customScope("acct_1", "Shop:write"), customScope("acct_2", "shop:write")
	full.Description, full.Group, full.Class = "Größe 🗝 \"a\" 'b'", "a group", "admin"
	full.Implies, full.Revision, full.UpdatedAt = []string{`a"b`, "c,d", "ø"}, 1<<40, at(3)
	least.Description, least.Group, least.Class, least.Implies = "", "", "", nil
	least.CreatedAt = start.In(time.FixedZone("east", 3600))
	for _, s := range []keyring.CustomScope{full, least, theirs, upper} {
		d.define(s)
	}
	least.Implies, least.CreatedAt = []string{}, start
	same(t, d.customScopes("acct_1"), []keyring.CustomScope{upper, full, least}) // by the bytes of the name
	same(t, d.customScopes("acct_2"), []keyring.CustomScope{theirs})
	same(t, d.customScopes("acct_9"), []keyring.CustomScope{})

	again := customScope("acct_1", "shop:write")
	d.refused(keyring.ErrDuplicate, "acct_1", func(w keyring.Writer) error { return w.InsertCustomScope(ctx, again) })
	d.refused(keyring.ErrNotFound, "acct_9", func(w keyring.Writer) error { return w.InsertCustomScope(ctx, customScope("acct_9", "x")) })
	d.update("acct_1", func(w keyring.Writer) error { return w.DeleteCustomScope(ctx, "acct_1", "shop:write") })
	d.refused(keyring.ErrNotFound, "acct_1", func(w keyring.Writer) error { return w.DeleteCustomScope(ctx, "acct_1", "shop:write") })
	same(t, d.customScopes("acct_1"), []keyring.CustomScope{upper, least})
	same(t, d.customScopes("acct_2"), []keyring.CustomScope{theirs})
}

func testCustomScopeUpdate(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1", "acct_2")
	before, bystander, theirs := customScope("acct_1", "a"), customScope("acct_1", "b"), customScope("acct_2", "a")
	before.Revision, theirs.Revision = 5, 5
	for _, s := range []keyring.CustomScope{before, bystander, theirs} {
		d.define(s)
	}
	for _, revision := range []int64{0, 1, 4, 5, 7} {
		changed := before
		changed.Description, changed.Revision = "changed", revision
		d.refused(keyring.ErrStale, "acct_1", func(w keyring.Writer) error { return w.UpdateCustomScope(ctx, changed) })
	}
	for _, s := range []keyring.CustomScope{customScope("acct_1", "A"), customScope("acct_1", ""), customScope("acct_2", "b"), customScope("acct_9", "a")} {
		s.Revision = 2
		d.refused(keyring.ErrNotFound, s.Account, func(w keyring.Writer) error { return w.UpdateCustomScope(ctx, s) })
	}
	same(t, d.customScopes("acct_1"), []keyring.CustomScope{before, bystander})
	after := keyring.CustomScope{
		Account: "acct_1", Name: "a", Description: "", Group: "other", Class: "admin", Implies: []string{"z"},
		CreatedAt: at(99), UpdatedAt: at(10), Revision: 6,
	}
	d.update("acct_1", func(w keyring.Writer) error { return w.UpdateCustomScope(ctx, after) })
	after.Class, after.CreatedAt = before.Class, before.CreatedAt // never change
	same(t, d.customScopes("acct_1"), []keyring.CustomScope{after, bystander})
	after.Implies, after.Revision = nil, 7
	d.update("acct_1", func(w keyring.Writer) error { return w.UpdateCustomScope(ctx, after) })
	after.Implies = []string{}
	same(t, d.customScopes("acct_1"), []keyring.CustomScope{after, bystander})
	same(t, d.customScopes("acct_2"), []keyring.CustomScope{theirs})
}

// testScopesRevision counts the account's revision along with its custom scopes, on
// every way that leads to the account.
func testScopesRevision(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1", "acct_2")
	d.insert(user("acct_1", "key_1", "user"))
	d.insertSecrets(stored("acct_1", "key_1", 1))
	d.setPassword(password("acct_1", "key_1"))
	d.update("acct_1", func(w keyring.Writer) error { return w.InsertOwner(ctx, owner("acct_1", "own_1")) })
	d.insertSecrets(ownerSecret("acct_1", "own_1"))
	is := func(want int64) {
		t.Helper()
		all := read(d, func(r keyring.Reader) ([]keyring.Account, error) { return r.Accounts(ctx) })
		one := read(d, func(r keyring.Reader) (keyring.Account, error) { return r.Account(ctx, "acct_1") })
		for what, got := range map[string]keyring.Account{
			"the list": all[0], "the account": one, "the API user": d.apiUser("user").Account,
			"the key": d.subject(stored("acct_1", "key_1", 1).Digest).Account, "the owner": d.subject(ownerSecret("acct_1", "own_1").Digest).Account,
		} {
			if got.ScopesRevision != want {
				t.Errorf("%s has the scopes' revision %d, want %d", what, got.ScopesRevision, want)
			}
		}
		if all[1].ScopesRevision != 0 {
			t.Errorf("the other account has the scopes' revision %d", all[1].ScopesRevision)
		}
	}
	is(0)
	s := customScope("acct_1", "a")
	d.define(s)
	is(1)
	d.refused(keyring.ErrDuplicate, "acct_1", func(w keyring.Writer) error { return w.InsertCustomScope(ctx, s) })
	d.refused(keyring.ErrStale, "acct_1", func(w keyring.Writer) error { return w.UpdateCustomScope(ctx, s) })
	d.refused(keyring.ErrNotFound, "acct_1", func(w keyring.Writer) error { return w.DeleteCustomScope(ctx, "acct_1", "b") })
	undo := errors.New("undo")
	d.refused(undo, "acct_1", func(w keyring.Writer) error {
		return errors.Join(w.InsertCustomScope(ctx, customScope("acct_1", "b")), undo)
	})
	// A write that fn passes over raises nothing either.
	d.update("acct_1", func(w keyring.Writer) error {
		for _, err := range []error{w.InsertCustomScope(ctx, s), w.UpdateCustomScope(ctx, s), w.DeleteCustomScope(ctx, "acct_1", "b")} {
			if err == nil {
				t.Error("a write that must fail went well")
			}
		}
		return nil
	})
	is(1)
	s.Revision = 2
	d.update("acct_1", func(w keyring.Writer) error { return w.UpdateCustomScope(ctx, s) })
	is(2)
	d.update("acct_1", func(w keyring.Writer) error { return w.SetStanding(ctx, "acct_1", "open") })
	is(2)
	d.update("acct_1", func(w keyring.Writer) error { return w.DeleteCustomScope(ctx, "acct_1", "a") })
	is(3)
	d.define(customScope("acct_1", "a"))
	is(4)
}
