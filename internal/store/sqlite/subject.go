package sqlite

import (
	"context"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// What both ways to a subject read beside the key: its account, and its sub-account
// when it has one. The columns are those of accountColumns and subaccountColumns.
const (
	accountOfKey    = `a.id, a.name, a.platform, a.plan, a.standing, a.created_at, a.scopes_revision`
	subaccountOfKey = `coalesce(u.id, ''), coalesce(u.account, ''), coalesce(u.handle, ''), coalesce(u.name, ''), coalesce(u.status, ''),
	u.apikey_limit, u.send_limit, coalesce(u.seq, 0), coalesce(u.created_at, 0), coalesce(u.updated_at, 0), coalesce(u.revision, 0)`
)

// subjectQuery finds a secret, its holder and all above it at once: this is the path
// of every call and every verification. The columns of the holder are those of
// apikeyColumns, filled from the owner as far as it has them.
const subjectQuery = `SELECT s.digest, s.pepper_version, s.fingerprint, s.version, s.created_at, s.ends_at, s.owner IS NOT NULL, ` + accountOfKey + `,
	coalesce(k.id, o.id), a.id, coalesce(k.subaccount, ''), coalesce(k.name, o.name), coalesce(k.username, ''), coalesce(k.description, ''),
	coalesce(k.scopes, o.rights), coalesce(k.enabled, 0), k.expires_at, coalesce(k.secret_hint, o.secret_hint),
	coalesce(k.secret_version, 0), coalesce(k.secret_created_at, 0), k.previous_secret_ends_at, coalesce(k.failures, 0), k.locked_at,
	coalesce(k.seq, 0), coalesce(k.created_at, o.created_at), coalesce(k.updated_at, 0), coalesce(k.revision, 0), ` + subaccountOfKey + `
	FROM secrets s
	LEFT JOIN apikeys k ON k.id = s.apikey
	LEFT JOIN owners o ON o.id = s.owner
	JOIN accounts a ON a.id = coalesce(k.account, o.account)
	LEFT JOIN subaccounts u ON u.id = k.subaccount
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
	var secretCreated int64
	var secretEnds *int64
	var ofOwner bool
	var h holderRow
	if err := scan(h.into(&f.Secret.Digest, &f.Secret.PepperVersion, &f.Secret.Fingerprint, &f.Secret.Version, &secretCreated, &secretEnds, &ofOwner)...); err != nil {
		return f, err
	}
	f.Secret.CreatedAt, f.Secret.EndsAt = utc(secretCreated), utcOrNil(secretEnds)
	f.Secret.Account, f.Secret.Holder = h.account.ID, h.key.ID
	if !ofOwner {
		f.Secret.HolderKind = keyring.HolderAPIKey
		return f, h.fill(&f)
	}
	f.Secret.HolderKind = keyring.HolderOwner
	f.Account = h.account.account()
	f.Owner = &keyring.Owner{ID: h.key.ID, Account: f.Account.ID, Name: h.key.Name, SecretHint: h.key.SecretHint, CreatedAt: utc(h.key.created)}
	var err error
	f.Owner.Rights, err = decodeRights(h.key.scopes)
	return f, err
}

// apiUserQuery finds a key by what its user signs in with.
const apiUserQuery = `SELECT p.hash, p.pepper_version, p.created_at, ` + accountOfKey + `,
	k.id, k.account, coalesce(k.subaccount, ''), k.name, k.username, k.description, k.scopes, k.enabled, k.expires_at, k.secret_hint,
	k.secret_version, k.secret_created_at, k.previous_secret_ends_at, k.failures, k.locked_at, k.seq, k.created_at, k.updated_at, k.revision, ` + subaccountOfKey + `
	FROM apikeys k
	JOIN passwords p ON p.apikey = k.id
	JOIN accounts a ON a.id = k.account
	LEFT JOIN subaccounts u ON u.id = k.subaccount
	WHERE k.username = ?`

// APIUser does not find a key that has no password: nobody can sign in with it.
func (r *reader) APIUser(ctx context.Context, username string) (keyring.Subject, error) {
	return found(scanAPIUser(r.one(ctx, apiUserQuery, username)))
}

func scanAPIUser(scan func(...any) error) (keyring.Subject, error) {
	var f keyring.Subject
	var p keyring.StoredPassword
	var created int64
	var h holderRow
	if err := scan(h.into(&p.Hash, &p.PepperVersion, &created)...); err != nil {
		return f, err
	}
	p.Account, p.APIKey, p.CreatedAt = h.account.ID, h.key.ID, utc(created)
	f.Password = &p
	return f, h.fill(&f)
}

// holderRow is a key with what is above it on its way out of the database.
type holderRow struct {
	account    accountRow
	key        apikeyRow
	subaccount subaccountRow
}

func (h *holderRow) into(others ...any) []any {
	return h.subaccount.into(h.key.into(h.account.into(append(make([]any, 0, 48), others...))))
}

func (h *holderRow) fill(f *keyring.Subject) error {
	f.Account = h.account.account()
	if h.subaccount.ID != "" {
		s := h.subaccount.subaccount()
		f.Subaccount = &s
	}
	k, err := h.key.apikey()
	f.APIKey = &k
	return err
}
