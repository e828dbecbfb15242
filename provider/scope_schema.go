package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

// What a scope has when its configuration does not say; the service has the same.
const (
	defaultScopeGroup = "custom"
	maxImplied        = 500
)

func (r *scopeResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	text := []validator.String{stringvalidator.LengthAtLeast(1), printable{most: maxNameLength, trimmed: true}}
	resp.Schema = schema.Schema{
		MarkdownDescription: "A scope of the account's own, on platforms that let accounts define some, such as `postern`. " +
			"A change of `implies` changes at once what every key that holds the scope may do; the plan says what and how many.",
		Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{
				Required: true,
				MarkdownDescription: "The scope's name: 1 to 128 lower case letters, digits, dots, colons, hyphens and underscores. " +
					"A scope is not renamed: another name makes a new one.",
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
				Validators:    []validator.String{scopeName{}},
			},
			"description": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "What the scope permits, at most 500 characters.",
				Validators:          []validator.String{printable{most: maxDescriptionLength}},
			},
			"group": schema.StringAttribute{
				Optional: true, Computed: true, Default: stringdefault.StaticString(defaultScopeGroup),
				MarkdownDescription: "What the scope is about, at most 100 characters. Default `" + defaultScopeGroup + "`.",
				Validators:          text,
			},
			"class": schema.StringAttribute{
				Optional: true, Computed: true, Default: stringdefault.StaticString(scope.General),
				MarkdownDescription: "Keys never mix scopes of two classes. Default `" + scope.General + "`. A change makes a new scope.",
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
				Validators:          text,
			},
			"implies": schema.SetAttribute{
				Optional: true, ElementType: types.StringType,
				MarkdownDescription: "Scopes of the same class that this one grants as well. Default none. Nobody defines a scope that grants more than they hold.",
				Validators:          []validator.Set{setvalidator.SizeAtMost(maxImplied), setvalidator.ValueStringsAre(scopeName{})},
			},
			"account_id": accountIDAttribute("scope"),
			"effective_scopes": schema.SetAttribute{
				Computed: true, ElementType: types.StringType,
				MarkdownDescription: "All that the scope really grants: itself and all that it implies. Known in the plan, unless only the definition of another scope changes it.",
			},
			"apikeys_touched": schema.Int64Attribute{
				Computed: true,
				MarkdownDescription: "How many keys the last change of `implies` touched, or the planned one will: those that held the scope when the state was refreshed for the plan. " +
					"Null when no key was touched. Known in the plan, so that a saved plan tells it.",
			},
		},
	}
}

// scopeName accepts what can be the name of a scope.
type scopeName struct{}

func (v scopeName) Description(context.Context) string {
	return "must be the name of a scope: lower case letters, digits, dots, colons, hyphens and underscores"
}

func (v scopeName) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v scopeName) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if err := scope.CheckName(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid scope name", fmt.Sprintf("A scope's name %v.", err))
	}
}
