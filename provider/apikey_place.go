package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

// placedKey is a key and whose it is. postern_subaccount_apikey holds all of it,
// postern_apikey only the key.
type placedKey struct {
	Subaccount types.String `tfsdk:"subaccount"` // the handle; null for a key of the account itself
	apiKeyModel
}

func (r *apiKeyResource) get(ctx context.Context, from values, key *placedKey) diag.Diagnostics {
	if r.ofSubaccount {
		return getModel(ctx, from, key)
	}
	return getModel(ctx, from, &key.apiKeyModel)
}

func (r *apiKeyResource) set(ctx context.Context, to settable, key *placedKey) diag.Diagnostics {
	if r.ofSubaccount {
		return setModel(ctx, to, key)
	}
	return setModel(ctx, to, &key.apiKeyModel)
}

// keys are those that the key is one of.
func (r *apiKeyResource) keys(key placedKey) backend.Keys {
	return r.backend.Keys(key.Subaccount.ValueString())
}

// which names a key in a message: by its id, or by its name while it has none.
func (k *placedKey) which() string {
	which := k.quotedName()
	if !k.ID.IsNull() && !k.ID.IsUnknown() {
		which = k.ID.String()
	}
	if k.Subaccount.IsNull() {
		return which
	}
	return strings.TrimSpace(which + " of sub-account " + k.Subaccount.String())
}

// apiKeyIdentity is what names a key of the account beyond any state. It never changes.
type apiKeyIdentity struct {
	ID types.String `tfsdk:"id"`
}

// placedKeyIdentity is the same for a key of a sub-account.
type placedKeyIdentity struct {
	Subaccount types.String `tfsdk:"subaccount"`
	ID         types.String `tfsdk:"id"`
}

func (r *apiKeyResource) identify(ctx context.Context, to *tfsdk.ResourceIdentity, key placedKey) diag.Diagnostics {
	if r.ofSubaccount {
		return setModel(ctx, to, placedKeyIdentity{Subaccount: key.Subaccount, ID: key.ID})
	}
	return setModel(ctx, to, apiKeyIdentity{ID: key.ID})
}

func (r *apiKeyResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	attributes := map[string]identityschema.Attribute{
		"id": identityschema.StringAttribute{RequiredForImport: true, Description: "The key's id."},
	}
	if r.ofSubaccount {
		attributes["subaccount"] = identityschema.StringAttribute{RequiredForImport: true, Description: "The sub-account's handle."}
	}
	resp.IdentitySchema = identityschema.Schema{Attributes: attributes}
}

// subaccountSetting is the attribute that only keys of sub-accounts have.
func subaccountSetting() schema.StringAttribute {
	return schema.StringAttribute{
		Optional: true, Computed: true,
		MarkdownDescription: "Handle of the sub-account that the key belongs to. Refer to the `handle` of its `postern_subaccount`, so that it is made first. " +
			"Default `subaccount` of the provider; one of them must be set. Another sub-account takes another key.",
		Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
	}
}

// importPlaced takes over the handle and the id, or an id alone in the provider's
// sub-account.
func (r *apiKeyResource) importPlaced(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	var of placedKeyIdentity
	if req.ID == "" {
		resp.Diagnostics.Append(req.Identity.Get(ctx, &of)...)
	} else {
		handle, id := r.subaccount.ValueString(), req.ID
		if i := strings.LastIndex(req.ID, "/"); i >= 0 { // a handle may hold one, an id never does
			handle, id = req.ID[:i], req.ID[i+1:]
		}
		of = placedKeyIdentity{Subaccount: types.StringValue(handle), ID: types.StringValue(id)}
	}
	if of.Subaccount.ValueString() == "" || of.ID.ValueString() == "" || strings.Contains(of.ID.ValueString(), "/") {
		resp.Diagnostics.AddError("Invalid import id", "A key of a sub-account is imported by the sub-account's handle and the key's id, as in acme/key_3FvKq0bXy2Zr8Tn5LsWd. The handle may be left out where the provider's subaccount is it.")
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("subaccount"), of.Subaccount)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), of.ID)...)
}
