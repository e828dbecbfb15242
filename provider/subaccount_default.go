package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// subaccountOr is the handle of the sub-account that a key belongs to: the one that is
// set, else the provider's. It is unknown while the provider's is, and null with an
// error when there is neither.
func subaccountOr(set, ofProvider types.String, diags *diag.Diagnostics) types.String {
	switch {
	case !set.IsNull():
		return set
	case ofProvider.IsUnknown() || ofProvider.ValueString() != "":
		return ofProvider
	}
	diags.AddAttributeError(path.Root("subaccount"), "Missing sub-account",
		"Set subaccount to the handle of the sub-account that the key belongs to. For all that leave it out, set subaccount of the provider, or the environment variable "+envSubaccount+".")
	return types.StringNull()
}

// knownSubaccountOr is subaccountOr for what is read or made at once. ok is false, and
// said, when there is no handle yet.
func knownSubaccountOr(set, ofProvider types.String, diags *diag.Diagnostics) (handle types.String, ok bool) {
	handle = subaccountOr(set, ofProvider, diags)
	if handle.IsUnknown() {
		diags.AddAttributeError(path.Root("subaccount"), "The provider's sub-account is not known yet",
			"The subaccount of the provider depends on something that is known after apply only. Set subaccount here, or apply that first, for instance with -target.")
	}
	return handle, !handle.IsNull() && !handle.IsUnknown()
}

// settle decides which sub-account the key belongs to. Another one takes another key,
// also where it is the provider's that changes.
func (p *apiKeyPlan) settle(ctx context.Context, config tfsdk.Config, ofProvider types.String) {
	if !p.ofSubaccount {
		return
	}
	var set types.String
	p.diags.Append(config.GetAttribute(ctx, path.Root("subaccount"), &set)...)
	p.plan.Subaccount = subaccountOr(set, ofProvider, p.diags)
	if p.create {
		return
	}
	if !p.plan.Subaccount.Equal(p.state.Subaccount) {
		p.replace = append(p.replace, path.Root("subaccount"))
		p.touched = true
	}
}

// goes plans a key anew whose sub-account this run replaces under the same handle. Terraform
// replaces only where a value changes, and that of the key is its id.
func (p *apiKeyPlan) goes() {
	if p.create || !p.ofSubaccount || !p.coming.isReplaced(p.state.Subaccount.ValueString()) {
		return
	}
	p.plan.ID = types.StringUnknown()
	p.replace = append(p.replace, path.Root("id"))
	p.diags.AddAttributeWarning(path.Root("subaccount"), "The key goes with its sub-account",
		fmt.Sprintf("This plan replaces sub-account %s, and its key %s is made anew with it: whoever uses its secret is refused from then on.", p.state.Subaccount, p.state.called(p.state.ID)))
}
