package storetest

import (
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
		for _, k := range want {
			same(t, d.apikey("acct_1", k.ID), k) // by its id wherever it is
			elsewhere := keyring.APIKeyQuery{Account: "acct_1", Subaccount: "sub_2", IDs: []string{k.ID}, Limit: 9}
			if got := d.list(elsewhere); place != "sub_2" && len(got) != 0 {
				t.Errorf("sub_2 lists %v", ids(got))
			}
		}
	}
	absent(d, "key of another account", func(r keyring.Reader) (keyring.APIKey, error) { return r.APIKey(ctx, "acct_1", "key_d") })
	for _, place := range []string{"sub_1", "sub_2"} {
		same(t, d.list(keyring.APIKeyQuery{Account: "acct_2", Subaccount: place, Limit: 9}), []keyring.APIKey{})
	}
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
			same(t, got, want[:min(len(want), limit)])
		}
	}
}
