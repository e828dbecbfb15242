package provider

import (
	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/plan"
)

// rights checks what the plan does to the sub-account against what the credential may do.
func (p *subaccountPlan) rights(account backend.Account, rules backend.SubaccountRules) {
	switch {
	case p.create:
		p.lacks(account, "create", rules.Needs.Create)
	case !p.plan.changes(p.state, rules).Empty():
		p.lacks(account, "update", rules.Needs.Update)
	}
}

// lacks says at plan that the credential may not do what the apply is to do.
func (p *subaccountPlan) lacks(account backend.Account, verb, need string) {
	addFindings(p.diags, plan.Lacks(account, verb, need, plan.Subject{Kind: plan.KindSubaccount}))
}
