// Package provider is Terraform's face of Postern: schemas, plan logic and
// diagnostics. It translates between HCL and a backend and holds no rule of
// the service itself.
package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/claims"
	"github.com/postern-dev/terraform-provider-postern/internal/plan"
)

var _ provider.ProviderWithEphemeralResources = (*posternProvider)(nil)

// New returns the provider in that version.
func New(version string) func() provider.Provider {
	return func() provider.Provider { return &posternProvider{version, &claims.Traffic{}} }
}

type posternProvider struct {
	version string
	traffic *claims.Traffic
}

func (p *posternProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "postern"
	resp.Version = p.version
}

func (p *posternProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages API keys, sub-account keys and scopes of e-mail platforms: through the management API of a Postern server, or through the APIs of SendGrid and MailChannels themselves.",
		Attributes:          configurationAttributes(),
		Blocks:              map[string]schema.Block{"policy": policyBlock()},
	}
}

func (p *posternProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var config providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	data := &configured{subaccount: config.subaccount(), policy: policyOf(ctx, config.Policy, &resp.Diagnostics)}
	data.names.run = claims.New(p.traffic)
	// Where it is unknown the service is made in this same apply. Plans go on
	// without it and check less; the apply configures the provider anew.
	if !config.unknown() {
		b := config.connect("terraform-provider-postern/"+p.version, &resp.Diagnostics)
		if b == nil {
			return
		}
		data.backend = b
	}
	resp.ResourceData = data
	resp.DataSourceData = data
	resp.EphemeralResourceData = data
	resp.ListResourceData, resp.ActionData = data, data
}

// configured is what a configured provider hands to its resources. Its backend is nil
// while the configuration is unknown.
type configured struct {
	backend    backend.Backend
	subaccount types.String // the handle for what leaves it out; unknown while the configuration is, null for none
	coming     comingSubaccounts
	policy     plan.Policy
	creates    creates
	named      namesakes
	again      accountAgain
	names      names
}

func (p *posternProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		NewAPIKeyResource,
		NewScopeResource,
		NewSubaccountAPIKeyResource,
		NewSubaccountResource,
	}
}

func (p *posternProvider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{
		NewAPIKeyEphemeral,
		NewSecretEphemeral,
	}
}

func (p *posternProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		NewAPIKeyDataSource,
		NewAPIKeyUsageDataSource,
		NewAPIKeysDataSource,
		NewAccountDataSource,
		NewScopeDataSource,
		NewScopesDataSource,
		NewSubaccountAPIKeyDataSource,
		NewSubaccountAPIKeysDataSource,
		NewSubaccountDataSource,
		NewSubaccountsDataSource,
	}
}
