package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var _ function.Function = coversScopeFunction{}

// NewCoversScopeFunction returns provider::postern::covers_scope.
func NewCoversScopeFunction() function.Function { return coversScopeFunction{} }

type coversScopeFunction struct{}

func (coversScopeFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "covers_scope"
}

func (coversScopeFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Whether scopes grant one scope.",
		MarkdownDescription: "Returns `true` when the scopes grant the scope together with all that it implies, by naming it or by implying it. " +
			"No scopes cover none. Made for a `check`, a `precondition` or a `validation` that holds a key to what was agreed." + offlineNote,
		Parameters: []function.Parameter{
			platformParameter(),
			scopesParameter("scopes", "Names of the scopes that are held. One that the platform does not have is an error."),
			function.StringParameter{
				Name: "scope",
				MarkdownDescription: "Name of the scope that is needed. One that the platform does not have is an error, " +
					"as a misspelt name would otherwise read as not granted.",
			},
		},
		Return: function.BoolReturn{},
	}
}

func (coversScopeFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var name, needed string
	var set types.Set
	if resp.Error = req.Arguments.Get(ctx, &name, &set, &needed); resp.Error != nil {
		return
	}
	p, refused := builtin(name)
	if refused != nil {
		resp.Error = refused
		return
	}
	held, known, refused := scopesIn(p, 1, set)
	if refused == nil {
		refused = checkScopes(p, 2, []string{needed})
	}
	switch {
	case refused != nil:
		resp.Error = refused
	case !known:
		resp.Error = resp.Result.Set(ctx, types.BoolUnknown())
	default:
		resp.Error = resp.Result.Set(ctx, p.Scopes.Covers(held, needed))
	}
}
