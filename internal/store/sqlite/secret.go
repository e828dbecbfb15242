package sqlite

import (
	"context"
	"fmt"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// InsertSecret takes the holder from its table, so that the account which the
// caller gives must be the holder's own.
func (w *writer) InsertSecret(ctx context.Context, s keyring.StoredSecret) error {
	var known bool
	const twice = `SELECT EXISTS (SELECT 1 FROM secrets WHERE fingerprint = ?1) OR EXISTS (SELECT 1 FROM spent_secrets WHERE fingerprint = ?1)`
	if err := w.one(ctx, twice, s.Fingerprint)(&known); err != nil {
		return err
	}
	if known {
		return keyring.ErrDuplicate
	}
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

func (r *reader) HasEndedSecrets(ctx context.Context, at time.Time) (bool, error) {
	var there bool
	err := r.one(ctx, `SELECT EXISTS (SELECT 1 FROM secrets WHERE ends_at <= ?)`, micros(at))(&there)
	return there, err
}

func (w *writer) DeleteEndedSecrets(ctx context.Context, at time.Time, limit int) (int, error) {
	n, err := w.change(ctx, `DELETE FROM secrets WHERE digest IN (SELECT digest FROM secrets WHERE ends_at <= ? LIMIT ?)`, micros(at), limit)
	return int(n), err
}

func (w *writer) DeleteSecretsReplacedAfter(ctx context.Context, at time.Time) (int, error) {
	n, err := w.change(ctx, `DELETE FROM secrets WHERE ends_at IS NOT NULL AND EXISTS (SELECT 1 FROM apikeys k WHERE k.id = secrets.apikey AND k.secret_created_at > ?)`, micros(at))
	return int(n), err
}

// PepperVersions leaps through each index from one version to the next: SELECT
// DISTINCT would walk over every secret and every password.
func (r *reader) PepperVersions(ctx context.Context) ([]int, error) {
	const query = `WITH RECURSIVE s (version) AS (
			SELECT min(pepper_version) FROM secrets
			UNION ALL
			SELECT (SELECT min(pepper_version) FROM secrets WHERE pepper_version > s.version) FROM s WHERE s.version IS NOT NULL
		), p (version) AS (
			SELECT min(pepper_version) FROM passwords
			UNION ALL
			SELECT (SELECT min(pepper_version) FROM passwords WHERE pepper_version > p.version) FROM p WHERE p.version IS NOT NULL
		) SELECT version FROM s WHERE version IS NOT NULL UNION SELECT version FROM p WHERE version IS NOT NULL ORDER BY version`
	versions := []int{}
	err := r.each(ctx, query, nil, func(scan func(...any) error) error {
		var v int
		err := scan(&v)
		versions = append(versions, v)
		return err
	})
	return versions, err
}
