package sqlite

import (
	"context"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// SetPassword takes the key from its table, as InsertSecret does its holder.
func (w *writer) SetPassword(ctx context.Context, p keyring.StoredPassword) error {
	return w.must(ctx, `INSERT INTO passwords (apikey, hash, pepper_version, created_at)
		SELECT id, ?, ?, ? FROM apikeys WHERE id = ? AND account = ?
		ON CONFLICT (apikey) DO UPDATE SET hash = excluded.hash, pepper_version = excluded.pepper_version, created_at = excluded.created_at`,
		p.Hash, p.PepperVersion, micros(p.CreatedAt), p.APIKey, p.Account)
}
