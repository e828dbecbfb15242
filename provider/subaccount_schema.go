package provider

import (
	"context"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
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

// emailShape finds what is no address at all; whether it is one, its mail server says.
var emailShape = regexp.MustCompile(`^[^@\s]+@[^@\s]+$`)

// subaccountModel is postern_subaccount in configuration, plan and state.
type subaccountModel struct {
	ID                     types.String      `tfsdk:"id"`
	AccountID              types.String      `tfsdk:"account_id"`
	Handle                 types.String      `tfsdk:"handle"`
	Name                   types.String      `tfsdk:"name"`
	Status                 types.String      `tfsdk:"status"`
	APIKeyLimit            types.Int64       `tfsdk:"apikey_limit"`
	SendLimit              types.Int64       `tfsdk:"send_limit"`
	Email                  types.String      `tfsdk:"email"`
	IPAddresses            types.Set         `tfsdk:"ip_addresses"`
	DeleteAPIKeysOnDestroy types.Bool        `tfsdk:"delete_apikeys_on_destroy"`
	CreatedAt              timetypes.RFC3339 `tfsdk:"created_at"`
}

// fill takes over what the service says, and leaves alone what it does not hold.
func (m *subaccountModel) fill(sub backend.Subaccount, rules backend.SubaccountRules) {
	m.ID = types.StringValue(sub.ID)
	m.Handle = types.StringValue(sub.Handle)
	switch {
	case !rules.NameInState:
		m.Name = types.StringValue(sub.Name)
	case m.Name.IsNull(): // after an import: the configuration must have one
		m.Name = types.StringValue(sub.Handle)
	}
	m.Status = types.StringValue(sub.Status)
	m.APIKeyLimit = numberOf(sub.APIKeyLimit)
	m.SendLimit = types.Int64PointerValue(sub.SendLimit)
	// Whether a service keeps the spelling of an address is not documented.
	if rules.Address && sub.Email != "" && !strings.EqualFold(sub.Email, m.Email.ValueString()) {
		m.Email = types.StringValue(sub.Email)
	}
	m.CreatedAt = timeTold(m.CreatedAt, sub.CreatedAt)
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
				MarkdownDescription: "What people call the sub-account, 1 to 128 characters; on MailChannels at least 3, and another name makes another sub-account. On SendGrid, which holds none, it is a label in the state, and after an import the username.",
			},
			"status": schema.StringAttribute{
				Optional: true, Computed: true,
				Default:             stringdefault.StaticString(backend.SubaccountActive),
				MarkdownDescription: "`active` or `suspended`. Default `active`; `suspended` stops all of its keys at once, until it is active again.",
				Validators:          []validator.String{stringvalidator.OneOf(backend.SubaccountActive, backend.SubaccountSuspended)},
			},
			"apikey_limit": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "How many API keys the sub-account may have, at most what the platform allows. Default the platform's limit. Keys that it has already stay. SendGrid and MailChannels have no such limit of their own.",
				Validators:          []validator.Int64{int64validator.AtLeast(0)},
			},
			"send_limit": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "How many messages the sub-account may send in a billing period, on platforms that have such a limit, as MailChannels. Default none of its own: it shares the account's.",
				Validators:          []validator.Int64{int64validator.AtLeast(0)},
			},
			"email": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Address of whoever the sub-account belongs to. Needed for a subuser of SendGrid, which tells the user by it, and cannot be changed through its API. " +
					"A platform that holds none leaves it as a label in the state.",
			},
			"ip_addresses": schema.SetAttribute{
				Optional: true, ElementType: types.StringType,
				MarkdownDescription: "IP addresses that the sub-account sends from. Needed for a subuser of SendGrid, at least one of the account's own; SendGrid does not tell them afterwards, so that a change made elsewhere is not seen. " +
					"A platform that holds none leaves them as a label in the state.",
				Validators: []validator.Set{setvalidator.SizeAtLeast(1), setvalidator.ValueStringsAre(ipAddress{})},
			},
			"delete_apikeys_on_destroy": schema.BoolAttribute{
				Optional: true, Computed: true,
				Default: booldefault.StaticBool(false),
				MarkdownDescription: "Whether a destroy deletes the sub-account together with all keys that it still has. Default `false`: a destroy is refused while it has any. " +
					"It counts once it is applied.",
			},
			"account_id": accountIDAttribute("sub-account"),
			"id":         schema.StringAttribute{Computed: true, MarkdownDescription: "The sub-account's id. It is never used again for another one.", PlanModifiers: made},
			"created_at": schema.StringAttribute{Computed: true, CustomType: timetypes.RFC3339Type{}, MarkdownDescription: "When the sub-account was made, in RFC 3339.", PlanModifiers: made},
		},
	}
}
