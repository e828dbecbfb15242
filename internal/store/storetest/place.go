package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

func inSubaccount(subaccount string, k keyring.APIKey) keyring.APIKey {
	k.Subaccount = subaccount
	return k
}

func testPlaces(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1", "acct_2")
	d.found(subaccount("acct_1", "sub_1", 1), subaccount("acct_1", "sub_2", 1), subaccount("acct_2", "sub_3", 1))
	places := map[string][]keyring.APIKey{
		"":      {apikey("acct_1", "key_b", 2), apikey("acct_1", "key_e", 5)},
		"sub_1": {inSubaccount("sub_1", apikey("acct_1", "key_a", 1)), inSubaccount("sub_1", apikey("acct_1", "key_f", 4)), inSubaccount("sub_1", apikey("acct_1", "key_g", 6))},
		"sub_2": {inSubaccount("sub_2", apikey("acct_1", "key_c", 3))},
	}
	theirs := inSubaccount("sub_3", apikey("acct_2", "key_d", 1))
	theirs.Name = "same"
	for _, keys := range places {
		for i := range keys {
			keys[i].Name = "same"
		}
		d.insert(keys...)
	}
	d.insert(theirs)
	places["sub_3"], places["sub_9"] = nil, nil // of another account, and of none
	for place, want := range places {
		if want == nil {
			want = []keyring.APIKey{}
			absent(d, "named in "+place, func(r keyring.Reader) (keyring.APIKey, error) { return r.APIKeyNamed(ctx, "acct_1", place, "same") })
		} else {
			same(t, read(d, func(r keyring.Reader) (keyring.APIKey, error) { return r.APIKeyNamed(ctx, "acct_1", place, "same") }), want[0])
		}
		same(t, d.list(keyring.APIKeyQuery{Account: "acct_1", Subaccount: place, Limit: 9}), want)
		if n := read(d, func(r keyring.Reader) (int, error) { return r.CountAPIKeys(ctx, "acct_1", place) }); n != len(want) {
			t.Errorf("counted %d keys in %q, want %d", n, place, len(want))
		}
		same(t, d.countIn("acct_1"), map[string]int{"sub_1": 3, "sub_2": 1})
		for _, k := range want {
			same(t, d.apikey("acct_1", k.ID), k) // by its id wherever it is
			elsewhere := keyring.APIKeyQuery{Account: "acct_1", Subaccount: "sub_2", IDs: []string{k.ID}, Limit: 9}
			if got := d.list(elsewhere); place != "sub_2" && len(got) != 0 {
				t.Errorf("sub_2 lists %v", ids(got))
			}
		}
	}
	absent(d, "key of another account", func(r keyring.Reader) (keyring.APIKey, error) { return r.APIKey(ctx, "acct_1", "key_d") })
	same(t, d.countIn("acct_2"), map[string]int{"sub_3": 1})
	for _, place := range []string{"sub_1", "sub_2"} {
		same(t, d.list(keyring.APIKeyQuery{Account: "acct_2", Subaccount: place, Limit: 9}), []keyring.APIKey{})
	}
}

// countIn counts the keys of the account's sub-accounts.
func (d *db) countIn(account string) map[string]int {
	d.t.Helper()
	return read(d, func(r keyring.Reader) (map[string]int, error) {
		return r.CountAPIKeysIn(d.t.Context(), account, []string{"sub_1", "sub_2", "sub_3", "sub_9"})
	})
}

// testCounts follows the counts through all that changes them.
func testCounts(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1", "acct_2")
	is := func(when string, own, subaccounts int, in map[string]int) {
		t.Helper()
		if n := d.count("acct_1"); n != own {
			t.Errorf("%s: the account has %d keys of its own, want %d", when, n, own)
		}
		if n := d.countSubaccounts("acct_1"); n != subaccounts {
			t.Errorf("%s: the account has %d sub-accounts, want %d", when, n, subaccounts)
		}
		same(t, d.countIn("acct_1"), in)
		for id, want := range in {
			if n := read(d, func(r keyring.Reader) (int, error) { return r.CountAPIKeys(ctx, "acct_1", id) }); n != want {
				t.Errorf("%s: %s has %d keys, want %d", when, id, n, want)
			}
			if n := read(d, func(r keyring.Reader) (int, error) { return r.CountAPIKeys(ctx, "acct_2", id) }); n != 0 {
				t.Errorf("%s: the other account counts %d keys in %s", when, n, id)
			}
		}
	}
	d.found(subaccount("acct_1", "sub_1", 1), subaccount("acct_1", "sub_2", 1))
	is("empty", 0, 2, map[string]int{"sub_1": 0, "sub_2": 0})
	mine := apikey("acct_1", "key_1", 1)
	d.insert(mine, apikey("acct_1", "key_2", 1), inSubaccount("sub_1", apikey("acct_1", "key_3", 1)), inSubaccount("sub_2", apikey("acct_1", "key_4", 1)))
	d.insert(inSubaccount("sub_1", apikey("acct_1", "key_5", 1)), apikey("acct_2", "key_6", 1))
	is("made", 2, 2, map[string]int{"sub_1": 2, "sub_2": 1})
	mine.Revision, mine.Subaccount = 2, "sub_1" // which never changes
	d.update("acct_1", func(w keyring.Writer) error { return w.UpdateAPIKey(ctx, mine) })
	d.refused(keyring.ErrDuplicate, "acct_1", func(w keyring.Writer) error { return w.InsertAPIKey(ctx, mine) })
	d.refused(keyring.ErrNotFound, "acct_2", func(w keyring.Writer) error { return w.DeleteAPIKey(ctx, "acct_2", "key_1") })
	undo := errors.New("undo")
	d.refused(undo, "acct_1", func(w keyring.Writer) error {
		return errors.Join(w.DeleteAPIKey(ctx, "acct_1", "key_1"), w.DeleteSubaccount(ctx, "acct_1", "sub_2"), w.InsertAPIKey(ctx, apikey("acct_1", "key_7", 1)), undo)
	})
	is("after what changes none", 2, 2, map[string]int{"sub_1": 2, "sub_2": 1})
	d.update("acct_1", func(w keyring.Writer) error {
		return errors.Join(w.DeleteAPIKey(ctx, "acct_1", "key_2"), w.DeleteAPIKey(ctx, "acct_1", "key_5"), w.DeleteSubaccount(ctx, "acct_1", "sub_2"))
	})
	is("deleted", 1, 1, map[string]int{"sub_1": 1})
	d.insert(inSubaccount("sub_1", apikey("acct_1", "key_4", 1)))
	is("and made again", 1, 1, map[string]int{"sub_1": 2})
	if n := d.count("acct_2"); n != 1 {
		t.Errorf("the other account has %d keys, want 1", n)
	}
}

// testScopesFollow changes, moves and removes scopes of keys: what lists by scope find is
// what the keys have.
func testScopesFollow(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1", "acct_2")
	d.found(subaccount("acct_1", "sub_1", 1), subaccount("acct_1", "sub_2", 1))
	is := func(when, account, subaccount, scope string, want ...string) {
		t.Helper()
		got := d.list(keyring.APIKeyQuery{Account: account, Subaccount: subaccount, Scope: scope, Limit: 9})
		same(t, ids(got), append([]string{}, want...))
		_, n, err := d.given(account, scope)
		if err != nil || subaccount == "" && n < len(want) {
			t.Errorf("%s: %d keys of %s were given %s, %v", when, n, account, scope, err)
		}
	}
	k := apikey("acct_1", "key_1", 1)
	k.Scopes = []string{"a", "b"}
	d.insert(k, inSubaccount("sub_1", apikey("acct_1", "key_2", 1)), apikey("acct_2", "key_3", 1))
	is("made", "acct_1", "", "a", "key_1")
	is("made", "acct_1", "sub_1", "read", "key_2")
	is("made", "acct_1", "", "read")
	for i, scopes := range [][]string{{"b", "c"}, {}, nil, {"a"}, {"a"}, {"c", "a", "b"}} {
		k.Scopes, k.Revision = scopes, int64(i+2)
		d.update("acct_1", func(w keyring.Writer) error { return w.UpdateAPIKey(ctx, k) })
		for _, scope := range []string{"a", "b", "c"} {
			var want []string
			if slices.Contains(scopes, scope) {
				want = []string{"key_1"}
			}
			is(fmt.Sprint(scopes), "acct_1", "", scope, want...)
		}
	}
	d.update("acct_1", func(w keyring.Writer) error {
		return errors.Join(w.DeleteAPIKey(ctx, "acct_1", "key_1"), w.DeleteSubaccount(ctx, "acct_1", "sub_1"))
	})
	for _, scope := range []string{"a", "b", "c", "read"} {
		is("deleted", "acct_1", "", scope)
		if keys, n, err := d.given("acct_1", scope); n != 0 || len(keys) != 0 || err != nil {
			t.Errorf("%d keys that are gone were given %s: %v, %v", n, scope, ids(keys), err)
		}
	}
	is("the other account", "acct_2", "", "read", "key_3")
}

func (d *db) given(account, scope string) (keys []keyring.APIKey, n int, err error) {
	d.t.Helper()
	err = d.View(d.t.Context(), func(r keyring.Reader) (err error) {
		keys, n, err = r.APIKeysGiven(d.t.Context(), account, []string{scope}, 9)
		return err
	})
	return keys, n, err
}

func testPlaceOfAnotherAccount(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1", "acct_2")
	d.found(subaccount("acct_1", "sub_1", 1), subaccount("acct_2", "sub_2", 1))
	for _, place := range []string{"sub_2", "sub_9", "SUB_1", "handle-sub_1", " "} {
		d.refused(keyring.ErrNotFound, "acct_1", func(w keyring.Writer) error {
			return w.InsertAPIKey(ctx, inSubaccount(place, apikey("acct_1", "key_1", 1)))
		})
		absent(d, "key in "+place, func(r keyring.Reader) (keyring.APIKey, error) { return r.APIKey(ctx, "acct_1", "key_1") })
	}
	d.insert(inSubaccount("sub_1", apikey("acct_1", "key_1", 1)))
}

// testAPIKeyFixed looks for what an update of a key leaves alone.
func testAPIKeyFixed(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1")
	d.found(subaccount("acct_1", "sub_1", 1), subaccount("acct_1", "sub_2", 1))
	full := inSubaccount("sub_1", apikey("acct_1", "key_full", 1))
	full.Username, full.Failures, full.LockedAt = "user@example.com", 4, ptr(at(7))
	plain := apikey("acct_1", "key_plain", 1)
	d.insert(full, plain)
	for _, before := range []keyring.APIKey{full, plain} {
		same(t, d.apikey("acct_1", before.ID), before)
		after := before
		after.Subaccount, after.Username, after.Failures, after.LockedAt = "sub_2", "another", 9, ptr(at(9))
		after.Name, after.Revision = "changed", 2
		d.update("acct_1", func(w keyring.Writer) error { return w.UpdateAPIKey(ctx, after) })
		before.Name, before.Revision = "changed", 2
		same(t, d.apikey("acct_1", before.ID), before)
		after.Subaccount, after.Username, after.Failures, after.LockedAt, after.Revision = "", "", 0, nil, 3
		d.update("acct_1", func(w keyring.Writer) error { return w.UpdateAPIKey(ctx, after) })
		before.Revision = 3
		same(t, d.apikey("acct_1", before.ID), before)
	}
}

func testFailures(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1", "acct_2")
	k, other := apikey("acct_1", "key_1", 1), apikey("acct_1", "key_2", 1)
	k.Revision = 7
	d.insert(k, other)
	for _, step := range []keyring.APIKey{{Failures: 1}, {Failures: 5, LockedAt: ptr(at(9))}, {Failures: 6, LockedAt: ptr(at(10))}, {}} {
		d.update("acct_1", func(w keyring.Writer) error {
			return w.SetFailures(ctx, "acct_1", "key_1", step.Failures, step.LockedAt)
		})
		k.Failures, k.LockedAt = step.Failures, step.LockedAt
		same(t, d.apikey("acct_1", "key_1"), k)
	}
	d.refused(keyring.ErrNotFound, "acct_2", func(w keyring.Writer) error { return w.SetFailures(ctx, "acct_2", "key_1", 1, nil) })
	d.refused(keyring.ErrNotFound, "acct_1", func(w keyring.Writer) error { return w.SetFailures(ctx, "acct_1", "key_9", 1, nil) })
	same(t, d.apikey("acct_1", "key_1"), k)
	same(t, d.apikey("acct_1", "key_2"), other)
}

func testGiven(t *testing.T, d *db) {
	d.seed("acct_1", "acct_2")
	d.found(subaccount("acct_1", "sub_1", 1), subaccount("acct_1", "sub_2", 1))
	var all []keyring.APIKey
	add := func(created int, subaccount, id string, scopes ...string) {
		k := inSubaccount(subaccount, apikey("acct_1", id, created))
		k.Scopes = scopes
		all = append(all, k)
	}
	add(1, "sub_2", "key_f", "shop:read", "shop:write")
	add(1, "sub_2", "key_g", "shop:read")
	add(2, "", "key_e", "Shop:Read")
	add(2, "sub_1", "key_d", "shop:write")
	add(3, "", "key_c", `shop:read"`, "shop:rea", "shop:read,shop:write")
	add(4, "sub_1", "key_b", "shop:read", "z")
	add(5, "", "key_a")
	d.insert(all...)
	theirs := apikey("acct_2", "key_z", 1)
	theirs.Scopes = []string{"shop:read"}
	d.insert(theirs)
	for _, scopes := range [][]string{nil, {}, {""}, {"shop:read"}, {"shop:write"}, {"shop:write", "shop:read", "shop:read"}, {"z", "none"}, {"none"}, {"shop:%"}, {`shop:read"`}, {"\x00"}} {
		for _, limit := range []int{1, 2, 3, 9} {
			want := []keyring.APIKey{}
			for _, k := range all {
				if slices.ContainsFunc(scopes, func(s string) bool { return slices.Contains(k.Scopes, s) }) {
					k.Scopes = append([]string{}, k.Scopes...)
					want = append(want, k)
				}
			}
			n := 0
			got := read(d, func(r keyring.Reader) (keys []keyring.APIKey, err error) {
				keys, n, err = r.APIKeysGiven(t.Context(), "acct_1", scopes, limit)
				return keys, err
			})
			if n != len(want) {
				t.Errorf("%q: %d keys in all, want %d", scopes, n, len(want))
			}
			if has := read(d, func(r keyring.Reader) (bool, error) { return r.HasAPIKeyGiven(t.Context(), "acct_1", scopes) }); has != (n > 0) {
				t.Errorf("%q: any: %t", scopes, has)
			}
			same(t, got, want[:min(len(want), limit)])
		}
	}
}
