package keyring

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/platform"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

// NewAPIKey asks for a key.
type NewAPIKey struct {
	Name        string
	Description string
	Scopes      []string
	Enabled     bool
	ExpiresAt   *time.Time
}

// CreateAPIKey makes a key and its first secret. When idempotencyKey is not
// empty, the same request under the same key gets the first answer again,
// the secret included, for IdempotencyWindow.
func (k *Keyring) CreateAPIKey(ctx context.Context, who Caller, in NewAPIKey, idempotencyKey string) (IssuedAPIKey, error) {
	const action = "apikey.create"
	in.Scopes, in.ExpiresAt = scope.Normal(in.Scopes), utc(in.ExpiresAt)
	once, err := newOnce(who, idempotencyKey, action, in)
	if err != nil {
		return IssuedAPIKey{}, err
	}
	var issued IssuedAPIKey
	err = k.write(ctx, who, action, "", func(w Writer, who Caller) (*event, error) {
		now := k.second()
		if first, err := once.again(ctx, w, now); err != nil || first != nil {
			if first != nil {
				issued = *first
			}
			return nil, err
		}
		if err := k.checkNew(ctx, w, who, in, now); err != nil {
			return nil, err
		}
		p := who.platform
		minted := p.Secret.Mint()
		key := APIKey{
			ID: newID("key"), Account: who.Account.ID, Name: in.Name, Description: in.Description, Scopes: in.Scopes,
			Enabled: in.Enabled, ExpiresAt: in.ExpiresAt, SecretHint: p.Secret.Hint(minted), SecretVersion: 1,
			SecretCreatedAt: now, CreatedAt: now, UpdatedAt: now, Revision: 1,
		}
		if err := w.InsertAPIKey(ctx, key); err != nil {
			return nil, err
		}
		if err := w.InsertSecret(ctx, k.stored(minted, key.Account, HolderAPIKey, key.ID, 1, now)); err != nil {
			return nil, err
		}
		issued = IssuedAPIKey{APIKeyView: k.keyView(p, key), Secret: minted}
		return &event{Target: key.ID, Detail: map[string]any{
			"name": key.Name, "description": key.Description, "scopes": key.Scopes, "effective_scopes": issued.Effective,
			"enabled": key.Enabled, "expires_at": key.ExpiresAt,
		}}, once.keep(ctx, w, now, issued)
	})
	if err != nil {
		return IssuedAPIKey{}, err
	}
	return issued, nil
}

// checkNew refuses a key that may not be.
func (k *Keyring) checkNew(ctx context.Context, r Reader, who Caller, in NewAPIKey, now time.Time) error {
	p := who.platform
	var f faults
	f.name(in.Name)
	f.description(in.Description)
	f.scopes(p, in.Scopes)
	f.expiry(now, in.ExpiresAt)
	if err := f.err(); err != nil {
		return err
	}
	if err := checkExpirySupported(p, in.ExpiresAt); err != nil {
		return err
	}
	if err := checkDisableSupported(p, in.Enabled); err != nil {
		return err
	}
	if err := allowGrant(who, in.Scopes); err != nil {
		return err
	}
	if err := checkNameFree(ctx, r, who, in.Name, ""); err != nil {
		return err
	}
	limit := keyLimit(p, who.Account)
	if limit == nil {
		return nil
	}
	n, err := r.CountAPIKeys(ctx, who.Account.ID)
	if err != nil {
		return err
	}
	if n >= *limit {
		plan := ""
		if who.Account.Plan != "" {
			plan = fmt.Sprintf(" of the plan %q", who.Account.Plan)
		}
		return refuse(api.CodeLimitReached, "The account has %d API keys and its limit%s is %d. Delete one that is no longer needed, or move to another plan.", n, plan, *limit)
	}
	return nil
}

// checkNameFree refuses a name that another key of the account has, where the
// platform wants unique names.
func checkNameFree(ctx context.Context, r Reader, who Caller, name, self string) error {
	if !who.platform.Keys.UniqueNames {
		return nil
	}
	other, err := r.APIKeyNamed(ctx, who.Account.ID, name)
	if errors.Is(err, ErrNotFound) || err == nil && other.ID == self {
		return nil
	}
	if err != nil {
		return err
	}
	return &Error{
		Code:    api.CodeNameTaken,
		Message: "Another API key has this name already. Choose another name, or import that key.",
		Fields:  []api.FieldError{{Field: "name", Message: fmt.Sprintf("%q is the name of key %s", name, other.ID)}},
	}
}

// Rotation asks for a new secret.
type Rotation struct {
	Overlap      time.Duration // how long the old secret stays good
	ChangeExpiry bool          // whether ExpiresAt is meant
	ExpiresAt    *time.Time
}

// RotateAPIKey gives the key a new secret under the same id. The old secret stays
// good for the overlap, and never beyond the expiry that it had; one from
// before that ends now, so at most two are ever good. An expired key is renewed
// by a rotation that sets a new expiry; its old secret stays dead. ifMatch,
// when not nil, is the revision that the key must still have.
func (k *Keyring) RotateAPIKey(ctx context.Context, who Caller, id string, in Rotation, ifMatch *int64, idempotencyKey string) (IssuedAPIKey, error) {
	const action = "apikey.rotate"
	in.ExpiresAt = utc(in.ExpiresAt)
	once, err := newOnce(who, idempotencyKey, action, []any{id, in, ifMatch})
	if err != nil {
		return IssuedAPIKey{}, err
	}
	var issued IssuedAPIKey
	err = k.write(ctx, who, action, id, func(w Writer, who Caller) (*event, error) {
		now := k.second()
		if first, err := once.again(ctx, w, now); err != nil || first != nil {
			if first != nil {
				issued = *first
			}
			return nil, err
		}
		before, err := k.find(ctx, w, who, id, ifMatch)
		if err != nil {
			return nil, err
		}
		if err := k.checkRotation(who, before, in, now); err != nil {
			return nil, err
		}
		after := before
		minted := who.platform.Secret.Mint()
		after.SecretHint = who.platform.Secret.Hint(minted)
		after.SecretVersion++
		after.SecretCreatedAt = now
		ends := oldSecretEnds(before, in.Overlap, now)
		after.PreviousSecretEndsAt = &ends
		if in.ChangeExpiry {
			after.ExpiresAt = in.ExpiresAt
		}
		after.UpdatedAt = now
		after.Revision++
		if err := w.UpdateAPIKey(ctx, after); err != nil {
			return nil, err
		}
		if err := w.DeleteSecretsBefore(ctx, id, before.SecretVersion); err != nil {
			return nil, err
		}
		if err := w.EndSecret(ctx, id, before.SecretVersion, ends); err != nil {
			return nil, err
		}
		if err := w.InsertSecret(ctx, k.stored(minted, after.Account, HolderAPIKey, id, after.SecretVersion, now)); err != nil {
			return nil, err
		}
		issued = IssuedAPIKey{APIKeyView: k.keyView(who.platform, after), Secret: minted}
		detail := map[string]any{"secret_version": change{before.SecretVersion, after.SecretVersion}, "previous_secret_expires_at": ends}
		if !sameTime(before.ExpiresAt, after.ExpiresAt) {
			detail["expires_at"] = change{before.ExpiresAt, after.ExpiresAt}
		}
		return &event{Target: id, Detail: detail}, once.keep(ctx, w, now, issued)
	})
	if err != nil {
		return IssuedAPIKey{}, err
	}
	return issued, nil
}

// oldSecretEnds is when the current secret stops working after a rotation now.
func oldSecretEnds(key APIKey, overlap time.Duration, now time.Time) time.Time {
	ends := now.Add(overlap)
	if key.ExpiresAt != nil && key.ExpiresAt.Before(ends) {
		return *key.ExpiresAt
	}
	return ends
}

func (k *Keyring) checkRotation(who Caller, key APIKey, in Rotation, now time.Time) error {
	p := who.platform
	if err := checkOverlap(p, in.Overlap); err != nil {
		return err
	}
	if in.ChangeExpiry {
		var f faults
		f.expiry(now, in.ExpiresAt)
		if err := f.err(); err != nil {
			return err
		}
		if err := checkExpirySupported(p, in.ExpiresAt); err != nil {
			return err
		}
	} else if key.Status(k.Now()) == api.StatusExpired {
		return errExpired(key)
	}
	return allowGrant(who, key.Scopes)
}

func checkOverlap(p *platform.Platform, overlap time.Duration) error {
	var f faults
	switch {
	case overlap < 0 || overlap%time.Second != 0:
		f.add("overlap", "must be whole seconds and not negative, such as \"24h\" or \"0s\"")
	case overlap > 0 && p.Keys.MaxOverlap == 0:
		return unsupported("overlap", "on %s a new secret ends the old one at once; leave it out or send \"0s\"", p.Title)
	case overlap > p.Keys.MaxOverlap:
		f.add("overlap", "must be at most %s, it is %s", p.Keys.MaxOverlap, overlap)
	}
	return f.err()
}

func errExpired(key APIKey) error {
	return &Error{
		Code:    api.CodeKeyExpired,
		Message: "The key has expired. Renew it by a rotation that sets a new expires_at: the expired secret never works again.",
		Fields:  []api.FieldError{{Field: "expires_at", Message: "was " + key.ExpiresAt.Format(time.RFC3339)}},
	}
}
