package plan_test

import (
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/plan"
)

// A name that something else has says who that is, and what can be done about it. An import is
// no advice for what is in the configuration already.
func TestAPIKey_NameOfAnother(t *testing.T) {
	t.Parallel()
	const taken, replaced, one = "import that key by its id", "create_before_destroy", "without -parallelism=1"
	for name, c := range map[string]struct {
		rival   *plan.Rival
		isNew   bool
		code    plan.Code
		grade   plan.Grade
		says    []string
		silence []string
	}{
		"nobody's":               {nil, true, "", "", nil, nil},
		"a new key's":            {&plan.Rival{}, true, plan.CodeNameTwice, plan.Error, []string{"Another resource of this configuration"}, []string{"import"}},
		"a key's of the run":     {&plan.Rival{ID: "key_1"}, false, plan.CodeNameTwice, plan.Error, []string{"key_1", "in this configuration too"}, []string{"import"}},
		"a key's outside":        {&plan.Rival{ID: "key_1", Standing: plan.Outside}, false, plan.CodeNameTaken, plan.Error, []string{"key_1", taken, "depends_on"}, []string{replaced, one}},
		"the same, for a new":    {&plan.Rival{ID: "key_1", Standing: plan.Outside}, true, plan.CodeNameTaken, plan.Error, []string{taken, replaced}, []string{one}},
		"or with one slot":       {&plan.Rival{ID: "key_1", Standing: plan.OutsideOr}, true, plan.CodeNameTaken, plan.Error, []string{taken, replaced, one}, nil},
		"one not asked about":    {&plan.Rival{ID: "key_1", Standing: plan.Unasked}, false, plan.CodeNameUnsure, plan.Warning, []string{"key_1", "temporary name"}, nil},
		"one not asked, for new": {&plan.Rival{ID: "key_1", Standing: plan.Unasked}, true, plan.CodeNameUnsure, plan.Warning, []string{"key_1"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := plan.APIKeyInput{Create: c.isNew, Rival: c.rival, Account: &backend.Account{Owner: true, Rules: backend.KeyRules{Disable: true, EditScopes: true}}}
			in.Proposed = plan.APIKeyValues{Name: plan.Known("ci"), Scopes: plan.SetOf("read"), Enabled: plan.Known(true)}
			in.Config.Scopes = in.Proposed.Scopes
			if !c.isNew {
				in.State = plan.APIKeyValues{ID: plan.Known("key_2"), Name: plan.Known("cd"), Scopes: plan.SetOf("read"), Enabled: plan.Known(true)}
			}
			var found []plan.Finding
			for _, f := range plan.APIKey(in).Findings {
				if f.Code == plan.CodeNameTwice || f.Code == plan.CodeNameTaken || f.Code == plan.CodeNameUnsure {
					found = append(found, f)
				}
			}
			if c.code == "" {
				if len(found) > 0 {
					t.Errorf("%v", found)
				}
				return
			}
			if len(found) != 1 || found[0].Code != c.code || found[0].Grade != c.grade || found[0].At.String() != "name" {
				t.Fatalf("%+v, want one %s %s of name", found, c.grade, c.code)
			}
			text := found[0].Summary + " " + found[0].Detail
			for _, want := range append(c.says, "ci") {
				if !strings.Contains(text, want) {
					t.Errorf("nothing says %q: %s", want, text)
				}
			}
			for _, not := range c.silence {
				if strings.Contains(text, not) {
					t.Errorf("it says %q: %s", not, text)
				}
			}
			if keys := found[0].Data.Keys; len(keys) != min(1, len(c.rival.ID)) {
				t.Errorf("the keys are %v", keys)
			}
		})
	}
}
