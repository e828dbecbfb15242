package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

// lacking says at plan that the credential may not do what the apply is to do.
func lacking(account backend.Account, verb, noun, need string, diags *diag.Diagnostics) {
	if !account.Lacks(need) {
		return
	}
	diags.AddError(fmt.Sprintf("The credential cannot %s %ss", verb, noun),
		fmt.Sprintf("Platform %s asks for the scope %q, which the provider's API key does not hold. Use an API key that holds it.", account.Platform, need))
}

// rights checks what the plan does to the key against what the credential may do.
func (p *apiKeyPlan) rights() {
	if p.account == nil {
		return
	}
	needs := p.account.Rules.Needs
	if p.create || p.mints && p.replaces() {
		lacking(*p.account, "create", nounAPIKey, needs.Create, p.diags)
		return
	}
	if (!p.plan.Name.Equal(p.state.Name) && !p.account.Rules.NameInState) || !p.plan.Scopes.Equal(p.state.Scopes) {
		lacking(*p.account, "update", nounAPIKey, needs.Update, p.diags)
	}
	if !p.state.PreviousID.IsNull() && p.plan.PreviousID.IsNull() {
		lacking(*p.account, "delete", nounAPIKey, needs.Delete, p.diags)
	}
}

// destroyed checks the same for a key that the plan destroys.
func (r *apiKeyResource) destroyed(ctx context.Context, req resource.ModifyPlanRequest, diags *diag.Diagnostics) {
	var state placedKey
	diags.Append(r.get(ctx, req.State, &state)...)
	memory := readPrivate[apiKeyMemory](ctx, req.Private, diags)
	if diags.HasError() || !memory.checkRead(state, diags) || r.backend == nil {
		return
	}
	if account, err := r.backend.Account(ctx); err == nil && r.checkOwner(account, state, memory, diags) { // the refresh has said it otherwise
		lacking(account, "delete", nounAPIKey, account.KeyRules(r.ofSubaccount).Needs.Delete, diags)
	}
}

// rights checks what the plan does to the sub-account against what the credential may do.
func (p *subaccountPlan) rights(account backend.Account, rules backend.SubaccountRules) {
	switch {
	case p.create:
		lacking(account, "create", nounSubaccount, rules.Needs.Create, p.diags)
	case !p.plan.changes(p.state, rules).Empty():
		lacking(account, "update", nounSubaccount, rules.Needs.Update, p.diags)
	}
}
