package keyring

import (
	"context"
	"slices"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/platform"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

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
	if !who.Subaccount.inGoodStanding() {
		return refuse(api.CodeAccountStanding, "The sub-account is suspended, so nothing but GET /v1/account answers. Ask the account that it belongs to to activate it.")
	}
	return nil
}

// allowAccount is the gate for what belongs to the account as a whole: nobody who is
// bound to a sub-account reaches it.
func allowAccount(who Caller, right string) error {
	if err := allow(who, right); err != nil {
		return err
	}
	if who.Subaccount != nil {
		return refuse(api.CodeForbidden, "The credential is bound to a sub-account and reaches nothing beyond it. Use a credential of the account itself.")
	}
	return nil
}

// enter is the gate for keys: it allows the right and finds the place where the
// caller works. Whoever is bound to a sub-account is always in that one, and cannot
// tell another one from one that is not there.
func (k *Keyring) enter(ctx context.Context, r Reader, who Caller, right string) (Caller, error) {
	if err := allow(who, right); err != nil {
		return who, err
	}
	own := who.handle == "" || who.Subaccount != nil && who.handle == who.Subaccount.Handle
	switch {
	case own:
		who.place = who.Subaccount
	case who.Subaccount != nil:
		return who, errNoSubaccount()
	default:
		found, err := findSubaccount(ctx, r, who, who.handle, nil)
		if err != nil {
			return who, err
		}
		who.place = &found
	}
	if own && who.platform.Keys.OwnerOnly && who.Kind == api.CallerAPIKey {
		return who, refuse(api.CodeForbidden, "On %s only an owner credential manages the keys of its own account. Use one, or ask its holder.", who.platform.Title)
	}
	return who, nil
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
	missing := scope.Added(who.Effective, who.catalogue.Effective(scopes))
	if len(missing) == 0 {
		return nil
	}
	return &Error{
		Code:    api.CodeGrantExceedsCaller,
		Message: "The key would hold more than the credential that asks for it. Ask for less, or use a credential that holds these scopes too.",
		Fields:  []api.FieldError{{Field: "scopes", Message: "the credential does not hold " + quoted(missing)}},
	}
}

// snapshot runs fn on one snapshot of the store: k.lookup or k.view.
type snapshot func(ctx context.Context, fn func(Reader) error) error

// read runs fn on a snapshot behind the gate for keys, with the caller in its place. A
// denial is recorded.
func (k *Keyring) read(ctx context.Context, on snapshot, who Caller, right, action, target string, fn func(Reader, Caller) error) error {
	err := k.decided(ctx, on, func(gated context.Context, r Reader) error {
		now, err := k.enter(gated, r, who, right)
		if err != nil {
			return err
		}
		return fn(r, now)
	})
	return k.denied(ctx, who, action, target, err)
}

// gate lets a caller in, or says why not. It returns the caller in its place.
type gate func(ctx context.Context, r Reader, who Caller) (Caller, error)

// keyGate is the gate for changing keys.
func (k *Keyring) keyGate(right string) gate {
	return func(ctx context.Context, r Reader, who Caller) (Caller, error) { return k.enter(ctx, r, who, right) }
}

// accountGate is the gate for changing what belongs to the account as a whole.
func accountGate(right string) gate {
	return func(_ context.Context, _ Reader, who Caller) (Caller, error) { return who, allowAccount(who, right) }
}
