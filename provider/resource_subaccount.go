package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/claims"
)

var (
	_ resource.ResourceWithConfigure   = (*subaccountResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*subaccountResource)(nil)
	_ resource.ResourceWithImportState = (*subaccountResource)(nil)
	_ resource.ResourceWithIdentity    = (*subaccountResource)(nil)
)

// NewSubaccountResource returns postern_subaccount.
func NewSubaccountResource() resource.Resource { return &subaccountResource{} }

type subaccountResource struct {
	backend backend.Backend
	coming  *comingSubaccounts
	again   *accountAgain
	names   *names
}

// subaccountIdentity is what names a sub-account beyond any state. It never changes.
type subaccountIdentity struct {
	Handle types.String `tfsdk:"handle"`
}

func (r *subaccountResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_subaccount"
}

func (r *subaccountResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"handle": identityschema.StringAttribute{RequiredForImport: true, Description: "The sub-account's handle."},
	}}
}

func (r *subaccountResource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	if data, ok := req.ProviderData.(*configured); ok {
		r.backend, r.coming, r.again, r.names = data.backend, &data.coming, &data.again, &data.names
	}
}

func (r *subaccountResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan subaccountModel
	resp.Diagnostics.Append(getModel(ctx, req.Plan, &plan)...)
	if resp.Diagnostics.HasError() || !ready(r.backend, &resp.Diagnostics) {
		return
	}
	account, ok := readAccount(ctx, r.backend, "create", nounSubaccount, plan.Handle.ValueString(), &resp.Diagnostics)
	if !ok || !checkAccount(account, plan.AccountID, nounSubaccount, plan.Handle.String(), &resp.Diagnostics) ||
		!r.again.check(ctx, r.backend, account, nounSubaccount, plan.Handle.String(), &resp.Diagnostics) {
		return
	}
	rules, now, err := r.rules(ctx)
	if err != nil {
		explain(&resp.Diagnostics, "create", nounSubaccount, plan.Handle.ValueString(), err)
		return
	}
	addresses, _ := stringsOf(plan.IPAddresses)
	sub, err := r.backend.Subaccounts().Create(ctx, backend.SubaccountInput{
		Handle: plan.Handle.ValueString(), Name: plan.Name.ValueString(), Status: plan.Status.ValueString(), APIKeyLimit: plan.limit(),
		SendLimit: plan.SendLimit.ValueInt64Pointer(), Email: plan.Email.ValueString(), IPAddresses: addresses,
	})
	if err != nil {
		explain(&resp.Diagnostics, "create", nounSubaccount, plan.Handle.ValueString(), err)
		return
	}
	plan.fill(sub, rules)
	plan.AccountID = accountIDOf(account, plan.AccountID)
	if plan.CreatedAt.IsNull() {
		plan.CreatedAt = timetypes.NewRFC3339TimeValue(now)
	}
	resp.Diagnostics.Append(setModel(ctx, &resp.State, &plan)...)
	resp.Diagnostics.Append(setModel(ctx, resp.Identity, subaccountIdentity{plan.Handle})...)
	r.names.made(claims.Subaccount, plan.Handle.ValueString())
	memory := subaccountMemory{Handle: sub.Handle, Revision: sub.Revision}
	r.readMarks(ctx, plan, &memory, &diag.Diagnostics{}) // as for a key
	resp.Diagnostics.Append(writePrivate(ctx, resp.Private, memory)...)
}

func (r *subaccountResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state subaccountModel
	resp.Diagnostics.Append(getModel(ctx, req.State, &state)...)
	if resp.Diagnostics.HasError() || !ready(r.backend, &resp.Diagnostics) || !checkNamed(state.Handle, "handle", nounSubaccount, &resp.Diagnostics) {
		return
	}
	// Before all else, as for a key.
	resp.Diagnostics.Append(setModel(ctx, resp.Identity, subaccountIdentity{state.Handle})...)
	memory := readPrivate[subaccountMemory](ctx, req.Private, &resp.Diagnostics)
	if account, err := r.backend.Account(ctx); err == nil { // ownAccount says what is wrong else
		correctAccount(account, &state.AccountID, nounSubaccount, state.Handle.String(), func() bool { return r.isHere(ctx, state) }, &resp.Diagnostics)
	}
	account, ok := r.ownAccount(ctx, "read", state, &resp.Diagnostics)
	if !ok {
		return
	}
	sub, err := r.backend.Subaccounts().Get(ctx, state.Handle.ValueString())
	if errors.Is(err, backend.ErrNotFound) {
		if state.ID.IsNull() || r.believesMiss(ctx, account, state, memory, &resp.Diagnostics) { // an import has no id yet
			resp.State.RemoveResource(ctx)
		}
		return
	}
	if err == nil && isAnother(state.ID, sub.ID) {
		resp.Diagnostics.AddAttributeWarning(path.Root("id"), "Another sub-account has this handle now",
			fmt.Sprintf("Sub-account %s with the id %s is gone: it was deleted outside of Terraform, and another one with the id %s was made under its handle. That one is not touched. "+
				"To manage it, import it; else choose another handle.", state.Handle, state.ID.ValueString(), sub.ID))
		resp.State.RemoveResource(ctx)
		// The plan of a new one gets what is remembered now, and must not take that one for ours.
		resp.Diagnostics.Append(writePrivate(ctx, resp.Private, subaccountMemory{})...)
		return
	}
	var rules backend.SubaccountRules
	if err == nil {
		rules, _, err = r.rules(ctx)
	}
	if err != nil {
		explain(&resp.Diagnostics, "read", nounSubaccount, state.Handle.String(), err)
		return
	}
	if rules.NameInState && state.Name.IsNull() { // after an import
		state.Name = state.Handle
	}
	state.fill(sub, rules)
	state.AccountID = accountIDOf(account, state.AccountID)
	if !r.readMarks(ctx, state, &memory, &resp.Diagnostics) {
		return
	}
	r.names.run.Saw(claims.Subaccount, "", sub.Handle)
	memory.Handle, memory.Revision = sub.Handle, sub.Revision
	resp.Diagnostics.Append(setModel(ctx, &resp.State, &state)...)
	resp.Diagnostics.Append(writePrivate(ctx, resp.Private, memory)...)
}

func (r *subaccountResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state subaccountModel
	resp.Diagnostics.Append(getModel(ctx, req.Plan, &plan)...)
	resp.Diagnostics.Append(getModel(ctx, req.State, &state)...)
	memory := readPrivate[subaccountMemory](ctx, req.Private, &resp.Diagnostics)
	resp.Diagnostics.Append(setModel(ctx, resp.Identity, subaccountIdentity{state.Handle})...)
	if resp.Diagnostics.HasError() || !ready(r.backend, &resp.Diagnostics) {
		return
	}
	account, ok := r.ownAccount(ctx, "update", state, &resp.Diagnostics)
	if !ok || !r.isStillOurs(ctx, "update", state, &resp.Diagnostics) {
		return
	}
	rules, _, err := r.rules(ctx)
	if err != nil {
		explain(&resp.Diagnostics, "update", nounSubaccount, state.Handle.String(), err)
		return
	}
	if change := plan.changes(state, rules); !change.Empty() {
		sub, err := r.backend.Subaccounts().Update(ctx, state.Handle.ValueString(), change, memory.Revision)
		if err != nil {
			explain(&resp.Diagnostics, "update", nounSubaccount, state.Handle.String(), err)
			return
		}
		plan.fill(sub, rules)
		memory.Revision = sub.Revision
	}
	if plan.AccountID.IsUnknown() {
		plan.AccountID = accountIDOf(account, plan.AccountID)
	}
	resp.Diagnostics.Append(setModel(ctx, &resp.State, &plan)...)
	resp.Diagnostics.Append(writePrivate(ctx, resp.Private, memory)...)
}

// ownAccount is the account, if it is the one that the sub-account in the state belongs to.
func (r *subaccountResource) ownAccount(ctx context.Context, verb string, state subaccountModel, diags *diag.Diagnostics) (backend.Account, bool) {
	account, ok := readAccount(ctx, r.backend, verb, nounSubaccount, state.Handle.String(), diags)
	if !ok || !checkAccount(account, state.AccountID, nounSubaccount, state.Handle.String(), diags) {
		return account, false
	}
	return account, account.Subaccount == "" || checkPlace(account.Subaccount, state.Handle.ValueString(), nounSubaccount, state.Handle.String(), diags)
}

// isStillOurs refuses to write to a sub-account that has the handle of the one in the state
// and is another one. One that is gone is left to the write itself.
func (r *subaccountResource) isStillOurs(ctx context.Context, verb string, state subaccountModel, diags *diag.Diagnostics) bool {
	sub, err := r.backend.Subaccounts().Get(ctx, state.Handle.ValueString())
	if errors.Is(err, backend.ErrNotFound) {
		return true
	}
	if err != nil {
		explain(diags, verb, nounSubaccount, state.Handle.String(), err)
		return false
	}
	if isAnother(state.ID, sub.ID) {
		diags.AddAttributeError(path.Root("id"), "Another sub-account has this handle now",
			fmt.Sprintf("The state holds the sub-account with the id %s, and the service has one with the id %s under the handle %s. It is not touched. Run a plan with a refresh, which shows what is left to do.",
				state.ID.ValueString(), sub.ID, state.Handle))
		return false
	}
	return true
}

// isAnother reports whether an object is known not to be the one in the state.
func isAnother(inState types.String, id string) bool {
	return inState.ValueString() != "" && inState.ValueString() != id
}

// rules are those for sub-accounts, and the service's clock.
func (r *subaccountResource) rules(ctx context.Context) (backend.SubaccountRules, time.Time, error) {
	account, err := r.backend.Account(ctx)
	if err != nil {
		return backend.SubaccountRules{}, time.Time{}, err
	}
	now, err := r.backend.Now(ctx)
	if account.Subaccounts == nil {
		return backend.SubaccountRules{}, now, err // the service refuses, in its own words
	}
	return *account.Subaccounts, now, err
}

// changes is what the plan changes about the sub-account.
func (m *subaccountModel) changes(state subaccountModel, rules backend.SubaccountRules) backend.SubaccountChange {
	var c backend.SubaccountChange
	if !m.Name.Equal(state.Name) && !rules.NameInState {
		c.Name = m.Name.ValueStringPointer()
	}
	if !m.Status.Equal(state.Status) {
		c.Status = m.Status.ValueStringPointer()
	}
	if !m.APIKeyLimit.Equal(state.APIKeyLimit) {
		c.APIKeyLimit = &backend.Limit{Most: m.limit()}
	}
	if !m.SendLimit.Equal(state.SendLimit) {
		c.SendLimit = &backend.SendLimit{Most: m.SendLimit.ValueInt64Pointer()}
	}
	if rules.Address && !m.IPAddresses.Equal(state.IPAddresses) && !m.IPAddresses.IsNull() {
		c.IPAddresses, _ = stringsOf(m.IPAddresses)
	}
	return c
}

func (r *subaccountResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state subaccountModel
	resp.Diagnostics.Append(getModel(ctx, req.State, &state)...)
	if resp.Diagnostics.HasError() || !ready(r.backend, &resp.Diagnostics) || !checkNamed(state.Handle, "handle", nounSubaccount, &resp.Diagnostics) {
		return
	}
	memory := readPrivate[subaccountMemory](ctx, req.Private, &resp.Diagnostics)
	account, ok := r.ownAccount(ctx, "delete", state, &resp.Diagnostics)
	if !ok || !r.isStillOurs(ctx, "delete", state, &resp.Diagnostics) || !r.checkMarks(ctx, state, memory, &resp.Diagnostics) {
		return
	}
	err := r.remove(ctx, state.Handle.ValueString(), state.DeleteAPIKeysOnDestroy.ValueBool())
	switch {
	case err == nil:
		return
	case errors.Is(err, backend.ErrNotFound):
		r.believesMiss(ctx, account, state, memory, &resp.Diagnostics) // an error when it is not believed
		return
	}
	explain(&resp.Diagnostics, "delete", nounSubaccount, state.Handle.String(), err)
}

func (r *subaccountResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	resource.ImportStatePassthroughWithIdentity(ctx, path.Root("handle"), path.Root("handle"), req, resp)
}
