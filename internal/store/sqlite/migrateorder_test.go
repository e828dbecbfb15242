package sqlite

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// TestDataFromBeforeTheOrderOfMakingKeepsItsOrder has records of one second and of
// several, in two accounts: they stay in the order that the lists had, and what is made
// from now on comes after them.
func TestDataFromBeforeTheOrderOfMakingKeepsItsOrder(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	statements := []string{
		`INSERT INTO accounts (id, name, platform, plan, standing, created_at) VALUES ('acct_1', '', 'postern', '', 'open', 1), ('acct_2', '', 'postern', '', 'open', 1)`,
		`INSERT INTO subaccounts (id, account, handle, name, status, created_at, updated_at, revision) VALUES
			('sub_c', 'acct_1', 'one', '', 'active', 1000000, 0, 1), ('sub_a', 'acct_1', 'two', '', 'active', 2000000, 0, 1), ('sub_b', 'acct_1', 'three', '', 'active', 1000000, 0, 1)`,
		`INSERT INTO owners (id, account, secret_hint, created_at) VALUES ('own_c', 'acct_1', '', 1000000), ('own_b', 'acct_1', '', 1000000), ('own_a', 'acct_2', '', 1000000)`,
	}
	for _, k := range []struct{ id, account, subaccount, created string }{
		{"key_d", "acct_1", "NULL", "1000000"}, {"key_a", "acct_1", "NULL", "3000000"}, {"key_c", "acct_1", "NULL", "1000000"},
		{"key_b", "acct_1", "'sub_a'", "2000000"}, {"key_e", "acct_1", "NULL", "1000000"}, {"key_f", "acct_2", "NULL", "1000000"},
	} {
		statements = append(statements, fmt.Sprintf(`INSERT INTO apikeys (id, account, subaccount, name, description, scopes, enabled, secret_hint, secret_version,
			secret_created_at, created_at, updated_at, revision) VALUES ('%s', '%s', %s, 'same', '', '["read"]', 1, '', 1, 0, %s, 0, 1)`, k.id, k.account, k.subaccount, k.created))
	}
	s, err := Open(ctx, before(t, 9, statements...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	is := func(what string, got []string, want ...string) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("%s are %v, want %v", what, got, want)
		}
	}
	err = s.Update(ctx, "acct_1", func(w keyring.Writer) error {
		keys := func(account, subaccount string) []string {
			var ids []string
			found, _, err := w.APIKeys(ctx, keyring.APIKeyQuery{Account: account, Subaccount: subaccount, Limit: 9})
			for _, k := range found {
				ids = append(ids, k.ID)
			}
			if err != nil {
				t.Error(err)
			}
			return ids
		}
		is("the keys", keys("acct_1", ""), "key_c", "key_d", "key_e", "key_a")
		is("the keys of the sub-account", keys("acct_1", "sub_a"), "key_b")
		is("the keys of the other account", keys("acct_2", ""), "key_f")
		given, n, err := w.APIKeysGiven(ctx, "acct_1", []string{"read"}, 2)
		if err != nil || n != 5 || len(given) != 2 || given[0].ID != "key_c" {
			t.Errorf("%d keys were given the scope, at first %v, %v", n, given, err)
		}
		for id, want := range map[string]int{"": 4, "sub_a": 1, "sub_b": 0} {
			if n, err := w.CountAPIKeys(ctx, "acct_1", id); n != want || err != nil {
				t.Errorf("%d keys are in %q, want %d, %v", n, id, want, err)
			}
		}
		if n, err := w.CountSubaccounts(ctx, "acct_1"); n != 3 || err != nil {
			t.Errorf("%d sub-accounts, want 3, %v", n, err)
		}
		scoped, _, err := w.APIKeys(ctx, keyring.APIKeyQuery{Account: "acct_1", Subaccount: "sub_a", Scope: "read", Limit: 9})
		if err != nil || len(scoped) != 1 || scoped[0].ID != "key_b" {
			t.Errorf("of the scope are %v, %v", scoped, err)
		}
		named, err := w.APIKeyNamed(ctx, "acct_1", "", "same")
		is("the oldest of a name", []string{named.ID}, "key_c")
		// Made in a second before all others, and behind them in the list.
		err = errors.Join(err, w.InsertAPIKey(ctx, keyring.APIKey{ID: "key_0", Account: "acct_1", Name: "same"}),
			w.InsertAPIKey(ctx, keyring.APIKey{ID: "key_1", Account: "acct_2"}),
			w.InsertSubaccount(ctx, keyring.Subaccount{ID: "sub_0", Account: "acct_1", Handle: "four"}),
			w.InsertOwner(ctx, keyring.Owner{ID: "own_0", Account: "acct_1"}))
		is("the keys, one more", keys("acct_1", ""), "key_c", "key_d", "key_e", "key_a", "key_0")
		is("the keys of the other account, one more", keys("acct_2", ""), "key_f", "key_1")
		var subaccounts, owners []string
		foundSubaccounts, _, err2 := w.Subaccounts(ctx, keyring.SubaccountQuery{Account: "acct_1", Limit: 9})
		for _, s := range foundSubaccounts {
			subaccounts = append(subaccounts, s.ID)
		}
		foundOwners, err3 := w.Owners(ctx, "acct_1")
		for _, o := range foundOwners {
			owners = append(owners, o.ID)
		}
		is("the sub-accounts", subaccounts, "sub_b", "sub_c", "sub_a", "sub_0")
		is("the owners", owners, "own_b", "own_c", "own_0")
		return errors.Join(err, err2, err3)
	})
	if err != nil {
		t.Error(err)
	}
}
