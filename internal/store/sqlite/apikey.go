package sqlite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

const apikeyColumns = `id, account, name, description, scopes, enabled, expires_at, secret_hint, secret_version,
	secret_created_at, previous_secret_ends_at, created_at, updated_at, revision`

func scanAPIKey(scan func(...any) error) (keyring.APIKey, error) {
	var k keyring.APIKey
	var scopes []byte
	var secretCreated, created, updated int64
	var expires, previousEnds *int64
	if err := scan(&k.ID, &k.Account, &k.Name, &k.Description, &scopes, &k.Enabled, &expires, &k.SecretHint, &k.SecretVersion,
		&secretCreated, &previousEnds, &created, &updated, &k.Revision); err != nil {
		return k, err
	}
	k.ExpiresAt, k.PreviousSecretEndsAt = utcOrNil(expires), utcOrNil(previousEnds)
	k.SecretCreatedAt, k.CreatedAt, k.UpdatedAt = utc(secretCreated), utc(created), utc(updated)
	var err error
	k.Scopes, err = decodeScopes(scopes)
	return k, err
}

func decodeScopes(text []byte) ([]string, error) {
	scopes := []string{}
	if err := json.Unmarshal(text, &scopes); err != nil {
		return nil, fmt.Errorf("decoding the scopes of a key: %w", err)
	}
	return scopes, nil
}

func encodeScopes(scopes []string) (string, error) {
	if scopes == nil {
		scopes = []string{} // a key's scopes are a set, and null is none
	}
	text, err := json.Marshal(scopes)
	if err != nil {
		return "", fmt.Errorf("encoding the scopes of a key: %w", err)
	}
	return string(text), nil
}

func (r *reader) APIKey(ctx context.Context, account, id string) (keyring.APIKey, error) {
	return found(scanAPIKey(r.one(ctx, `SELECT `+apikeyColumns+` FROM apikeys WHERE id = ? AND account = ?`, id, account)))
}

func (r *reader) APIKeyNamed(ctx context.Context, account, name string) (keyring.APIKey, error) {
	return found(scanAPIKey(r.one(ctx, `SELECT `+apikeyColumns+` FROM apikeys WHERE account = ? AND name = ?
		ORDER BY created_at, id LIMIT 1`, account, name)))
}

func (r *reader) CountAPIKeys(ctx context.Context, account string) (int, error) {
	var n int
	err := r.one(ctx, `SELECT count(*) FROM apikeys WHERE account = ?`, account)(&n)
	return n, err
}

func (w *writer) InsertAPIKey(ctx context.Context, k keyring.APIKey) error {
	scopes, err := encodeScopes(k.Scopes)
	if err != nil {
		return err
	}
	return w.must(ctx, `INSERT INTO apikeys (`+apikeyColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		k.ID, k.Account, k.Name, k.Description, scopes, k.Enabled, microsOrNull(k.ExpiresAt), k.SecretHint, k.SecretVersion,
		micros(k.SecretCreatedAt), microsOrNull(k.PreviousSecretEndsAt), micros(k.CreatedAt), micros(k.UpdatedAt), k.Revision)
}

const updateAPIKey = `UPDATE apikeys SET name = ?, description = ?, scopes = ?, enabled = ?, expires_at = ?, secret_hint = ?,
	secret_version = ?, secret_created_at = ?, previous_secret_ends_at = ?, updated_at = ?, revision = ?
	WHERE id = ? AND account = ? AND revision = ?`

func (w *writer) UpdateAPIKey(ctx context.Context, k keyring.APIKey) error {
	scopes, err := encodeScopes(k.Scopes)
	if err != nil {
		return err
	}
	err = w.must(ctx, updateAPIKey,
		k.Name, k.Description, scopes, k.Enabled, microsOrNull(k.ExpiresAt), k.SecretHint,
		k.SecretVersion, micros(k.SecretCreatedAt), microsOrNull(k.PreviousSecretEndsAt), micros(k.UpdatedAt), k.Revision,
		k.ID, k.Account, k.Revision-1)
	if !errors.Is(err, keyring.ErrNotFound) {
		return err
	}
	if _, err := w.APIKey(ctx, k.Account, k.ID); err != nil {
		return err
	}
	return keyring.ErrStale
}

// DeleteAPIKey leaves the key's secrets to the foreign key, which deletes them.
func (w *writer) DeleteAPIKey(ctx context.Context, account, id string) error {
	return w.must(ctx, `DELETE FROM apikeys WHERE id = ? AND account = ?`, id, account)
}
