package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/platform"
)

var _ function.Function = grantAccessFunction{}

// NewGrantAccessFunction returns provider::postern::grant_access.
func NewGrantAccessFunction() function.Function { return grantAccessFunction{} }

type grantAccessFunction struct{}

func (grantAccessFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "grant_access"
}

func (grantAccessFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Scopes of groups, by level.",
		MarkdownDescription: "Returns the scopes that the levels of groups give, ready for the `scopes` of a key. " +
			"The levels are those that a web console offers as No Access, Read Access and Full Access:\n\n" +
			"- `none` gives nothing, as a group that is left out does. It says that the group was thought of.\n" +
			"- `read` gives what only reads.\n" +
			"- `full` gives all scopes of the group.\n\n" +
			"An unknown group or level is an error, and `read` too where the group has nothing that only reads. An empty map gives no scopes. " +
			"A key never mixes scopes of two classes, such as `billing` of SendGrid with anything else: the key's plan refuses that, this function does not.\n\n" +
			groupList() + offlineNote,
		Parameters: []function.Parameter{
			platformParameter(),
			function.MapParameter{Name: "access", ElementType: types.StringType, MarkdownDescription: "Level by group: `none`, `read` or `full`."},
		},
		Return: function.SetReturn{ElementType: types.StringType},
	}
}

func (grantAccessFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var name string
	var given types.Map
	if resp.Error = req.Arguments.Get(ctx, &name, &given); resp.Error != nil {
		return
	}
	p, refused := builtin(name)
	if refused != nil {
		resp.Error = refused
		return
	}
	access, known, refused := levelsIn(given)
	switch {
	case refused != nil:
		resp.Error = refused
		return
	case !known:
		resp.Error = resp.Result.Set(ctx, types.SetUnknown(types.StringType))
		return
	}
	if len(access) > 0 && len(p.Groups) == 0 {
		resp.Error = function.NewArgumentFuncError(1, fmt.Sprintf("the built-in platform %s has no groups with levels; name its scopes instead", p.Name))
		return
	}
	names, err := p.Expand(access, "")
	if err != nil {
		resp.Error = function.NewArgumentFuncError(1, fmt.Sprintf("on the built-in platform %s, %s", p.Name, strings.ReplaceAll(err.Error(), "\n", "; ")))
		return
	}
	resp.Error = resp.Result.Set(ctx, stringSet(names))
}

// levelsIn returns the levels by group, and whether all of them are known.
func levelsIn(given types.Map) (access map[string]string, known bool, refused *function.FuncError) {
	if given.IsUnknown() {
		return nil, false, nil
	}
	access = map[string]string{}
	elements := given.Elements()
	for _, group := range slices.Sorted(maps.Keys(elements)) {
		level, ok := elements[group].(types.String)
		switch {
		case elements[group].IsUnknown():
			return nil, false, nil
		case elements[group].IsNull() || !ok:
			return nil, true, function.NewArgumentFuncError(1, fmt.Sprintf("the level of %s is null; write \"none\" for no access, or leave the group out", shown(group)))
		}
		access[group] = level.ValueString()
	}
	return access, true, nil
}

// groupList is a list of all groups, for the description.
func groupList() string {
	var lines []string
	for _, name := range platform.Names() {
		p, err := builtins[name]()
		if err != nil || len(p.Groups) == 0 {
			continue // a fault is told by its own call
		}
		var groups []string
		for _, g := range p.Groups {
			groups = append(groups, "`"+g.Name+"`")
		}
		lines = append(lines, fmt.Sprintf("- `%s`: %s", name, strings.Join(groups, ", ")))
	}
	return "The groups are:\n\n" + strings.Join(lines, "\n") + "\n\nThe other platforms have no groups with levels."
}
