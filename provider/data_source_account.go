package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

var _ datasource.DataSourceWithConfigure = (*accountDataSource)(nil)

// NewAccountDataSource returns data.postern_account.
func NewAccountDataSource() datasource.DataSource { return &accountDataSource{} }

type accountDataSource struct{ dataSource }

type accountModel struct {
	ID            types.String      `tfsdk:"id"`
	Name          types.String      `tfsdk:"name"`
	Platform      types.String      `tfsdk:"platform"`
	Plan          types.String      `tfsdk:"plan"`
	Standing      types.String      `tfsdk:"standing"`
	APIKeys       *quotaModel       `tfsdk:"apikeys"`
	Subaccounts   *quotaModel       `tfsdk:"subaccounts"`
	RequestsHour  *quotaModel       `tfsdk:"requests_hour"`
	RequestsMonth *quotaModel       `tfsdk:"requests_month"`
	CustomScopes  types.Bool        `tfsdk:"custom_scopes"`
	Caller        callerModel       `tfsdk:"caller"`
	CreatedAt     timetypes.RFC3339 `tfsdk:"created_at"`
}

type quotaModel struct {
	Used  types.Int64 `tfsdk:"used"`
	Limit types.Int64 `tfsdk:"limit"`
}

type callerModel struct {
	Kind            types.String `tfsdk:"kind"`
	ID              types.String `tfsdk:"id"`
	Rights          types.Set    `tfsdk:"rights"`
	EffectiveScopes types.Set    `tfsdk:"effective_scopes"`
	Subaccount      types.String `tfsdk:"subaccount"`
}

func (d *accountDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_account"
}

func (d *accountDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	text := func(says string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: says}
	}
	names := func(says string) schema.SetAttribute {
		return schema.SetAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: says}
	}
	quota := func(says string) schema.SingleNestedAttribute {
		return schema.SingleNestedAttribute{Computed: true, MarkdownDescription: says, Attributes: map[string]schema.Attribute{
			"used":  schema.Int64Attribute{Computed: true, MarkdownDescription: "How many there are."},
			"limit": schema.Int64Attribute{Computed: true, MarkdownDescription: "How many there may be. Null for no limit."},
		}}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "The account that the provider's credential belongs to, and what that credential may do. It is read anew in each run, so that its counts are those of the run.",
		Attributes: map[string]schema.Attribute{
			"id":             text("The account's id."),
			"name":           text("What people call the account. Null for a caller of a sub-account, which is not told."),
			"platform":       text("Platform whose rules the account's keys follow."),
			"plan":           text("The platform's plan, which sets the limits. Null where the platform has none."),
			"standing":       text("`open`, `pending_cancel`, `past_due`, `suspended` or `terminated`. Keys work in the first two."),
			"apikeys":        quota("API keys of the account, without those of sub-accounts."),
			"subaccounts":    quota("Sub-accounts. Null where the platform has none."),
			"requests_hour":  quota("How often the account's keys were let in during this hour. Null where that has no limit."),
			"requests_month": quota("The same for this month."),
			"custom_scopes":  schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the account may define scopes of its own with `postern_scope`."},
			"caller": schema.SingleNestedAttribute{
				Computed: true, MarkdownDescription: "The provider's own credential.",
				Attributes: map[string]schema.Attribute{
					"kind":             text("`owner`, which may do everything; `service`, which has some rights and grants nothing; or `apikey`."),
					"id":               text("The id of the credential or of the key."),
					"rights":           names("What it may ask of the management API."),
					"effective_scopes": names("What it may grant. Empty for an owner, who may grant everything, and for a service, which may grant nothing."),
					"subaccount":       text("Handle of the sub-account that it is bound to. Null for none."),
				},
			},
			"created_at": schema.StringAttribute{Computed: true, CustomType: timetypes.RFC3339Type{}, MarkdownDescription: "When the account was made, in RFC 3339."},
		},
	}
}

func (d *accountDataSource) Read(ctx context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	if !d.ready(&resp.Diagnostics) {
		return
	}
	a, err := d.backend.AccountNow(ctx)
	if err != nil {
		explain(&resp.Diagnostics, "read", "account", "", err)
		return
	}
	none := types.StringNull()
	resp.Diagnostics.Append(resp.State.Set(ctx, accountModel{
		ID: textLike(none, a.ID), Name: textLike(none, a.Name), Platform: types.StringValue(a.Platform), Plan: textLike(none, a.Plan), Standing: textLike(none, a.Standing),
		APIKeys: newQuotaModel(&a.APIKeys), Subaccounts: newQuotaModel(a.Subaccounts), RequestsHour: newQuotaModel(a.RequestsHour), RequestsMonth: newQuotaModel(a.RequestsMonth),
		CustomScopes: types.BoolValue(a.CustomScopes), CreatedAt: timeTold(timetypes.NewRFC3339Null(), a.CreatedAt),
		Caller: callerModel{
			Kind: types.StringValue(a.CallerKind), ID: types.StringValue(a.CallerID), Rights: stringSet(a.Rights),
			EffectiveScopes: stringSet(a.Scopes), Subaccount: textLike(none, a.Subaccount),
		},
	})...)
}

func newQuotaModel(q *backend.Quota) *quotaModel {
	if q == nil {
		return nil
	}
	return &quotaModel{Used: types.Int64Value(q.Used), Limit: types.Int64PointerValue(q.Limit)}
}
