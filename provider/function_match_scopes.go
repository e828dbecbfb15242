package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/platform"
)

var _ function.Function = matchScopesFunction{}

// NewMatchScopesFunction returns provider::postern::match_scopes.
func NewMatchScopesFunction() function.Function { return matchScopesFunction{} }

type matchScopesFunction struct{}

func (matchScopesFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "match_scopes"
}

func (matchScopesFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Scopes whose names match a pattern.",
		MarkdownDescription: "Returns the scopes whose whole name the pattern matches, from its first character to its last.\n\n" +
			"- `*` stands for any number of any characters, none at all and the separators `.`, `:`, `_` and `-` included. `mail.*` matches `mail.send` and `mail.batch.read`, but not `mail_settings.read`.\n" +
			"- Every other character stands for itself. There is no `?`, no `[...]` and no escape; a character that no name can hold is an error. Names are in lower case.\n" +
			"- Only names that match are returned, not what they imply: `expand_scopes` adds that.\n\n" +
			"A pattern that matches nothing is an error, not an empty set. It is nearly always misspelt, " +
			"and a check over an empty set holds without having looked at anything. The error names the nearest pattern that does match.\n\n" +
			"Beware of a pattern in the `scopes` of a key: a provider release that knows a new scope widens the key. " +
			"The plan shows it, name by name." + offlineNote,
		Parameters: []function.Parameter{
			platformParameter(),
			function.StringParameter{Name: "pattern", MarkdownDescription: "Name of a scope, with `*` for any characters."},
		},
		Return: function.SetReturn{ElementType: types.StringType},
	}
}

func (matchScopesFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var name, pattern string
	if resp.Error = req.Arguments.Get(ctx, &name, &pattern); resp.Error != nil {
		return
	}
	p, refused := builtin(name)
	if refused != nil {
		resp.Error = refused
		return
	}
	matched, err := p.Scopes.Match(pattern)
	switch {
	case err != nil:
		resp.Error = function.NewArgumentFuncError(1, fmt.Sprintf("pattern %s %v", shown(pattern), err))
	case len(matched) == 0:
		resp.Error = function.NewArgumentFuncError(1, fmt.Sprintf("no scope of the built-in platform %s matches %q%s", p.Name, pattern, meant(p, pattern)))
	default:
		resp.Error = resp.Result.Set(ctx, stringSet(matched))
	}
}

// meant says what a pattern that matches nothing was probably meant to be.
func meant(p *platform.Platform, pattern string) string {
	word := strings.Trim(pattern, "*.:_-")
	if slices.ContainsFunc(p.Groups, func(g platform.Group) bool { return g.Name == word }) {
		return fmt.Sprintf("; %q is the name of a group, whose scopes grant_access gives", word)
	}
	if found := p.Scopes.NearestPattern(pattern); found != "" {
		return fmt.Sprintf("; the nearest that does is %q", found)
	}
	return ". " + whereScopesAre(p)
}
