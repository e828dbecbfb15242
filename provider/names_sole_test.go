package provider_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// foreseen plans a configuration, or a removal where that is nil, and applies nothing.
func (p inProcess) foreseen(resourceType string, config object, h held) []*tfprotov6.Diagnostic {
	p.t.Helper()
	kind := p.kind(resourceType)
	none, err := tfprotov6.NewDynamicValue(kind, tftypes.NewValue(kind, nil))
	if err != nil {
		p.t.Fatal(err)
	}
	before, proposed, sent := h.state, &none, &none
	if before == nil {
		before = &none
	}
	if config != nil {
		all := maps.Clone(config)
		for _, a := range p.schemas.ResourceSchemas[resourceType].Block.Attributes {
			if value, ok := p.attributes(kind, before)[a.Name]; ok && all[a.Name].IsNull() && a.Computed {
				all[a.Name] = value
			}
		}
		proposed, sent = p.value(kind, all), p.value(kind, config)
	}
	got, err := p.server.PlanResourceChange(p.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: resourceType, PriorState: before, ProposedNewState: proposed, Config: sent, PriorPrivate: h.private,
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return got.Diagnostics
}

// What is told apart by its name alone can give way to nothing: a plan refuses the name that
// another one has or gets, in any order, and says what to do.
func TestNames_HandlesAndScopes(t *testing.T) {
	t.Parallel()
	const twice, moved, import_ = "is planned for two", "add a moved block from its old address", "import that"
	type step struct {
		change string // read, new, stays, leaves, goes, anew
		says   string // nothing more is said where it is empty
	}
	for kind, attribute := range map[string]string{"postern_subaccount": "handle", "postern_scope": "name"} {
		for name, steps := range map[string][]step{
			"two new ones":                     {{"new", ""}, {"new", twice}},
			"one that stays":                   {{"read", ""}, {"stays", ""}, {"new", twice}},
			"one that is found to stay":        {{"read", ""}, {"new", ""}, {"stays", twice}},
			"one that goes":                    {{"read", ""}, {"goes", ""}, {"new", moved}},
			"one that is found to go":          {{"read", ""}, {"new", ""}, {"goes", moved}},
			"one that gets another name":       {{"read", ""}, {"leaves", ""}, {"new", "by depends_on"}},
			"one of somebody else":             {{"new", import_}},
			"one that was replaced":            {{"read", ""}, {"stays", ""}, {"anew", ""}},
			"one that is tainted":              {{"read", ""}, {"new", ""}},
			"one that was replaced, and a new": {{"read", ""}, {"stays", ""}, {"anew", ""}, {"new", twice}},
		} {
			t.Run(kind+"/"+name, func(t *testing.T) {
				t.Parallel()
				s := newScene(t, "postern")
				s.kind = kind
				config := func(name string) object {
					if kind == "postern_scope" {
						return object{"name": text(name)}
					}
					return object{"handle": text(name), "name": text("Test")}
				}
				const own = "test_it"
				var h held
				if name != "two new ones" {
					var diags []*tfprotov6.Diagnostic
					if h, diags = s.apply(s.provider(s.server.URL), config(own), held{}); failed(diags) {
						t.Fatal(say(diags))
					}
				}
				p := s.provider(s.server.URL)
				for _, step := range steps {
					var diags []*tfprotov6.Diagnostic
					switch step.change {
					case "read":
						h, diags = s.refresh(p, h)
					case "new":
						diags = p.foreseen(kind, config(own), held{})
					case "stays":
						diags = p.foreseen(kind, config(own), h)
					case "leaves":
						diags = p.foreseen(kind, config(own+"_2"), h)
					case "goes":
						diags = p.foreseen(kind, nil, h)
					case "anew":
						diags = p.foreseen(kind, config(own), held{private: h.private})
					}
					if said := say(diags); step.says == "" && said != "" || !strings.Contains(said, step.says) {
						t.Errorf("%s: %q, want %q", step.change, said, step.says)
					}
					for _, d := range diags {
						if d.Attribute == nil || !strings.Contains(d.Attribute.String(), attribute) {
							t.Errorf("%s: it stands on %s", step.change, d.Attribute)
						}
					}
				}
			})
		}
	}
}
