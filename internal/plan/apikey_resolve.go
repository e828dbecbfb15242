package plan

import (
	"slices"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

// resolvedAPIKey is the input with what a configuration leaves to defaults filled in.
type resolvedAPIKey struct {
	APIKeyInput
	planned APIKeyValues // the proposal, and what is resolved; the rest is decided next
	touched bool         // the configuration or a default changes something
	sound   bool         // the scopes are known, and a key can have them together
}

// resolveAPIKey fills in whose key it is, which scopes it gets and what these grant.
func resolveAPIKey(in APIKeyInput) *resolvedAPIKey {
	r := &resolvedAPIKey{APIKeyInput: in, planned: in.Proposed}
	r.touched = in.Create || in.Proposed.Status.IsUnknown()
	if in.Place.OfSubaccount {
		r.planned.Subaccount = SubaccountOr(in.Config.Subaccount, in.Place.Default)
		r.touched = r.touched || r.moves()
	}
	r.planned.AccountID = AccountID(in.Account, in.State.AccountID, in.Create)
	r.planned.Scopes = r.scopes()
	r.sound = r.scopesSound()
	r.planned.EffectiveScopes = r.effective()
	return r
}

// SubaccountOr is the handle of the sub-account that a key belongs to: the one that is set,
// else the provider's. It is unknown while the provider's is, and null when there is neither.
func SubaccountOr(set, ofProvider Text) Text {
	switch {
	case !set.IsNull():
		return set
	case ofProvider.IsUnknown() || ofProvider.Zero() != "":
		return ofProvider
	}
	return Null[string]()
}

// moves reports whether the key is to be one of another sub-account, which takes another
// key.
func (r *resolvedAPIKey) moves() bool {
	return r.Place.OfSubaccount && !r.Create && r.planned.Subaccount != r.State.Subaccount
}

// AccountID is the account_id that an apply will leave: the state's, or that of the account
// which the plan is made in. It is unknown where it could not be asked for, and for what is
// made where the credential of the apply may be told it and this one is not.
func AccountID(account *backend.Account, state Text, create bool) Text {
	switch {
	case state.Zero() != "":
		return state
	case account == nil, create && account.ID == "" && account.IDNeedsRight:
		return Unknown[string]()
	case !create && account.IDNeedsRight:
		return state // a refresh takes it up
	case account.ID == "":
		return Null[string]()
	}
	return Known(account.ID)
}

// scopes are those that the key is to have: the configured ones, or those that the platform
// fixes. Without an answer of the service they stay what Terraform proposes, which is unknown
// for a new key.
func (r *resolvedAPIKey) scopes() Set {
	if fixed := r.fixed(); fixed != nil && r.Config.Scopes.IsNull() {
		return ChosenOf(*fixed)
	}
	return r.Proposed.Scopes
}

// fixed are the scopes that the platform fixes; nil where it does not, and where nothing is
// known of it.
func (r *resolvedAPIKey) fixed() *[]string {
	if r.Account == nil || r.Account.Rules.Unmanaged != "" {
		return nil
	}
	return r.Account.Rules.FixedScopes
}

// scopesSound reports whether the scopes are known, there, and of one class. Only then can
// be told what they grant.
func (r *resolvedAPIKey) scopesSound() bool {
	names, all := r.planned.Scopes.Names()
	return all && r.Catalogue != nil && len(r.scopeChoice()) == 0 &&
		r.Catalogue.Coming.Check(names) == nil && len(r.Catalogue.Coming.Classes(names)) <= 1
}

// effective is what the scopes will really grant.
func (r *resolvedAPIKey) effective() Set {
	was := NullSet()
	if !r.Create && r.planned.Scopes.Equal(r.State.Scopes) {
		was = r.State.EffectiveScopes
	}
	switch {
	case r.sound:
		names, _ := r.planned.Scopes.Names()
		return r.Catalogue.Granted(names, was)
	case !r.Create && r.planned.Scopes.Equal(r.State.Scopes):
		return was
	}
	return UnknownSet()
}

// rescoped reports whether the scopes of a key that exists change.
func (r *resolvedAPIKey) rescoped() bool {
	return !r.Create && !r.planned.Scopes.Equal(r.State.Scopes)
}

// sameNames reports whether both are the same names.
func sameNames(a, b []string) bool { return slices.Equal(scope.Normal(a), scope.Normal(b)) }

// platform is what the account's platform is called; empty while it is not known.
func (r *resolvedAPIKey) platform() string {
	if r.Account == nil {
		return ""
	}
	return r.Account.Platform
}

// rules are the platform's rules for keys of the place. Where nothing could be asked, they
// are those of no platform; look at Account first.
func (r *resolvedAPIKey) rules() backend.KeyRules {
	if r.Account == nil {
		return backend.KeyRules{}
	}
	return r.Account.Rules
}

// expired reports whether the key has stopped working by its expiry.
func (r *resolvedAPIKey) expired() bool {
	return r.State.Status.Zero() == backend.StatusExpired
}

// keepsSecret reports whether the platform's keys keep the secret that they were made with.
func (r *resolvedAPIKey) keepsSecret() bool {
	return r.Account != nil && !r.Account.Rules.Rotate && !r.Account.Rules.Replace
}

// newKeyPerSecret reports whether a rotation makes a new key. Where nothing could be asked it is not
// known, and false.
func (r *resolvedAPIKey) newKeyPerSecret() bool { return r.rules().Replace }

// goes reports whether this run replaces the sub-account of the key, under its handle.
func (r *resolvedAPIKey) goes() bool {
	return !r.Create && r.Place.OfSubaccount && r.Place.Replaced
}

// subject is the key in a finding.
func (r *resolvedAPIKey) subject() Subject {
	return Subject{Kind: KindAPIKey, ID: r.State.ID.Zero(), Name: r.planned.Name.Zero(), Subaccount: r.planned.Subaccount.Zero()}
}

// called names the key in a detail: by its name where it has one, and by its id.
func (r *resolvedAPIKey) called() string {
	id := r.State.ID.Zero()
	if name := r.planned.Name.Zero(); name != "" {
		return name + " (" + id + ")"
	}
	return id
}

// finding says something about the key.
func (r *resolvedAPIKey) finding(grade Grade, code Code, at Path, summary, detail string) Finding {
	return Finding{Grade: grade, Code: code, Subject: r.subject(), At: at, Summary: summary, Detail: detail}
}

func (r *resolvedAPIKey) fault(code Code, at Path, summary, detail string) []Finding {
	return []Finding{r.finding(Error, code, at, summary, detail)}
}

// warning is a finding whose summary says the fact of the key.
func (r *resolvedAPIKey) warning(code Code, at Path, fact, detail string) []Finding {
	return []Finding{r.finding(Warning, code, at, r.subject().String()+" "+fact, detail)}
}
