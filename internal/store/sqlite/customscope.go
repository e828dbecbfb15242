package sqlite

import (
	"context"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

const customScopeColumns = `account, name, description, scope_group, class, implies, created_at, updated_at, revision`

func (r *reader) CustomScopes(ctx context.Context, account string) ([]keyring.CustomScope, error) {
	all := []keyring.CustomScope{}
	const query = `SELECT ` + customScopeColumns + ` FROM custom_scopes WHERE account = ? ORDER BY name`
	err := r.each(ctx, query, []any{account}, func(scan func(...any) error) error {
		var s keyring.CustomScope
		var implies []byte
		var created, updated int64
		if err := scan(&s.Account, &s.Name, &s.Description, &s.Group, &s.Class, &implies, &created, &updated, &s.Revision); err != nil {
			return err
		}
		s.CreatedAt, s.UpdatedAt = utc(created), utc(updated)
		var err error
		s.Implies, err = decodeScopes(implies)
		all = append(all, s)
		return err
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

func (w *writer) InsertCustomScope(ctx context.Context, s keyring.CustomScope) error {
	implies, err := encodeScopes(s.Implies)
	if err != nil {
		return err
	}
	return w.scopesChange(ctx, s.Account, w.must(ctx, `INSERT INTO custom_scopes (`+customScopeColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		s.Account, s.Name, s.Description, s.Group, s.Class, implies, micros(s.CreatedAt), micros(s.UpdatedAt), s.Revision))
}

func (w *writer) UpdateCustomScope(ctx context.Context, s keyring.CustomScope) error {
	implies, err := encodeScopes(s.Implies)
	if err != nil {
		return err
	}
	err = w.must(ctx, `UPDATE custom_scopes SET description = ?, scope_group = ?, implies = ?, updated_at = ?, revision = ?
		WHERE account = ? AND name = ? AND revision = ?`,
		s.Description, s.Group, implies, micros(s.UpdatedAt), s.Revision, s.Account, s.Name, s.Revision-1)
	err = w.stale(ctx, err, `SELECT 1 FROM custom_scopes WHERE account = ? AND name = ?`, s.Account, s.Name)
	return w.scopesChange(ctx, s.Account, err)
}

func (w *writer) DeleteCustomScope(ctx context.Context, account, name string) error {
	return w.scopesChange(ctx, account, w.must(ctx, `DELETE FROM custom_scopes WHERE account = ? AND name = ?`, account, name))
}

// scopesChange raises the account's revision after a write that went well: who holds
// the scopes of an earlier one sees that they are old.
func (w *writer) scopesChange(ctx context.Context, account string, err error) error {
	if err != nil {
		return err
	}
	return w.must(ctx, `UPDATE accounts SET scopes_revision = scopes_revision + 1 WHERE id = ?`, account)
}
