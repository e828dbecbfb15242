package provider_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

func onChild(want plancheck.ResourceActionType) plancheck.PlanCheck {
	return plancheck.ExpectResourceAction(child, want)
}

// Each attribute, omitted and set, on each platform that has sub-accounts; the
// framework fails a step whose second plan is not empty.
func TestSubaccount_ASecondPlanIsEmpty(t *testing.T) {
	t.Parallel()
	for platform, configs := range map[string]map[string]string{
		"postern": {
			"no handle":  sub(`name = "Acme"`),
			"everything": acme(`status = "suspended"`, `apikey_limit = 0`, `delete_apikeys_on_destroy = true`),
			"labels":     acme(`email = "ops@example.com"`, `ip_addresses = ["192.0.2.10", "2001:db8::1"]`),
			"no labels":  acme(`email = null`, `ip_addresses = null`, `send_limit = null`),
			"defaults":   acme(`status = "active"`, `delete_apikeys_on_destroy = false`, `apikey_limit = null`),
		},
		"sendgrid":     {"nothing optional": acme(), "limit": acme(`apikey_limit = 100`)},
		"mailchannels": {"nothing optional": acme(), "no handle": sub(`handle = null`, `name = "Acme"`, `apikey_limit = 3`)},
	} {
		for name, config := range configs {
			t.Run(platform+"/"+name, func(t *testing.T) {
				t.Parallel()
				w := on(t, platform)
				w.runSubaccounts(w.apply(config))
			})
		}
	}
}

func TestSubaccount_ChangesInPlaceAndBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	same := statecheck.CompareValue(compare.ValuesSame())
	var steps []resource.TestStep
	for i, config := range []string{
		acme(), acme(`status = "suspended"`), acme(`apikey_limit = 5`), acme(`apikey_limit = 0`, `delete_apikeys_on_destroy = true`), acme(),
		sub(`handle = "acme"`, `name = "Acme Ltd."`), sub(`name = "Acme Ltd."`, `status = "active"`, `apikey_limit = 1`), acme(),
	} {
		want := plancheck.ResourceActionUpdate
		if i == 0 {
			want = plancheck.ResourceActionCreate
		}
		step := w.apply(config, onChild(want))
		step.ConfigStateChecks = []statecheck.StateCheck{same.AddStateValue(child, at("id"))}
		step.Check = resource.TestCheckResourceAttr(child, "handle", "acme")
		steps = append(steps, step)
	}
	steps[2].Check = func(*terraform.State) error {
		if got := w.subaccount("acme"); got.Status != api.SubaccountActive || got.APIKeyLimit == nil || *got.APIKeyLimit != 5 {
			t.Errorf("on the server: %+v", got)
		}
		return nil
	}
	w.runSubaccounts(steps...)
}

func TestSubaccount_AnotherHandleIsAnotherSubaccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	second := w.apply(sub(`handle = "acme-2"`, `name = "Acme"`), onChild(plancheck.ResourceActionDestroyBeforeCreate))
	second.Check = func(*terraform.State) error {
		if n := len(w.subaccounts()); n != 1 || w.subaccount("acme-2").Revision != 1 {
			t.Errorf("%d sub-accounts", n)
		}
		return nil
	}
	w.runSubaccounts(w.apply(acme()), second)
}

func TestSubaccount_DriftAndDeletionBehindTerraformsBackArePlanned(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	drift := w.apply(acme(), onChild(plancheck.ResourceActionUpdate))
	drift.PreConfig = func() {
		name, status := "By hand", api.SubaccountSuspended
		if _, err := w.client.Subaccounts.Update(t.Context(), "acme", api.UpdateSubaccount{Name: &name, Status: &status}); err != nil {
			t.Fatal(err)
		}
	}
	gone := w.apply(acme(), onChild(plancheck.ResourceActionCreate))
	gone.PreConfig = func() {
		if err := w.client.Subaccounts.Delete(t.Context(), "acme"); err != nil {
			t.Fatal(err)
		}
	}
	w.runSubaccounts(w.apply(acme()), drift, gone)
}

func TestSubaccount_ImportPlansNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	most := 7
	w.makeSubaccount(api.CreateSubaccount{Handle: "acme", Name: "Acme", Status: api.SubaccountSuspended, APIKeyLimit: &most})
	config := acme(`status = "suspended"`, `apikey_limit = 7`)
	w.runSubaccounts(
		resource.TestStep{Config: w.hcl(config), ResourceName: child, ImportState: true, ImportStateId: "acme", ImportStatePersist: true},
		resource.TestStep{Config: w.hcl(config), PlanOnly: true},
		resource.TestStep{Config: w.hcl(config), ResourceName: child, ImportState: true, ImportStateId: "nothere", ExpectError: regexp.MustCompile(`(?s)non-existent remote\s+object`)},
		w.apply(acme(`delete_apikeys_on_destroy = true`), onChild(plancheck.ResourceActionUpdate)),
	)
}

func TestSubaccount_RefusedAtPlan(t *testing.T) {
	t.Parallel()
	for platform, cases := range map[string]map[string]struct{ config, want string }{
		"postern": {
			"a bad handle":            {sub(`handle = "Acme!"`, `name = "x"`), `(?s)Invalid handle.*3\s+to\s+64\s+lower\s+case`},
			"an empty handle":         {sub(`handle = ""`, `name = "x"`), `(?s)handle.*at least 1`},
			"no name":                 {sub(`handle = "acme"`), `(?s)"name" is required`},
			"an empty name":           {sub(`name = ""`), `(?s)name.*at least 1`},
			"a name of spaces":        {sub(`name = " x"`), `(?s)begin or end with a\s+space`},
			"another status":          {acme(`status = "paused"`), `(?s)status.*must be one of`},
			"a negative limit":        {acme(`apikey_limit = -1`), `(?s)apikey_limit.*at least 0`},
			"a limit of messages":     {acme(`send_limit = 5`), `(?s)no limit of messages.*postern.*Remove\s+send_limit`},
			"an email that is none":   {acme(`email = "ops"`), `(?s)email.*must be an\s+address`},
			"an address that is none": {acme(`ip_addresses = ["192.0.2.300"]`), `(?s)Invalid IP address.*192\.0\.2\.300`},
			"no addresses":            {acme(`ip_addresses = []`), `(?s)ip_addresses.*at least 1`},
		},
		"sendgrid": {
			"no handle":        {sub(`name = "x"`), `(?s)Missing handle.*sendgrid\s+makes\s+no\s+handles`},
			"a limit too high": {acme(`apikey_limit = 101`), `(?s)Limit too high.*at\s+most\s+100`},
		},
		"mailchannels": {"a bad handle": {sub(`handle = "a-b"`, `name = "x"`), `(?s)Invalid handle.*3\s+to\s+128\s+lower\s+case\s+letters`}},
		"dotdigital":   {"any": {acme(), `(?s)has no sub-accounts.*dotdigital`}},
	} {
		w := on(t, platform)
		for name, tc := range cases {
			t.Run(platform+"/"+name, func(t *testing.T) {
				t.Parallel()
				resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: factories(), Steps: []resource.TestStep{
					{Config: w.hcl(tc.config), ExpectError: regexp.MustCompile(tc.want), PlanOnly: true},
				}})
			})
		}
	}
}

func TestSubaccount_ACredentialOfASubaccountIsToldSoAtPlan(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.makeSubaccount(api.CreateSubaccount{Handle: "acme", Name: "Acme"})
	own := w.makeKeyOf("acme", api.CreateAPIKey{Name: "manager", Scopes: []string{"admin"}})
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: factories(), Steps: []resource.TestStep{
		{Config: w.hclAs(own.Secret.Reveal(), sub(`handle = "other"`, `name = "x"`)), ExpectError: regexp.MustCompile(`(?s)manages no sub-accounts.*credential\s+of\s+the\s+account`), PlanOnly: true},
	}})
}

func TestSubaccount_SuspendingAndTakenHandlesAreSaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(acme())
	c.ok("apply", "-no-color", "-auto-approve")
	w.makeKeyOf("acme", api.CreateAPIKey{Name: "one", Scopes: []string{"read"}})
	c.write(strings.Replace(c.read("main.tf"), `name = "Acme"`, "name = \"Acme\"\n status = \"suspended\"", 1))
	if _, out := c.plan("suspend.tfplan"); !strings.Contains(out, "Suspending a sub-account stops its API keys") || !strings.Contains(out, "1 at this time") {
		t.Errorf("suspending: %s", out)
	}
	c.ok("apply", "-no-color", "suspend.tfplan")
	c.unchanged()
	other := w.pipeline(acme())
	other.fails([]string{"plan", "-no-color"}, "The handle is taken", "import that sub-account")
}

func TestSubaccount_OneWithKeysIsDestroyedOnlyWhenAskedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(acme())
	c.ok("apply", "-no-color", "-auto-approve")
	made := w.makeKeyOf("acme", api.CreateAPIKey{Name: "by-hand", Scopes: []string{"read"}})
	code, out := c.run("destroy", "-no-color", "-auto-approve")
	if code != 1 || !strings.Contains(out, "Unable to delete sub-account") || !strings.Contains(out, "The sub-account has 1 API key") || !strings.Contains(out, "set delete_apikeys_on_destroy to true and apply it") {
		t.Errorf("exit %d: %s", code, out)
	}
	c.write(strings.Replace(c.read("main.tf"), `name = "Acme"`, "name = \"Acme\"\n delete_apikeys_on_destroy = true", 1))
	c.ok("apply", "-no-color", "-auto-approve")
	out = c.ok("destroy", "-no-color", "-auto-approve")
	if !strings.Contains(out, "API keys are deleted with their sub-account") || !strings.Contains(out, `Sub-account "acme" has API keys, 1 at this time`) {
		t.Errorf("no warning: %s", out)
	}
	if got := w.verdict(made.Secret.Reveal(), "read"); got != api.VerifyInvalid || len(w.subaccounts()) != 0 {
		t.Errorf("the key is %s, %d sub-accounts are left", got, len(w.subaccounts()))
	}
}

func TestSubaccount_AStrayMissNeverDropsIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(acme())
	c.ok("apply", "-no-color", "-auto-approve")
	w.server.Fail(1, "GET", "/v1/subaccounts/", http.StatusNotFound, 0)
	if code, out := c.run("plan", "-no-color"); code != 1 || !strings.Contains(out, "Unable to read sub-account") {
		t.Errorf("exit %d: %s", code, out)
	}
	c.unchanged()
}

func TestSubaccount_AChangeMadeBetweenPlanAndApplyIsNotOverwritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(acme())
	c.ok("apply", "-no-color", "-auto-approve")
	c.write(strings.Replace(c.read("main.tf"), `"Acme"`, `"Acme Ltd."`, 1))
	plan, _ := c.plan("saved.tfplan")
	if !slices.Equal([]string{"update"}, []string{string(plan.ResourceChanges[0].Change.Actions[0])}) {
		t.Errorf("planned: %v", plan.ResourceChanges[0].Change.Actions)
	}
	status := api.SubaccountSuspended
	if _, err := w.client.Subaccounts.Update(t.Context(), "acme", api.UpdateSubaccount{Status: &status}); err != nil {
		t.Fatal(err)
	}
	if code, out := c.run("apply", "-no-color", "saved.tfplan"); code != 1 || !strings.Contains(out, "The sub-account has changed") {
		t.Errorf("exit %d: %s", code, out)
	}
	if got := w.subaccount("acme"); got.Name != "Acme" || got.Status != status {
		t.Errorf("on the server: %+v", got)
	}
}

// What a platform does not hold stands in the state, and the plan says that it does nothing.
func TestSubaccount_LabelsLieInTheStateOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(acme(`email = "ops@example.com"`, `ip_addresses = ["192.0.2.10"]`))
	if out := c.ok("apply", "-no-color", "-auto-approve"); !strings.Contains(out, "holds no email") || !strings.Contains(out, "holds no ip_addresses") {
		t.Errorf("not said: %s", out)
	}
	w.server.Reset()
	c.write(strings.Replace(c.read("main.tf"), "192.0.2.10", "192.0.2.11", 1))
	c.ok("apply", "-no-color", "-auto-approve")
	if n := w.server.Counts()["PATCH /v1/subaccounts/{handle}"]; n != 0 {
		t.Errorf("a label was sent: %v", w.server.Counts())
	}
	c.unchanged()
	c.ok("destroy", "-no-color", "-auto-approve")
}
