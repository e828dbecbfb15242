package plan

import (
	"fmt"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

// Lacks says that the credential may not do what the apply is to do; none where it may.
func Lacks(account backend.Account, verb, need string, subject Subject) []Finding {
	if !account.Lacks(need) {
		return nil
	}
	return []Finding{{
		Grade: Error, Code: CodeLacksRight, Subject: subject, Summary: fmt.Sprintf("The credential cannot %s %ss", verb, subject.Kind),
		Detail: fmt.Sprintf("Platform %s asks for the scope %q, which the provider's API key does not hold. Use an API key that holds it.", account.Platform, need),
		Data:   Data{Scopes: []string{need}},
	}}
}

// checkRights checks what the plan does to the key against what the credential may do.
func checkRights(d *decidedAPIKey) (findings []Finding) {
	if d.Account == nil {
		return nil
	}
	needs, lacks := d.Account.Rules.Needs, func(verb, need string) {
		findings = append(findings, Lacks(*d.Account, verb, need, d.subject())...)
	}
	if d.Create || d.mints && d.newKeyPerSecret() {
		lacks("create", needs.Create)
		return findings
	}
	if renamed := d.planned.Name != d.State.Name && !d.Account.Rules.NameInState; renamed || d.rescoped() {
		lacks("update", needs.Update)
	}
	if !d.State.PreviousID.IsNull() && d.planned.PreviousID.IsNull() {
		lacks("delete", needs.Delete)
	}
	return findings
}

// DestroyAPIKey says what is to be said of a key that a plan destroys.
func DestroyAPIKey(account backend.Account, state APIKeyValues) []Finding {
	subject := Subject{Kind: KindAPIKey, ID: state.ID.Zero(), Name: state.Name.Zero(), Subaccount: state.Subaccount.Zero()}
	findings := Lacks(account, "delete", account.Rules.Needs.Delete, subject)
	for _, id := range []string{state.ID.Zero(), state.PreviousID.Zero()} {
		if id != "" && id == account.CallerID {
			findings = append(findings, Finding{
				Grade: Error, Code: CodeEndsOwnKey, Subject: subject, Summary: subject.String() + " is the key that the provider runs with",
				Detail: fmt.Sprintf("The plan deletes the key %s, which the provider runs with. Without it the run breaks off where it stands, and no later one gets in. %s", id, ownAdvice),
				Data:   Data{Keys: []string{id}},
			})
		}
	}
	return findings
}

// checkOwnerOnly says at plan what the apply would be refused for.
func checkOwnerOnly(d *decidedAPIKey) []Finding {
	if !d.rules().OwnerOnly || !d.Account.APIKey || !d.touched && !d.mints {
		return nil
	}
	return d.fault(CodeOwnerOnly, Path{}, "Only an owner credential manages these keys",
		"Platform "+d.platform()+" lets no API key manage other keys of its account, or of its sub-account. Give the provider an owner credential.")
}

// checkOutlives refuses a key that would outlive the provider's own credential, as the service
// does at the apply: nobody gives what they do not hold, time included. What is known after
// the apply only is said as such.
func checkOutlives(d *decidedAPIKey) []Finding {
	if d.Account == nil || d.Account.ExpiresAt == nil {
		return nil
	}
	own, at := *d.Account.ExpiresAt, Attr("expires_at")
	gives, known := d.givesTime()
	expires := At(d.planned.ExpiresAt)
	later := expires == nil || expires.After(own)
	switch {
	case !gives && known:
	case d.planned.ExpiresAt.IsUnknown() || !known && later:
		return d.warning(CodeMayOutlive, at, "may outlive the provider's credential",
			fmt.Sprintf("The provider's credential expires at %s and gives nothing that lasts longer. What this key will be is known after the apply only, and the apply fails if it would outlive the credential.", own.Format(time.RFC3339)))
	case later:
		ends := "would never end"
		if expires != nil {
			ends = "would end at " + string(d.planned.ExpiresAt.Zero())
		}
		return d.fault(CodeOutlives, at, "The key would outlive the provider's credential",
			fmt.Sprintf("Nobody gives what they do not hold, time included: the provider's credential expires at %s, and this key %s. Set expires_at to that time or earlier, or use a credential that lasts as long.", own.Format(time.RFC3339), ends))
	}
	return nil
}

// givesTime reports whether the apply lets the key do something for longer than now: it makes
// it, gives it a new secret or a later end, adds scopes or turns it on. It is not known where
// a value is not.
func (d *decidedAPIKey) givesTime() (gives, known bool) {
	if d.Create || d.mints {
		return true, true
	}
	before, after := At(d.State.ExpiresAt), At(d.planned.ExpiresAt)
	switch {
	case d.planned.ExpiresAt.IsUnknown():
		return false, false
	case before != nil && (after == nil || after.After(*before)):
		return true, true
	case d.planned.Enabled.Zero() && !d.State.Enabled.Zero():
		return true, true
	}
	was, _ := d.State.EffectiveScopes.Names()
	is, all := d.planned.EffectiveScopes.Names()
	if len(scope.Added(was, is)) > 0 {
		return true, true
	}
	return false, all && !d.planned.Enabled.IsUnknown() && !d.planned.SecretVersion.IsUnknown()
}

// namesMatter reports whether other keys of the planned name are worth a word: a key is made,
// and its name is known.
func (d *decidedAPIKey) namesMatter() bool {
	return d.rules().NamesRepeat && d.mints && d.planned.Name.Zero() != "" && !d.planned.Subaccount.IsUnknown() && !d.Place.Coming
}

// checkNamesakes warns of other keys of the name that a new key gets. They may be meant, or be
// what a run left behind that was killed before it could save its state: such a key works,
// and nobody has its secret.
func checkNamesakes(d *decidedAPIKey) []Finding {
	if d.Names == nil || !d.namesMatter() {
		return nil
	}
	var others []string
	for _, id := range d.Names.IDs[d.planned.Name.Zero()] {
		if d.Create || id != d.State.ID.Zero() && id != d.State.PreviousID.Zero() {
			others = append(others, id)
		}
	}
	if len(others) == 0 {
		return nil
	}
	const most = 5
	text := quoted(others[:min(most, len(others))])
	if more := len(others) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	f := d.warning(CodeNameRepeats, Attr("name"), "has the name of another key, "+few(others),
		fmt.Sprintf("The %s has the API key %s of the name %q already. If a run that was broken off left it behind, nobody has its secret: delete it. Otherwise import it, or ignore this: names may repeat on platform %s.",
			d.holder(), text, d.planned.Name.Zero(), d.platform()))
	f[0].Data.Keys = others
	return f
}
