package keyring

import (
	"context"
	"errors"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/platform"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// Verification is whether a secret is good for some scopes now.
type Verification struct {
	Code      string // api.VerifyValid and so on
	APIKey    APIKey // the zero value when Code is api.VerifyInvalid
	Effective []string
	Missing   []string   // what was asked for and is not granted
	EndsAt    *time.Time // when the secret stops working; nil for never
}

// Valid reports whether to let the caller in.
func (v Verification) Valid() bool { return v.Code == api.VerifyValid }

// Verify answers whether the secret is good for all of the scopes. It asks
// nothing of the secret's holder and leaves no audit record: it is the hot
// path, and nothing was done by it. Owner credentials, and keys of other
// accounts, are as unknown as a secret that never was.
func (k *Keyring) Verify(ctx context.Context, who Caller, s secret.Secret, scopes []string) (Verification, error) {
	var v Verification
	err := k.view(ctx, func(r Reader) error {
		var err error
		v, err = k.verify(ctx, r, who, s, scopes)
		return err
	})
	return v, k.denied(ctx, who, "verify", "", err)
}

// VerifyFor is Authenticate and Verify on one snapshot. A gateway asks for both at
// each request of its callers, and most of the time goes to the transaction.
func (k *Keyring) VerifyFor(ctx context.Context, credential secret.Secret, from Origin, s secret.Secret, scopes []string) (Caller, Verification, error) {
	var who Caller
	var v Verification
	err := k.view(ctx, func(r Reader) error {
		var err error
		if who, err = k.caller(ctx, r, credential, from); err != nil {
			return err
		}
		v, err = k.verify(ctx, r, who, s, scopes)
		return err
	})
	return who, v, k.denied(ctx, who, "verify", "", err)
}

func (k *Keyring) verify(ctx context.Context, r Reader, who Caller, s secret.Secret, scopes []string) (Verification, error) {
	invalid := Verification{Code: api.VerifyInvalid}
	if err := allow(who, platform.RightVerify); err != nil {
		return invalid, err
	}
	var f faults
	if len(scopes) > maxScopes {
		f.add("scopes", "must hold at most %d scopes, it has %d", maxScopes, len(scopes))
	} else if err := who.platform.Scopes.Check(scopes); err != nil {
		// A gateway that asks for a scope which does not exist is set up
		// wrongly; refusing everyone in silence would hide that.
		f.add("scopes", "%v", err)
	}
	if err := f.err(); err != nil {
		return invalid, err
	}
	if !who.platform.Secret.Matches(s.Reveal()) {
		return invalid, nil // no platform mints such: nothing to look up
	}
	found, err := k.subject(ctx, r, s)
	if errors.Is(err, ErrNotFound) || err == nil && (found.APIKey == nil || found.Account.ID != who.Account.ID) {
		return invalid, nil
	}
	if err != nil {
		return invalid, err
	}
	return k.verdict(who, found, scopes), nil
}

func (k *Keyring) verdict(who Caller, found Subject, scopes []string) Verification {
	now := k.Now()
	if found.Secret.ended(now) {
		return Verification{Code: api.VerifyInvalid}
	}
	key := *found.APIKey
	v := Verification{Code: api.VerifyValid, APIKey: key, Effective: who.platform.Scopes.Effective(key.Scopes), EndsAt: key.ExpiresAt}
	// The expiry may have come nearer since the rotation that set the overlap.
	if end := found.Secret.EndsAt; end != nil && (v.EndsAt == nil || end.Before(*v.EndsAt)) {
		v.EndsAt = end
	}
	status := key.Status(now)
	switch {
	case status == api.StatusExpired:
		v.Code = api.VerifyExpired
	case status == api.StatusInactive:
		v.Code = api.VerifyInactive
	case !found.Account.inGoodStanding():
		v.Code = api.VerifyAccountStanding
	default:
		// What was asked for, not all that it implies: the answer names the scope
		// that the caller knows.
		if v.Missing = scope.Added(v.Effective, scopes); len(v.Missing) > 0 {
			v.Code = api.VerifyMissingScope
		}
	}
	return v
}

// Answer is the body with which a gateway refuses the caller whom v is about, in
// the shape of the account's platform.
func (k *Keyring) Answer(who Caller, v Verification) []byte {
	missing := ""
	if len(v.Missing) > 0 {
		missing = v.Missing[0]
	}
	return who.platform.Answer(v.Code, missing)
}
