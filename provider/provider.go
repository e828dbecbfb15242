// Package provider is Terraform's face of Postern: schemas, plan logic and
// diagnostics. It translates between HCL and a backend and holds no rule of
// the service itself.
package provider

import (
	"context"
	"fmt"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/backend/postern"
)

var _ provider.Provider = (*posternProvider)(nil)

// The environment variables that stand in for configuration left out.
const (
	envEndpoint = "POSTERN_ENDPOINT"
	envAPIKey   = "POSTERN_API_KEY"
)

// New returns the provider in that version.
func New(version string) func() provider.Provider {
	return func() provider.Provider { return &posternProvider{version: version} }
}

type posternProvider struct{ version string }

type providerModel struct {
	Endpoint types.String `tfsdk:"endpoint"`
	APIKey   types.String `tfsdk:"api_key"`
}

func (p *posternProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "postern"
	resp.Version = p.version
}

func (p *posternProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages API keys and scopes through the Postern management API.",
		Attributes: map[string]schema.Attribute{
			"endpoint": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Address of the management API, such as `https://postern.example.com`. " +
					"Left out, the environment variable `" + envEndpoint + "` is used; there is no default.",
			},
			"api_key": schema.StringAttribute{
				Optional:  true,
				Sensitive: true,
				MarkdownDescription: "Credential that manages the keys: an owner credential, or a key whose scopes give the right. " +
					"Left out, the environment variable `" + envAPIKey + "` is used, which keeps it out of configuration files.",
			},
		},
	}
}

func (p *posternProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var config providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if config.Endpoint.IsUnknown() || config.APIKey.IsUnknown() {
		// The service is made in this same apply. Plans go on without it and
		// check less; the apply configures the provider anew.
		return
	}
	endpoint, endpointFrom := setting(config.Endpoint, "endpoint", envEndpoint)
	credential, credentialFrom := setting(config.APIKey, "api_key", envAPIKey)
	if endpoint == "" {
		resp.Diagnostics.AddAttributeError(path.Root("endpoint"), "Missing endpoint",
			"Set endpoint to the address of the management API, or the environment variable "+envEndpoint+".")
	}
	if credential == "" {
		resp.Diagnostics.AddAttributeError(path.Root("api_key"), "Missing credential",
			"Set the environment variable "+envAPIKey+" to an owner credential or a key that may manage keys, or set api_key.")
	}
	if resp.Diagnostics.HasError() {
		return
	}
	b, err := postern.New(postern.Settings{Endpoint: endpoint, Credential: credential, UserAgent: "terraform-provider-postern/" + p.version})
	if err != nil {
		resp.Diagnostics.AddError("Unable to configure the provider",
			fmt.Sprintf("With endpoint from %s and credential from %s: %v.", endpointFrom, credentialFrom, err))
		return
	}
	data := &configured{backend: b}
	resp.ResourceData = data
	resp.DataSourceData = data
}

// configured is what a configured provider hands to its resources. They get nil
// while the configuration is unknown.
type configured struct {
	backend backend.Backend
	coming  comingSubaccounts
}

// setting resolves one value: the configuration wins over the environment. from
// says in words where it came from, for an error message.
func setting(value types.String, attribute, env string) (text, from string) {
	if !value.IsNull() {
		return value.ValueString(), "the attribute " + attribute
	}
	return os.Getenv(env), "the environment variable " + env
}

func (p *posternProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		NewAPIKeyResource,
		NewScopeResource,
		NewSubaccountAPIKeyResource,
		NewSubaccountResource,
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
