package sqlite

import (
	"context"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

const subaccountColumns = `id, account, handle, name, status, apikey_limit, send_limit, seq, created_at, updated_at, revision`

// subaccountRow is a sub-account on its way out of the database.
type subaccountRow struct {
	keyring.Subaccount
	created, updated int64
	seq              int64
}

// into adds where the columns go, in the order of subaccountColumns.
func (r *subaccountRow) into(others []any) []any {
	return append(others, &r.ID, &r.Account, &r.Handle, &r.Name, &r.Status, &r.APIKeyLimit, &r.SendLimit, &r.seq, &r.created, &r.updated, &r.Revision)
}

func (r *subaccountRow) subaccount() keyring.Subaccount {
	s := r.Subaccount
	s.CreatedAt, s.UpdatedAt = utc(r.created), utc(r.updated)
	return s
}

func scanSubaccount(scan func(...any) error) (keyring.Subaccount, error) {
	var r subaccountRow
	err := scan(r.into(nil)...)
	return r.subaccount(), err
}

func (r *reader) Subaccount(ctx context.Context, account, handle string) (keyring.Subaccount, error) {
	return found(scanSubaccount(r.one(ctx, `SELECT `+subaccountColumns+` FROM subaccounts WHERE account = ? AND handle = ?`, account, handle)))
}

func (r *reader) Subaccounts(ctx context.Context, q keyring.SubaccountQuery) ([]keyring.Subaccount, int64, error) {
	s, err := r.choose(ctx, subaccountWays(q)...)
	if err != nil {
		return nil, 0, err
	}
	c := s.conditions()
	query := `SELECT ` + subaccountColumns + ` FROM (SELECT id AS found, seq AS place FROM ` + s.from + c.where() + ` ORDER BY seq LIMIT ?)
		CROSS JOIN subaccounts ON id = found ORDER BY place`
	var all []subaccountRow
	err = r.each(ctx, query, append(c.args, q.Limit+1), func(scan func(...any) error) error {
		var row subaccountRow
		err := scan(row.into(nil)...)
		all = append(all, row)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	all, next := cut(all, q.Limit, s, func(row subaccountRow) int64 { return row.seq })
	page := make([]keyring.Subaccount, len(all))
	for i := range all {
		page[i] = all[i].subaccount()
	}
	return page, next, nil
}

// subaccountWays are the ways to the sub-accounts of a query, the narrower ones first.
func subaccountWays(q keyring.SubaccountQuery) []way {
	var account, status, handle, anyCase clause
	account.add("account = ? AND seq > ?", q.Account, q.After)
	if q.Status != "" {
		status.add("status = ?", q.Status)
	}
	if q.HandlePrefix != "" {
		handle.addPrefix("handle", q.HandlePrefix)
	}
	if q.HandlePrefixAnyCase != "" {
		anyCase.add("substr(handle, 1, length(?)) = ? COLLATE NOCASE", q.HandlePrefixAnyCase, q.HandlePrefixAnyCase)
	}
	rest := status.with(handle).with(anyCase)
	along := func(index string, unsorted bool, own ...clause) way {
		w := way{from: "subaccounts INDEXED BY " + index, on: account, rest: rest, unsorted: unsorted}
		for _, c := range own {
			w.on = w.on.with(c)
		}
		return w
	}
	var ways []way
	if q.HandlePrefix != "" {
		ways = append(ways, along("subaccounts_by_handle", true, handle))
	}
	if q.HandlePrefixAnyCase != "" {
		var between clause
		between.addPrefix("handle COLLATE NOCASE", lower(q.HandlePrefixAnyCase))
		ways = append(ways, along("subaccounts_by_handle_any_case", true, between))
	}
	if q.Status != "" {
		return append(ways, along("subaccounts_by_status", false, status))
	}
	return append(ways, along("subaccounts_in_order", false))
}

// lower turns the letters from A to Z into those that NOCASE sorts them as. What follows
// the last letter of a prefix is then behind every text that begins with it.
func lower(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, text)
}

func (r *reader) CountSubaccounts(ctx context.Context, account string) (int, error) {
	var n int
	err := r.one(ctx, `SELECT subaccount_count FROM accounts WHERE id = ?`, account)(&n)
	return orNone(n, err)
}

func (w *writer) InsertSubaccount(ctx context.Context, s keyring.Subaccount) error {
	seq, err := w.nextSeq(ctx, s.Account)
	if err != nil {
		return err
	}
	return w.must(ctx, `INSERT INTO subaccounts (`+subaccountColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		s.ID, s.Account, s.Handle, s.Name, s.Status, s.APIKeyLimit, s.SendLimit, seq, micros(s.CreatedAt), micros(s.UpdatedAt), s.Revision)
}

const updateSubaccount = `UPDATE subaccounts SET name = ?, status = ?, apikey_limit = ?, send_limit = ?, updated_at = ?, revision = ?
	WHERE id = ? AND account = ? AND revision = ?`

func (w *writer) UpdateSubaccount(ctx context.Context, s keyring.Subaccount) error {
	err := w.must(ctx, updateSubaccount, s.Name, s.Status, s.APIKeyLimit, s.SendLimit, micros(s.UpdatedAt), s.Revision, s.ID, s.Account, s.Revision-1)
	return w.stale(ctx, err, `SELECT 1 FROM subaccounts WHERE id = ? AND account = ?`, s.ID, s.Account)
}

func (w *writer) DeleteAPIKeysOf(ctx context.Context, account, subaccount string, limit int) error {
	const oldest = `SELECT id FROM apikeys INDEXED BY apikeys_in_order WHERE account = ? AND subaccount = ? ORDER BY seq LIMIT ?`
	_, err := w.change(ctx, `DELETE FROM apikeys WHERE id IN (`+oldest+`)`, account, subaccount, limit)
	return err
}

// DeleteSubaccount leaves the keys, and what belongs to them, to the foreign keys,
// which delete them.
func (w *writer) DeleteSubaccount(ctx context.Context, account, id string) error {
	return w.must(ctx, `DELETE FROM subaccounts WHERE id = ? AND account = ?`, id, account)
}
