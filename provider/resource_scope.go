package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
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

type scopeResource struct{ backend backend.Backend }

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
		r.backend = data.backend
	}
}

// counted reports whether the service's counts of keys are true for this caller.
func (r *scopeResource) counted(ctx context.Context) bool {
	rules, err := r.backend.Scopes().Rules(ctx)
	return err == nil && rules.Count
}

func (r *scopeResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan customScopeModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() || !ready(r.backend, &resp.Diagnostics) {
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
	plan.keepPlanned(planned, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, scopeIdentity{Name: plan.Name})...)
	resp.Diagnostics.Append(newScopeMemory(made, r.counted(ctx)).write(ctx, resp.Private)...)
}

func (r *scopeResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state customScopeModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || !ready(r.backend, &resp.Diagnostics) {
		return
	}
	// Before all else, also before a removal: Terraform before 1.12 refuses
	// an answer without it.
	resp.Diagnostics.Append(resp.Identity.Set(ctx, scopeIdentity{Name: state.Name})...)
	found, err := r.backend.Scopes().Get(ctx, state.Name.ValueString())
	if errors.Is(err, backend.ErrNotFound) {
		resp.State.RemoveResource(ctx)
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
	r.backend.Scopes().Planned().Manage(found.Name)
	state.fill(found)
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
	resp.Diagnostics.Append(newScopeMemory(found, r.counted(ctx)).write(ctx, resp.Private)...)
}

func (r *scopeResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state customScopeModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	memory := readScopeMemory(ctx, req.Private, &resp.Diagnostics)
	// Also where nothing is said to the service: Terraform before 1.12
	// refuses an answer without it.
	resp.Diagnostics.Append(resp.Identity.Set(ctx, scopeIdentity{Name: state.Name})...)
	if resp.Diagnostics.HasError() || !ready(r.backend, &resp.Diagnostics) {
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
	plan.keepPlanned(planned, &resp.Diagnostics)
	if plan.APIKeysTouched.IsUnknown() {
		plan.APIKeysTouched = touchedBy(state, changed)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(newScopeMemory(changed, r.counted(ctx)).write(ctx, resp.Private)...)
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
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || !ready(r.backend, &resp.Diagnostics) {
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
