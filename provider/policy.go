package provider

import (
	"context"
	"maps"
	"regexp"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/plan"
)

// policyModel is the policy block of the provider.
type policyModel struct {
	ForbidScopes            types.Set            `tfsdk:"forbid_scopes"`
	MaxLifetime             timetypes.GoDuration `tfsdk:"max_lifetime"`
	RequireExpiryOrRotation types.Bool           `tfsdk:"require_expiry_or_rotation"`
	Widening                types.String         `tfsdk:"widening"`
	SecretsInState          types.String         `tfsdk:"secrets_in_state"`
}

// policyBlock is a block and no attribute: of an object that is assigned to an attribute
// Terraform drops what the schema does not know without a word, so that a misspelt rule would
// guard nothing. In a block an unknown name is an error.
func policyBlock() schema.Block {
	verdicts := []validator.String{stringvalidator.OneOf(string(plan.Allow), string(plan.Warn), string(plan.Deny))}
	return schema.SingleNestedBlock{
		Validators: []validator.Object{someRule{}},
		MarkdownDescription: "What the provider refuses at plan, whatever the service allows. It holds for every API key of the configuration, also for those that exist already. " +
			"At least one rule must be set, and a misspelt one is an error.",
		Attributes: map[string]schema.Attribute{
			"forbid_scopes": schema.SetAttribute{
				Optional: true, ElementType: types.StringType,
				MarkdownDescription: "Scopes that no key may grant, also not by implication. `*` stands for any characters, as in `*.delete`.",
				Validators: []validator.Set{setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1),
					stringvalidator.RegexMatches(regexp.MustCompile(`^\S*$`), "must not hold spaces"))},
			},
			"max_lifetime": schema.StringAttribute{
				Optional: true, CustomType: timetypes.GoDurationType{},
				MarkdownDescription: "How long a key may live, as a duration such as `2160h` (90 days): it must have an `expires_at` within that of when it was made or renewed, by the server's clock.",
				Validators:          []validator.String{duration{positive: true}},
			},
			"require_expiry_or_rotation": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Whether every key must have `expires_at` or `rotation`. Default `false`.",
			},
			"widening": schema.StringAttribute{
				Optional: true, Validators: verdicts,
				MarkdownDescription: "What happens when a key that exists gains effective scopes: `allow`, `warn` or `deny`. Default `warn`.",
			},
			"secrets_in_state": schema.StringAttribute{
				Optional: true, Validators: verdicts,
				MarkdownDescription: "What happens when a key's secret would lie in the state: `allow`, `warn` or `deny`. Default `allow`. A key that is imported, or has its secret from `secret_wo`, has none there.",
			},
		},
	}
}

// someRule refuses a policy that sets nothing: who wrote it believes to be guarded. A set
// without members counts as nothing.
type someRule struct{}

func (someRule) Description(context.Context) string { return "must set at least one rule" }

func (v someRule) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v someRule) ValidateObject(ctx context.Context, req validator.ObjectRequest, resp *validator.ObjectResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	rules := req.ConfigValue.Attributes()
	for _, value := range rules {
		set, isSet := value.(types.Set)
		if value.IsUnknown() || !value.IsNull() && (!isSet || len(set.Elements()) > 0) {
			return
		}
	}
	resp.Diagnostics.AddAttributeError(req.Path, "The policy sets nothing",
		"The block policy "+v.Description(ctx)+", and guards nothing as it is. Set one of "+quoted(slices.Sorted(maps.Keys(rules)))+", or remove the block.")
}

// isWhollyKnown reports whether the object and all in it are known.
func isWhollyKnown(value types.Object) bool {
	for _, v := range value.Attributes() {
		set, isSet := v.(types.Set)
		if v.IsUnknown() || isSet && slices.ContainsFunc(set.Elements(), attr.Value.IsUnknown) {
			return false
		}
	}
	return true
}

// policyOf reads the block. Without one the defaults hold.
func policyOf(ctx context.Context, value types.Object, diags *diag.Diagnostics) plan.Policy {
	p := plan.NoPolicy()
	if value.IsNull() || value.IsUnknown() {
		p.Open = value.IsUnknown()
		return p
	}
	p.None, p.Open = false, !isWhollyKnown(value)
	var in policyModel
	diags.Append(value.As(ctx, &in, objectOptions)...)
	for _, e := range in.ForbidScopes.Elements() {
		if s, ok := e.(types.String); ok && !s.IsUnknown() {
			p.Forbid = append(p.Forbid, s.ValueString())
		}
	}
	p.MaxLifetime = durationOf(in.MaxLifetime)
	p.ExpiryOrRotation = in.RequireExpiryOrRotation.ValueBool()
	if v := in.Widening.ValueString(); v != "" {
		p.Widening = plan.Verdict(v)
	}
	if v := in.SecretsInState.ValueString(); v != "" {
		p.SecretsInState = plan.Verdict(v)
	}
	return p
}
