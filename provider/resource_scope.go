package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/claims"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

var (
	_ resource.ResourceWithConfigure   = (*scopeResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*scopeResource)(nil)
	_ resource.ResourceWithImportState = (*scopeResource)(nil)
	_ resource.ResourceWithIdentity    = (*scopeResource)(nil)
)

// NewScopeResource returns postern_scope.
func NewScopeResource() resource.Resource { return &scopeResource{} }

type scopeResource struct {
	backend backend.Backend
	again   *accountAgain
	names   *names
}

// scopeIdentity is what names a scope beyond any state. It never changes.
type scopeIdentity struct {
	Name types.String `tfsdk:"name"`
}

func (r *scopeResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_scope"
}

func (r *scopeResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"name": identityschema.StringAttribute{RequiredForImport: true, Description: "The scope's name."},
	}}
}

func (r *scopeResource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	if data, ok := req.ProviderData.(*configured); ok {
		r.backend, r.again, r.names = data.backend, &data.again, &data.names
	}
}

// counted reports whether the service's counts of keys are true for this caller.
func (r *scopeResource) counted(ctx context.Context) bool {
	rules, err := r.backend.Scopes().Rules(ctx)
	return err == nil && rules.Count
}

func (r *scopeResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan customScopeModel
	resp.Diagnostics.Append(getModel(ctx, req.Plan, &plan)...)
	if resp.Diagnostics.HasError() || !ready(r.backend, &resp.Diagnostics) {
		return
	}
	account, ok := readAccount(ctx, r.backend, "create", nounScope, plan.Name.String(), &resp.Diagnostics)
	if !ok || !checkAccount(account, plan.AccountID, nounScope, plan.Name.String(), &resp.Diagnostics) ||
		!r.again.check(ctx, r.backend, account, nounScope, plan.Name.String(), &resp.Diagnostics) {
		return
	}
	implied, _ := stringsOf(plan.Implies)
	made, err := r.backend.Scopes().Create(ctx, backend.ScopeInput{
		Name: plan.Name.ValueString(), Description: plan.Description.ValueString(), Group: plan.Group.ValueString(), Class: plan.Class.ValueString(), Implies: implied,
	})
	if err != nil {
		explain(&resp.Diagnostics, "create", "scope", plan.Name.String(), err)
		return
	}
	planned := plan.EffectiveScopes
	plan.fill(made)
	plan.AccountID = accountIDOf(account, plan.AccountID)
	plan.keepPlanned(planned, &resp.Diagnostics)
	resp.Diagnostics.Append(setModel(ctx, &resp.State, &plan)...)
	resp.Diagnostics.Append(setModel(ctx, resp.Identity, scopeIdentity{Name: plan.Name})...)
	r.names.made(claims.Scope, plan.Name.ValueString())
	resp.Diagnostics.Append(writePrivate(ctx, resp.Private, newScopeMemory(made, r.counted(ctx)))...)
}

func (r *scopeResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state customScopeModel
	resp.Diagnostics.Append(getModel(ctx, req.State, &state)...)
	if resp.Diagnostics.HasError() || !ready(r.backend, &resp.Diagnostics) || !checkNamed(state.Name, "name", nounScope, &resp.Diagnostics) {
		return
	}
	// Before all else, also before a removal: Terraform before 1.12 refuses
	// an answer without it.
	resp.Diagnostics.Append(setModel(ctx, resp.Identity, scopeIdentity{Name: state.Name})...)
	memory := readPrivate[scopeMemory](ctx, req.Private, &resp.Diagnostics)
	account, ok := readAccount(ctx, r.backend, "read", nounScope, state.Name.String(), &resp.Diagnostics)
	if !ok || !checkAccount(account, state.AccountID, nounScope, state.Name.String(), &resp.Diagnostics) {
		return
	}
	found, err := r.backend.Scopes().Get(ctx, state.Name.ValueString())
	if errors.Is(err, backend.ErrNotFound) {
		if state.Class.IsNull() || checkMissKnown(account, state.AccountID, nounScope, state.Name.String(), &resp.Diagnostics) { // an import has no class yet
			resp.State.RemoveResource(ctx)
		}
		return
	}
	if err == nil && memory.isAnother(found) {
		resp.Diagnostics.AddAttributeWarning(path.Root("name"), "Another scope has this name now",
			fmt.Sprintf("Scope %s, made at %s, is gone: it was deleted outside of Terraform, and another one was made under its name at %s. That one is not touched. To manage it, import it; else choose another name.",
				state.Name, memory.CreatedAt.Format(time.RFC3339), found.CreatedAt.Format(time.RFC3339)))
		resp.State.RemoveResource(ctx)
		resp.Diagnostics.Append(writePrivate(ctx, resp.Private, scopeMemory{})...) // as for a sub-account
		return
	}
	if err != nil {
		explain(&resp.Diagnostics, "read", "scope", state.Name.String(), err)
		return
	}
	if found.Builtin {
		resp.Diagnostics.AddAttributeError(path.Root("name"), "The platform has this scope itself",
			fmt.Sprintf("Scope %s is built in: nobody changes it, and there is nothing to manage. Use the data source postern_scope.", state.Name))
		return
	}
	r.names.run.Saw(claims.Scope, "", found.Name)
	state.fill(found)
	state.AccountID = accountIDOf(account, state.AccountID)
	resp.Diagnostics.Append(setModel(ctx, &resp.State, &state)...)
	resp.Diagnostics.Append(writePrivate(ctx, resp.Private, newScopeMemory(found, r.counted(ctx)))...)
}

func (r *scopeResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state customScopeModel
	resp.Diagnostics.Append(getModel(ctx, req.Plan, &plan)...)
	resp.Diagnostics.Append(getModel(ctx, req.State, &state)...)
	memory := readPrivate[scopeMemory](ctx, req.Private, &resp.Diagnostics)
	// Also where nothing is said to the service: Terraform before 1.12
	// refuses an answer without it.
	resp.Diagnostics.Append(setModel(ctx, resp.Identity, scopeIdentity{Name: state.Name})...)
	if resp.Diagnostics.HasError() || !ready(r.backend, &resp.Diagnostics) {
		return
	}
	account, ok := r.ownScope(ctx, "update", state, memory, &resp.Diagnostics)
	if !ok {
		return
	}
	var changed backend.Scope
	var err error
	if change := state.change(plan); change.Empty() { // the definition of another scope changes what this one grants
		changed, err = r.backend.Scopes().Get(ctx, state.Name.ValueString())
	} else {
		changed, err = r.backend.Scopes().Update(ctx, state.Name.ValueString(), change, memory.Revision)
	}
	if err != nil {
		explain(&resp.Diagnostics, "update", "scope", state.Name.String(), err)
		return
	}
	planned := plan.EffectiveScopes
	plan.fill(changed)
	if plan.AccountID.IsUnknown() {
		plan.AccountID = accountIDOf(account, plan.AccountID)
	}
	plan.keepPlanned(planned, &resp.Diagnostics)
	if plan.APIKeysTouched.IsUnknown() {
		plan.APIKeysTouched = touchedBy(state, changed)
	}
	resp.Diagnostics.Append(setModel(ctx, &resp.State, &plan)...)
	resp.Diagnostics.Append(writePrivate(ctx, resp.Private, newScopeMemory(changed, r.counted(ctx)))...)
}

// ownScope returns the account, if it is that of the scope in the state, and refuses to go on
// when another scope has its name now. One that is gone is left to the write itself.
func (r *scopeResource) ownScope(ctx context.Context, verb string, state customScopeModel, memory scopeMemory, diags *diag.Diagnostics) (backend.Account, bool) {
	account, ok := readAccount(ctx, r.backend, verb, nounScope, state.Name.String(), diags)
	if !ok || !checkAccount(account, state.AccountID, nounScope, state.Name.String(), diags) {
		return account, false
	}
	found, err := r.backend.Scopes().Get(ctx, state.Name.ValueString())
	switch {
	case errors.Is(err, backend.ErrNotFound):
	case err != nil:
		explain(diags, verb, nounScope, state.Name.String(), err)
		return account, false
	case memory.isAnother(found):
		diags.AddAttributeError(path.Root("name"), "Another scope has this name now",
			fmt.Sprintf("The state holds the scope %s that was made at %s, and the service has one that was made at %s. It is not touched. Run a plan with a refresh, which shows what is left to do.",
				state.Name, memory.CreatedAt.Format(time.RFC3339), found.CreatedAt.Format(time.RFC3339)))
		return account, false
	}
	return account, true
}

// touchedBy is how many keys a change has touched, by the answer to it.
func touchedBy(before customScopeModel, after backend.Scope) types.Int64 {
	was, _ := stringsOf(before.EffectiveScopes)
	if len(scope.Added(was, after.EffectiveScopes))+len(scope.Added(after.EffectiveScopes, was)) == 0 {
		return before.APIKeysTouched
	}
	return touched(after.APIKeys)
}

func (r *scopeResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state customScopeModel
	resp.Diagnostics.Append(getModel(ctx, req.State, &state)...)
	if resp.Diagnostics.HasError() || !ready(r.backend, &resp.Diagnostics) || !checkNamed(state.Name, "name", nounScope, &resp.Diagnostics) {
		return
	}
	memory := readPrivate[scopeMemory](ctx, req.Private, &resp.Diagnostics)
	if _, ok := r.ownScope(ctx, "delete", state, memory, &resp.Diagnostics); !ok {
		return
	}
	err := r.backend.Scopes().Delete(ctx, state.Name.ValueString())
	if err != nil && !errors.Is(err, backend.ErrNotFound) {
		explain(&resp.Diagnostics, "delete", "scope", state.Name.String(), err)
	}
}

func (r *scopeResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	resource.ImportStatePassthroughWithIdentity(ctx, path.Root("name"), path.Root("name"), req, resp)
}
