package provider_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// byReference is a key named test that holds the scope under test.
const byReference = `
resource "postern_apikey" "test" {
  name   = "test"
  scopes = [postern_scope.test.name]
}
`

// change is what a saved plan does to a resource.
func change(t *testing.T, plan tfjson.Plan, address string) (after, unknown map[string]any, actions tfjson.Actions) {
	t.Helper()
	for _, r := range plan.ResourceChanges {
		if r.Address == address {
			after, _ = r.Change.After.(map[string]any)
			unknown, _ = r.Change.AfterUnknown.(map[string]any)
			return after, unknown, r.Change.Actions
		}
	}
	t.Fatalf("the plan has no %s", address)
	return nil, nil, nil
}

func replaced(c cli, old, with string) {
	c.t.Helper()
	text := c.read("main.tf")
	if !strings.Contains(text, old) {
		c.t.Fatalf("%q is not in the configuration", old)
	}
	c.write(strings.ReplaceAll(text, old, with))
}

func TestPain08_AKeyCanHoldAScopeThatIsMadeInTheSameApply(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(crm(`implies = [postern_scope.base.name]`) + `
resource "postern_scope" "base" {
  name    = "crm:read"
  implies = ["read"]
}
` + byReference)
	plan, _ := c.plan("create.tfplan")
	after, _, _ := change(t, plan, subject)
	if got := fmt.Sprint(after["effective_scopes"]); got != "[crm:read crm:write read]" {
		t.Errorf("planned to grant %s", got)
	}
	c.ok("apply", "-no-color", "create.tfplan")
	c.unchanged()
	if got := w.only(); !slices.Equal(got.EffectiveScopes, []string{"crm:read", "crm:write", "read"}) {
		t.Errorf("on the server: %+v", got)
	}
	c.ok("destroy", "-no-color", "-auto-approve")
	if left := w.custom(); len(left) > 0 || len(w.keys()) > 0 {
		t.Errorf("left: %v and %d keys", left, len(w.keys()))
	}
}

func TestPain08_AMisspeltScopeIsFoundBesideOneThatIsPlanned(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: factories(), Steps: []resource.TestStep{{
		Config:      w.hcl(crm() + key(`name = "test"`, `scopes = ["${postern_scope.test.name}s"]`)),
		ExpectError: regexp.MustCompile(`(?s)Unknown scope.*"crm:writes" does not\s+exist;\s+the\s+nearest\s+is\s+"crm:write"`), PlanOnly: true,
	}}})
}

// TestPain03: what the service computes is never a surprise, neither of the apply nor of
// the plan behind it.
func TestPain03_AChangeOfAScopeReachesItsKeysInTheSameApply(t *testing.T) {
	t.Parallel()
	for name, holder := range map[string]string{"by reference": byReference, "by name": strings.Replace(byReference, "postern_scope.test.name", `"crm:write"`, 1)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c := w.pipeline(crm(`implies = ["read"]`))
			c.ok("apply", "-no-color", "-auto-approve")
			c.write(c.read("main.tf") + holder + "output \"grants\" {\n  value = postern_apikey.test.effective_scopes\n}\n")
			c.ok("apply", "-no-color", "-auto-approve")
			replaced(c, `implies = ["read"]`, `implies = ["verify"]`)
			plan, out := c.plan("change.tfplan")
			if !strings.Contains(out, "A scope changes what API keys may do") || !strings.Contains(out, `API keys that hold it, by name or by implication: 1. Whoever holds scope "crm:write" gains "verify" and loses "read", at once.`) {
				t.Errorf("the plan does not warn: %s", out)
			}
			after, _, _ := change(t, plan, scoped)
			if fmt.Sprint(after["effective_scopes"], after["apikeys_touched"]) != "[crm:write verify] 1" {
				t.Errorf("planned %v", after)
			}
			if _, unknown, actions := change(t, plan, subject); name == "by reference" && (!actions.Update() || unknown["effective_scopes"] != true || !strings.Contains(out, `will also be able to do "verify"`)) {
				t.Errorf("%v, unknown %v: %s", actions, unknown, out)
			}
			if out := c.ok("apply", "-no-color", "change.tfplan"); strings.Contains(out, "changed between plan and apply") {
				t.Errorf("a false warning: %s", out)
			}
			if name == "by name" { // Terraform knows no order then, so that the next run may be the one to see it
				c.ok("apply", "-no-color", "-auto-approve")
			}
			c.unchanged()
			var grants []string
			if err := json.Unmarshal([]byte(c.ok("output", "-json", "grants")), &grants); err != nil || !slices.Equal(grants, []string{"crm:write", "verify"}) {
				t.Errorf("the output is %v, %v", grants, err)
			}
		})
	}
}

func TestScope_WhatAChangeTouchesStandsInTheSavedPlanAndIsNoNoise(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(crm(`implies = ["read"]`))
	c.ok("apply", "-no-color", "-auto-approve")
	// Nobody holds it: nothing is touched, and nothing is warned of.
	replaced(c, `implies = ["read"]`, `implies = ["write"]`)
	plan, out := c.plan("none.tfplan")
	if after, _, _ := change(t, plan, scoped); after["apikeys_touched"] != nil || strings.Contains(out, "changes what API keys may do") {
		t.Errorf("planned %v: %s", after, out)
	}
	c.ok("apply", "-no-color", "none.tfplan")
	w.server.NewKey(t, "crm:write")
	w.server.NewKey(t, "crm:write")
	c.unchanged()
	replaced(c, `implies = ["write"]`, `implies = ["read"]`)
	if plan, out = c.plan("two.tfplan"); !strings.Contains(out, `loses "write"`) {
		t.Errorf("the plan does not warn: %s", out)
	}
	if after, _, _ := change(t, plan, scoped); fmt.Sprint(after["apikeys_touched"]) != "2" {
		t.Errorf("planned %v", after)
	}
	w.server.NewKey(t, "crm:write") // one more since the plan
	c.ok("apply", "-no-color", "two.tfplan")
	c.unchanged()
	// What grants the same touches nobody, and other changes leave it alone.
	replaced(c, `implies = ["read"]`, `implies = ["read"]`+"\n  description = \"d\"")
	plan, out = c.plan("same.tfplan")
	if after, _, _ := change(t, plan, scoped); fmt.Sprint(after["apikeys_touched"]) != "2" || strings.Contains(out, "changes what API keys may do") {
		t.Errorf("planned %v: %s", after, out)
	}
}

func TestScope_ACallerWhoMayNotReadKeysLearnsTheCountFromTheApply(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, definer := w.server.NewKey(t, "scopes:write", "read", "verify")
	c := newCLI(t, crm(`implies = ["read"]`), "POSTERN_ENDPOINT="+w.server.URL, "POSTERN_API_KEY="+definer)
	c.ok("apply", "-no-color", "-auto-approve")
	w.server.NewKey(t, "crm:write")
	replaced(c, `implies = ["read"]`, `implies = ["verify"]`)
	plan, out := c.plan("blind.tfplan")
	if _, unknown, _ := change(t, plan, scoped); unknown["apikeys_touched"] != true || !strings.Contains(out, "the credential may not know") {
		t.Errorf("unknown %v: %s", unknown, out)
	}
	c.ok("apply", "-no-color", "blind.tfplan")
	c.unchanged()
	if !strings.Contains(c.read("terraform.tfstate"), `"apikeys_touched": 1`) {
		t.Error("the state does not tell how many keys were touched")
	}
}

func TestScope_OneThatIsInUseIsNotDeletedAndTheServiceNamesItsKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(crm())
	c.ok("apply", "-no-color", "-auto-approve")
	id, _ := w.server.NewKey(t, "crm:write")
	w.define("crm:all", "crm:write")
	code, out := c.run("destroy", "-no-color", "-auto-approve")
	if code != 1 || !strings.Contains(out, "Unable to delete scope") || !strings.Contains(out, "in use") || !strings.Contains(out, id) || !strings.Contains(out, `is implied by "crm:all"`) {
		t.Errorf("exit %d: %s", code, out)
	}
	c.unchanged()
}

// A key gives up the scope and the scope goes, in one apply. Terraform does it in this
// order for what is made before it is destroyed.
func TestScope_GivenUpAndDeletedInOneApply(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(crm("lifecycle { create_before_destroy = true }") + byReference)
	c.ok("apply", "-no-color", "-auto-approve")
	// Another name: the key moves over before the old scope goes.
	replaced(c, `"crm:write"`, `"crm:all"`)
	c.ok("apply", "-no-color", "-auto-approve")
	if got := w.only(); !slices.Equal(got.Scopes, []string{"crm:all"}) || !slices.Equal(w.custom(), []string{"crm:all"}) {
		t.Errorf("%v, scopes %v", got.Scopes, w.custom())
	}
	c.unchanged()
	head, _, _ := strings.Cut(c.read("main.tf"), `resource "postern_scope"`)
	c.write(head + key(`name = "test"`, `scopes = ["read"]`))
	c.ok("apply", "-no-color", "-auto-approve")
	if got := w.only(); !slices.Equal(got.Scopes, []string{"read"}) || len(w.custom()) != 0 {
		t.Errorf("%v, scopes %v", got.Scopes, w.custom())
	}
}

// One scope implies another by reference, and the other changes: what the first grants
// changes too.
func TestScope_AChangeReachesWhatImpliesIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const all = `
resource "postern_scope" "all" {
  name    = "crm:all"
  implies = [postern_scope.test.name]
}
`
	w.runScopes(w.apply(crm(`implies = ["read"]`)+all),
		w.apply(crm(`implies = ["verify"]`)+all, plancheck.ExpectUnknownValue("postern_scope.all", at("effective_scopes")),
			plancheck.ExpectKnownValue("postern_scope.all", at("apikeys_touched"), knownvalue.Null())),
		resource.TestStep{Config: w.hcl(crm(`implies = ["verify"]`) + all), PlanOnly: true})
}

// A definition that was changed by someone else between plan and apply is not overwritten.
func TestScope_AChangeMadeBetweenPlanAndApplyIsNotOverwritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(crm())
	c.ok("apply", "-no-color", "-auto-approve")
	replaced(c, `"crm:write"`, "\"crm:write\"\n  group = \"crm\"")
	c.plan("saved.tfplan")
	text := "by hand"
	if _, err := w.client.Scopes.Update(t.Context(), "crm:write", api.UpdateScope{Description: &text}); err != nil {
		t.Fatal(err)
	}
	if code, out := c.run("apply", "-no-color", "saved.tfplan"); code != 1 || !strings.Contains(out, "The scope has changed") {
		t.Errorf("exit %d: %s", code, out)
	}
}
