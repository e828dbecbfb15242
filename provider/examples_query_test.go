package provider_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/zclconf/go-cty/cty"
)

// What only a later terraform runs is at least read, and judged by the provider.
func TestExamples_ListsAndActionsAreValid(t *testing.T) {
	t.Parallel()
	p := inProcessWith(t, object{"endpoint": unknownText})
	for name := range p.schemas.ListResourceSchemas {
		for _, config := range configsIn(t, "list", name, filepath.Join("list-resources", name, "list-resource.tfquery.hcl")) {
			got, err := p.server.ValidateListResourceConfig(t.Context(), &tfprotov6.ValidateListResourceConfigRequest{
				TypeName: name, Config: p.value(p.schemas.ListResourceSchemas[name].ValueType(), config),
			})
			if err != nil || len(got.Diagnostics) != 0 {
				t.Errorf("%s: %v %s", name, err, say(got.Diagnostics))
			}
		}
	}
	for name := range p.schemas.ActionSchemas {
		for _, config := range configsIn(t, "action", name, filepath.Join("actions", name, "action.tf")) {
			got, err := p.server.ValidateActionConfig(t.Context(), &tfprotov6.ValidateActionConfigRequest{ActionType: name, Config: p.actionConfig(name, config)})
			if err != nil || len(got.Diagnostics) != 0 {
				t.Errorf("%s: %v %s", name, err, say(got.Diagnostics))
			}
		}
	}
}

// configsIn are the config blocks of the blocks of a type in an example; there must be
// one. What is no text as it stands is unknown.
func configsIn(t *testing.T, block, name, file string) []object {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "examples", file))
	if err != nil {
		t.Fatal(err)
	}
	parsed, problems := hclparse.NewParser().ParseHCL(content, file)
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	body, ok := parsed.Body.(*hclsyntax.Body)
	if !ok {
		t.Fatalf("%s is of another syntax", file)
	}
	var found []object
	for _, b := range body.Blocks {
		if b.Type != block {
			continue
		}
		if b.Labels[0] != name || len(b.Body.Blocks) != 1 || b.Body.Blocks[0].Type != "config" {
			t.Errorf("%s: a block %s %v", file, b.Type, b.Labels)
			continue
		}
		config := object{}
		for attribute, a := range b.Body.Blocks[0].Body.Attributes {
			config[attribute] = unknownText
			if value, problems := a.Expr.Value(&hcl.EvalContext{}); !problems.HasErrors() && value.Type() == cty.String {
				config[attribute] = text(value.AsString())
			}
		}
		found = append(found, config)
	}
	if len(found) == 0 {
		t.Errorf("%s has no block %s", file, block)
	}
	return found
}
