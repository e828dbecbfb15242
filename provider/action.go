package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

var _ provider.ProviderWithActions = (*posternProvider)(nil)

// Actions returns what can be done to keys that no resource needs to manage.
func (p *posternProvider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{NewRevokeAPIKeyAction, NewRotateAPIKeyAction}
}

// keyAction is what every action on a key has in common: the backend.
type keyAction struct{ backend backend.Backend }

// Configure takes the backend over.
func (a *keyAction) Configure(_ context.Context, req action.ConfigureRequest, _ *action.ConfigureResponse) {
	if data, ok := req.ProviderData.(*configured); ok {
		a.backend = data.backend
	}
}

// keyTarget says which key an action is for.
type keyTarget struct {
	ID         types.String `tfsdk:"id"`
	Subaccount types.String `tfsdk:"subaccount"` // the handle; null for a key of the account itself
}

// targetAttributes are those of keyTarget.
func targetAttributes() map[string]schema.Attribute {
	some := []validator.String{stringvalidator.LengthAtLeast(1)} // the keys of no sub-account are those of the account
	return map[string]schema.Attribute{
		"id":         schema.StringAttribute{Required: true, MarkdownDescription: "The key's id.", Validators: some},
		"subaccount": schema.StringAttribute{Optional: true, MarkdownDescription: "Handle of the sub-account that the key belongs to. Left out for a key of the account itself.", Validators: some},
	}
}

// which names the key in a message.
func (t keyTarget) which() string {
	if t.Subaccount.IsNull() {
		return t.ID.String()
	}
	return t.ID.String() + " of sub-account " + t.Subaccount.String()
}

func (t keyTarget) known() bool { return !t.ID.IsUnknown() && !t.Subaccount.IsUnknown() }

func (a *keyAction) keys(t keyTarget) backend.Keys {
	return a.backend.Keys(t.Subaccount.ValueString())
}

// rules are those for the key, unless they cannot be asked for.
func (a *keyAction) rules(ctx context.Context, t keyTarget, verb string, diags *diag.Diagnostics) (account backend.Account, rules backend.KeyRules, ok bool) {
	account, err := a.backend.Account(ctx)
	if err != nil {
		unchecked(diags, "account", err)
		return account, rules, false
	}
	rules = account.KeyRules(!t.Subaccount.IsNull())
	switch {
	case rules.Unmanaged != "":
		diags.AddError("Unable to "+verb+" "+nounAPIKey, rules.Unmanaged)
	case rules.OwnerOnly && account.APIKey:
		diags.AddError("Only an owner credential manages these keys", "Platform "+account.Platform+" lets no API key "+verb+" other keys of its account, or of its sub-account. Give the provider an owner credential.")
	}
	return account, rules, !diags.HasError()
}

// explainAction is explain for an action, whose attributes are not those of a resource: a
// complaint about a field goes into the text.
func explainAction(diags *diag.Diagnostics, verb string, t keyTarget, err error) {
	var failed *backend.Error
	if errors.As(err, &failed) && len(failed.Fields) > 0 {
		told := *failed
		told.Fields = nil
		for _, field := range slices.Sorted(maps.Keys(failed.Fields)) {
			told.Message += fmt.Sprintf(" The %s %s.", field, failed.Fields[field])
		}
		err = &told
	}
	explain(diags, verb, nounAPIKey, t.which(), err)
}

// noSuchKey is the error of an action that needs the key.
func noSuchKey(diags *diag.Diagnostics, t keyTarget) {
	diags.AddAttributeError(path.Root("id"), "No such API key", fmt.Sprintf("There is no API key %s. The data source postern_apikeys lists those of the account; those of a sub-account need subaccount.", t.which()))
}

// progress tells whoever runs the action how far it is.
func progress(resp *action.InvokeResponse, format string, args ...any) {
	resp.SendProgress(action.InvokeProgressEvent{Message: fmt.Sprintf(format, args...)})
}
