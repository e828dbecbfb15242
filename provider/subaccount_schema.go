package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

// subaccountModel is postern_subaccount in configuration, plan and state.
type subaccountModel struct {
	ID                     types.String      `tfsdk:"id"`
	Handle                 types.String      `tfsdk:"handle"`
	Name                   types.String      `tfsdk:"name"`
	Status                 types.String      `tfsdk:"status"`
	APIKeyLimit            types.Int64       `tfsdk:"apikey_limit"`
	DeleteAPIKeysOnDestroy types.Bool        `tfsdk:"delete_apikeys_on_destroy"`
	CreatedAt              timetypes.RFC3339 `tfsdk:"created_at"`
}

// fill takes over what the service says.
func (m *subaccountModel) fill(sub backend.Subaccount) {
	m.ID = types.StringValue(sub.ID)
	m.Handle = types.StringValue(sub.Handle)
	m.Name = types.StringValue(sub.Name)
	m.Status = types.StringValue(sub.Status)
	m.APIKeyLimit = numberOf(sub.APIKeyLimit)
	m.CreatedAt = timetypes.NewRFC3339TimeValue(sub.CreatedAt)
	if m.DeleteAPIKeysOnDestroy.IsNull() { // after an import
		m.DeleteAPIKeysOnDestroy = types.BoolValue(false)
	}
}

func numberOf(n *int) types.Int64 {
	if n == nil {
		return types.Int64Null()
	}
	return types.Int64Value(int64(*n))
}

// limit is the sub-account's own limit of keys; nil for none.
func (m *subaccountModel) limit() *int {
	if m.APIKeyLimit.IsNull() || m.APIKeyLimit.IsUnknown() {
		return nil
	}
	n := int(m.APIKeyLimit.ValueInt64())
	return &n
}

func (r *subaccountResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	made := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	resp.Schema = schema.Schema{
		MarkdownDescription: "A sub-account: a child of the account with API keys of its own, which can be suspended as a whole. " +
			"Its keys are `postern_subaccount_apikey`. One provider block serves any number of sub-accounts.",
		Attributes: map[string]schema.Attribute{
			"handle": schema.StringAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "Names the sub-account, in the API's paths too. What it may hold is the platform's rule, which the plan checks. " +
					"Left out, it is made at random where the platform does that. Another handle makes another sub-account.",
				Validators:    []validator.String{stringvalidator.LengthAtLeast(1)},
				PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown(), stringplanmodifier.RequiresReplace()},
			},
			"name": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "What people call the sub-account, 1 to 100 characters.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1), printable{most: maxNameLength, trimmed: true}},
			},
			"status": schema.StringAttribute{
				Optional: true, Computed: true,
				Default:             stringdefault.StaticString(backend.SubaccountActive),
				MarkdownDescription: "`active` or `suspended`. Default `active`; `suspended` stops all of its keys at once, until it is active again.",
				Validators:          []validator.String{stringvalidator.OneOf(backend.SubaccountActive, backend.SubaccountSuspended)},
			},
			"apikey_limit": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "How many API keys the sub-account may have, at most what the platform allows. Default the platform's limit. Keys that it has already stay.",
				Validators:          []validator.Int64{int64validator.AtLeast(0)},
			},
			"delete_apikeys_on_destroy": schema.BoolAttribute{
				Optional: true, Computed: true,
				Default: booldefault.StaticBool(false),
				MarkdownDescription: "Whether a destroy deletes the sub-account together with all keys that it still has. Default `false`: a destroy is refused while it has any. " +
					"It counts once it is applied.",
			},
			"id":         schema.StringAttribute{Computed: true, MarkdownDescription: "The sub-account's id. It is never used again for another one.", PlanModifiers: made},
			"created_at": schema.StringAttribute{Computed: true, CustomType: timetypes.RFC3339Type{}, MarkdownDescription: "When the sub-account was made, in RFC 3339.", PlanModifiers: made},
		},
	}
}
