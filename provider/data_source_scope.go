package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

var _ datasource.DataSourceWithConfigure = (*scopeDataSource)(nil)

// NewScopeDataSource returns data.postern_scope.
func NewScopeDataSource() datasource.DataSource { return &scopeDataSource{} }

type scopeDataSource struct{ dataSource }

// scopeModel is one scope of the catalogue.
type scopeModel struct {
	Name            types.String `tfsdk:"name"`
	Description     types.String `tfsdk:"description"`
	Group           types.String `tfsdk:"group"`
	Level           types.String `tfsdk:"level"`
	Class           types.String `tfsdk:"class"`
	Implies         types.Set    `tfsdk:"implies"`
	EffectiveScopes types.Set    `tfsdk:"effective_scopes"`
}

func newScopeModel(c *backend.Catalogue, s scope.Scope) scopeModel {
	return scopeModel{
		Name: types.StringValue(s.Name), Description: types.StringValue(s.Description), Group: types.StringValue(s.Group),
		Level: textLike(types.StringNull(), c.Levels[s.Name]), Class: types.StringValue(s.Class), Implies: stringSet(s.Implies), EffectiveScopes: stringSet(c.Effective([]string{s.Name})),
	}
}

// scopeAttributes are those of one scope; how its name is given differs.
func scopeAttributes(name schema.StringAttribute) map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"name":             name,
		"description":      schema.StringAttribute{Computed: true, MarkdownDescription: "What the scope permits."},
		"group":            schema.StringAttribute{Computed: true, MarkdownDescription: "What the scope is about."},
		"level":            schema.StringAttribute{Computed: true, MarkdownDescription: "Level of its group that gives the scope, `read` or `full`. Null where the platform has no levels."},
		"class":            schema.StringAttribute{Computed: true, MarkdownDescription: "Class of the scope. A key never mixes scopes of two classes."},
		"implies":          schema.SetAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "Scopes that it grants as well, directly."},
		"effective_scopes": schema.SetAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "Itself and all that it implies."},
	}
}

func (d *scopeDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_scope"
}

func (d *scopeDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "One scope of the catalogue that the account's keys choose from.",
		Attributes:          scopeAttributes(schema.StringAttribute{Required: true, MarkdownDescription: "The scope's exact name."}),
	}
}

func (d *scopeDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model scopeModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() || !d.ready(&resp.Diagnostics) {
		return
	}
	catalogue, err := d.backend.Catalogue(ctx)
	if err != nil {
		explain(&resp.Diagnostics, "read", "scope catalogue", "", err)
		return
	}
	name := model.Name.ValueString()
	if err := catalogue.Check([]string{name}); err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("name"), "Unknown scope", fmt.Sprintf("The %v. The data source postern_scopes lists what there is.", err))
		return
	}
	s, _ := catalogue.Get(name)
	resp.Diagnostics.Append(resp.State.Set(ctx, newScopeModel(catalogue, s))...)
}
