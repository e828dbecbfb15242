package provider_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// scoped is the address of the scope that a test is about.
const scoped = "postern_scope.test"

// crm is that scope, with the name crm:write and these attributes more.
func crm(attributes ...string) string {
	return "resource \"postern_scope\" \"test\" {\n  name = \"crm:write\"\n  " + strings.Join(attributes, "\n  ") + "\n}\n"
}

// define makes a scope behind Terraform's back.
func (w world) define(name string, implies ...string) {
	w.t.Helper()
	if _, err := w.client.Scopes.Create(w.t.Context(), api.CreateScope{Name: name, Implies: implies}); err != nil {
		w.t.Fatal(err)
	}
}

// custom returns the names of the account's own scopes.
func (w world) custom() []string {
	w.t.Helper()
	var found []string
	for s, err := range w.client.Scopes.All(w.t.Context()) {
		if err != nil {
			w.t.Fatal(err)
		}
		if !s.Builtin {
			found = append(found, s.Name)
		}
	}
	return found
}

// runScopes is run, and no scope may be left either.
func (w world) runScopes(steps ...resource.TestStep) {
	w.t.Helper()
	resource.UnitTest(w.t, resource.TestCase{
		ProtoV6ProviderFactories: factories(), Steps: steps,
		CheckDestroy: func(*terraform.State) error {
			if left := append(w.custom(), fmt.Sprint(len(w.keys()))); len(left) != 1 || left[0] != "0" {
				return fmt.Errorf("left on the server, scopes and the number of keys: %v", left)
			}
			return nil
		},
	})
}

func TestScope_APlanShowsWhatItWillReallyGrant(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	step := w.apply(crm(`implies = ["write"]`),
		plancheck.ExpectResourceAction(scoped, plancheck.ResourceActionCreate),
		plancheck.ExpectKnownValue(scoped, at("effective_scopes"), names("crm:write", "read", "write")),
		plancheck.ExpectKnownValue(scoped, at("apikeys_touched"), knownvalue.Null()),
		plancheck.ExpectKnownValue(scoped, at("group"), knownvalue.StringExact("custom")),
		plancheck.ExpectKnownValue(scoped, at("class"), knownvalue.StringExact("general")),
	)
	step.ConfigStateChecks = []statecheck.StateCheck{
		statecheck.ExpectKnownValue(scoped, at("effective_scopes"), names("crm:write", "read", "write")),
		statecheck.ExpectKnownValue(scoped, at("description"), knownvalue.Null()),
	}
	w.runScopes(step)
}

// Each attribute, omitted, empty and set: the framework fails a step whose second
// plan is not empty.
func TestScope_ASecondPlanIsEmpty(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, attribute := range map[string]string{
		"nothing optional": "", "implies empty": `implies = []`, "implies null": `implies = null`, "implies set": `implies = ["read", "verify"]`,
		"description empty": `description = ""`, "description set": `description = "Änderung"`, "group set": `group = "crm"`, "group null": `group = null`,
		"class set": `class = "billing"`, "class null": `class = null`,
		"everything": "description = \"d\"\ngroup = \"g\"\nclass = \"general\"\nimplies = [\"admin\"]",
	} {
		config := strings.ReplaceAll(crm(attribute), "crm:write", strings.ReplaceAll(name, " ", "-"))
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: factories(), Steps: []resource.TestStep{
				w.apply(config),
			}})
		})
	}
}

// From each attribute set to omitted and back.
func TestScope_AnAttributeCanBeSetAndRemovedInPlace(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		attribute string
		want      plancheck.ResourceActionType
	}{
		"description":       {`description = "d"`, plancheck.ResourceActionUpdate},
		"empty description": {`description = ""`, plancheck.ResourceActionUpdate},
		"group":             {`group = "crm"`, plancheck.ResourceActionUpdate},
		"implies":           {`implies = ["read"]`, plancheck.ResourceActionUpdate},
		"empty implies":     {`implies = []`, plancheck.ResourceActionUpdate},
		"class":             {`class = "billing"`, plancheck.ResourceActionReplace},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			action := plancheck.ExpectResourceAction(scoped, tc.want)
			w.runScopes(w.apply(crm()), w.apply(crm(tc.attribute), action), w.apply(crm(), action))
		})
	}
}

func TestScope_AnotherNameIsAnotherScope(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.runScopes(w.apply(crm(`implies = ["read"]`)),
		w.apply(strings.ReplaceAll(crm(`implies = ["read"]`), "crm:write", "crm:all"), plancheck.ExpectResourceAction(scoped, plancheck.ResourceActionReplace),
			plancheck.ExpectKnownValue(scoped, at("effective_scopes"), names("crm:all", "read"))))
}

func TestScope_ImportByName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.define("crm:write", "read")
	w.runScopes(
		resource.TestStep{Config: w.hcl(crm(`implies = ["read"]`)), ResourceName: scoped, ImportState: true, ImportStateId: "crm:write", ImportStatePersist: true},
		w.apply(crm(`implies = ["read"]`), plancheck.ExpectEmptyPlan()),
		resource.TestStep{ResourceName: scoped, ImportState: true, ImportStateId: "crm:write", ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "name"},
		resource.TestStep{Config: w.hcl(crm(`implies = ["read"]`)), ResourceName: scoped, ImportState: true, ImportStateId: "write", ExpectError: regexp.MustCompile(`(?s)platform has this scope itself.*"write"\s+is\s+built\s+in`)},
		resource.TestStep{Config: w.hcl(crm(`implies = ["read"]`)), ResourceName: scoped, ImportState: true, ImportStateId: "gone", ExpectError: regexp.MustCompile(`non-existent`)},
	)
}

func TestScope_ADeletedOneIsAPlannedCreate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	again := w.apply(crm(), plancheck.ExpectResourceAction(scoped, plancheck.ResourceActionCreate))
	again.PreConfig = func() {
		if err := w.client.Scopes.Delete(t.Context(), "crm:write"); err != nil {
			t.Fatal(err)
		}
	}
	w.runScopes(w.apply(crm()), again)
}

func TestScope_DriftIsPlannedBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	text, group, implies := "by hand", "hand", []string{"admin"}
	again := w.apply(crm(`implies = ["read"]`), plancheck.ExpectResourceAction(scoped, plancheck.ResourceActionUpdate),
		plancheck.ExpectKnownValue(scoped, at("effective_scopes"), names("crm:write", "read")))
	again.PreConfig = func() {
		if _, err := w.client.Scopes.Update(t.Context(), "crm:write", api.UpdateScope{Description: &text, Group: &group, Implies: &implies}); err != nil {
			t.Fatal(err)
		}
	}
	again.Check = func(*terraform.State) error {
		got, err := w.client.Scopes.Get(t.Context(), "crm:write")
		if err != nil || got.Description != "" || got.Group != "custom" || len(got.EffectiveScopes) != 2 {
			t.Errorf("on the server: %+v, %v", got, err)
		}
		return nil
	}
	w.runScopes(w.apply(crm(`implies = ["read"]`)), again)
}

func TestScope_ValuesUnknownAtPlanAreNoError(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.runScopes(resource.TestStep{
		Config: w.hcl(`
resource "terraform_data" "later" { input = "read" }
resource "postern_scope" "test" {
  name    = "crm:write"
  implies = [terraform_data.later.output]
}
resource "postern_scope" "late" {
  name        = "late-${terraform_data.later.output}"
  description = terraform_data.later.output
  group       = terraform_data.later.output
  class       = "late-${terraform_data.later.output}"
}
` + key(`name = "test"`, `scopes = [postern_scope.test.name]`)),
		ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectUnknownValue(scoped, at("effective_scopes")), plancheck.ExpectUnknownValue(subject, at("effective_scopes")),
		}},
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue(scoped, at("effective_scopes"), names("crm:write", "read")), stated("effective_scopes", names("crm:write", "read")),
		},
	})
}

func TestPain08_WhatAScopeMayNotBeIsSaidAtPlan(t *testing.T) {
	t.Parallel()
	w, closed := newWorld(t), on(t, "sendgrid")
	w.define("crm:all")
	for name, tc := range map[string]struct{ config, want string }{
		"the platform's scopes are its own":       {closed.hcl(crm()), `(?s)fixed on this platform.*platform\s+sendgrid`},
		"the name of a built-in scope":            {w.hcl(strings.Replace(crm(), "crm:write", "write", 1)), `(?s)name = "write".*"write"\s+is\s+built\s+in`},
		"the name of a scope of the account":      {w.hcl(strings.Replace(crm(), "crm:write", "crm:all", 1)), `(?s)exists already.*import that\s+scope`},
		"a name that is none":                     {w.hcl(strings.Replace(crm(), "crm:write", "CRM", 1)), `(?s)Invalid scope name.*lower case`},
		"an unknown scope, with the nearest name": {w.hcl(crm(`implies = ["reed"]`)), `(?s)implies = .*"reed"\s+does\s+not\s+exist;\s+the\s+nearest\s+is\s+"read"`},
		"a scope of another class":                {w.hcl(crm(`class = "billing"`, `implies = ["read"]`)), `(?s)another class.*"read"\s+is\s+of\s+class\s+"general"`},
		"itself":                                  {w.hcl(crm(`implies = ["crm:write"]`)), `(?s)implies itself.*crm:write\s+->\s+crm:write`},
		"an empty group":                          {w.hcl(crm(`group = ""`)), `(?s)group.*at least 1`},
		"an empty class":                          {w.hcl(crm(`class = ""`)), `(?s)class.*at least 1`},
		"a long description":                      {w.hcl(crm(fmt.Sprintf("description = %q", strings.Repeat("d", 501)))), `(?s)at most 500`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: factories(), Steps: []resource.TestStep{
				{Config: tc.config, ExpectError: regexp.MustCompile(tc.want), PlanOnly: true},
			}})
		})
	}
}

func TestPain08_ACycleIsSaidAtPlan(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(crm())
	c.ok("apply", "-no-color", "-auto-approve")
	w.define("crm:all", "crm:write")
	c.write(strings.Replace(c.read("main.tf"), `"crm:write"`, "\"crm:write\"\n implies = [\"crm:all\"]", 1))
	if code, out := c.run("plan", "-no-color"); code != 1 || !strings.Contains(out, "crm:write -> crm:all -> crm:write") {
		t.Errorf("exit %d: %s", code, out)
	}
}

func TestPain20_NobodyDefinesAScopeThatGrantsMoreThanTheyHold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, definer := w.server.NewKey(t, "scopes:write", "read")
	_, holder := w.server.NewKey(t, "read")
	_, limited := w.server.NewOwner(t, w.server.AccountID(), "scopes:write", "apikeys:read")
	for name, tc := range map[string]struct{ config, want string }{
		"a key that lacks it":                 {w.hclAs(definer, crm(`implies = ["write"]`)), `(?s)cannot define this scope.*does\s+not\s+hold\s+"write"`},
		"a key without the right":             {w.hclAs(holder, crm()), `(?s)cannot define scopes.*"scopes:write"`},
		"a credential that is limited":        {w.hclAs(limited, crm(`implies = ["read"]`)), `(?s)cannot define this scope.*grants\s+nothing`},
		"on a platform that has none to give": {on(t, "benchmark").hcl(crm()), `(?s)fixed on this platform`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: factories(), Steps: []resource.TestStep{
				{Config: tc.config, ExpectError: regexp.MustCompile(tc.want), PlanOnly: true},
			}})
		})
	}
	mine := newWorld(t)
	_, enough := mine.server.NewKey(t, "scopes:write", "read")
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: factories(), Steps: []resource.TestStep{{Config: mine.hclAs(enough, crm(`implies = ["read"]`))}}})
}

func TestScope_TheServerBeingDownIsSaidInWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(crm(`implies = ["read"]`))
	c.env = append(c.env, "POSTERN_MAX_RETRIES=1") // nothing here comes back by itself
	w.server.Stop(t)
	if out := c.ok("plan", "-no-color"); !strings.Contains(out, "The plan could not be checked") {
		t.Errorf("no word of the server being down: %s", out)
	}
	w.server.Restart(t)
	w.server.LoseAnswers(1, "POST", "/v1/scopes")
	c.ok("apply", "-no-color", "-auto-approve")
	w.server.Fail(1, "GET", "/v1/scopes/", 404, 0)
	if code, out := c.run("plan", "-no-color"); code != 1 || !strings.Contains(out, "Unable to read scope") {
		t.Errorf("a stray miss: exit %d: %s", code, out)
	}
	c.unchanged()
}
