package provider

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/platform"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

// offlineNote is the end of every function's description.
const offlineNote = "\n\nThe function is computed from the built-in platforms alone and asks no service, so it works without a configured provider. " +
	"It does not know the scopes that an account has defined, nor platforms from an operator's own files: " +
	"for those use the data sources `postern_scopes` and `postern_scope`."

// builtins reads each built-in platform once, and not before it is asked for.
var builtins = func() map[string]func() (*platform.Platform, error) {
	all := map[string]func() (*platform.Platform, error){}
	for _, name := range platform.Names() {
		all[name] = sync.OnceValues(func() (*platform.Platform, error) { return platform.Builtin(name) })
	}
	return all
}()

// platformParameter is the first one of every function.
func platformParameter() function.Parameter {
	return function.StringParameter{
		Name:                "platform",
		MarkdownDescription: "Name of a built-in platform: `" + strings.Join(platform.Names(), "`, `") + "`.",
	}
}

func scopesParameter(name, description string) function.Parameter {
	return function.SetParameter{Name: name, ElementType: types.StringType, MarkdownDescription: description}
}

// builtin returns the platform that argument 0 names.
func builtin(name string) (*platform.Platform, *function.FuncError) {
	read, ok := builtins[name]
	if !ok {
		return nil, function.NewArgumentFuncError(0, fmt.Sprintf("platform %s is not built in%s; use one of %s. "+
			"The scopes of a platform from an operator's own file are in the data source postern_scopes",
			shown(name), theNearest(name, platform.Names()), strings.Join(platform.Names(), ", ")))
	}
	p, err := read()
	if err != nil {
		return nil, function.NewFuncError(fmt.Sprintf("reading the built-in platform %s: %v", name, err))
	}
	return p, nil
}

// scopesIn returns the scopes that a set names, sorted, and whether all of them are
// known. It refuses those that the platform does not have. Terraform calls no function with a
// set that holds unknown values; whoever does gets an unknown result.
func scopesIn(p *platform.Platform, argument int64, set types.Set) (names []string, known bool, refused *function.FuncError) {
	if set.IsUnknown() {
		return nil, false, nil
	}
	for _, element := range set.Elements() {
		text, ok := element.(types.String)
		switch {
		case element.IsUnknown():
			return nil, false, nil
		case element.IsNull() || !ok:
			return nil, true, function.NewArgumentFuncError(argument, "it holds a null, which names no scope; leave it out")
		}
		names = append(names, text.ValueString())
	}
	names = scope.Normal(names)
	return names, true, checkScopes(p, argument, names)
}

// checkScopes refuses names that nobody can ask for on the platform.
func checkScopes(p *platform.Platform, argument int64, names []string) *function.FuncError {
	var faults []string
	unknown := false
	for _, name := range names {
		_, exists := p.Scopes.Get(name)
		switch {
		case exists:
		case slices.Contains(p.Automatic.Names, name):
			faults = append(faults, fmt.Sprintf("scope %q is added by %s itself and never asked for; leave it out", name, p.Title))
		default:
			unknown = true
			faults = append(faults, fmt.Sprintf("scope %s does not exist on the built-in platform %s%s", shown(name), p.Name, theNearest(name, p.Scopes.Names())))
		}
	}
	if len(faults) == 0 {
		return nil
	}
	text := strings.Join(faults, "\n")
	if unknown {
		text += ". " + whereScopesAre(p)
	}
	return function.NewArgumentFuncError(argument, text)
}

// whereScopesAre says where the platform's names are to be found.
func whereScopesAre(p *platform.Platform) string {
	switch {
	case p.OpenScopes:
		return "Scopes that your own account has defined are in the data source postern_scopes"
	case len(p.Scopes.Names()) == 0:
		return "It has no scopes: each of its keys may do all that it can"
	}
	return fmt.Sprintf("All of its names: match_scopes(%q, \"*\")", p.Name)
}

// theNearest names the known one that was probably meant, after a semicolon, or is empty.
func theNearest(name string, known []string) string {
	if len(name) > scope.MaxName {
		return "" // no name is as long, and a long text costs time to compare
	}
	if found := scope.Nearest(name, known); found != "" {
		return fmt.Sprintf("; the nearest is %q", found)
	}
	return ""
}

// shown is a name in quotes, shortened where it cannot be one.
func shown(name string) string {
	if runes := []rune(name); len(runes) > scope.MaxName {
		return fmt.Sprintf("%q and %d characters more", string(runes[:20]), len(runes)-20)
	}
	return fmt.Sprintf("%q", name)
}
