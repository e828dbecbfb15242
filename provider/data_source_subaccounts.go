package provider

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

var _ datasource.DataSourceWithConfigure = (*subaccountsDataSource)(nil)

// NewSubaccountsDataSource returns data.postern_subaccounts.
func NewSubaccountsDataSource() datasource.DataSource { return &subaccountsDataSource{} }

type subaccountsDataSource struct{ dataSource }

type subaccountsModel struct {
	HandlePrefix types.String          `tfsdk:"handle_prefix"`
	Status       types.String          `tfsdk:"status"`
	Handles      types.Set             `tfsdk:"handles"`
	Subaccounts  []subaccountDataModel `tfsdk:"subaccounts"`
}

func (d *subaccountsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_subaccounts"
}

func (d *subaccountsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Sub-accounts of the account. Filters that are set must all fit.",
		Attributes: map[string]schema.Attribute{
			"handle_prefix": schema.StringAttribute{Optional: true, MarkdownDescription: "Only sub-accounts whose handle begins with this. Default all."},
			"status": schema.StringAttribute{
				Optional: true, MarkdownDescription: "Only `active` or only `suspended` sub-accounts. Default all.",
				Validators: []validator.String{stringvalidator.OneOf(backend.SubaccountActive, backend.SubaccountSuspended)},
			},
			"handles": schema.SetAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "Handles of the sub-accounts found, ready for a `for_each`."},
			"subaccounts": schema.ListNestedAttribute{
				Computed: true, MarkdownDescription: "Sub-accounts found, oldest first.",
				NestedObject: schema.NestedAttributeObject{Attributes: subaccountAttributes(schema.StringAttribute{Computed: true, MarkdownDescription: "The sub-account's handle."})},
			},
		},
	}
}

func (d *subaccountsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model subaccountsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() || !d.ready(&resp.Diagnostics) {
		return
	}
	found, err := d.backend.Subaccounts().List(ctx, backend.SubaccountFilter{HandlePrefix: model.HandlePrefix.ValueString(), Status: model.Status.ValueString()})
	if err != nil {
		explain(&resp.Diagnostics, "list", nounSubaccount+"s", "", err)
		return
	}
	slices.SortFunc(found, func(a, b backend.Subaccount) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), strings.Compare(a.Handle, b.Handle))
	})
	model.Subaccounts = []subaccountDataModel{}
	var handles []string
	for _, sub := range found {
		handles = append(handles, sub.Handle)
		model.Subaccounts = append(model.Subaccounts, newSubaccountData(sub))
	}
	model.Handles = stringSet(handles)
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}
