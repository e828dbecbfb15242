package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

var (
	_ datasource.DataSourceWithConfigure        = (*apiKeyDataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*apiKeyDataSource)(nil)
)

// NewAPIKeyDataSource returns data.postern_apikey.
func NewAPIKeyDataSource() datasource.DataSource { return &apiKeyDataSource{} }

// NewSubaccountAPIKeyDataSource returns data.postern_subaccount_apikey.
func NewSubaccountAPIKeyDataSource() datasource.DataSource {
	return &apiKeyDataSource{ofSubaccount: true}
}

// apiKeyDataSource is both data sources: they differ in where their keys are.
type apiKeyDataSource struct {
	dataSource
	ofSubaccount bool
}

// placedKeyData is a key and whose it is: what data.postern_subaccount_apikey holds.
type placedKeyData struct {
	Subaccount types.String `tfsdk:"subaccount"`
	apiKeyDataModel
}

func (d *apiKeyDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_apikey"
	if d.ofSubaccount {
		resp.TypeName = req.ProviderTypeName + "_subaccount_apikey"
	}
}

func (d *apiKeyDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	notEmpty := []validator.String{stringvalidator.LengthAtLeast(1)} // an empty name would find every key
	attributes := apiKeyDataFacts()
	attributes["id"] = schema.StringAttribute{Optional: true, Computed: true, MarkdownDescription: "The key's id. Set this or `name`.", Validators: notEmpty}
	attributes["name"] = schema.StringAttribute{Optional: true, Computed: true, MarkdownDescription: "The key's exact name. Set this or `id`.", Validators: notEmpty}
	resp.Schema = schema.Schema{
		MarkdownDescription: "One API key, by id or by name, without its secret: no one can read a secret back.",
		Attributes:          attributes,
	}
	if d.ofSubaccount {
		resp.Schema.MarkdownDescription = "One API key of a sub-account, by id or by name, without its secret: no one can read a secret back."
		attributes["subaccount"] = subaccountData()
	}
}

func (d *apiKeyDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{datasourcevalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("name"))}
}

func (d *apiKeyDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model placedKeyData
	var data any = &model.apiKeyDataModel
	place := "the provider's account"
	if d.ofSubaccount {
		data = &model
	}
	resp.Diagnostics.Append(req.Config.Get(ctx, data)...)
	if resp.Diagnostics.HasError() || !d.ready(&resp.Diagnostics) {
		return
	}
	if d.ofSubaccount {
		var ok bool
		if model.Subaccount, ok = knownSubaccountOr(model.Subaccount, d.subaccount, &resp.Diagnostics); !ok {
			return
		}
		place = "sub-account " + model.Subaccount.String() + ", or no such sub-account"
	}
	keys := d.backend.Keys(model.Subaccount.ValueString())
	var key backend.APIKey
	var err error
	at, which := path.Root("id"), model.ID.String()
	if !model.ID.IsNull() {
		key, err = keys.Get(ctx, model.ID.ValueString())
	} else {
		at, which = path.Root("name"), model.Name.String()
		key, err = named(ctx, keys, model.Name.ValueString())
	}
	if errors.Is(err, backend.ErrNotFound) {
		resp.Diagnostics.AddAttributeError(at, "No such API key", fmt.Sprintf("There is no API key %s in %s.", which, place))
		return
	}
	if err != nil {
		explain(&resp.Diagnostics, "read", nounAPIKey, which, err)
		return
	}
	model.apiKeyDataModel = newAPIKeyData(key)
	resp.Diagnostics.Append(resp.State.Set(ctx, data)...)
}

// named returns the one key of that name.
func named(ctx context.Context, in backend.Keys, name string) (backend.APIKey, error) {
	keys, err := in.List(ctx, backend.APIKeyFilter{Name: name})
	if err != nil {
		return backend.APIKey{}, err
	}
	switch len(keys) {
	case 0:
		return backend.APIKey{}, backend.ErrNotFound
	case 1:
		return keys[0], nil
	}
	return backend.APIKey{}, &backend.Error{Message: fmt.Sprintf("%d keys have this name, the first of them %s. Choose one by its id.", len(keys), keys[0].ID)}
}
