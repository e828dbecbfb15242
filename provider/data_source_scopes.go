package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var _ datasource.DataSourceWithConfigure = (*scopesDataSource)(nil)

// NewScopesDataSource returns data.postern_scopes.
func NewScopesDataSource() datasource.DataSource { return &scopesDataSource{} }

type scopesDataSource struct{ dataSource }

type scopesModel struct {
	NamePrefix types.String `tfsdk:"name_prefix"`
	Group      types.String `tfsdk:"group"`
	Level      types.String `tfsdk:"level"`
	Class      types.String `tfsdk:"class"`
	Names      types.Set    `tfsdk:"names"`
	Scopes     []scopeModel `tfsdk:"scopes"`
}

func (d *scopesDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_scopes"
}

func (d *scopesDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Scopes of the catalogue that the account's keys choose from.",
		Attributes: map[string]schema.Attribute{
			"name_prefix": schema.StringAttribute{Optional: true, MarkdownDescription: "Only scopes whose name begins with this. Default all."},
			"group":       schema.StringAttribute{Optional: true, MarkdownDescription: "Only scopes of this group. Default all."},
			"level": schema.StringAttribute{
				Optional: true, MarkdownDescription: "Only scopes that this level of their group gives: `read` or `full`. A scope of both is of level `read`. Default all.",
				Validators: []validator.String{stringvalidator.OneOf("read", "full")},
			},
			"class": schema.StringAttribute{Optional: true, MarkdownDescription: "Only scopes of this class. Default all."},
			"names": schema.SetAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "Names of the scopes found, ready for the `scopes` of a key."},
			"scopes": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "Scopes found, by name.",
				NestedObject:        schema.NestedAttributeObject{Attributes: scopeAttributes(schema.StringAttribute{Computed: true, MarkdownDescription: "The scope's name."})},
			},
		},
	}
}

func (d *scopesDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model scopesModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() || !d.ready(&resp.Diagnostics) {
		return
	}
	catalogue, err := d.backend.Catalogue(ctx)
	if err != nil {
		explain(&resp.Diagnostics, "read", "scope catalogue", "", err)
		return
	}
	model.Scopes = []scopeModel{}
	var names []string
	for _, name := range catalogue.Names() {
		s, _ := catalogue.Get(name)
		fits := strings.HasPrefix(name, model.NamePrefix.ValueString()) && is(model.Group, s.Group) && is(model.Level, catalogue.Levels[name]) && is(model.Class, s.Class)
		if !fits {
			continue
		}
		names = append(names, name)
		model.Scopes = append(model.Scopes, newScopeModel(catalogue, s))
	}
	model.Names = stringSet(names)
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}

// is reports whether a filter lets the text through; null lets all.
func is(filter types.String, text string) bool {
	return filter.IsNull() || filter.ValueString() == text
}
