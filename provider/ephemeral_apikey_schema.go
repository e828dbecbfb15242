package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func (e *apiKeyEphemeral) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_apikey"
}

func (e *apiKeyEphemeral) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "An API key for one run of Terraform: for the configuration of another provider, or for a provisioner. It is made when Terraform opens it, in a plan and in an apply each, " +
			"and deleted when Terraform closes it. Its expiry is the service's to enforce, so that a run which is killed leaves a key that ends by itself. It is in no state, plan or log.\n\n" +
			"A key that lives longer than a run is the resource `postern_apikey`. Platforms without expiry, SendGrid and MailChannels among them, have no such keys; opening one there is refused.",
		Attributes: map[string]schema.Attribute{
			"subaccount":  schema.StringAttribute{Optional: true, Computed: true, MarkdownDescription: "Handle of the sub-account that the key belongs to. Default that of the provider, or where it has none the account itself.", Validators: []validator.String{stringvalidator.LengthAtLeast(1)}},
			"name_prefix": schema.StringAttribute{Optional: true, MarkdownDescription: "What the key's name begins with, up to 80 characters; characters at random follow, as no two runs may share a key. Default `terraform-`.", Validators: []validator.String{printable{most: maxNameLength - 20}}},
			"description": schema.StringAttribute{Optional: true, MarkdownDescription: "What the key is for, up to 500 characters.", Validators: []validator.String{printable{most: maxDescriptionLength}}},
			"scopes": schema.SetAttribute{
				Required: true, ElementType: types.StringType,
				MarkdownDescription: "What the key may do, at least one scope.",
				Validators:          []validator.Set{setvalidator.SizeAtLeast(1), setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1))},
			},
			"lifetime": schema.StringAttribute{
				Optional: true, Computed: true, CustomType: timetypes.GoDurationType{},
				MarkdownDescription: "How long the key outlives a run that is killed, `1m` to `24h`. A run that takes longer renews it. Default `15m`.",
				Validators:          []validator.String{duration{positive: true}},
			},
			"id":   schema.StringAttribute{Computed: true, MarkdownDescription: "The key's id."},
			"name": schema.StringAttribute{Computed: true, MarkdownDescription: "The key's name."},
			"effective_scopes": schema.SetAttribute{
				Computed: true, ElementType: types.StringType,
				MarkdownDescription: "All that the key really grants: its scopes and all that they imply.",
			},
			"expires_at": schema.StringAttribute{Computed: true, CustomType: timetypes.RFC3339Type{}, MarkdownDescription: "When the key stops working unless it is renewed, in RFC 3339."},
			"secret":     schema.StringAttribute{Computed: true, Sensitive: true, MarkdownDescription: "What callers send to prove that they hold the key."},
		},
	}
}

func (e *apiKeyEphemeral) ValidateConfig(ctx context.Context, req ephemeral.ValidateConfigRequest, resp *ephemeral.ValidateConfigResponse) {
	var m ephemeralKeyModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() || m.Lifetime.IsNull() || m.Lifetime.IsUnknown() {
		return
	}
	if d := m.lifetime(); d < shortestLifetime || d > longestLifetime {
		resp.Diagnostics.AddAttributeError(path.Root("lifetime"), "Invalid lifetime",
			fmt.Sprintf("A key for one run lives for %s to %s, not %s.", shortestLifetime, longestLifetime, d))
	}
}
