package sqlite

import (
	"context"
	"slices"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// SetPassword takes the key from its table, as InsertSecret does its holder.
func (w *writer) SetPassword(ctx context.Context, p keyring.StoredPassword) error {
	history, err := w.PasswordHistory(ctx, p.Account, p.APIKey)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(history, func(s keyring.SpentPassword) bool { return s.Hash == p.Hash }) {
		return keyring.ErrDuplicate
	}
	_, err = w.change(ctx, `INSERT INTO spent_passwords (apikey, hash, pepper_version)
		SELECT p.apikey, p.hash, p.pepper_version FROM passwords p JOIN apikeys k ON k.id = p.apikey WHERE p.apikey = ? AND k.account = ?`, p.APIKey, p.Account)
	if err != nil {
		return err
	}
	return w.must(ctx, `INSERT INTO passwords (apikey, hash, pepper_version, created_at)
		SELECT id, ?, ?, ? FROM apikeys WHERE id = ? AND account = ?
		ON CONFLICT (apikey) DO UPDATE SET hash = excluded.hash, pepper_version = excluded.pepper_version, created_at = excluded.created_at`,
		p.Hash, p.PepperVersion, micros(p.CreatedAt), p.APIKey, p.Account)
}

// PasswordHistory finds passwords by their key, which must be the account's own.
func (r *reader) PasswordHistory(ctx context.Context, account, apikey string) ([]keyring.SpentPassword, error) {
	const query = `SELECT p.hash, p.pepper_version FROM apikeys k JOIN passwords p ON p.apikey = k.id WHERE k.id = ?1 AND k.account = ?2
		UNION ALL SELECT s.hash, s.pepper_version FROM apikeys k JOIN spent_passwords s ON s.apikey = k.id WHERE k.id = ?1 AND k.account = ?2`
	all := []keyring.SpentPassword{}
	err := r.each(ctx, query, []any{apikey, account}, func(scan func(...any) error) error {
		var s keyring.SpentPassword
		err := scan(&s.Hash, &s.PepperVersion)
		all = append(all, s)
		return err
	})
	return all, err
}
