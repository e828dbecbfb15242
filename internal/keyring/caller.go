package keyring

import (
	"context"
	"crypto/subtle"
	"errors"
	"slices"

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
	Account   Account
	Kind      string // api.CallerOwner, api.CallerService or api.CallerAPIKey
	ID        string
	Effective []string // what it may grant; an owner may grant everything
	Rights    []string

	platform *platform.Platform
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

// Owner reports whether the caller may do everything in its account.
func (c Caller) Owner() bool { return c.Kind == api.CallerOwner }

func errInvalidCredential() error {
	return refuse(api.CodeInvalidCredential, "The credential is not valid. Send one that is active, in X-API-Key or as Authorization: Bearer.")
}

// Authenticate finds out who holds the credential. Malformed, unknown and
// deleted ones are not told apart, nor are those that are inactive or
// expired: whoever cannot use a credential learns nothing about it.
func (k *Keyring) Authenticate(ctx context.Context, credential secret.Secret, from Origin) (Caller, error) {
	var who Caller
	err := k.view(ctx, func(r Reader) error {
		var err error
		who, err = k.caller(ctx, r, credential, from)
		return err
	})
	return who, k.denied(ctx, who, "authenticate", "", err)
}

// caller looks the credential up. With an error that is a refusal, the caller
// is whom the refused credential belongs to, if to anyone.
func (k *Keyring) caller(ctx context.Context, r Reader, credential secret.Secret, from Origin) (Caller, error) {
	found, err := k.subject(ctx, r, credential)
	if errors.Is(err, ErrNotFound) {
		return Caller{}, errInvalidCredential()
	}
	if err != nil {
		return Caller{}, err
	}
	p, err := k.platform(found.Account)
	if err != nil {
		return Caller{}, err
	}
	who := Caller{Account: found.Account, ID: found.Secret.Holder, platform: p, reveal: func() secret.Secret { return credential }, origin: from}
	if found.Owner != nil {
		who.Kind, who.Rights, who.Effective = found.Owner.Kind(), found.Owner.EffectiveRights(), []string{}
		return who, nil
	}
	who.Kind = api.CallerAPIKey
	who.Effective = p.Scopes.Effective(found.APIKey.Scopes)
	who.Rights = p.Rights(who.Effective)
	if found.APIKey.Status(k.Now()) != api.StatusActive || found.Secret.ended(k.Now()) {
		return who, errInvalidCredential()
	}
	return who, nil
}

// maxSecret bounds what is hashed on behalf of anyone: no platform's secret
// comes near it.
const maxSecret = 256

// subject looks a secret up under every pepper. A secret that no platform could
// have minted is not looked up at all.
func (k *Keyring) subject(ctx context.Context, r Reader, s secret.Secret) (Subject, error) {
	if s.Empty() || len(s.Reveal()) > maxSecret {
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

// allow is the gate: whether the caller may do what asks for this right. Every
// method that a caller reaches passes it.
func allow(who Caller, right string) error {
	// A verification has an answer of its own for a bad standing, in the
	// platform's words; the gateway that asks must get to hear it.
	if right != platform.RightVerify {
		if err := allowAny(who); err != nil {
			return err
		}
	}
	if !slices.Contains(who.Rights, right) {
		return refuse(api.CodeForbidden, "The credential lacks the right %q. Use an owner credential, or a key with a scope that gives this right.", right)
	}
	return nil
}

// allowAny is the gate for what takes no right of its own.
func allowAny(who Caller) error {
	if !who.Account.inGoodStanding() {
		return refuse(api.CodeAccountStanding, "The account is %s, so nothing but GET /v1/account answers. Ask its operator to set its standing.", who.Account.Standing)
	}
	return nil
}

// allowGrant is the gate for giving power away: nobody grants what they do not
// hold themselves.
func allowGrant(who Caller, scopes []string) error {
	if who.Owner() {
		return nil
	}
	if who.Kind == api.CallerService {
		return &Error{
			Code:    api.CodeGrantExceedsCaller,
			Message: "The credential is limited to some rights and grants nothing. Use an owner credential, or a key that holds these scopes.",
			Fields:  []api.FieldError{{Field: "scopes", Message: "the credential holds no scopes"}},
		}
	}
	missing := scope.Added(who.Effective, who.platform.Scopes.Effective(scopes))
	if len(missing) == 0 {
		return nil
	}
	return &Error{
		Code:    api.CodeGrantExceedsCaller,
		Message: "The key would hold more than the credential that asks for it. Ask for less, or use a credential that holds these scopes too.",
		Fields:  []api.FieldError{{Field: "scopes", Message: "the credential does not hold " + quoted(missing)}},
	}
}

// read runs fn behind the gate. A denial is recorded.
func (k *Keyring) read(ctx context.Context, who Caller, right, action, target string, fn func(Reader) error) error {
	if err := allow(who, right); err != nil {
		return k.denied(ctx, who, action, target, err)
	}
	return k.view(ctx, fn)
}

// write runs fn behind the gate of managing keys, in one transaction with the audit record of the
// event that fn returns. A nil event means that nothing was written. A denial,
// by the gate or by fn, undoes all and is recorded.
func (k *Keyring) write(ctx context.Context, who Caller, action, target string, fn func(Writer, Caller) (*event, error)) error {
	err := k.update(ctx, who.Account.ID, func(w Writer) error {
		now, err := k.caller(ctx, w, who.credential(), who.origin)
		if err != nil {
			return err
		}
		if err := allow(now, platform.RightAPIKeysWrite); err != nil {
			return err
		}
		done, err := fn(w, now)
		if err != nil || done == nil {
			return err
		}
		done.Action = action
		return k.record(ctx, w, now, *done)
	})
	return k.denied(ctx, who, action, target, err)
}
