package provider

import (
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

// lifetime refuses a key that would outlive the provider's own credential, as the service
// does at the apply: nobody gives what they do not hold, time included. What is known
// after the apply only is said as such.
func (p *apiKeyPlan) lifetime() {
	if p.account == nil || p.account.ExpiresAt == nil {
		return
	}
	own, at := *p.account.ExpiresAt, path.Root("expires_at")
	gives, known := p.givesTime()
	expires := timeOf(p.plan.ExpiresAt)
	switch {
	case !gives && known:
	case p.plan.ExpiresAt.IsUnknown() || !known && (expires == nil || expires.After(own)):
		p.diags.AddAttributeWarning(at, "The end of the key could not be checked",
			fmt.Sprintf("The provider's credential expires at %s and gives nothing that lasts longer. What this key will be is known after the apply only, and the apply fails if it would outlive the credential.", own.Format(time.RFC3339)))
	case expires == nil || expires.After(own):
		ends := "would never end"
		if expires != nil {
			ends = "would end at " + p.plan.ExpiresAt.ValueString()
		}
		p.diags.AddAttributeError(at, "The key would outlive the provider's credential",
			fmt.Sprintf("Nobody gives what they do not hold, time included: the provider's credential expires at %s, and this key %s. Set expires_at to that time or earlier, or use a credential that lasts as long.", own.Format(time.RFC3339), ends))
	}
}

// givesTime reports whether the apply lets the key do something for longer than now: it
// makes it, gives it a new secret or a later end, adds scopes or turns it on. It is
// not known where a value is not.
func (p *apiKeyPlan) givesTime() (gives, known bool) {
	if p.create || p.mints {
		return true, true
	}
	before, after := timeOf(p.state.ExpiresAt), timeOf(p.plan.ExpiresAt)
	switch {
	case p.plan.ExpiresAt.IsUnknown():
		return false, false
	case before != nil && (after == nil || after.After(*before)):
		return true, true
	case p.plan.Enabled.ValueBool() && !p.state.Enabled.ValueBool():
		return true, true
	}
	was, _ := stringsOf(p.state.EffectiveScopes)
	is, scopesKnown := stringsOf(p.plan.EffectiveScopes)
	if len(scope.Added(was, is)) > 0 {
		return true, true
	}
	return false, scopesKnown && !p.plan.Enabled.IsUnknown() && !p.plan.SecretVersion.IsUnknown()
}
