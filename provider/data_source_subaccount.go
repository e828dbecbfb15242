package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

var _ datasource.DataSourceWithConfigure = (*subaccountDataSource)(nil)

// NewSubaccountDataSource returns data.postern_subaccount.
func NewSubaccountDataSource() datasource.DataSource { return &subaccountDataSource{} }

type subaccountDataSource struct{ dataSource }

// subaccountDataModel is a sub-account in a data source.
type subaccountDataModel struct {
	ID           types.String      `tfsdk:"id"`
	Handle       types.String      `tfsdk:"handle"`
	Name         types.String      `tfsdk:"name"`
	Status       types.String      `tfsdk:"status"`
	APIKeyLimit  types.Int64       `tfsdk:"apikey_limit"`
	APIKeysUsed  types.Int64       `tfsdk:"apikeys_used"`
	APIKeysLimit types.Int64       `tfsdk:"apikeys_limit"`
	SendLimit    types.Int64       `tfsdk:"send_limit"`
	Email        types.String      `tfsdk:"email"`
	CreatedAt    timetypes.RFC3339 `tfsdk:"created_at"`
}

// oneSubaccountModel is data.postern_subaccount: what takes one more request is told of
// one sub-account only.
type oneSubaccountModel struct {
	subaccountDataModel
	Sent *sentModel `tfsdk:"sent"`
}

type sentModel struct {
	Messages    types.Int64  `tfsdk:"messages"`
	Limit       types.Int64  `tfsdk:"limit"`
	PeriodStart types.String `tfsdk:"period_start"`
	PeriodEnd   types.String `tfsdk:"period_end"`
}

func newSubaccountData(sub backend.Subaccount) subaccountDataModel {
	return subaccountDataModel{
		ID: types.StringValue(sub.ID), Handle: types.StringValue(sub.Handle), Name: types.StringValue(sub.Name), Status: types.StringValue(sub.Status),
		APIKeyLimit: numberOf(sub.APIKeyLimit), APIKeysUsed: numberOf(&sub.Keys), APIKeysLimit: numberOf(sub.KeyLimit),
		SendLimit: types.Int64PointerValue(sub.SendLimit), Email: textLike(types.StringNull(), sub.Email), CreatedAt: timeTold(timetypes.NewRFC3339Null(), sub.CreatedAt),
	}
}

// subaccountAttributes describes a sub-account, looked up by the handle as given here.
func subaccountAttributes(handle schema.StringAttribute) map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"handle":        handle,
		"id":            schema.StringAttribute{Computed: true, MarkdownDescription: "The sub-account's id."},
		"name":          schema.StringAttribute{Computed: true, MarkdownDescription: "What people call the sub-account."},
		"status":        schema.StringAttribute{Computed: true, MarkdownDescription: "`active`, or `suspended` while none of its keys works."},
		"apikey_limit":  schema.Int64Attribute{Computed: true, MarkdownDescription: "How many API keys it may have by its own limit. Null for the platform's."},
		"apikeys_used":  schema.Int64Attribute{Computed: true, MarkdownDescription: "How many API keys it has."},
		"apikeys_limit": schema.Int64Attribute{Computed: true, MarkdownDescription: "How many API keys it may have after all: by its own limit, else by the platform's. Null for no limit."},
		"send_limit":    schema.Int64Attribute{Computed: true, MarkdownDescription: "How many messages it may send in a period by its own limit. Null for none."},
		"email":         schema.StringAttribute{Computed: true, MarkdownDescription: "Address of whoever it belongs to. Null where the platform holds none."},
		"created_at":    schema.StringAttribute{Computed: true, CustomType: timetypes.RFC3339Type{}, MarkdownDescription: "When the sub-account was made, in RFC 3339. Null where the platform does not tell."},
	}
}

func (d *subaccountDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_subaccount"
}

func (d *subaccountDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "One sub-account, by handle, with how many API keys it has and may have.",
		Attributes: subaccountAttributes(schema.StringAttribute{
			Required: true, MarkdownDescription: "The sub-account's handle.", Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
		}),
	}
	resp.Schema.Attributes["sent"] = schema.SingleNestedAttribute{
		Computed: true, MarkdownDescription: "How many messages it sent in this billing period. Null where the platform does not count them, as all but MailChannels.",
		Attributes: map[string]schema.Attribute{
			"messages":     schema.Int64Attribute{Computed: true, MarkdownDescription: "How many it sent."},
			"limit":        schema.Int64Attribute{Computed: true, MarkdownDescription: "How many it may send. Null for no limit."},
			"period_start": schema.StringAttribute{Computed: true, MarkdownDescription: "First day of the period, as YYYY-MM-DD."},
			"period_end":   schema.StringAttribute{Computed: true, MarkdownDescription: "Last day of the period, as YYYY-MM-DD."},
		},
	}
}

func (d *subaccountDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model oneSubaccountModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() || !d.ready(&resp.Diagnostics) {
		return
	}
	sub, err := d.backend.Subaccounts().Get(ctx, model.Handle.ValueString())
	if errors.Is(err, backend.ErrNotFound) {
		noSuchSubaccount(&resp.Diagnostics, path.Root("handle"), model.Handle)
		return
	}
	if err != nil {
		explain(&resp.Diagnostics, "read", nounSubaccount, model.Handle.String(), err)
		return
	}
	model.subaccountDataModel = newSubaccountData(sub)
	usage, err := d.backend.Subaccounts().Usage(ctx, sub.Handle)
	switch {
	case err == nil:
		model.Sent = &sentModel{Messages: types.Int64Value(usage.Sent), Limit: types.Int64PointerValue(usage.Limit), PeriodStart: types.StringValue(usage.PeriodStart), PeriodEnd: types.StringValue(usage.PeriodEnd)}
	case !errors.Is(err, backend.ErrUnsupported):
		explain(&resp.Diagnostics, "read the usage of", nounSubaccount, sub.Handle, err)
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}

func noSuchSubaccount(diags *diag.Diagnostics, at path.Path, handle types.String) {
	diags.AddAttributeError(at, "No such sub-account", fmt.Sprintf("There is no sub-account %s in the provider's account.", handle))
}
