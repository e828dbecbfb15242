package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

var (
	_ action.ActionWithConfigure  = (*revokeAction)(nil)
	_ action.ActionWithModifyPlan = (*revokeAction)(nil)
)

// NewRevokeAPIKeyAction returns the action postern_revoke_apikey.
func NewRevokeAPIKeyAction() action.Action { return &revokeAction{} }

// revokeAction ends a key at once.
type revokeAction struct{ keyAction }

func (a *revokeAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_revoke_apikey"
}

func (a *revokeAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Ends an API key at once, for an incident: the key is deleted, and its secrets are refused from then on. It cannot be undone. " +
			"A key that is gone already is no error. Needs Terraform 1.14.",
		Attributes: targetAttributes(),
	}
}

// ModifyPlan says at plan what the service would refuse, and that there is no such key: it
// may be gone already, or it is another one that leaks.
func (a *revokeAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	var config keyTarget
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() || a.backend == nil || !config.known() {
		return
	}
	if _, _, ok := a.rules(ctx, config, "delete", &resp.Diagnostics); !ok {
		return
	}
	_, err := a.keys(config).Get(ctx, config.ID.ValueString())
	switch {
	case errors.Is(err, backend.ErrNotFound):
		resp.Diagnostics.AddAttributeWarning(path.Root("id"), "No such API key",
			fmt.Sprintf("There is no API key %s. It is gone already, or the id or the sub-account is not the right one: then the key that you mean still works.", config.which()))
	case err != nil:
		unchecked(&resp.Diagnostics, nounAPIKey, err)
	}
}

// Invoke deletes the key.
func (a *revokeAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var config keyTarget
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() || !ready(a.backend, &resp.Diagnostics) {
		return
	}
	progress(resp, "Revoking API key %s.", config.which())
	err := a.keys(config).Delete(ctx, config.ID.ValueString())
	if err == nil {
		progress(resp, "API key %s is revoked: its secrets are refused from now on.", config.which())
		return
	}
	if errors.Is(err, backend.ErrNotFound) {
		// In an incident a stray miss must not pass for a revoked key.
		_, err = a.keys(config).Get(ctx, config.ID.ValueString())
		if errors.Is(err, backend.ErrNotFound) {
			progress(resp, "There is no API key %s: it is gone already, and nothing was done.", config.which())
			return
		}
		if err == nil {
			err = &backend.Error{Message: "The service says that there is no such key, and shows it all the same. The key still works. Try again."}
		}
	}
	explainAction(&resp.Diagnostics, "revoke", config, err)
}
