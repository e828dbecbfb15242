package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

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

// rights checks what the plan does to the sub-account against what the credential may do.
func (p *subaccountPlan) rights(account backend.Account, rules backend.SubaccountRules) {
	switch {
	case p.create:
		lacking(account, "create", nounSubaccount, rules.Needs.Create, p.diags)
	case !p.plan.changes(p.state, rules).Empty():
		lacking(account, "update", nounSubaccount, rules.Needs.Update, p.diags)
	}
}
