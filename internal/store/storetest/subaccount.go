package storetest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

func subaccount(account, id string, created int) keyring.Subaccount {
	return keyring.Subaccount{
		ID: id, Account: account, Handle: "handle-" + id, Name: "Name of " + id, Status: api.SubaccountActive,
		CreatedAt: at(created), UpdatedAt: at(created), Revision: 1,
	}
}

// found makes sub-accounts in their accounts.
func (d *db) found(subaccounts ...keyring.Subaccount) {
	d.t.Helper()
	for _, s := range subaccounts {
		d.update(s.Account, func(w keyring.Writer) error { return w.InsertSubaccount(d.t.Context(), s) })
	}
}

func (d *db) subaccount(account, handle string) keyring.Subaccount {
	d.t.Helper()
	return read(d, func(r keyring.Reader) (keyring.Subaccount, error) {
		return r.Subaccount(d.t.Context(), account, handle)
	})
}

func (d *db) noSubaccount(what, account, handle string) {
	d.t.Helper()
	absent(d, what, func(r keyring.Reader) (keyring.Subaccount, error) {
		return r.Subaccount(d.t.Context(), account, handle)
	})
}

func (d *db) subaccounts(q keyring.SubaccountQuery) []keyring.Subaccount {
	d.t.Helper()
	return whole(d, q.After, q.Limit, func(r keyring.Reader, after int64, limit int) ([]keyring.Subaccount, int64, error) {
		q.After, q.Limit = after, limit
		return r.Subaccounts(d.t.Context(), q)
	})
}

func (d *db) countSubaccounts(account string) int {
	d.t.Helper()
	return read(d, func(r keyring.Reader) (int, error) { return r.CountSubaccounts(d.t.Context(), account) })
}

func testSubaccountRoundTrip(t *testing.T, d *db) {
	d.seed("acct_1", "acct_2")
	full := subaccount("acct_1", "sub_b", 1)
	full.Name, full.Status, full.APIKeyLimit = "Größe 🗝 \"a\" 'b' %_\\", api.SubaccountSuspended, ptr(7)
	full.SendLimit = ptr(int64(1) << 40)
	full.UpdatedAt, full.Revision = at(9), 1<<40
	least := subaccount("acct_1", "sub_B", 1)
	least.Name, least.APIKeyLimit = "", ptr(0) // none is not the same as no limit
	least.SendLimit = ptr(int64(0))
	abroad := subaccount("acct_1", "sub_a", 2)
	abroad.CreatedAt = at(2).In(time.FixedZone("east", 5*3600)) // comes back in UTC
	upper := subaccount("acct_1", "sub_c", 3)
	upper.Handle = "HANDLE-sub_a"
	other := subaccount("acct_2", "sub_d", 1)
	other.Handle = full.Handle // unique in its account only
	d.found(abroad, full, upper, least, other)
	abroad.CreatedAt = at(2)
	want := []keyring.Subaccount{abroad, full, upper, least}
	for _, s := range append(want, other) {
		same(t, d.subaccount(s.Account, s.Handle), s)
	}
	same(t, d.subaccounts(keyring.SubaccountQuery{Account: "acct_1", Limit: 9}), want)
	same(t, d.subaccounts(keyring.SubaccountQuery{Account: "acct_2", Limit: 9}), []keyring.Subaccount{other})
	if mine, theirs := d.countSubaccounts("acct_1"), d.countSubaccounts("acct_2"); mine != 4 || theirs != 1 {
		t.Errorf("counted %d and %d sub-accounts, want 4 and 1", mine, theirs)
	}
}

func testSubaccountNotFound(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1")
	d.found(subaccount("acct_1", "sub_1", 1))
	for _, handle := range []string{"", "handle-", "Handle-sub_1", "handle-sub_1 ", "sub_1", "\xff", "handle-sub_1\x00", strings.Repeat("x", 10_000)} {
		d.noSubaccount(fmt.Sprintf("handle %.20q", handle), "acct_1", handle)
	}
	for _, id := range []string{"", "sub_9", "SUB_1", "handle-sub_1"} {
		d.refused(keyring.ErrNotFound, "acct_1", func(w keyring.Writer) error { return w.UpdateSubaccount(ctx, subaccount("acct_1", id, 1)) })
		d.refused(keyring.ErrNotFound, "acct_1", func(w keyring.Writer) error { return w.DeleteSubaccount(ctx, "acct_1", id) })
	}
	d.refused(keyring.ErrNotFound, "acct_2", func(w keyring.Writer) error { return w.InsertSubaccount(ctx, subaccount("acct_2", "sub_2", 1)) })
	same(t, d.subaccounts(keyring.SubaccountQuery{Account: "acct_2", Limit: 9}), []keyring.Subaccount{})
	if n := d.countSubaccounts("acct_2"); n != 0 {
		t.Errorf("counted %d sub-accounts of an unknown account", n)
	}
	same(t, d.subaccount("acct_1", "handle-sub_1"), subaccount("acct_1", "sub_1", 1))
}

func testSubaccountDuplicates(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1", "acct_2")
	one := subaccount("acct_1", "sub_1", 1)
	d.found(one)
	id, handle, elsewhere := one, subaccount("acct_1", "sub_2", 2), subaccount("acct_2", "sub_1", 1)
	id.Handle, handle.Handle, elsewhere.Handle = "another", one.Handle, "another"
	for _, s := range []keyring.Subaccount{id, handle, elsewhere} {
		d.refused(keyring.ErrDuplicate, s.Account, func(w keyring.Writer) error { return w.InsertSubaccount(ctx, s) })
	}
	same(t, d.subaccounts(keyring.SubaccountQuery{Account: "acct_1", Limit: 9}), []keyring.Subaccount{one})
	same(t, d.subaccounts(keyring.SubaccountQuery{Account: "acct_2", Limit: 9}), []keyring.Subaccount{})
}

func testSubaccountUpdate(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1", "acct_2")
	before, bystander := subaccount("acct_1", "sub_1", 1), subaccount("acct_1", "sub_2", 1)
	before.Revision = 5
	d.found(before, bystander)
	for _, revision := range []int64{0, 1, 4, 5, 7} {
		changed := before
		changed.Name, changed.Revision = "changed", revision
		d.refused(keyring.ErrStale, "acct_1", func(w keyring.Writer) error { return w.UpdateSubaccount(ctx, changed) })
		changed.Account = "acct_2"
		d.refused(keyring.ErrNotFound, "acct_2", func(w keyring.Writer) error { return w.UpdateSubaccount(ctx, changed) })
	}
	stolen := before
	stolen.Account, stolen.Revision = "acct_2", 6
	d.refused(keyring.ErrNotFound, "acct_2", func(w keyring.Writer) error { return w.UpdateSubaccount(ctx, stolen) })
	same(t, d.subaccount("acct_1", before.Handle), before)

	after := keyring.Subaccount{
		ID: "sub_1", Account: "acct_1", Handle: "moved", Name: "changed", Status: api.SubaccountSuspended, APIKeyLimit: ptr(3), SendLimit: ptr(int64(4)),
		CreatedAt: at(99), UpdatedAt: at(10), Revision: 6,
	}
	d.update("acct_1", func(w keyring.Writer) error { return w.UpdateSubaccount(ctx, after) })
	after.Handle, after.CreatedAt = before.Handle, before.CreatedAt // never change
	same(t, d.subaccount("acct_1", before.Handle), after)
	d.noSubaccount("handle that it was not given", "acct_1", "moved")
	after.APIKeyLimit, after.SendLimit, after.Revision = nil, nil, 7
	d.update("acct_1", func(w keyring.Writer) error { return w.UpdateSubaccount(ctx, after) })
	same(t, d.subaccount("acct_1", before.Handle), after)
	same(t, d.subaccount("acct_1", bystander.Handle), bystander)
}

// listedSubaccounts is a set in which each filter tells some from others.
func listedSubaccounts(account string) []keyring.Subaccount {
	var all []keyring.Subaccount
	for i, handle := range []string{"shop", "shop_one", "shop%one", "SHOP", "größe", "🗝", "shop-two", "sho"} {
		s := subaccount(account, fmt.Sprintf("%s_sub_%d", account, i*5%8), -i/3)
		s.Handle = handle
		if i%2 == 1 {
			s.Status = api.SubaccountSuspended
		}
		all = append(all, s)
	}
	return all
}

func testSubaccountList(t *testing.T, d *db) {
	d.seed("acct_1", "acct_2")
	all := listedSubaccounts("acct_1")
	d.found(listedSubaccounts("acct_2")...)
	d.found(all...)
	places := []int64{0}
	d.view(func(r keyring.Reader) error {
		for next := int64(0); len(places) < len(all); places = append(places, next) {
			var err error
			if _, next, err = r.Subaccounts(t.Context(), keyring.SubaccountQuery{Account: "acct_1", After: next, Limit: 1}); err != nil || next == 0 {
				t.Fatalf("page %d: the next one begins after %d, %v", len(places), next, err)
			}
		}
		return nil
	})
	for prefix, want := range map[string]int{"": 8, "s": 6, "SHOP": 5, "sHoP_O": 1, "shop%": 1, "grö": 1, "GRö": 1, "GRÖ": 0, "\u017fhop": 0, "%": 0, "shop_oneX": 0} {
		for _, s := range d.subaccounts(keyring.SubaccountQuery{Account: "acct_1", HandlePrefixAnyCase: prefix, Limit: 100}) {
			if !strings.EqualFold(s.Handle[:len(prefix)], prefix) {
				d.t.Errorf("%q finds %q", prefix, s.Handle)
			}
			want--
		}
		if want != 0 {
			d.t.Errorf("%q finds %d too few", prefix, want)
		}
	}
	for _, prefix := range []string{"", "s", "shop", "shop_", "shop%", "%", "S", "grö", "größer", "🗝", "\xff"} {
		for _, status := range []string{"", api.SubaccountActive, api.SubaccountSuspended} {
			for passed, after := range places {
				for _, limit := range []int{1, 3, 100} {
					q := keyring.SubaccountQuery{Account: "acct_1", HandlePrefix: prefix, Status: status, After: after, Limit: limit}
					want := []keyring.Subaccount{}
					for _, s := range all[passed:] {
						if strings.HasPrefix(s.Handle, prefix) && (status == "" || s.Status == status) && len(want) < limit {
							want = append(want, s)
						}
					}
					same(t, d.subaccounts(q), want)
				}
			}
		}
	}
}
