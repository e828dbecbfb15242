package provider

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/claims"
)

// comingSubaccounts are the handles of sub-accounts that this run plans to make, so that
// a key which is planned after its sub-account knows that it will be there.
// Terraform plans what is referred to first, in one process.
type comingSubaccounts struct{ handles, replaced sync.Map }

// replaces notes a sub-account that this run removes and makes again under its handle.
func (c *comingSubaccounts) replaces(handle string) {
	if c != nil {
		c.replaced.Store(handle, true)
	}
}

// isReplaced reports whether the keys of a sub-account go with it in this run.
func (c *comingSubaccounts) isReplaced(handle string) bool {
	if c == nil {
		return false
	}
	_, ok := c.replaced.Load(handle)
	return ok
}

func (c *comingSubaccounts) add(handle string) {
	if c != nil {
		c.handles.Store(handle, true)
	}
}

func (c *comingSubaccounts) has(handle string) bool {
	if c == nil {
		return false
	}
	_, ok := c.handles.Load(handle)
	return ok
}

// ModifyPlan says at plan what the apply would be refused for, and what it stops.
func (r *subaccountResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	p := subaccountPlan{backend: r.backend, names: r.names.sole(claims.Subaccount, nounSubaccount, "handle", &resp.Diagnostics), diags: &resp.Diagnostics, create: req.State.Raw.IsNull()}
	p.memory = readPrivate[subaccountMemory](ctx, req.Private, &resp.Diagnostics) // of a new one that of the one which it replaces
	if !p.create {
		resp.Diagnostics.Append(req.State.Get(ctx, &p.state)...)
	}
	if !p.create && !resp.Diagnostics.HasError() && r.backend != nil {
		account, err := r.backend.Account(ctx)
		if err == nil && !checkAccount(account, p.state.AccountID, nounSubaccount, p.state.Handle.String(), &resp.Diagnostics) {
			return
		}
	}
	if req.Plan.Raw.IsNull() {
		p.names.goes(p.state.Handle.ValueString())
		p.destroyed(ctx)
		return
	}
	resp.Diagnostics.Append(req.Plan.Get(ctx, &p.plan)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("handle"), &p.configured)...)
	if !p.create {
		p.names.stays(p.state.Handle, p.plan.Handle)
	}
	if resp.Diagnostics.HasError() || req.Plan.Raw.Equal(req.State.Raw) {
		return
	}
	var account *backend.Account
	if r.backend != nil {
		if known, err := r.backend.Account(ctx); err == nil { // rules says what is wrong else
			account = &known
		}
	}
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("account_id"), planAccountID(account, p.state.AccountID, p.create))...)
	if r.backend == nil {
		return
	}
	p.rules(ctx)
	p.suspended(ctx)
	resp.RequiresReplace = append(resp.RequiresReplace, p.replace...)
	if p.create {
		r.coming.add(p.plan.Handle.ValueString())
	}
	if len(p.replace) > 0 {
		r.coming.replaces(p.state.Handle.ValueString())
	}
}

type subaccountPlan struct {
	backend     backend.Backend
	names       soleName
	memory      subaccountMemory
	diags       *diag.Diagnostics
	create      bool
	plan, state subaccountModel
	configured  types.String // the handle
	replace     path.Paths
}

// rules checks the plan against what the platform allows.
func (p *subaccountPlan) rules(ctx context.Context) {
	account, err := p.backend.Account(ctx)
	if err != nil {
		unchecked(p.diags, "account", err)
		return
	}
	rules := account.Subaccounts
	if rules == nil {
		noSubaccounts(account, p.diags)
		return
	}
	p.rights(account, *rules)
	p.vendorRules(account.Platform, *rules)
	if limit := p.plan.limit(); limit != nil && rules.KeyLimit != nil && *limit > *rules.KeyLimit && !p.plan.APIKeyLimit.Equal(p.state.APIKeyLimit) {
		p.diags.AddAttributeError(path.Root("apikey_limit"), "Limit too high",
			fmt.Sprintf("Platform %s allows a sub-account at most %d API keys. Leave apikey_limit out for that.", account.Platform, *rules.KeyLimit))
	}
	if !p.create { // for another handle Terraform plans a create next
		return
	}
	p.handle(ctx, account, *rules)
	if rules.Limit != nil && rules.Used >= *rules.Limit {
		p.diags.AddWarning("The limit of sub-accounts is reached",
			fmt.Sprintf("The account has %d of %d sub-accounts. One more will be refused unless this apply destroys another one first.", rules.Used, *rules.Limit))
	}
}

// noSubaccounts says why this account has none to manage.
func noSubaccounts(account backend.Account, diags *diag.Diagnostics) {
	if account.Subaccount != "" {
		diags.AddError("The credential manages no sub-accounts", "It belongs to a sub-account itself. Give the provider a credential of the account.")
		return
	}
	diags.AddError("The platform has no sub-accounts", "An account of platform "+account.Platform+" has no sub-accounts. Remove this resource.")
}

// handle checks a new handle.
func (p *subaccountPlan) handle(ctx context.Context, account backend.Account, rules backend.SubaccountRules) {
	at := path.Root("handle")
	if p.configured.IsNull() && !rules.Generate {
		p.diags.AddAttributeError(at, "Missing handle",
			fmt.Sprintf("Platform %s makes no handles by itself. Set one: it must be %s.", account.Platform, rules.HandleWords))
	}
	if p.plan.Handle.IsUnknown() {
		return
	}
	handle := p.plan.Handle.ValueString()
	if !rules.Handle.MatchString(handle) {
		p.diags.AddAttributeError(at, "Invalid handle", fmt.Sprintf("A handle of platform %s must be %s.", account.Platform, rules.HandleWords))
		return
	}
	if !p.names.comes(handle, p.memory.Handle) {
		return
	}
	if _, err := p.backend.Subaccounts().Get(ctx, handle); err != nil {
		return
	}
	if p.names.exists(ctx, handle, p.memory.Handle) {
		p.diags.AddAttributeError(at, "The handle is taken",
			fmt.Sprintf("There is a sub-account %s already, and no two have the same handle. Choose another handle, or import that sub-account by its handle. %s", p.plan.Handle, elsewhere))
	}
}

// suspended warns of the keys that stop.
func (p *subaccountPlan) suspended(ctx context.Context) {
	suspended := types.StringValue(backend.SubaccountSuspended)
	if p.create || !p.plan.Status.Equal(suspended) || p.state.Status.Equal(suspended) {
		return
	}
	which := "All of its API keys stop"
	if sub, err := p.backend.Subaccounts().Get(ctx, p.state.Handle.ValueString()); err == nil {
		which = fmt.Sprintf("All of its API keys stop, %d at this time,", sub.Keys)
	}
	p.diags.AddAttributeWarning(path.Root("status"), "Suspending a sub-account stops its API keys",
		fmt.Sprintf("This plan suspends sub-account %s. %s at once, and work again when it is active.", p.state.Handle, which))
}

// destroyed warns of the keys that go with the sub-account.
func (p *subaccountPlan) destroyed(ctx context.Context) {
	if p.backend == nil {
		return
	}
	if account, err := p.backend.Account(ctx); err == nil && account.Subaccounts != nil {
		p.lacks(account, "delete", account.Subaccounts.Needs.Delete)
	}
	if !p.state.DeleteAPIKeysOnDestroy.ValueBool() {
		return
	}
	sub, err := p.backend.Subaccounts().Get(ctx, p.state.Handle.ValueString())
	if err != nil && !errors.Is(err, backend.ErrNotFound) {
		unchecked(p.diags, nounSubaccount, err)
		return
	}
	if sub.Keys > 0 {
		p.diags.AddAttributeWarning(path.Root("delete_apikeys_on_destroy"), "API keys are deleted with their sub-account",
			fmt.Sprintf("Sub-account %s has API keys, %d at this time. Those that are left then are deleted with it, for good.", p.state.Handle, sub.Keys))
	}
}
