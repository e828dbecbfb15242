package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

var _ datasource.DataSourceWithConfigure = (*subaccountAPIKeysDataSource)(nil)

// NewSubaccountAPIKeysDataSource returns data.postern_subaccount_apikeys.
func NewSubaccountAPIKeysDataSource() datasource.DataSource { return &subaccountAPIKeysDataSource{} }

type subaccountAPIKeysDataSource struct{ dataSource }

type subaccountAPIKeysModel struct {
	Subaccount types.String      `tfsdk:"subaccount"`
	NamePrefix types.String      `tfsdk:"name_prefix"`
	Status     types.String      `tfsdk:"status"`
	Scope      types.String      `tfsdk:"scope"`
	IDs        types.Set         `tfsdk:"ids"`
	APIKeys    []apiKeyDataModel `tfsdk:"apikeys"`
}

func (d *subaccountAPIKeysDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_subaccount_apikeys"
}

func (d *subaccountAPIKeysDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	facts := apiKeyDataFacts()
	facts["id"] = schema.StringAttribute{Computed: true, MarkdownDescription: "The key's id."}
	facts["name"] = schema.StringAttribute{Computed: true, MarkdownDescription: "The key's name. Empty only where the platform's keys need none."}
	resp.Schema = schema.Schema{
		MarkdownDescription: "API keys of a sub-account, without their secrets. Filters that are set must all fit.",
		Attributes: map[string]schema.Attribute{
			"subaccount":  subaccountData(),
			"name_prefix": schema.StringAttribute{Optional: true, MarkdownDescription: "Only keys whose name begins with this. Default all."},
			"status": schema.StringAttribute{
				Optional: true, MarkdownDescription: "Only keys of this status: `active`, `inactive`, `expired` or `locked`. Default all.",
				Validators: []validator.String{keyStatus()},
			},
			"scope":   schema.StringAttribute{Optional: true, MarkdownDescription: "Only keys that were given this scope by its name, not by implication. Default all."},
			"ids":     schema.SetAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "Ids of the keys found."},
			"apikeys": schema.ListNestedAttribute{Computed: true, MarkdownDescription: "Keys found, oldest first.", NestedObject: schema.NestedAttributeObject{Attributes: facts}},
		},
	}
}

func (d *subaccountAPIKeysDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model subaccountAPIKeysModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() || !d.ready(&resp.Diagnostics) {
		return
	}
	keys, err := d.backend.Keys(model.Subaccount.ValueString()).List(ctx, backend.APIKeyFilter{
		NamePrefix: model.NamePrefix.ValueString(), Status: model.Status.ValueString(), Scope: model.Scope.ValueString(),
	})
	if errors.Is(err, backend.ErrNotFound) {
		noSuchSubaccount(&resp.Diagnostics, path.Root("subaccount"), model.Subaccount)
		return
	}
	if err != nil {
		explain(&resp.Diagnostics, "list", nounAPIKey+"s", "of sub-account "+model.Subaccount.String(), err)
		return
	}
	model.APIKeys = []apiKeyDataModel{}
	var ids []string
	for _, key := range keys {
		ids = append(ids, key.ID)
		model.APIKeys = append(model.APIKeys, newAPIKeyData(key))
	}
	model.IDs = stringSet(ids)
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}
