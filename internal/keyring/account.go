package keyring

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/platform"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// Account is a customer of the service on one platform.
type Account struct {
	ID        string
	Name      string
	Platform  string
	Plan      string // a plan of the platform; empty where it has none
	Standing  string // api.StandingOpen and so on
	CreatedAt time.Time
	// ScopesRevision goes up at each change of the account's custom scopes; 0 means
	// that it never had one.
	ScopesRevision int64
}

// inGoodStanding reports whether the account's keys work.
func (a Account) inGoodStanding() bool {
	return a.Standing == api.StandingOpen || a.Standing == api.StandingPendingCancel
}

// NewAccount asks for an account.
type NewAccount struct {
	Name     string
	Platform string
	Plan     string // the platform's default when empty
	First    bool   // refuse with ErrNotFirst when the store has an account already
	Keep     Keep   // gets the owner credential before anything is stored; may be nil
}

// ErrNotFirst is the answer to whoever sets up what is set up.
var ErrNotFirst = errors.New("there is an account already")

// Check says what is wrong with the request, or nil. It needs no store, so that a
// first start can refuse before it makes anything.
func (in NewAccount) Check(platforms map[string]*platform.Platform) error {
	p, ok := platforms[in.Platform]
	if !ok {
		return fmt.Errorf("%w, or name the file of one of your own with --platform-file", unknownWord("platform", in.Platform, slices.Sorted(maps.Keys(platforms))))
	}
	if err := checkName(in.Name, maxName); err != nil {
		return fmt.Errorf("account name %w", err)
	}
	if len(p.Plans) == 0 && in.Plan != "" {
		return fmt.Errorf("platform %q has no plan %q: it has no plans; leave the plan out", p.Name, in.Plan)
	}
	if _, ok := p.Plans[in.Plan]; !ok && in.Plan != "" {
		return fmt.Errorf("platform %q has no plan %q; use one of %s", p.Name, in.Plan, strings.Join(slices.Sorted(maps.Keys(p.Plans)), ", "))
	}
	return nil
}

// CreateAccount makes an account and its first owner credential. It is the
// operator's call: nothing on the network reaches it.
func (k *Keyring) CreateAccount(ctx context.Context, in NewAccount) (Account, secret.Secret, error) {
	if err := in.Check(k.platforms); err != nil {
		return Account{}, secret.Secret{}, err
	}
	now := k.second()
	a := Account{ID: newID("acct"), Name: in.Name, Platform: in.Platform, Plan: in.Plan, Standing: api.StandingOpen, CreatedAt: now}
	if a.Plan == "" {
		a.Plan = k.platforms[a.Platform].DefaultPlan
	}
	owner, minted := mintOwner(a.ID, NewOwner{}, now)
	if err := in.Keep.call(a.ID, owner.ID, minted); err != nil {
		return Account{}, secret.Secret{}, err
	}
	lock := a.ID
	if in.First {
		lock = "" // the same for all who would be first
	}
	err := k.update(ctx, lock, func(w Writer) error {
		if in.First {
			others, err := w.Accounts(ctx)
			if err != nil {
				return err
			}
			if len(others) > 0 {
				return ErrNotFirst
			}
		}
		if err := w.InsertAccount(ctx, a); err != nil {
			return err
		}
		if err := k.insertOwner(ctx, w, owner, minted); err != nil {
			return err
		}
		return k.record(ctx, w, operator(a.ID), event{Action: "account.create", Target: a.ID, Detail: map[string]any{
			"name": a.Name, "platform": a.Platform, "plan": a.Plan, "owner": owner.ID,
		}})
	})
	if err != nil {
		return Account{}, secret.Secret{}, err
	}
	return a, minted, nil
}

// SetStanding changes an account's standing. It is the operator's call, as
// standing follows from contracts and payments. The error for an account that is
// not there wraps ErrNotFound.
func (k *Keyring) SetStanding(ctx context.Context, id, standing string) error {
	known := []string{api.StandingOpen, api.StandingPendingCancel, api.StandingPastDue, api.StandingSuspended, api.StandingTerminated}
	if !slices.Contains(known, standing) {
		return unknownWord("standing", standing, known)
	}
	return k.update(ctx, id, func(w Writer) error {
		before, err := findAccount(ctx, w, id)
		if err != nil {
			return err
		}
		if !(Account{Standing: standing}).inGoodStanding() {
			w.Mark(TakesPower)
		}
		if err := w.SetStanding(ctx, id, standing); err != nil {
			return err
		}
		return k.record(ctx, w, operator(id), event{Action: "account.set_standing", Target: id, Detail: map[string]any{
			"standing": change{before.Standing, standing},
		}})
	})
}

// Accounts returns all accounts, for the operator.
func (k *Keyring) Accounts(ctx context.Context) ([]Account, error) {
	var all []Account
	err := k.view(ctx, func(r Reader) error {
		var err error
		all, err = r.Accounts(ctx)
		return err
	})
	return all, err
}

// MayKnowAccount is the gate of platforms that tell a key whose it is only where it holds a
// scope for that. A denial is recorded.
func (k *Keyring) MayKnowAccount(ctx context.Context, who Caller, scope string) error {
	err := allowAny(who)
	if err == nil && !who.Owner() && !slices.Contains(who.Effective, scope) {
		err = refuse(api.CodeForbidden, "The credential lacks the scope %q. Use an owner credential, or a key that holds it.", scope)
	}
	return k.denied(ctx, who, "account.read", "", err)
}

// AccountView is the caller's account with what it holds and may hold.
type AccountView struct {
	Account
	APIKeys      int
	Limit        *int                    // of API keys; nil for none
	Rules        platform.KeyRules       // for the keys that APIKeys counts
	Secret       secret.Format           // of the keys; the zero value where Password is set
	Password     *platform.PasswordRules // nil where keys are no API users
	CustomScopes bool                    // accounts of the platform define scopes of their own
	Subaccounts  *SubaccountsView        // nil where the platform has none, and for a caller of a sub-account
	Requests     Requests
}

// SubaccountsView is how many sub-accounts an account has and may have.
type SubaccountsView struct {
	Used  int
	Rules platform.SubaccountRules
}

// Account returns the caller's own account. It is the one call that answers
// whatever the account's standing is, so that an owner can see why all
// others are refused. Whoever is bound to a sub-account learns of that one only.
func (k *Keyring) Account(ctx context.Context, who Caller) (AccountView, error) {
	v := AccountView{}
	err := k.lookup(ctx, func(r Reader) error {
		var err error
		if v.Account, err = r.Account(ctx, who.Account.ID); err != nil {
			return err
		}
		if err := k.loadRequests(ctx, r, who.platform, v.Account); err != nil {
			return err
		}
		if who.Subaccount != nil {
			v.Name, v.Limit = "", who.Subaccount.keyLimit(who.platform)
			v.APIKeys, err = r.CountAPIKeys(ctx, who.Account.ID, who.Subaccount.ID)
			return err
		}
		v.Limit = keyLimit(who.platform, v.Account)
		if v.APIKeys, err = r.CountAPIKeys(ctx, who.Account.ID, ""); err != nil || who.platform.Subaccounts == nil {
			return err
		}
		v.Subaccounts = &SubaccountsView{Rules: *who.platform.Subaccounts}
		v.Subaccounts.Used, err = r.CountSubaccounts(ctx, who.Account.ID)
		return err
	})
	if err != nil {
		return v, err
	}
	v.Rules, v.Secret, v.Password = who.platform.KeysOf(who.Subaccount != nil), who.platform.Secret, who.platform.Password
	v.CustomScopes = who.platform.OpenScopes
	v.Requests = k.requestsOf(who.platform, v.Account)
	return v, nil
}

func keyLimit(p *platform.Platform, a Account) *int {
	if limit := p.Plans[a.Plan].APIKeys; limit != nil {
		return limit
	}
	return p.Keys.Limit
}

const idLength = 20

func newID(kind string) string { return kind + "_" + secret.Random("base62", idLength) }

// isID reports whether the text could come from newID. Whatever else is sent
// where an id belongs is neither looked up, nor repeated, nor recorded: it
// could be a secret in the wrong place.
func isID(text string) bool {
	kind, random, ok := strings.Cut(text, "_")
	other := func(c rune) bool { return (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') }
	return ok && len(kind) <= 8 && len(random) == idLength && !strings.ContainsFunc(kind+random, other)
}

// stored is what is kept of a minted secret.
func (k *Keyring) stored(s secret.Secret, account, kind, holder string, version int, at time.Time) StoredSecret {
	pepper := k.peppers.Current()
	digest, fingerprint := pepper.Digest(s), secret.Fingerprint(s)
	return StoredSecret{
		Digest: digest[:], PepperVersion: pepper.Version, Fingerprint: fingerprint[:],
		Account: account, HolderKind: kind, Holder: holder, Version: version, CreatedAt: at,
	}
}
