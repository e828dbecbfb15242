package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var _ function.Function = compareScopesFunction{}

// NewCompareScopesFunction returns provider::postern::compare_scopes.
func NewCompareScopesFunction() function.Function { return compareScopesFunction{} }

type compareScopesFunction struct{}

// scopeChange is what one set of scopes grants more, and less, than another.
type scopeChange struct {
	Gained types.Set `tfsdk:"gained"`
	Lost   types.Set `tfsdk:"lost"`
}

var scopeChangeTypes = map[string]attr.Type{
	"gained": types.SetType{ElemType: types.StringType},
	"lost":   types.SetType{ElemType: types.StringType},
}

func (compareScopesFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "compare_scopes"
}

func (compareScopesFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "What one set of scopes grants more, and less, than another.",
		MarkdownDescription: "Compares two sets of scopes by what they really grant, with all that they imply, and returns an object:\n\n" +
			"- `gained` (Set of String) is granted by `after` and not by `before`.\n" +
			"- `lost` (Set of String) is granted by `before` and not by `after`.\n\n" +
			"Sets that are written differently and grant the same have nothing gained and nothing lost: " +
			"naming what another scope implies already is no gain. With what was agreed as `before`, `gained` is what a review has to look at." + offlineNote,
		Parameters: []function.Parameter{
			platformParameter(),
			scopesParameter("before", "Names of the scopes to compare with; may be empty. One that the platform does not have is an error."),
			scopesParameter("after", "Names of the scopes to compare; may be empty. One that the platform does not have is an error."),
		},
		Return: function.ObjectReturn{AttributeTypes: scopeChangeTypes},
	}
}

func (compareScopesFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var name string
	var first, second types.Set
	if resp.Error = req.Arguments.Get(ctx, &name, &first, &second); resp.Error != nil {
		return
	}
	p, refused := builtin(name)
	if refused != nil {
		resp.Error = refused
		return
	}
	before, knownBefore, refused := scopesIn(p, 1, first)
	if refused != nil {
		resp.Error = refused
		return
	}
	after, knownAfter, refused := scopesIn(p, 2, second)
	switch {
	case refused != nil:
		resp.Error = refused
	case !knownBefore || !knownAfter:
		resp.Error = resp.Result.Set(ctx, types.ObjectUnknown(scopeChangeTypes))
	default:
		resp.Error = resp.Result.Set(ctx, scopeChange{
			Gained: stringSet(p.Scopes.Missing(before, after)),
			Lost:   stringSet(p.Scopes.Missing(after, before)),
		})
	}
}
