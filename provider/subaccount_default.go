package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
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
