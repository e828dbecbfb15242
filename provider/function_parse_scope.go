package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var _ function.Function = parseScopeFunction{}

// NewParseScopeFunction returns provider::postern::parse_scope.
func NewParseScopeFunction() function.Function { return parseScopeFunction{} }

type parseScopeFunction struct{}

// parsedScope is what is known of one scope of a built-in platform.
type parsedScope struct {
	Name            types.String `tfsdk:"name"`
	Description     types.String `tfsdk:"description"`
	Group           types.String `tfsdk:"group"`
	Level           types.String `tfsdk:"level"`
	Class           types.String `tfsdk:"class"`
	Implies         types.Set    `tfsdk:"implies"`
	EffectiveScopes types.Set    `tfsdk:"effective_scopes"`
}

var parsedScopeTypes = map[string]attr.Type{
	"name":             types.StringType,
	"description":      types.StringType,
	"group":            types.StringType,
	"level":            types.StringType,
	"class":            types.StringType,
	"implies":          types.SetType{ElemType: types.StringType},
	"effective_scopes": types.SetType{ElemType: types.StringType},
}

func (parseScopeFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "parse_scope"
}

func (parseScopeFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "What the name of a scope stands for.",
		MarkdownDescription: "Returns an object with what is known of one scope:\n\n" +
			"- `name` (String) is its name, as it was given.\n" +
			"- `description` (String) is what it permits.\n" +
			"- `group` (String) is what it is about. `grant_access` takes the groups of platforms with levels.\n" +
			"- `level` (String) is the lowest level of its group that gives it, `read` or `full`. Null where the platform has no levels.\n" +
			"- `class` (String) is its class. A key never mixes scopes of two classes.\n" +
			"- `implies` (Set of String) is what it grants as well, directly.\n" +
			"- `effective_scopes` (Set of String) is itself and all that it implies." + offlineNote,
		Parameters: []function.Parameter{
			platformParameter(),
			function.StringParameter{Name: "name", MarkdownDescription: "Exact name of the scope. One that the platform does not have is an error."},
		},
		Return: function.ObjectReturn{AttributeTypes: parsedScopeTypes},
	}
}

func (parseScopeFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var name, text string
	if resp.Error = req.Arguments.Get(ctx, &name, &text); resp.Error != nil {
		return
	}
	p, refused := builtin(name)
	if refused == nil {
		refused = checkScopes(p, 1, []string{text})
	}
	if refused != nil {
		resp.Error = refused
		return
	}
	s, _ := p.Scopes.Get(text)
	level := types.StringNull()
	if l := p.Level(text); l != "" {
		level = types.StringValue(l)
	}
	resp.Error = resp.Result.Set(ctx, parsedScope{
		Name: types.StringValue(s.Name), Description: types.StringValue(s.Description), Group: types.StringValue(s.Group),
		Level: level, Class: types.StringValue(s.Class), Implies: stringSet(s.Implies),
		EffectiveScopes: stringSet(p.Scopes.Effective([]string{s.Name})),
	})
}
