package sqlite

import (
	"context"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// micros is a time as it is stored.
func micros(t time.Time) int64 { return t.UnixMicro() }

// microsOrNull is a time that may not be set.
func microsOrNull(t *time.Time) any {
	if t == nil {
		return nil
	}
	return t.UnixMicro()
}

func utc(micros int64) time.Time { return time.UnixMicro(micros).UTC() }

func utcOrNil(micros *int64) *time.Time {
	if micros == nil {
		return nil
	}
	t := utc(*micros)
	return &t
}

// textOrNull is a text that may be left out.
func textOrNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

const accountColumns = `id, name, platform, plan, standing, created_at, scopes_revision`

// accountRow is an account on its way out of the database.
type accountRow struct {
	keyring.Account
	created int64
}

// into adds where the columns go, in the order of accountColumns.
func (r *accountRow) into(others []any) []any {
	return append(others, &r.ID, &r.Name, &r.Platform, &r.Plan, &r.Standing, &r.created, &r.ScopesRevision)
}

func (r *accountRow) account() keyring.Account {
	a := r.Account
	a.CreatedAt = utc(r.created)
	return a
}

func scanAccount(scan func(...any) error) (keyring.Account, error) {
	var r accountRow
	err := scan(r.into(nil)...)
	return r.account(), err
}

func (r *reader) Accounts(ctx context.Context) ([]keyring.Account, error) {
	all := []keyring.Account{}
	err := r.each(ctx, `SELECT `+accountColumns+` FROM accounts ORDER BY id`, nil, func(scan func(...any) error) error {
		a, err := scanAccount(scan)
		all = append(all, a)
		return err
	})
	return all, err
}

func (r *reader) Account(ctx context.Context, id string) (keyring.Account, error) {
	return found(scanAccount(r.one(ctx, `SELECT `+accountColumns+` FROM accounts WHERE id = ?`, id)))
}

func (w *writer) InsertAccount(ctx context.Context, a keyring.Account) error {
	return w.must(ctx, `INSERT INTO accounts (`+accountColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		a.ID, a.Name, a.Platform, a.Plan, a.Standing, micros(a.CreatedAt), a.ScopesRevision)
}

func (w *writer) SetStanding(ctx context.Context, account, standing string) error {
	return w.must(ctx, `UPDATE accounts SET standing = ? WHERE id = ?`, standing, account)
}

// nextSeq takes the number of what is made next in the account.
func (w *writer) nextSeq(ctx context.Context, account string) (int64, error) {
	var seq int64
	err := w.one(ctx, `UPDATE accounts SET made = made + 1 WHERE id = ? RETURNING made`, account)(&seq)
	return seq, err
}

// found returns the zero value along with an error, so that nobody uses half a
// record.
func found[T any](record T, err error) (T, error) {
	if err != nil {
		var none T
		return none, err
	}
	return record, nil
}
