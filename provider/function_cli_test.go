package provider_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

// outputs are the root module's, after an apply.
func (c cli) outputs() map[string]any {
	c.t.Helper()
	raw, err := c.command("output", "-json").Output()
	if err != nil {
		c.t.Fatal(err)
	}
	var parsed map[string]struct{ Value any }
	if err := json.Unmarshal(raw, &parsed); err != nil {
		c.t.Fatal(err)
	}
	values := map[string]any{}
	for name, o := range parsed {
		values[name] = o.Value
	}
	return values
}

// jsonList is what JSON makes of a set of strings.
func jsonList(members ...string) []any {
	all := []any{}
	for _, m := range members {
		all = append(all, m)
	}
	return all
}

// Nothing configures the provider here: no endpoint, no credential, no server.
func TestFunctions_ThroughTerraformWithoutAConfiguredProvider(t *testing.T) {
	t.Parallel()
	rows := map[string]struct {
		expression string
		want       any
	}{
		"expand":          {`expand_scopes("benchmark", ["contacts:write", "reports:read"])`, jsonList("contacts:read", "contacts:write", "reports:read")},
		"expand_deep":     {`expand_scopes("postern", ["admin"])`, jsonList("admin", "apikeys:read", "apikeys:write", "audit:read", "read", "scopes:write", "subaccounts:read", "subaccounts:write", "verify", "write")},
		"expand_nothing":  {`expand_scopes("postern", [])`, jsonList()},
		"expand_where_no": {`expand_scopes("dotdigital", [])`, jsonList()},
		"expand_classes":  {`expand_scopes("sendgrid", ["mail.send", "billing.read"])`, jsonList("billing.read", "mail.send")},

		"covers_named":    {`covers_scope("benchmark", ["contacts:read"], "contacts:read")`, true},
		"covers_implied":  {`covers_scope("postern", ["admin"], "apikeys:read")`, true},
		"covers_not_more": {`covers_scope("benchmark", ["contacts:read"], "contacts:write")`, false},
		"covers_nothing":  {`covers_scope("benchmark", [], "contacts:write")`, false},

		"match_star":       {`match_scopes("sendgrid", "mail.batch.*")`, jsonList("mail.batch.create", "mail.batch.delete", "mail.batch.read", "mail.batch.update")},
		"match_end":        {`match_scopes("benchmark", "*:write")`, jsonList("campaigns:write", "contacts:write")},
		"match_no_implied": {`match_scopes("postern", "admin")`, jsonList("admin")},

		"preset": {`use_preset("sendgrid", "stats")`, jsonList("stats.global.read", "stats.read")},

		"access":         {`grant_access("sendgrid", { email_testing = "full", email_validations = "read", mail = "none" })`, jsonList("email_testing.read", "email_testing.write", "validations.email.read")},
		"access_none":    {`grant_access("sendgrid", {})`, jsonList()},
		"access_classes": {`grant_access("sendgrid", { billing = "read", mail = "read" })`, jsonList("billing.read", "mail.batch.read")},

		"compare": {`compare_scopes("benchmark", ["contacts:write", "reports:read"], ["contacts:read", "campaigns:write"])`, map[string]any{
			"gained": jsonList("campaigns:read", "campaigns:write"), "lost": jsonList("contacts:write", "reports:read"),
		}},
		"compare_same": {`compare_scopes("benchmark", ["contacts:write"], ["contacts:read", "contacts:write"])`, map[string]any{"gained": jsonList(), "lost": jsonList()}},

		"parse": {`parse_scope("benchmark", "contacts:write")`, map[string]any{
			"name": "contacts:write", "description": "Create, change and delete contacts and lists.", "group": "contacts", "level": "full", "class": "general",
			"implies": jsonList("contacts:read"), "effective_scopes": jsonList("contacts:read", "contacts:write"),
		}},
		"parse_class": {`parse_scope("sendgrid", "billing.read")`, map[string]any{
			"name": "billing.read", "description": "Billing: read billing.", "group": "billing", "level": "read", "class": "billing",
			"implies": jsonList(), "effective_scopes": jsonList("billing.read"),
		}},
		"parse_no_level": {`parse_scope("mailchannels", "inbound")`, map[string]any{
			"name": "inbound", "description": "Inbound Filtering.", "group": "inbound", "level": nil, "class": "general",
			"implies": jsonList(), "effective_scopes": jsonList("inbound"),
		}},
	}
	var config strings.Builder
	want := map[string]any{}
	for name, row := range rows {
		config.WriteString("output \"" + name + "\" {\n  value = provider::postern::" + row.expression + "\n}\n")
		want[name] = row.want
	}
	c := newCLI(t, config.String())
	c.ok("validate", "-no-color")
	c.ok("apply", "-no-color", "-auto-approve")
	if diff := cmp.Diff(want, c.outputs()); diff != "" {
		t.Error(diff)
	}
	c.unchanged()
}

func TestFunctions_TerraformPointsAtTheArgumentAtFault(t *testing.T) {
	t.Parallel()
	c := newCLI(t, `output "x" {
  value = provider::postern::expand_scopes("sendgrid", ["mail.sned"])
}
`)
	code, out := c.run("plan", "-no-color")
	want := `Invalid value for "scopes" parameter: scope "mail.sned" does not exist on the built-in platform sendgrid; the nearest is "mail.send". All of its names: match_scopes("sendgrid", "*").`
	if code == 0 || !strings.Contains(out, want) {
		t.Errorf("exit %d: %s", code, out)
	}
	c = newCLI(t, `output "x" {
  value = provider::postern::use_preset("sendgrid", null)
}
`)
	if code, out := c.run("plan", "-no-color"); code == 0 || !strings.Contains(out, `Invalid value for "name" parameter: argument must not be null`) {
		t.Errorf("exit %d: %s", code, out)
	}
}

func TestFunctions_UnknownScopesAreKnownAfterApply(t *testing.T) {
	t.Parallel()
	c := newCLI(t, `
resource "terraform_data" "later" {
  input = "contacts:write"
}

output "x" {
  value = provider::postern::expand_scopes("benchmark", ["reports:read", terraform_data.later.output])
}
`)
	p, _ := c.plan("p.tfplan")
	if unknown, ok := p.OutputChanges["x"].AfterUnknown.(bool); !ok || !unknown {
		t.Errorf("the plan shows %v", p.OutputChanges["x"])
	}
	c.ok("apply", "-no-color", "p.tfplan")
	if diff := cmp.Diff(map[string]any{"x": jsonList("contacts:read", "contacts:write", "reports:read")}, c.outputs()); diff != "" {
		t.Error(diff)
	}
}

func TestFunctions_AKeysEffectiveScopesAreKnownAtPlan(t *testing.T) {
	t.Parallel()
	w := newWorld(t, servertest.Platform("sendgrid"))
	mail := names("mail.batch.create", "mail.batch.delete", "mail.batch.read", "mail.batch.update", "mail.send")
	preset := w.apply(key(`name = "test"`, `scopes = provider::postern::use_preset("sendgrid", "mail")`),
		action(plancheck.ResourceActionCreate), planned("scopes", mail), planned("effective_scopes", mail))
	preset.ConfigStateChecks = append(preset.ConfigStateChecks, stated("effective_scopes", mail))
	access := names("email_testing.read")
	levels := w.apply(key(`name = "test"`, `scopes = provider::postern::grant_access("sendgrid", { email_testing = "read" })`),
		action(plancheck.ResourceActionUpdate), planned("effective_scopes", access))
	levels.ConfigStateChecks = append(levels.ConfigStateChecks, stated("effective_scopes", access))
	w.run(preset, levels)
}

// What the docs show must be right as it stands, its comments included.
func TestFunctions_ExamplesGiveWhatTheySay(t *testing.T) {
	t.Parallel()
	want := map[string]map[string]any{
		"expand_scopes":  {"what_write_grants": jsonList("contacts:read", "contacts:write")},
		"covers_scope":   {"reads_contacts": true},
		"match_scopes":   {"batches": jsonList("mail.batch.create", "mail.batch.delete", "mail.batch.read", "mail.batch.update")},
		"use_preset":     {},
		"grant_access":   {},
		"compare_scopes": {"gained": jsonList("campaigns:read", "campaigns:write"), "lost": jsonList("contacts:write", "reports:read")},
		"parse_scope": {
			"what_it_is": map[string]any{
				"name": "templates.versions.update", "description": "Templates: update templates versions.", "group": "templates", "level": "full",
				"class": "general", "implies": jsonList(), "effective_scopes": jsonList("templates.versions.update"),
			},
			"by_group": map[string]any{"mail": jsonList("mail.send"), "templates": jsonList("templates.read")},
		},
	}
	_, all := schemas(t)
	if len(all.Functions) != len(want) {
		t.Errorf("%d examples for %d functions", len(want), len(all.Functions))
	}
	for name, outputs := range want {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			example, err := os.ReadFile(filepath.Join("..", "examples", "functions", name, "function.tf"))
			if err != nil {
				t.Fatal(err)
			}
			w := newWorld(t, servertest.Platform("sendgrid"))
			c := w.pipeline(string(example))
			if out := c.ok("apply", "-no-color", "-auto-approve"); strings.Contains(out, "Warning: Check block assertion failed") {
				t.Errorf("its check fails: %s", out)
			}
			if diff := cmp.Diff(outputs, c.outputs()); diff != "" {
				t.Error(diff)
			}
			c.unchanged()
			c.ok("destroy", "-no-color", "-auto-approve")
		})
	}
}
