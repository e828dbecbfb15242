package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/postern-dev/terraform-provider-postern/internal/plan"
)

// ModifyPlan says all that can be known of what an apply will do. What that is, package plan
// decides; here the service is asked what exists and what is allowed. No clock decides
// what is planned: Terraform plans once more during the apply and both must agree.
func (r *apiKeyResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		r.planDestroy(ctx, req, &resp.Diagnostics)
		return
	}
	load := apiKeyLoad{apiKeyResource: r, diags: &resp.Diagnostics}
	var proposed, state placedKey
	var memory apiKeyMemory
	create := req.State.Raw.IsNull()
	resp.Diagnostics.Append(r.get(ctx, req.Plan, &proposed)...)
	if !create {
		resp.Diagnostics.Append(r.get(ctx, req.State, &state)...)
		memory = readPrivate[apiKeyMemory](ctx, req.Private, &resp.Diagnostics)
	}
	if !resp.Diagnostics.HasError() && !memory.checkRead(state, &resp.Diagnostics) {
		return
	}
	config := r.configured(ctx, req.Config, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	load.in = plan.APIKeyInput{Create: create, Config: config, Proposed: toAPIKey(proposed), Memory: memory.forPlan()}
	if !create {
		load.in.State = toAPIKey(state)
	}
	if !load.account(ctx, state, memory) {
		return
	}
	load.catalogue(ctx)
	planned := plan.APIKey(load.in)
	more := load.more(ctx, planned)
	if load.claimName(ctx, req, planned) || more {
		planned = plan.APIKey(load.in)
	}
	addFindings(&resp.Diagnostics, planned.Findings)
	proposed.take(planned.Planned)
	resp.Diagnostics.Append(r.set(ctx, &resp.Plan, &proposed)...)
	for _, at := range planned.Replace {
		resp.RequiresReplace = append(resp.RequiresReplace, toPath(at))
	}
}

// planDestroy says what is to be said of a key that the plan destroys.
func (r *apiKeyResource) planDestroy(ctx context.Context, req resource.ModifyPlanRequest, diags *diag.Diagnostics) {
	var state placedKey
	diags.Append(r.get(ctx, req.State, &state)...)
	memory := readPrivate[apiKeyMemory](ctx, req.Private, diags)
	if diags.HasError() || !memory.checkRead(state, diags) || r.backend == nil {
		return
	}
	account, err := r.backend.Account(ctx)
	if err != nil || !r.checkOwner(account, state, memory, diags) { // the refresh has said what is wrong
		return
	}
	account.Rules = account.KeyRules(r.ofSubaccount)
	r.leaves(state, account)
	addFindings(diags, plan.DestroyAPIKey(account, toAPIKey(state)))
}

// configured reads what a plan must read from the configuration itself.
func (r *apiKeyResource) configured(ctx context.Context, config tfsdk.Config, diags *diag.Diagnostics) plan.APIKeyConfig {
	var scopes types.Set
	var subaccount types.String
	secret := writeOnly(ctx, config, diags)
	diags.Append(config.GetAttribute(ctx, path.Root("scopes"), &scopes)...)
	if r.ofSubaccount {
		diags.Append(config.GetAttribute(ctx, path.Root("subaccount"), &subaccount)...)
	}
	return plan.APIKeyConfig{Subaccount: toText(subaccount), Scopes: toSet(scopes), SecretWO: toSecret(secret)}
}
