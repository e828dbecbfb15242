package storetest

import (
	"errors"
	"fmt"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// testOrderOfMaking makes keys, sub-accounts and owners in one second, and in seconds
// that go back, with ids in no order: they are listed as they were made.
func testOrderOfMaking(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1", "acct_2")
	var keys, subaccounts, owners []string
	for i := range 30 {
		n := fmt.Sprintf("%02d", i*17%30)
		k, s, o := apikey("acct_1", "key_"+n, -i/10), subaccount("acct_1", "sub_"+n, -i/10), owner("acct_1", "own_"+n)
		o.CreatedAt = at(-i / 10)
		k.Name = "same"
		d.insert(k, apikey("acct_2", "other_"+n, i))
		d.found(s)
		d.update("acct_1", func(w keyring.Writer) error { return w.InsertOwner(ctx, o) })
		keys, subaccounts, owners = append(keys, k.ID), append(subaccounts, s.ID), append(owners, o.ID)
	}
	d.madeInOrder(keys, subaccounts, owners)

	// A change of a key does not move it, and a failed insert moves nothing.
	changed := apikey("acct_1", keys[3], 0)
	changed.Name, changed.Revision = "same", 2
	d.update("acct_1", func(w keyring.Writer) error { return w.UpdateAPIKey(ctx, changed) })
	d.refused(keyring.ErrDuplicate, "acct_1", func(w keyring.Writer) error { return w.InsertAPIKey(ctx, changed) })
	undo := errors.New("undo")
	d.refused(undo, "acct_1", func(w keyring.Writer) error {
		return errors.Join(w.InsertAPIKey(ctx, apikey("acct_1", "key_undone", 1)), undo)
	})
	d.madeInOrder(keys, subaccounts, owners)

	// The oldest of a name is the one that was made first.
	for _, id := range keys[:3] {
		named := read(d, func(r keyring.Reader) (keyring.APIKey, error) { return r.APIKeyNamed(ctx, "acct_1", "", "same") })
		if named.ID != id {
			t.Errorf("the oldest of the name is %s, want %s", named.ID, id)
		}
		d.update("acct_1", func(w keyring.Writer) error { return w.DeleteAPIKey(ctx, "acct_1", id) })
	}
}

// madeInOrder checks the lists of the account, from one store and from a second one.
func (d *db) madeInOrder(keys, subaccounts, owners []string) {
	d.t.Helper()
	for _, s := range d.stores() {
		other := &db{t: d.t, Store: s}
		var gotSubaccounts, gotOwners []string
		for _, s := range other.subaccounts(keyring.SubaccountQuery{Account: "acct_1", Limit: 100}) {
			gotSubaccounts = append(gotSubaccounts, s.ID)
		}
		for _, o := range other.owners("acct_1") {
			gotOwners = append(gotOwners, o.ID)
		}
		same(d.t, ids(other.list(keyring.APIKeyQuery{Account: "acct_1", Limit: 100})), keys)
		same(d.t, gotSubaccounts, subaccounts)
		same(d.t, gotOwners, owners)
		given := read(other, func(r keyring.Reader) ([]keyring.APIKey, error) {
			found, _, err := r.APIKeysGiven(d.t.Context(), "acct_1", []string{"read"}, 100)
			return found, err
		})
		same(d.t, ids(given), keys)
	}
}
