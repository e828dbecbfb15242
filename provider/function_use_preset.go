package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/platform"
)

var _ function.Function = usePresetFunction{}

// NewUsePresetFunction returns provider::postern::use_preset.
func NewUsePresetFunction() function.Function { return usePresetFunction{} }

type usePresetFunction struct{}

func (usePresetFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "use_preset"
}

func (usePresetFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Scopes for one use.",
		MarkdownDescription: "Returns the scopes that a use case needs, ready for the `scopes` of a key. " +
			"They are known at plan, so a review sees each of them and what they really grant.\n\n" + presetList() + offlineNote,
		Parameters: []function.Parameter{
			platformParameter(),
			function.StringParameter{Name: "name", MarkdownDescription: "Name of the preset. One that the platform does not have is an error."},
		},
		Return: function.SetReturn{ElementType: types.StringType},
	}
}

func (usePresetFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var name, preset string
	if resp.Error = req.Arguments.Get(ctx, &name, &preset); resp.Error != nil {
		return
	}
	p, refused := builtin(name)
	if refused != nil {
		resp.Error = refused
		return
	}
	for _, known := range p.Presets {
		if known.Name == preset {
			resp.Error = resp.Result.Set(ctx, stringSet(known.Scopes))
			return
		}
	}
	resp.Error = function.NewArgumentFuncError(1, unknownPreset(p, preset))
}

func unknownPreset(p *platform.Platform, preset string) string {
	text := fmt.Sprintf("preset %s does not exist on the built-in platform %s", shown(preset), p.Name)
	if len(p.Presets) == 0 {
		return text + ", which has none; name its scopes instead"
	}
	var known []string
	for _, other := range p.Presets {
		known = append(known, other.Name)
	}
	return text + theNearest(preset, known) + "; use one of " + strings.Join(known, ", ")
}

// presetList is a list of all presets, for the description.
func presetList() string {
	var lines []string
	for _, name := range platform.Names() {
		p, err := builtins[name]()
		if err != nil {
			continue // its own call tells why
		}
		for _, preset := range p.Presets {
			lines = append(lines, fmt.Sprintf("- `%s`, `%s`: %s", name, preset.Name, preset.Description))
		}
	}
	return strings.Join(lines, "\n") + "\n\nThe other platforms have no presets."
}
