package keyring

import (
	"context"
	"crypto/subtle"
	"errors"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/platform"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// Origin is where a request came from, for the audit trail.
type Origin struct {
	RequestID string
	Address   string
}

// Caller is a holder of a credential, as Authenticate found it. Writes look the
// credential up once more in their own transaction, so that nothing is done
// on a right that was revoked in between.
type Caller struct {
	Account    Account
	Subaccount *Subaccount // the one that it is bound to, so that it sees nothing else; nil for none
	Kind       string      // api.CallerOwner, api.CallerService or api.CallerAPIKey
	ID         string
	Effective  []string // what it may grant; an owner may grant everything
	Rights     []string
	ExpiresAt  *time.Time // when it stops working, if it is a key that expires; nil for never
	// SecretEndsAt is when the secret that it has sent stops working, which a rotation has
	// replaced; nil for the current one.
	SecretEndsAt *time.Time

	platform  *platform.Platform
	catalogue *scope.Catalogue // the platform's scopes and those of the account
	handle    string           // of the sub-account that it asks for; empty for its own place
	place     *Subaccount      // where it works, as the gate found it; nil for the account itself
	// reveal returns what the caller has sent. It is a function because fmt
	// prints an unexported field as it lies in memory, whatever its type
	// says, and a function has no text.
	reveal func() secret.Secret
	origin Origin
}

// credential is what the caller has sent; nothing for the zero Caller.
func (c Caller) credential() secret.Secret {
	if c.reveal == nil {
		return secret.Secret{}
	}
	return c.reveal()
}

// In returns the caller as one who works on the keys of a sub-account. Whether there
// is one of that handle, and whether it may be reached, is for the gate to say.
func (c Caller) In(handle string) Caller {
	c.handle = handle
	return c
}

// keyRules are the rules for the keys of the place where the caller works.
func (c Caller) keyRules() platform.KeyRules { return c.platform.KeysOf(c.place != nil) }

// placeID is the id of the sub-account where the caller works; empty for none.
func (c Caller) placeID() string {
	if c.place == nil {
		return ""
	}
	return c.place.ID
}

// AutomaticScopes are those that the caller's platform adds to keys by itself.
func (c Caller) AutomaticScopes() platform.AutomaticScopes {
	if c.platform == nil {
		return platform.AutomaticScopes{}
	}
	return c.platform.Automatic
}

// APIUsers reports whether the keys of the caller's account are API users, which sign
// in with a username and a password.
func (c Caller) APIUsers() bool { return c.platform != nil && c.platform.Password != nil }

// BlocksAddresses reports whether the platform of the caller's account blocks addresses from
// which too many keys came that were not valid.
func (c Caller) BlocksAddresses() bool { return c.platform != nil && c.platform.Attempts != nil }

// Owner reports whether the caller may do everything in its account.
func (c Caller) Owner() bool { return c.Kind == api.CallerOwner }

func errInvalidCredential() *Error {
	return refuse(api.CodeInvalidCredential, "The credential is not valid. Send one that is active, in X-API-Key or as Authorization: Bearer.")
}

// Authenticate finds out who holds the credential. Malformed, unknown and
// deleted ones are not told apart, nor are those that are inactive or
// expired: whoever cannot use a credential learns nothing about it.
func (k *Keyring) Authenticate(ctx context.Context, credential secret.Secret, from Origin) (Caller, error) {
	var who Caller
	err := k.decided(ctx, k.lookup, func(ctx context.Context, r Reader) error {
		var err error
		who, err = k.caller(ctx, r, credential, from)
		return err
	})
	return who, k.denied(ctx, who, "authenticate", "", err)
}

// caller looks the credential up. With an error that is a refusal, the caller
// is whom the refused credential belongs to, if to anyone.
func (k *Keyring) caller(ctx context.Context, r Reader, credential secret.Secret, from Origin) (Caller, error) {
	return k.callerWith(ctx, r, credential, from, k.catalogue)
}

// callerWith is caller with the scopes of the account from elsewhere.
func (k *Keyring) callerWith(ctx context.Context, r Reader, credential secret.Secret, from Origin,
	scopes func(context.Context, Reader, *platform.Platform, Account) (*scope.Catalogue, error),
) (Caller, error) {
	found, err := k.subject(ctx, r, credential)
	if errors.Is(err, ErrNotFound) {
		return Caller{origin: from}, errInvalidCredential()
	}
	if err != nil {
		return Caller{}, err
	}
	p, err := k.platform(found.Account)
	if err != nil {
		return Caller{}, err
	}
	who := Caller{
		Account: found.Account, Subaccount: found.Subaccount, ID: found.Secret.Holder, SecretEndsAt: found.Secret.EndsAt, platform: p,
		reveal: func() secret.Secret { return credential }, origin: from,
	}
	if who.catalogue, err = scopes(ctx, r, p, found.Account); err != nil {
		return Caller{}, err
	}
	if found.Owner != nil {
		who.Kind, who.Rights, who.Effective = found.Owner.Kind(), found.Owner.EffectiveRights(), []string{}
		return who, nil
	}
	who.Kind = api.CallerAPIKey
	who.Effective = who.catalogue.Effective(found.APIKey.Scopes)
	who.Rights = p.Rights(who.Effective)
	who.ExpiresAt = found.APIKey.ExpiresAt
	if why := unusable(found, k.Now()); why != "" {
		if why == reasonEnded || why == api.StatusExpired {
			k.refusedByTime()
		}
		denial := errInvalidCredential()
		denial.reason = why
		return who, denial
	}
	return who, nil
}

// reasonEnded is why a secret is refused that a rotation has replaced.
const reasonEnded = "previous_secret_ended"

// unusable says why the key that was found does not work, for the audit trail; empty
// when it works.
func unusable(found Subject, now time.Time) string {
	if found.secretEnded(now) {
		return reasonEnded
	}
	if status := found.APIKey.Status(now); status != api.StatusActive {
		return status
	}
	return ""
}

// maxSecret bounds what is hashed on behalf of anyone: no platform's secret
// comes near it.
const maxSecret = 256

// subject looks a secret up under every pepper. A secret that no platform could
// have minted is not looked up at all.
func (k *Keyring) subject(ctx context.Context, r Reader, s secret.Secret) (Subject, error) {
	if s.IsZero() || len(s.Reveal()) > maxSecret {
		return Subject{}, ErrNotFound
	}
	digests := make([][]byte, 0, len(k.peppers))
	for _, pepper := range k.peppers {
		d := pepper.Digest(s)
		digests = append(digests, d[:])
	}
	found, err := r.Subject(ctx, digests)
	if err != nil {
		return Subject{}, err
	}
	// The index found it, so one of the digests is equal; the comparison that
	// counts is still this one, in constant time.
	for i, pepper := range k.peppers {
		if pepper.Version == found.Secret.PepperVersion && subtle.ConstantTimeCompare(digests[i], found.Secret.Digest) == 1 {
			return found, nil
		}
	}
	return Subject{}, ErrNotFound
}
