package keyring

import (
	"context"
	"errors"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/password"
	"github.com/postern-dev/terraform-provider-postern/internal/platform"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// Presented is what someone shows to be let in.
type Presented struct {
	Secret   secret.Secret // a key, or a password
	Username string        // with a password only
	Address  string        // the IP address that it came from, when the gateway says so
}

// Verification is whether something presented is good for some scopes now.
type Verification struct {
	Code       string // api.VerifyValid and so on
	APIKey     APIKey // the zero value when Code is api.VerifyInvalid or VerifyBlocked
	Handle     string // of the key's sub-account
	Effective  []string
	Missing    []string      // what was asked for and is not granted
	EndsAt     *time.Time    // when the secret stops working; nil for never
	RetryAfter time.Duration // whole seconds, where the code is about too many of something
	Requests   Requests      // what is left of the account's limits
}

// Valid reports whether to let the caller in.
func (v Verification) Valid() bool { return v.Code == api.VerifyValid }

// Verify answers whether what was presented is good for all of the scopes. It asks
// nothing of the secret's holder and leaves no audit record at once: it is the hot
// path. Those that it refuses are summed up by address and reason, for FlushDenials. Owner credentials, and keys that the gateway's
// own credential does not reach, are as unknown as a secret that never was.
func (k *Keyring) Verify(ctx context.Context, who Caller, in Presented, scopes []string) (Verification, error) {
	return k.verify(ctx, func(context.Context, Reader) (Caller, error) { return who, nil }, &who, in, scopes)
}

// VerifyFor is Authenticate and Verify on one snapshot. A gateway asks for both at
// each request of its callers, and most of the time goes to the transaction.
func (k *Keyring) VerifyFor(ctx context.Context, credential secret.Secret, from Origin, in Presented, scopes []string) (Caller, Verification, error) {
	var who Caller
	v, err := k.verify(ctx, func(ctx context.Context, r Reader) (Caller, error) { return k.caller(ctx, r, credential, from) }, &who, in, scopes)
	return who, v, err
}

func (k *Keyring) verify(ctx context.Context, authenticate func(context.Context, Reader) (Caller, error), who *Caller, in Presented, scopes []string) (Verification, error) {
	v := Verification{Code: api.VerifyInvalid}
	var found *Subject
	// Without an end, as in deciding, but for the time limit: the hot path has no timer.
	whole := context.WithoutCancel(ctx)
	err := k.lookup(whole, func(r Reader) error {
		var err error
		if *who, err = authenticate(whole, r); err != nil {
			return err
		}
		if err := checkQuestion(*who, in, scopes); err != nil {
			return err
		}
		if err := k.loadRequests(whole, r, who.platform, who.Account); err != nil {
			return err
		}
		found, err = k.presented(whole, r, *who, in)
		return err
	})
	if err != nil {
		return v, k.denied(ctx, *who, "verify", "", err)
	}
	now := k.Now()
	from, placed := sourceOf(who.Account.ID, in.Address)
	placed = placed && who.platform.Attempts != nil
	if placed {
		if v.RetryAfter = wholeSeconds(k.attempts.blocked(from, now)); v.RetryAfter > 0 {
			v.Code = api.VerifyBlocked
			k.refusedTo(*who, v, in, now)
			return v, nil
		}
	}
	if v, err = k.judge(ctx, *who, found, in, scopes, now); err != nil {
		return Verification{Code: api.VerifyInvalid}, err
	}
	if !v.Valid() {
		k.refusedTo(*who, v, in, now)
	}
	switch v.Code {
	case api.VerifyValid:
		k.meter.count(who.Account.ID, v.APIKey.ID, scopes, now)
	case api.VerifyInvalid, api.VerifyExpired, api.VerifyInactive, api.VerifyLocked:
		if placed {
			k.attempts.failed(who.platform.Attempts, from, now)
		}
	}
	return v, nil
}

// refusedTo counts a verification that was refused, for the trail of the gateway's account:
// see FlushDenials.
func (k *Keyring) refusedTo(who Caller, v Verification, in Presented, now time.Time) {
	address := ""
	if in.Address != "" {
		address = network(in.Address)
	}
	key := sumKey{action: actionRefuse, actor: who.ID, address: address, code: v.Code}
	k.denials.count(who.Account.ID, key, who, refused{action: "verify", code: v.Code, target: v.APIKey.ID, address: address}, now)
}

// checkQuestion refuses a question that makes no sense.
func checkQuestion(who Caller, in Presented, scopes []string) error {
	if err := allow(who, platform.RightVerify); err != nil {
		return err
	}
	var f faults
	if len(scopes) > maxScopes {
		f.add("scopes", "must hold at most %d scopes, it has %d", maxScopes, len(scopes))
	} else if err := who.catalogue.Check(scopes); err != nil {
		// A gateway that asks for a scope which does not exist is set up
		// wrongly; refusing everyone in silence would hide that.
		f.add("scopes", "%v", err)
	}
	if in.Address != "" {
		if _, ok := sourceOf(who.Account.ID, in.Address); !ok {
			f.add("client_address", "must be an IP address without a port")
		}
	}
	return f.err()
}

// presented looks up whom the secret or the username belongs to; nil for nobody whom
// the caller reaches.
func (k *Keyring) presented(ctx context.Context, r Reader, who Caller, in Presented) (*Subject, error) {
	var found Subject
	var err error
	switch rules := who.platform.Password; {
	case rules != nil && (in.Username == "" || len(in.Username) > maxSecret),
		rules == nil && (in.Username != "" || !who.platform.Secret.Matches(in.Secret.Reveal())):
		return nil, nil //nolint:nilnil // no platform makes such: nothing to look up
	case rules != nil:
		found, err = r.APIUser(ctx, in.Username)
	default:
		found, err = k.subject(ctx, r, in.Secret)
	}
	if errors.Is(err, ErrNotFound) || err == nil && (found.APIKey == nil || found.Account.ID != who.Account.ID) {
		return nil, nil //nolint:nilnil // as above
	}
	if err != nil {
		return nil, err
	}
	if who.Subaccount != nil && found.APIKey.Subaccount != who.Subaccount.ID {
		return nil, nil //nolint:nilnil // as above
	}
	return &found, nil
}

// judge gives the verdict on what was found.
func (k *Keyring) judge(ctx context.Context, who Caller, found *Subject, in Presented, scopes []string, now time.Time) (Verification, error) {
	if who.platform.Password != nil {
		good, err := k.checkPassword(ctx, who, found, in)
		if errors.Is(err, password.ErrBusy) {
			return Verification{Code: api.VerifyRateLimited, RetryAfter: time.Second}, nil
		}
		if err != nil || !good {
			return Verification{Code: api.VerifyInvalid}, err
		}
	}
	if found == nil {
		return Verification{Code: api.VerifyInvalid}, nil
	}
	if found.secretEnded(now) {
		k.refusedByTime()
		return Verification{Code: api.VerifyInvalid}, nil
	}
	return k.verdict(who, *found, scopes, now), nil
}

func (k *Keyring) verdict(who Caller, found Subject, scopes []string, now time.Time) Verification {
	key := *found.APIKey
	v := Verification{Code: api.VerifyValid, APIKey: key, Effective: who.catalogue.Effective(key.Scopes), EndsAt: key.ExpiresAt}
	if found.Subaccount != nil {
		v.Handle = found.Subaccount.Handle
	}
	// The expiry may have come nearer since the rotation that set the overlap.
	if end := found.Secret.EndsAt; end != nil && (v.EndsAt == nil || end.Before(*v.EndsAt)) {
		v.EndsAt = end
	}
	switch status := key.Status(now); {
	case status == api.StatusExpired:
		k.refusedByTime()
		v.Code = api.VerifyExpired
	case status == api.StatusInactive:
		v.Code = api.VerifyInactive
	case status == api.StatusLocked:
		v.Code = api.VerifyLocked
	case !found.Account.inGoodStanding():
		v.Code = api.VerifyAccountStanding
	case !found.Subaccount.inGoodStanding():
		v.Code = api.VerifySubaccountSuspended
	default:
		k.admit(who, &v, scopes, now)
	}
	return v
}

// admit counts the request of a key that works, and judges what it asks for.
func (k *Keyring) admit(who Caller, v *Verification, scopes []string, now time.Time) {
	var refused string
	refused, v.Requests = k.take(who.platform, who.Account, now)
	switch {
	case refused != "":
		v.Code = refused
		v.RetryAfter = wholeSeconds(v.Requests.retryAfter(refused, now))
	default:
		// What was asked for, not all that it implies: the answer names the scope
		// that the caller knows.
		if v.Missing = scope.Added(v.Effective, scopes); len(v.Missing) > 0 {
			v.Code = api.VerifyMissingScope
		}
	}
}

// retryAfter is how long the limit that refused a request still holds.
func (r Requests) retryAfter(code string, now time.Time) time.Duration {
	limit := r.Hour
	if code == api.VerifyQuotaExceeded {
		limit = r.Month
	}
	if limit == nil {
		return time.Second
	}
	return limit.ResetAt.Sub(now)
}

// wholeSeconds rounds up, so that whoever waits so long has waited long enough.
func wholeSeconds(d time.Duration) time.Duration {
	return (d + time.Second - 1).Truncate(time.Second)
}

// Answer is the body with which a gateway refuses the caller whom v is about, in
// the shape of the account's platform.
func (k *Keyring) Answer(who Caller, v Verification) []byte {
	missing := ""
	if len(v.Missing) > 0 {
		missing = v.Missing[0]
	}
	return who.platform.Answer(v.Code, missing, v.RetryAfter)
}
