package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var _ function.Function = expandScopesFunction{}

// NewExpandScopesFunction returns provider::postern::expand_scopes.
func NewExpandScopesFunction() function.Function { return expandScopesFunction{} }

type expandScopesFunction struct{}

func (expandScopesFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "expand_scopes"
}

func (expandScopesFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "What scopes really grant.",
		MarkdownDescription: "Returns the scopes and all that they imply, as the `effective_scopes` of a key with these `scopes` will show. " +
			"No scopes grant none. Whether one key may hold them together is not judged here but in the key's plan: a key never mixes scopes of two classes." + offlineNote,
		Parameters: []function.Parameter{
			platformParameter(),
			scopesParameter("scopes", "Names of scopes. One that the platform does not have is an error."),
		},
		Return: function.SetReturn{ElementType: types.StringType},
	}
}

func (expandScopesFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var name string
	var set types.Set
	if resp.Error = req.Arguments.Get(ctx, &name, &set); resp.Error != nil {
		return
	}
	p, refused := builtin(name)
	if refused != nil {
		resp.Error = refused
		return
	}
	names, known, refused := scopesIn(p, 1, set)
	switch {
	case refused != nil:
		resp.Error = refused
	case !known:
		resp.Error = resp.Result.Set(ctx, types.SetUnknown(types.StringType))
	default:
		resp.Error = resp.Result.Set(ctx, stringSet(p.Scopes.Effective(names)))
	}
}
