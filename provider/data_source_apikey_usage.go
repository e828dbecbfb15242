package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

// maxUsageDays is for how many days the service keeps counts.
const maxUsageDays = 400

var _ datasource.DataSourceWithConfigure = (*apiKeyUsageDataSource)(nil)

// NewAPIKeyUsageDataSource returns data.postern_apikey_usage.
func NewAPIKeyUsageDataSource() datasource.DataSource { return &apiKeyUsageDataSource{} }

type apiKeyUsageDataSource struct{ dataSource }

type apiKeyUsageModel struct {
	ID            types.String      `tfsdk:"id"`
	Days          types.Int64       `tfsdk:"days"`
	Since         types.String      `tfsdk:"since"`
	ObservedSince timetypes.RFC3339 `tfsdk:"observed_since"`
	LastUsedAt    timetypes.RFC3339 `tfsdk:"last_used_at"`
	Scopes        []scopeUsageModel `tfsdk:"scopes"`
	UnusedScopes  types.Set         `tfsdk:"unused_scopes"`
}

type scopeUsageModel struct {
	Name       types.String      `tfsdk:"name"`
	Uses       types.Int64       `tfsdk:"uses"`
	LastUsedAt timetypes.RFC3339 `tfsdk:"last_used_at"`
}

func (d *apiKeyUsageDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_apikey_usage"
}

func (d *apiKeyUsageDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	instant := func(text string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, CustomType: timetypes.RFC3339Type{}, MarkdownDescription: text}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "How an API key was used: which of its scopes were asked for, and which could be taken from it. It changes with every use, so refer to it in checks and outputs rather than in resources.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{Required: true, MarkdownDescription: "The key's id.", Validators: []validator.String{stringvalidator.LengthAtLeast(1)}},
			"days": schema.Int64Attribute{
				Optional: true, MarkdownDescription: "How many days count, today included, in UTC: 1 to 400. Default 30.",
				Validators: []validator.Int64{int64validator.Between(1, maxUsageDays)},
			},
			"since":          schema.StringAttribute{Computed: true, MarkdownDescription: "The first day that counts, in UTC, such as `2027-06-30`."},
			"observed_since": instant("From when on the key could be used within these days, in RFC 3339: the start of `since`, or when the key was made. What is unused since a minute ago says little."),
			"last_used_at":   instant("When the key was last let in, also before `since`, in RFC 3339. Null when it was not in the 400 days for which counts are kept."),
			"scopes": schema.ListNestedAttribute{
				Computed: true, MarkdownDescription: "Each scope that was asked for since then, and each that the key grants, by name.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"name":         schema.StringAttribute{Computed: true, MarkdownDescription: "The scope's name. Empty for requests that asked for no scope."},
					"uses":         schema.Int64Attribute{Computed: true, MarkdownDescription: "How often it was asked for and granted."},
					"last_used_at": instant("When last since then, in RFC 3339. Null for never."),
				}},
			},
			"unused_scopes": schema.SetAttribute{
				Computed: true, ElementType: types.StringType,
				MarkdownDescription: "What the key grants, by name or by implication, and nobody asked for since `observed_since`: what could be taken from it. A scope that was given to the key later has been observed for less.",
			},
		},
	}
}

func (d *apiKeyUsageDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model apiKeyUsageModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() || !d.ready(&resp.Diagnostics) {
		return
	}
	usage, err := d.backend.APIKeyUsage(ctx, "", model.ID.ValueString(), int(model.Days.ValueInt64()))
	if errors.Is(err, backend.ErrNotFound) {
		resp.Diagnostics.AddAttributeError(path.Root("id"), "No such API key", fmt.Sprintf("There is no API key %s in the provider's account.", model.ID))
		return
	}
	if err != nil {
		explain(&resp.Diagnostics, "read the usage of", "API key", model.ID.String(), err)
		return
	}
	never := timetypes.NewRFC3339Null()
	model.Since, model.ObservedSince, model.LastUsedAt = types.StringValue(usage.Since), timeLike(never, &usage.ObservedSince), timeLike(never, usage.LastUsedAt)
	model.Scopes, model.UnusedScopes = []scopeUsageModel{}, stringSet(usage.UnusedScopes)
	for _, s := range usage.Scopes {
		model.Scopes = append(model.Scopes, scopeUsageModel{Name: types.StringValue(s.Scope), Uses: types.Int64Value(s.Uses), LastUsedAt: timeLike(never, s.LastUsedAt)})
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
