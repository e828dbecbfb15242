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
	var c clause
	c.add("account = ?", q.Account)
	if q.HandlePrefix != "" {
		c.add("substr(handle, 1, length(?)) = ?", q.HandlePrefix, q.HandlePrefix)
	}
	if q.HandlePrefixAnyCase != "" {
		c.add("substr(handle, 1, length(?)) = ? COLLATE NOCASE", q.HandlePrefixAnyCase, q.HandlePrefixAnyCase)
	}
	if q.Status != "" {
		c.add("status = ?", q.Status)
	}
	c.add("seq > ?", q.After)
	query := `SELECT ` + subaccountColumns + ` FROM subaccounts WHERE ` + strings.Join(c.conditions, " AND ") + ` ORDER BY seq LIMIT ?`
	var all []subaccountRow
	err := r.each(ctx, query, append(c.args, q.Limit+1), func(scan func(...any) error) error {
		var row subaccountRow
		err := scan(row.into(nil)...)
		all = append(all, row)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	all, next := cut(all, q.Limit, func(row subaccountRow) int64 { return row.seq })
	page := make([]keyring.Subaccount, len(all))
	for i := range all {
		page[i] = all[i].subaccount()
	}
	return page, next, nil
}

func (r *reader) CountSubaccounts(ctx context.Context, account string) (int, error) {
	var n int
	err := r.one(ctx, `SELECT count(*) FROM subaccounts WHERE account = ?`, account)(&n)
	return n, err
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

// DeleteSubaccount leaves the keys, and what belongs to them, to the foreign keys,
// which delete them.
func (w *writer) DeleteSubaccount(ctx context.Context, account, id string) error {
	return w.must(ctx, `DELETE FROM subaccounts WHERE id = ? AND account = ?`, id, account)
}
