package sqlite

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// subjectQuery finds a secret, its holder and their account at once: this is the
// path of every call and every verification.
const subjectQuery = `SELECT s.digest, s.pepper_version, s.fingerprint, s.version, s.created_at, s.ends_at, s.owner,
	a.id, a.name, a.platform, a.plan, a.standing, a.created_at,
	coalesce(k.secret_hint, o.secret_hint), coalesce(k.created_at, o.created_at), coalesce(k.name, o.name), coalesce(k.scopes, o.rights),
	k.id, k.description, k.enabled, k.expires_at, k.secret_version,
	k.secret_created_at, k.previous_secret_ends_at, k.updated_at, k.revision
	FROM secrets s
	LEFT JOIN apikeys k ON k.id = s.apikey
	LEFT JOIN owners o ON o.id = s.owner
	JOIN accounts a ON a.id = coalesce(k.account, o.account)
	WHERE s.digest IN (`

func (r *reader) Subject(ctx context.Context, digests [][]byte) (keyring.Subject, error) {
	if len(digests) == 0 {
		return keyring.Subject{}, keyring.ErrNotFound
	}
	args := make([]any, len(digests))
	for i, d := range digests {
		args[i] = d
	}
	return found(scanSubject(r.one(ctx, subjectQuery+strings.Repeat("?, ", len(digests)-1)+"?)", args...)))
}

func scanSubject(scan func(...any) error) (keyring.Subject, error) {
	var f keyring.Subject
	var hint, name string
	var secretCreated, accountCreated, holderCreated int64
	var secretEnds, expires, keySecretCreated, previousEnds, updated, keySecretVersion, revision *int64
	var owner, id, description *string
	var list []byte // the scopes of a key, the rights of an owner
	var enabled *bool
	if err := scan(&f.Secret.Digest, &f.Secret.PepperVersion, &f.Secret.Fingerprint, &f.Secret.Version, &secretCreated, &secretEnds, &owner,
		&f.Account.ID, &f.Account.Name, &f.Account.Platform, &f.Account.Plan, &f.Account.Standing, &accountCreated,
		&hint, &holderCreated, &name, &list, &id, &description, &enabled, &expires, &keySecretVersion,
		&keySecretCreated, &previousEnds, &updated, &revision); err != nil {
		return f, err
	}
	f.Account.CreatedAt = utc(accountCreated)
	f.Secret.Account, f.Secret.CreatedAt, f.Secret.EndsAt = f.Account.ID, utc(secretCreated), utcOrNil(secretEnds)
	if owner != nil {
		f.Secret.HolderKind, f.Secret.Holder = keyring.HolderOwner, *owner
		f.Owner = &keyring.Owner{ID: *owner, Account: f.Account.ID, Name: name, SecretHint: hint, CreatedAt: utc(holderCreated)}
		var err error
		f.Owner.Rights, err = decodeRights(list)
		return f, err
	}
	f.Secret.HolderKind, f.Secret.Holder = keyring.HolderAPIKey, *id
	f.APIKey = &keyring.APIKey{
		ID: *id, Account: f.Account.ID, Name: name, Description: *description, Enabled: *enabled, ExpiresAt: utcOrNil(expires),
		SecretHint: hint, SecretVersion: int(*keySecretVersion), SecretCreatedAt: utc(*keySecretCreated),
		PreviousSecretEndsAt: utcOrNil(previousEnds), CreatedAt: utc(holderCreated), UpdatedAt: utc(*updated), Revision: *revision,
	}
	var err error
	f.APIKey.Scopes, err = decodeScopes(list)
	return f, err
}

// InsertSecret takes the holder from its table, so that the account which the
// caller gives must be the holder's own.
func (w *writer) InsertSecret(ctx context.Context, s keyring.StoredSecret) error {
	const insert = `INSERT INTO secrets (digest, pepper_version, fingerprint, version, created_at, ends_at, `
	query := ""
	switch s.HolderKind {
	case keyring.HolderAPIKey:
		query = insert + `apikey) SELECT ?, ?, ?, ?, ?, ?, id FROM apikeys WHERE id = ? AND account = ?`
	case keyring.HolderOwner:
		query = insert + `owner) SELECT ?, ?, ?, ?, ?, ?, id FROM owners WHERE id = ? AND account = ?`
	default:
		return fmt.Errorf("holder kind %q is not known", s.HolderKind)
	}
	return w.must(ctx, query, s.Digest, s.PepperVersion, s.Fingerprint, s.Version, micros(s.CreatedAt), microsOrNull(s.EndsAt), s.Holder, s.Account)
}

func (w *writer) EndSecret(ctx context.Context, holder string, version int, at time.Time) error {
	return w.must(ctx, `UPDATE secrets SET ends_at = ?3 WHERE apikey = ?1 AND version = ?2 OR owner = ?1 AND version = ?2`,
		holder, version, micros(at))
}

func (w *writer) DeleteSecretsBefore(ctx context.Context, holder string, version int) error {
	_, err := w.change(ctx, `DELETE FROM secrets WHERE apikey = ?1 AND version < ?2 OR owner = ?1 AND version < ?2`, holder, version)
	return err
}

// PepperVersions leaps through the index from one version to the next: SELECT
// DISTINCT would walk over every secret.
func (r *reader) PepperVersions(ctx context.Context) ([]int, error) {
	const query = `WITH RECURSIVE v (version) AS (
			SELECT min(pepper_version) FROM secrets
			UNION ALL
			SELECT (SELECT min(pepper_version) FROM secrets WHERE pepper_version > v.version) FROM v WHERE v.version IS NOT NULL
		) SELECT version FROM v WHERE version IS NOT NULL ORDER BY version`
	versions := []int{}
	err := r.each(ctx, query, nil, func(scan func(...any) error) error {
		var v int
		err := scan(&v)
		versions = append(versions, v)
		return err
	})
	return versions, err
}
