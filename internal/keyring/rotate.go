package keyring

import (
	"context"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/platform"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// Rotation asks for a new secret.
type Rotation struct {
	Overlap      time.Duration // how long the old secret stays good
	ChangeExpiry bool          // whether ExpiresAt is meant
	ExpiresAt    *time.Time
	Secret       secret.Secret // as NewAPIKey.Secret
}

// RotateAPIKey gives the key a new secret under the same id. The old secret stays
// good for the overlap, and never beyond the expiry that it had; one from
// before that ends now, so at most two are ever good. A new password ends the old
// one at once, and a lock with it. An expired key is renewed
// by a rotation that sets a new expiry; its old secret stays dead. ifMatch,
// when not nil, is the revision that the key must still have.
func (k *Keyring) RotateAPIKey(ctx context.Context, who Caller, id string, in Rotation, ifMatch *int64, idempotencyKey string) (IssuedAPIKey, error) {
	const action = "apikey.rotate"
	in.ExpiresAt = utc(in.ExpiresAt)
	once, err := newOnce(who, idempotencyKey, action, []any{id, in, ifMatch, in.Secret.Reveal(), who.handle})
	if err != nil {
		return IssuedAPIKey{}, err
	}
	give, err := k.prepare(ctx, who, id, in.Secret)
	if err != nil {
		return IssuedAPIKey{}, err
	}
	var issued IssuedAPIKey
	err = k.write(ctx, k.lookup, who, k.keyGate(platform.RightAPIKeysUpdate), action, id, func(ctx context.Context, r Reader, who Caller) (*step, error) {
		now := k.second()
		if first, err := once.again(ctx, r, k.believed()); err != nil || first != nil {
			if first != nil {
				issued = *first
			}
			return nil, err
		}
		before, err := k.find(ctx, r, who, id, ifMatch)
		if err != nil {
			return nil, err
		}
		if err := k.checkRotation(who, before, in, now); err != nil {
			return nil, err
		}
		after := before
		minted := give.secretOf(&after, who.platform)
		after.SecretVersion++
		after.SecretCreatedAt = now
		ends := oldSecretEnds(before, in.Overlap, now)
		after.PreviousSecretEndsAt = &ends
		if in.ChangeExpiry {
			after.ExpiresAt = in.ExpiresAt
		}
		after.UpdatedAt = now
		after.Revision++
		shown := after
		shown.Failures, shown.LockedAt = 0, nil
		issued = IssuedAPIKey{APIKeyView: k.keyView(who, shown), Secret: give.shown(minted)}
		detail := map[string]any{"secret_version": change{before.SecretVersion, after.SecretVersion}, "previous_secret_expires_at": ends}
		if !sameTime(before.ExpiresAt, after.ExpiresAt) {
			detail["expires_at"] = change{before.ExpiresAt, after.ExpiresAt}
		}
		if err := once.sealAnswer(issued); err != nil {
			return nil, err
		}
		return &step{event{Target: id, Detail: detail}, func(w Writer) error {
			w.Mark(ReplacesPower)
			if err := w.UpdateAPIKey(ctx, after); err != nil {
				return err
			}
			if err := k.replaceSecret(ctx, w, before, after, give, minted, ends); err != nil {
				return err
			}
			return once.keep(ctx, w, k.believed())
		}}, nil
	})
	if err != nil {
		return IssuedAPIKey{}, err
	}
	k.uncounted.take(&issued.APIKey, k.uncounted.of(&issued.APIKey)) // as those that are stored
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
	if !p.Keys.Rotate {
		return refuse(api.CodeUnsupported, "On %s a key keeps its secret. Make a new key, let its callers move to that, and delete this one.", p.Title)
	}
	if err := allowOwnRotation(who, key); err != nil {
		return err
	}
	if err := checkOverlap(p, in.Overlap); err != nil {
		return err
	}
	var given faults
	given.secret(p, in.Secret)
	if err := given.err(); err != nil {
		return err
	}
	if err := checkSecretSupported(p, in.Secret); err != nil {
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
	if err := allowGrant(who, key.Scopes); err != nil {
		return err
	}
	until := key.ExpiresAt
	if in.ChangeExpiry {
		until = in.ExpiresAt
	}
	return allowLifetime(who, until, "expires_at") // what the caller gets is a secret that lives so long
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
