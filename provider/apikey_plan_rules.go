package provider

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

// ask asks for the account and the rules of the key's place.
func (p *apiKeyPlan) ask(ctx context.Context) {
	if p.backend == nil {
		return
	}
	account, err := p.backend.Account(ctx)
	if err != nil {
		unchecked(p.diags, "account", err)
		return
	}
	account.Rules = account.KeyRules(p.ofSubaccount)
	p.account = &account
	if p.ofSubaccount {
		p.place(ctx)
	}
}

// choice settles which scopes the key is to have: those that are configured, or
// those that the platform fixes. Without an answer of the service it stays with
// what Terraform proposes, which is unknown for a new key.
func (p *apiKeyPlan) choice(configured types.Set) {
	if p.account == nil || p.account.Rules.Unmanaged != "" { // then rules says what to do, and no scopes would help
		return
	}
	at, fixed := path.Root("scopes"), p.account.Rules.FixedScopes
	names, known := stringsOf(configured)
	switch {
	case fixed == nil && configured.IsNull() && !p.create && p.state.Scopes.IsNull(): // it exists without any
	case fixed == nil && configured.IsNull():
		p.diags.AddAttributeError(at, "Missing scopes", "Name at least one scope. Left out never means everything.")
	case fixed == nil:
	case configured.IsNull():
		p.plan.Scopes = chosenSet(*fixed)
	case known && len(*fixed) == 0:
		p.diags.AddAttributeError(at, "Keys have no scopes on this platform", "A key of platform "+p.account.Platform+" has no scopes to choose. Remove scopes.")
	case known && !slices.Equal(scope.Normal(names), scope.Normal(*fixed)):
		p.diags.AddAttributeError(at, "Scopes are fixed on this platform", "These keys of platform "+p.account.Platform+" hold exactly "+quoted(*fixed)+". Remove scopes.")
	}
}

// rules checks the plan against what the platform and the account allow.
func (p *apiKeyPlan) rules(ctx context.Context) {
	if p.account == nil {
		return
	}
	account := *p.account
	if account.Rules.Unmanaged != "" && p.create {
		p.diags.AddError("No API key can be made here", account.Rules.Unmanaged)
		return
	}
	p.nameRules(account)
	p.scopeRules(account)
	p.expiry(ctx, account)
	if !account.Rules.Disable && p.plan.Enabled.Equal(types.BoolValue(false)) {
		p.diags.AddAttributeError(path.Root("enabled"), "Keys cannot be turned off on this platform", "Platform "+account.Platform+" has no inactive keys. Remove enabled, or the key.")
	}
	p.rotationRules(ctx, account)
}

// nameRules checks a new name. What exists has the name that its service let it have.
func (p *apiKeyPlan) nameRules(account backend.Account) {
	name, at := p.plan.Name.ValueString(), path.Root("name")
	switch {
	case p.plan.Name.IsUnknown() || !p.create && name == p.state.Name.ValueString():
	case name == "" && account.Rules.NameRequired:
		p.diags.AddAttributeError(at, "Missing name", "Keys of platform "+account.Platform+" need a name, of 1 to 100 characters.")
	case name != "" && account.Rules.CheckName != nil:
		if err := account.Rules.CheckName(name); err != nil {
			p.diags.AddAttributeError(at, "Invalid name", fmt.Sprintf("The name of an API key %v.", err))
		}
	}
}

func (p *apiKeyPlan) scopeRules(account backend.Account) {
	at := path.Root("scopes")
	if !p.create && account.Rules.FixedScopes == nil && !account.Rules.EditScopes && !p.plan.Scopes.Equal(p.state.Scopes) {
		p.replace = append(p.replace, at)
		p.diags.AddAttributeWarning(at, "A change of scopes makes a new key", "Platform "+account.Platform+" fixes the scopes of a key when it is made.")
	}
	if account.Owner || account.GrantsUnknown || p.plan.EffectiveScopes.IsUnknown() {
		return
	}
	if !account.APIKey && p.create {
		p.diags.AddError("The credential cannot make keys", "It is limited to some rights and grants nothing, so that every key is too much. Use an owner credential, or a key that holds the scopes.")
		return
	}
	effective, _ := stringsOf(p.plan.EffectiveScopes)
	if missing := scope.Added(account.Scopes, effective); len(missing) > 0 && (p.create || !p.plan.Scopes.Equal(p.state.Scopes)) {
		p.diags.AddAttributeError(at, "The credential cannot grant these scopes",
			"Nobody grants what they do not hold, and the provider's credential does not hold "+quoted(missing)+". Ask for less, or use a credential that holds them.")
	}
}

// redundant warns of each scope that another one implies, when the scopes are chosen:
// it grants nothing more, and hides that taking it away would take nothing.
func (p *apiKeyPlan) redundant(catalogue *backend.Catalogue) {
	if p.account == nil || p.account.Rules.FixedScopes != nil || !p.create && p.plan.Scopes.Equal(p.state.Scopes) {
		return
	}
	names, _ := stringsOf(p.plan.Scopes)
	redundant := catalogue.Redundant(names)
	for _, name := range names {
		by, ok := redundant[name]
		if !ok {
			continue
		}
		p.diags.AddAttributeWarning(path.Root("scopes").AtSetValue(types.StringValue(name)), "Redundant scope",
			fmt.Sprintf("The scope %q grants nothing more, because %q implies it. Remove %q, or %q if only %q is meant.", name, by, name, by, name))
	}
}

func (p *apiKeyPlan) expiry(ctx context.Context, account backend.Account) {
	at := timeOf(p.plan.ExpiresAt)
	if at == nil || !p.create && p.plan.ExpiresAt.Equal(p.state.ExpiresAt) {
		return
	}
	if !account.Rules.Expiry {
		p.diags.AddAttributeError(path.Root("expires_at"), "Keys never expire on this platform", "Platform "+account.Platform+" has no expiry of keys. Remove expires_at.")
		return
	}
	now, err := p.backend.Now(ctx)
	if err != nil {
		unchecked(p.diags, "clock", err)
		return
	}
	if !at.After(now) {
		p.diags.AddAttributeError(path.Root("expires_at"), "Expiry in the past",
			fmt.Sprintf("The key would be dead from the start: expires_at is %s and the service's clock shows %s.", p.plan.ExpiresAt.ValueString(), now.Format(time.RFC3339)))
	}
}
