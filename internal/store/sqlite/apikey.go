package sqlite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

const apikeyColumns = `id, account, coalesce(subaccount, ''), name, coalesce(username, ''), description, scopes, enabled, expires_at, secret_hint,
	secret_version, secret_created_at, previous_secret_ends_at, failures, locked_at, seq, created_at, updated_at, revision`

// apikeyRow is a key on its way out of the database.
type apikeyRow struct {
	keyring.APIKey
	scopes                          []byte
	expires, previousEnds, locked   *int64
	secretCreated, created, updated int64
	seq                             int64
}

// into adds where the columns go, in the order of apikeyColumns.
func (r *apikeyRow) into(others []any) []any {
	return append(others,
		&r.ID, &r.Account, &r.Subaccount, &r.Name, &r.Username, &r.Description, &r.scopes, &r.Enabled, &r.expires, &r.SecretHint,
		&r.SecretVersion, &r.secretCreated, &r.previousEnds, &r.Failures, &r.locked, &r.seq, &r.created, &r.updated, &r.Revision,
	)
}

func (r *apikeyRow) apikey() (keyring.APIKey, error) {
	k := r.APIKey
	k.ExpiresAt, k.PreviousSecretEndsAt, k.LockedAt = utcOrNil(r.expires), utcOrNil(r.previousEnds), utcOrNil(r.locked)
	k.SecretCreatedAt, k.CreatedAt, k.UpdatedAt = utc(r.secretCreated), utc(r.created), utc(r.updated)
	var err error
	k.Scopes, err = decodeScopes(r.scopes)
	return k, err
}

func scanAPIKey(scan func(...any) error) (keyring.APIKey, error) {
	var r apikeyRow
	if err := scan(r.into(nil)...); err != nil {
		return keyring.APIKey{}, err
	}
	return r.apikey()
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

func (r *reader) APIKeyNamed(ctx context.Context, account, subaccount, name string) (keyring.APIKey, error) {
	return found(scanAPIKey(r.one(ctx, `SELECT `+apikeyColumns+` FROM apikeys WHERE account = ? AND subaccount IS ? AND name = ?
		ORDER BY seq LIMIT 1`, account, textOrNull(subaccount), name)))
}

func (r *reader) CountAPIKeys(ctx context.Context, account, subaccount string) (int, error) {
	var n int
	read := r.one(ctx, `SELECT apikey_count FROM accounts WHERE id = ?`, account)
	if subaccount != "" {
		read = r.one(ctx, `SELECT apikey_count FROM subaccounts WHERE id = ? AND account = ?`, subaccount, account)
	}
	err := read(&n)
	return orNone(n, err)
}

func (r *reader) CountAPIKeysIn(ctx context.Context, account string, subaccounts []string) (map[string]int, error) {
	ids, err := json.Marshal(subaccounts)
	if err != nil {
		return nil, fmt.Errorf("encoding the ids of sub-accounts: %w", err)
	}
	counts := map[string]int{}
	const query = `SELECT id, apikey_count FROM subaccounts WHERE id IN (SELECT value FROM json_each(?)) AND +account = ?`
	err = r.each(ctx, query, []any{string(ids), account}, func(scan func(...any) error) error {
		var id string
		var n int
		err := scan(&id, &n)
		counts[id] = n
		return err
	})
	return counts, err
}

// insertAPIKey looks for the sub-account in the key's own account: the foreign key alone
// would take one of another.
const insertAPIKey = `INSERT INTO apikeys (id, account, subaccount, name, username, description, scopes, enabled, expires_at, secret_hint,
		secret_version, secret_created_at, previous_secret_ends_at, failures, locked_at, created_at, updated_at, revision, seq)
	SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19
	WHERE ?3 IS NULL OR EXISTS (SELECT 1 FROM subaccounts WHERE id = ?3 AND account = ?2)`

func (w *writer) InsertAPIKey(ctx context.Context, k keyring.APIKey) error {
	scopes, err := encodeScopes(k.Scopes)
	if err != nil {
		return err
	}
	seq, err := w.nextSeq(ctx, k.Account)
	if err != nil {
		return err
	}
	return w.must(ctx, insertAPIKey,
		k.ID, k.Account, textOrNull(k.Subaccount), k.Name, textOrNull(k.Username), k.Description, scopes, k.Enabled, microsOrNull(k.ExpiresAt), k.SecretHint,
		k.SecretVersion, micros(k.SecretCreatedAt), microsOrNull(k.PreviousSecretEndsAt), k.Failures, microsOrNull(k.LockedAt),
		micros(k.CreatedAt), micros(k.UpdatedAt), k.Revision, seq)
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
	return w.stale(ctx, err, `SELECT 1 FROM apikeys WHERE id = ? AND account = ?`, k.ID, k.Account)
}

// stale tells apart why an update of one revision has found nothing: the query finds
// the record whatever its revision is.
func (w *writer) stale(ctx context.Context, err error, query string, args ...any) error {
	if !errors.Is(err, keyring.ErrNotFound) {
		return err
	}
	if err := w.one(ctx, query, args...)(new(int)); err != nil {
		return err
	}
	return keyring.ErrStale
}

func (w *writer) SetFailures(ctx context.Context, account, id string, failures int, lockedAt *time.Time) error {
	return w.must(ctx, `UPDATE apikeys SET failures = ?, locked_at = ? WHERE id = ? AND account = ?`, failures, microsOrNull(lockedAt), id, account)
}

// DeleteAPIKey leaves what belongs to the key to the foreign keys, which delete it.
func (w *writer) DeleteAPIKey(ctx context.Context, account, id string) error {
	return w.must(ctx, `DELETE FROM apikeys WHERE id = ? AND account = ?`, id, account)
}
