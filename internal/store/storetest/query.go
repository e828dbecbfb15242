package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// list is the page that a query gets, or several short ones that are one together.
func (d *db) list(q keyring.APIKeyQuery) []keyring.APIKey {
	d.t.Helper()
	return whole(d, q.After, q.Limit, func(r keyring.Reader, after int64, limit int) ([]keyring.APIKey, int64, error) {
		q.After, q.Limit = after, limit
		return r.APIKeys(d.t.Context(), q)
	})
}

// whole reads on after pages that are shorter than their limit.
func whole[T any](d *db, after int64, limit int, read func(r keyring.Reader, after int64, limit int) ([]T, int64, error)) []T {
	d.t.Helper()
	all := []T{}
	d.view(func(r keyring.Reader) error {
		for {
			page, next, err := read(r, after, limit-len(all))
			if err != nil {
				return err
			}
			if page == nil || len(page) > limit-len(all) || next != 0 && next <= after {
				d.t.Fatalf("after %d the page is %v and the next one begins after %d", after, page, next)
			}
			all, after = append(all, page...), next
			if len(all) == limit || next == 0 {
				return nil
			}
		}
	})
	return all
}

func ids(keys []keyring.APIKey) []string {
	found := []string{}
	for _, k := range keys {
		found = append(found, k.ID)
	}
	return found
}

// listed is a set of keys in which each filter tells some from others.
func listed(account string) []keyring.APIKey {
	var keys []keyring.APIKey
	add := func(created int, id, name string, enabled bool, expires *time.Time, scopes ...string) {
		k := apikey(account, id, created)
		k.Name, k.Enabled, k.ExpiresAt, k.Scopes = name, enabled, expires, scopes
		keys = append(keys, k)
	}
	add(1, "key_b", "ci_deploy", true, nil, "read")
	add(1, "key_a", "ci%deploy", true, ptr(at(100)), "read", "write")
	add(1, "key_C", "CI_deploy", false, ptr(at(100)), "write")
	add(2, "key_d", "ci-deploy", false, nil, "contacts:read")
	add(2, "key_e", "Größe", true, ptr(at(101)), "contacts:read", "contacts:write")
	add(3, "key_f", "Grö", true, ptr(at(99)), `re"ad`, "a,b")
	add(3, "key_g", "🗝 key", false, ptr(at(99)), "READ")
	add(4, "key_h", "ci_deploy", true, nil, "readonly")
	return keys
}

// testFilters has the keys in the order of making, which is neither that of their ids nor
// of their names.
func testFilters(t *testing.T, d *db) {
	d.seed("acct_1", "acct_2")
	d.insert(listed("acct_1")...)
	d.insert(apikey("acct_2", "key_z", 1))
	now := at(100) // exactly the expiry of two keys
	seq := func(id string) int64 { return d.place("acct_1", "", id) }
	for name, tc := range map[string]struct {
		q    keyring.APIKeyQuery
		want string
	}{
		"all, in order":              {keyring.APIKeyQuery{}, "key_b key_a key_C key_d key_e key_f key_g key_h"},
		"empty ids are no filter":    {keyring.APIKeyQuery{IDs: []string{}}, "key_b key_a key_C key_d key_e key_f key_g key_h"},
		"ids, in the list's order":   {keyring.APIKeyQuery{IDs: []string{"key_h", "key_a", "key_none", "key_a"}}, "key_a key_h"},
		"ids of another case":        {keyring.APIKeyQuery{IDs: []string{"key_c", "KEY_A"}}, ""},
		"ids of another account":     {keyring.APIKeyQuery{IDs: []string{"key_z"}}, ""},
		"name":                       {keyring.APIKeyQuery{Name: "ci_deploy"}, "key_b key_h"},
		"name, not its start":        {keyring.APIKeyQuery{Name: "Grö"}, "key_f"},
		"prefix":                     {keyring.APIKeyQuery{NamePrefix: "ci"}, "key_b key_a key_d key_h"},
		"prefix with _":              {keyring.APIKeyQuery{NamePrefix: "ci_"}, "key_b key_h"},
		"prefix with %":              {keyring.APIKeyQuery{NamePrefix: "ci%"}, "key_a"},
		"prefix % alone":             {keyring.APIKeyQuery{NamePrefix: "%"}, ""},
		"prefix with a wildcard":     {keyring.APIKeyQuery{NamePrefix: "ci*"}, ""},
		"prefix of another case":     {keyring.APIKeyQuery{NamePrefix: "CI"}, "key_C"},
		"prefix beyond ASCII":        {keyring.APIKeyQuery{NamePrefix: "Grö"}, "key_e key_f"},
		"prefix that is a name":      {keyring.APIKeyQuery{NamePrefix: "Größe"}, "key_e"},
		"prefix longer than a name":  {keyring.APIKeyQuery{NamePrefix: "Größer"}, ""},
		"prefix of four bytes":       {keyring.APIKeyQuery{NamePrefix: "🗝"}, "key_g"},
		"active":                     {keyring.APIKeyQuery{Status: api.StatusActive}, "key_b key_e key_h"},
		"inactive":                   {keyring.APIKeyQuery{Status: api.StatusInactive}, "key_d"},
		"expired":                    {keyring.APIKeyQuery{Status: api.StatusExpired}, "key_a key_C key_f key_g"},
		"active a moment before":     {keyring.APIKeyQuery{Status: api.StatusActive, Now: now.Add(-time.Microsecond)}, "key_b key_a key_e key_h"},
		"inactive a moment before":   {keyring.APIKeyQuery{Status: api.StatusInactive, Now: now.Add(-time.Nanosecond)}, "key_C key_d"},
		"expired a moment before":    {keyring.APIKeyQuery{Status: api.StatusExpired, Now: now.Add(-time.Nanosecond)}, "key_f key_g"},
		"expired in another zone":    {keyring.APIKeyQuery{Status: api.StatusExpired, Now: now.In(time.FixedZone("east", 3600))}, "key_a key_C key_f key_g"},
		"scope":                      {keyring.APIKeyQuery{Scope: "read"}, "key_b key_a"},
		"scope of another case":      {keyring.APIKeyQuery{Scope: "READ"}, "key_g"},
		"scope with a quote":         {keyring.APIKeyQuery{Scope: `re"ad`}, "key_f"},
		"scope with a comma":         {keyring.APIKeyQuery{Scope: "a,b"}, "key_f"},
		"part of a scope":            {keyring.APIKeyQuery{Scope: "contacts"}, ""},
		"after":                      {keyring.APIKeyQuery{After: seq("key_b")}, "key_a key_C key_d key_e key_f key_g key_h"},
		"after the last of a second": {keyring.APIKeyQuery{After: seq("key_C")}, "key_d key_e key_f key_g key_h"},
		"after the end":              {keyring.APIKeyQuery{After: 1 << 62}, ""},
		"limit":                      {keyring.APIKeyQuery{Limit: 2}, "key_b key_a"},
		"limit and after":            {keyring.APIKeyQuery{Limit: 2, After: seq("key_a")}, "key_C key_d"},
	} {
		q := tc.q
		q.Account = "acct_1"
		if q.Limit == 0 {
			q.Limit = 100
		}
		if q.Now.IsZero() {
			q.Now = now
		}
		if got := d.list(q); strings.Join(ids(got), " ") != tc.want {
			t.Errorf("%s: got %v, want %s", name, ids(got), tc.want)
		}
	}
}

// matches is what a query means, in the words of the domain.
func matches(q keyring.APIKeyQuery, k keyring.APIKey) bool {
	return k.Account == q.Account && k.Subaccount == q.Subaccount &&
		(len(q.IDs) == 0 || slices.Contains(q.IDs, k.ID)) &&
		(q.Name == "" || k.Name == q.Name) &&
		strings.HasPrefix(k.Name, q.NamePrefix) &&
		(q.Status == "" || k.Status(q.Now) == q.Status) &&
		(q.Scope == "" || slices.Contains(k.Scopes, q.Scope))
}

func testFilterCombinations(t *testing.T, d *db) {
	d.seed("acct_1")
	d.found(subaccount("acct_1", "sub_1", 1))
	keys := everyStatus()
	d.insert(keys...)
	for _, place := range []string{"", "sub_1"} {
		d.combine(place, keys)
	}
}

// everyStatus are the listed keys and as many locked ones, half of them in a
// sub-account.
func everyStatus() []keyring.APIKey {
	var keys []keyring.APIKey
	for i, k := range append(listed("acct_1"), listed("acct_1")...) {
		if i >= 8 {
			k.ID, k.LockedAt = k.ID+"_locked", ptr(at(1000)) // that it is locked counts, not since when
		}
		keys = append(keys, k, inSubaccount("sub_1", k))
		keys[len(keys)-1].ID += "_inside"
	}
	return keys
}

// combine tries every combination of filters in one place.
func (d *db) combine(place string, keys []keyring.APIKey) {
	t, tried := d.t, 0
	const passed = 3 // keys of this place, before the page
	mine := slices.DeleteFunc(slices.Clone(keys), func(k keyring.APIKey) bool { return k.Subaccount != place })
	behind := map[int64][]keyring.APIKey{0: mine, d.place("acct_1", place, mine[passed-1].ID): mine[passed:]}
	for _, in := range [][]string{nil, {"key_a", "key_b", "key_g_locked", "key_h", "key_a_inside", "key_b_inside", "key_h_locked_inside"}} {
		for _, name := range []string{"", "ci_deploy"} {
			for _, prefix := range []string{"", "ci", "Grö"} {
				for _, status := range []string{"", api.StatusActive, api.StatusInactive, api.StatusExpired, api.StatusLocked} {
					for _, scope := range []string{"", "read", "contacts:read"} {
						for after, keys := range behind {
							for _, limit := range []int{1, 3, 100} {
								q := keyring.APIKeyQuery{
									Account: "acct_1", Subaccount: place, IDs: in, Name: name, NamePrefix: prefix, Status: status, Now: at(100),
									Scope: scope, After: after, Limit: limit,
								}
								want := []string{}
								for _, k := range keys {
									if matches(q, k) && len(want) < limit {
										want = append(want, k.ID)
									}
								}
								if got := ids(d.list(q)); !slices.Equal(got, want) {
									t.Fatalf("%+v: got %v, want %v", q, got, want)
								}
								tried++
							}
						}
					}
				}
			}
		}
	}
	t.Logf("%d combinations", tried)
}

// place is where the page ends that ends with the key, which must not be the last one.
func (d *db) place(account, subaccount, id string) int64 {
	d.t.Helper()
	for after := int64(0); ; {
		var page []keyring.APIKey
		var next int64
		d.view(func(r keyring.Reader) (err error) {
			page, next, err = r.APIKeys(d.t.Context(), keyring.APIKeyQuery{Account: account, Subaccount: subaccount, After: after, Limit: 1})
			return err
		})
		if next <= after {
			d.t.Fatalf("after %d the next page begins after %d", after, next)
		}
		if page[0].ID == id {
			return next
		}
		after = next
	}
}

// pages walks the list as a client does. Without filters each page is full.
func (d *db) pages(account string, size int, between func()) []string {
	d.t.Helper()
	seen := []string{}
	q := keyring.APIKeyQuery{Account: account, Limit: size}
	for {
		var page []keyring.APIKey
		var next int64
		d.view(func(r keyring.Reader) (err error) {
			page, next, err = r.APIKeys(d.t.Context(), q)
			return err
		})
		if len(page) > size || next != 0 && len(page) < size {
			d.t.Fatalf("a page holds %d keys of %d, and the next one begins after %d", len(page), size, next)
		}
		seen = append(seen, ids(page)...)
		if next == 0 {
			return seen
		}
		if len(seen) > 1000 {
			d.t.Fatal("the pages do not end")
		}
		q.After = next
		if between != nil {
			between()
		}
	}
}

// manyKeys are 240 keys in three seconds, so that a page ends within one. Their ids, and
// the clock, go up and down.
func manyKeys(account string) []keyring.APIKey {
	var keys []keyring.APIKey
	for i := range 240 {
		keys = append(keys, apikey(account, fmt.Sprintf("key_%03d", i*7919%240), 2-i/80))
	}
	return keys
}

func testPages(t *testing.T, d *db) {
	d.seed("acct_1", "acct_2")
	keys := manyKeys("acct_1")
	d.insert(keys...)
	d.insert(apikey("acct_2", "key_other", 1))
	for _, size := range []int{1, 7, 80, 239, 240, 241} {
		same(t, d.pages("acct_1", size, nil), ids(keys))
	}
}

func testPagesWithInserts(t *testing.T, d *db) {
	d.seed("acct_1")
	keys := manyKeys("acct_1")
	d.insert(keys...)
	n := 0
	gone := map[string]bool{}
	seen := d.pages("acct_1", 7, func() {
		n++
		early := apikey("acct_1", fmt.Sprintf("key_early_%03d", n), -1)
		late := apikey("acct_1", fmt.Sprintf("key_late_%03d", n), 10)
		if n > 20 {
			return
		}
		// The newest goes and the next one is made: a number that was given twice
		// would be passed over when the page ends on it.
		gone[keys[len(keys)-n].ID] = true
		d.update("acct_1", func(w keyring.Writer) error { return w.DeleteAPIKey(t.Context(), "acct_1", keys[len(keys)-n].ID) })
		d.insert(early, late)
	})
	want := ids(keys[:len(keys)-20])
	for i := range 20 {
		want = append(want, fmt.Sprintf("key_early_%03d", i+1), fmt.Sprintf("key_late_%03d", i+1))
	}
	// Every key that was there all the time once, and what was made meanwhile after
	// them, whatever its time says.
	same(t, seen, want)
	if len(gone) != 20 {
		t.Errorf("%d keys were deleted between pages, want 20", len(gone))
	}
}
