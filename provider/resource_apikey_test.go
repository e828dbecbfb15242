package provider_test

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/postern-dev/terraform-provider-postern/client"
	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

func at(name string) tfjsonpath.Path { return tfjsonpath.New(name) }

func names(list ...string) knownvalue.Check {
	var checks []knownvalue.Check
	for _, n := range list {
		checks = append(checks, knownvalue.StringExact(n))
	}
	return knownvalue.SetExact(checks)
}

func planned(name string, want knownvalue.Check) plancheck.PlanCheck {
	return plancheck.ExpectKnownValue(subject, at(name), want)
}

func stated(name string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(subject, at(name), want)
}

func TestAPIKey_APlanShowsWhatTheKeyWillReallyGrant(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	step := w.apply(written(),
		action(plancheck.ResourceActionCreate),
		planned("effective_scopes", names("read", "write")),
		planned("secret_version", knownvalue.Int64Exact(1)),
		planned("status", knownvalue.StringExact("active")),
		planned("rotation_reason", knownvalue.Null()),
		planned("rotates_after", knownvalue.Null()),
		planned("previous_secret_expires_at", knownvalue.Null()),
		plancheck.ExpectUnknownValue(subject, at("secret")),
		plancheck.ExpectSensitiveValue(subject, at("secret")),
	)
	step.Check = func(s *terraform.State) error {
		secret := s.RootModule().Resources[subject].Primary.Attributes["secret"]
		if got := w.verdict(secret, "read"); got != api.VerifyValid {
			t.Errorf("the secret in the state is %s for read", got)
		}
		if got := w.verdict(secret, "admin"); got != api.VerifyMissingScope {
			t.Errorf("the secret in the state is %s for admin", got)
		}
		return nil
	}
	step.ConfigStateChecks = []statecheck.StateCheck{
		stated("description", knownvalue.Null()), stated("enabled", knownvalue.Bool(true)), stated("expires_at", knownvalue.Null()),
		stated("secret_hint", knownvalue.StringRegexp(regexp.MustCompile(`^ptn_key_.{4}\.\.\.$`))),
	}
	w.run(step)
}

// Each attribute, omitted, empty and set: the framework fails a step whose second
// plan is not empty.
func TestAPIKey_ASecondPlanIsEmpty(t *testing.T) {
	t.Parallel()
	for name, attribute := range map[string]string{
		"nothing optional":          "",
		"description empty":         `description = ""`,
		"description set":           `description = "What it is for: ünïcode too."`,
		"enabled false":             `enabled = false`,
		"enabled true":              `enabled = true`,
		"expiry in UTC":             `expires_at = "2099-01-01T00:00:00Z"`,
		"expiry with an offset":     `expires_at = "2099-01-01T02:00:00+02:00"`,
		"rotation with period only": `rotation = { period = "720h" }`,
		"rotation in other words":   `rotation = { period = "43200m", overlap = "90m", early = "0s" }`,
		"overlap zero":              `rotation = { period = "1h", overlap = "0s" }`,
		"trigger empty":             `rotate_when_changed = {}`,
		"trigger set":               `rotate_when_changed = { a = "1", b = "" }`,
		"everything":                "description = \"d\"\nenabled = false\nexpires_at = \"2099-01-01T00:00:00Z\"\nrotation = { period = \"720h\", overlap = \"24h\", early = \"48h\" }\nrotate_when_changed = { a = \"1\" }",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.run(w.apply(written(attribute)))
		})
	}
}

// From each attribute set to omitted and back.
func TestAPIKey_AnAttributeCanBeSetAndRemovedInPlace(t *testing.T) {
	t.Parallel()
	for name, attribute := range map[string]string{
		"description":         `description = "d"`,
		"empty description":   `description = ""`,
		"enabled":             `enabled = false`,
		"expires_at":          `expires_at = "2099-01-01T00:00:00Z"`,
		"rotation":            `rotation = { period = "720h", overlap = "1h" }`,
		"rotate_when_changed": `rotate_when_changed = { a = "1" }`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			same := statecheck.CompareValue(compare.ValuesSame())
			secret := statecheck.CompareValue(compare.ValuesSame())
			checks := func() []statecheck.StateCheck {
				return []statecheck.StateCheck{same.AddStateValue(subject, at("id")), secret.AddStateValue(subject, at("secret")), stated("secret_version", knownvalue.Int64Exact(1))}
			}
			bare, set := w.apply(written()), w.apply(written(attribute), action(plancheck.ResourceActionUpdate), planned("secret_version", knownvalue.Int64Exact(1)))
			back := w.apply(written(), action(plancheck.ResourceActionUpdate), planned("secret_version", knownvalue.Int64Exact(1)))
			bare.ConfigStateChecks, set.ConfigStateChecks, back.ConfigStateChecks = checks(), checks(), checks()
			w.run(bare, set, back)
		})
	}
}

func TestAPIKey_NameAndScopesChangeInPlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	same := statecheck.CompareValue(compare.ValuesSame())
	first, second := w.apply(key(`name = "test"`, `scopes = ["read"]`)), w.apply(key(`name = "test-2"`, `scopes = ["write"]`),
		action(plancheck.ResourceActionUpdate), planned("effective_scopes", names("read", "write")), planned("id", knownvalue.NotNull()), planned("secret", knownvalue.NotNull()))
	first.ConfigStateChecks = []statecheck.StateCheck{same.AddStateValue(subject, at("secret"))}
	second.ConfigStateChecks = []statecheck.StateCheck{same.AddStateValue(subject, at("secret"))}
	second.Check = func(*terraform.State) error {
		if got := w.only(); got.Name != "test-2" || len(got.EffectiveScopes) != 2 || got.SecretVersion != 1 {
			t.Errorf("on the server: %+v", got)
		}
		return nil
	}
	w.run(first, second)
}

func TestPain14_AnImportHasNoSecretAndPlansNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made, err := w.client.APIKeys.Create(t.Context(), api.CreateAPIKey{Name: "test", Scopes: []string{"write"}, Description: "d"})
	if err != nil {
		t.Fatal(err)
	}
	config := written(`description = "d"`)
	w.run(
		resource.TestStep{
			Config: w.hcl(config), ResourceName: subject, ImportState: true, ImportStateId: made.ID, ImportStatePersist: true,
			ImportStateCheck: func(states []*terraform.InstanceState) error {
				if secret, ok := states[0].Attributes["secret"]; ok {
					t.Errorf("the imported key has a secret of %d characters", len(secret))
				}
				return nil
			},
		},
		resource.TestStep{Config: w.hcl(config), PlanOnly: true},
		// A rotation is how a secret comes into the state again.
		w.apply(written(`description = "d"`, `rotate_when_changed = { a = "1" }`), planned("secret_version", knownvalue.Int64Exact(1)), planned("secret", knownvalue.Null())),
		w.apply(written(`description = "d"`, `rotate_when_changed = { a = "2" }`), planned("secret_version", knownvalue.Int64Exact(2)), plancheck.ExpectUnknownValue(subject, at("secret"))),
	)
}

func TestAPIKey_AKeyDeletedBehindTerraformsBackIsAPlannedCreate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	again := w.apply(written(), action(plancheck.ResourceActionCreate))
	again.PreConfig = func() {
		if err := w.client.APIKeys.Delete(t.Context(), w.only().ID); err != nil {
			t.Fatal(err)
		}
	}
	w.run(w.apply(written()), again)
}

func TestAPIKey_DriftIsPlannedBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	off, described := false, "changed by hand"
	again := w.apply(written(), action(plancheck.ResourceActionUpdate), planned("enabled", knownvalue.Bool(true)), planned("status", knownvalue.StringExact("active")))
	again.PreConfig = func() {
		_, err := w.client.APIKeys.Update(t.Context(), w.only().ID, api.UpdateAPIKey{Enabled: &off, Description: &described, Scopes: []string{"admin"}})
		if err != nil {
			t.Fatal(err)
		}
	}
	again.Check = func(*terraform.State) error {
		if got := w.only(); !got.Enabled || got.Description != "" || got.Scopes[0] != "write" {
			t.Errorf("on the server: %+v", got)
		}
		return nil
	}
	w.run(w.apply(written()), again)
}

func TestAPIKey_ARotationOutsideOfTerraformLeavesNoStaleSecretInTheState(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	// A refresh cannot tell it from a rotation of ours whose answer was lost: the apply asks.
	after := resource.TestStep{
		RefreshState: true, ExpectNonEmptyPlan: true,
		PreConfig: func() {
			if _, err := w.client.APIKeys.Rotate(t.Context(), w.only().ID, api.RotateAPIKey{}); err != nil {
				t.Fatal(err)
			}
		},
	}
	last := w.apply(written(), planned("secret_version", knownvalue.Int64Exact(2)))
	last.ConfigStateChecks = []statecheck.StateCheck{stated("secret", knownvalue.Null()), stated("secret_version", knownvalue.Int64Exact(2))}
	w.run(w.apply(written()), after, last)
}

func TestAPIKey_ValuesUnknownAtPlanAreNoError(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(resource.TestStep{
		Config: w.hcl(`
resource "terraform_data" "later" { input = "write" }
resource "postern_apikey" "test" {
  name        = "test-${terraform_data.later.output}"
  description = terraform_data.later.output
  scopes      = [terraform_data.later.output]
  rotate_when_changed = { a = terraform_data.later.output }
}`),
		ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectUnknownValue(subject, at("effective_scopes"))}},
		ConfigStateChecks: []statecheck.StateCheck{stated("effective_scopes", names("read", "write"))},
	})
}

func TestAPIKey_TheBenchmarkPlatformsRulesAreSaidAtPlan(t *testing.T) {
	t.Parallel()
	w := newWorld(t, servertest.Platform("benchmark"))
	w.run(
		resource.TestStep{
			Config:      w.hcl(key(`name = "test"`, `scopes = ["contacts:write"]`, `rotation = { period = "720h", overlap = "1h" }`)),
			ExpectError: regexp.MustCompile(`(?s)Overlap too long.*at most 0s`), PlanOnly: true,
		},
		w.apply(key(`name = "test"`, `scopes = ["contacts:write"]`, `rotation = { period = "720h" }`, `rotate_when_changed = { a = "1" }`), planned("effective_scopes", names("contacts:read", "contacts:write"))),
		w.apply(key(`name = "test"`, `scopes = ["contacts:write"]`, `rotation = { period = "720h" }`, `rotate_when_changed = { a = "2" }`), planned("secret_version", knownvalue.Int64Exact(2))),
	)
}

func TestAPIKey_RefusedAtPlan(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	manager, managerSecret := w.server.NewKey(t, "apikeys:write", "write")
	for name, tc := range map[string]struct {
		config string
		want   string
	}{
		"a misspelt scope, with the nearest name": {w.hcl(key(`name = "test"`, `scopes = ["wrte"]`)), `(?s)Unknown scope.*"wrte" does not exist; the\s+nearest\s+is\s+"write"`},
		"empty scopes":                       {w.hcl(key(`name = "test"`, `scopes = []`)), `(?s)scopes.*at least 1`},
		"no scopes":                          {w.hcl(key(`name = "test"`)), `(?s)Missing scopes.*never\s+means\s+everything`},
		"expiry in the past":                 {w.hcl(written(`expires_at = "2020-01-01T00:00:00Z"`)), `(?s)Expiry in the past.*2020-01-01`},
		"expiry that is no time":             {w.hcl(written(`expires_at = "tomorrow"`)), `(?s)RFC3339`},
		"expiry in fractions of a second":    {w.hcl(written(`expires_at = "2099-01-01T00:00:00.5Z"`)), `(?s)whole seconds`},
		"an empty name":                      {w.hcl(key(`name = ""`, `scopes = ["write"]`)), `(?s)Missing name.*need\s+a\s+name`},
		"no name":                            {w.hcl(key(`scopes = ["write"]`)), `(?s)Missing name`},
		"a secret in no format":              {w.hcl(written(`secret_wo = "chosen-secret-1"`)), `(?s)breaks the platform's rules.*must\s+be\s+"ptn_key_"\s+and\s+43\s+characters.*ephemeral\s+postern_secret`},
		"an empty secret":                    {w.hcl(written(`secret_wo = ""`)), `(?s)Empty secret.*or\s+remove\s+it`},
		"a name that is too long":            {w.hcl(key(`name = "`+long(101)+`"`, `scopes = ["write"]`)), `(?s)name\s+of\s+an\s+API\s+key\s+must\s+be\s+at\s+most\s+100\s+characters\s+long,\s+it\s+has\s+101`},
		"a name with a control character":    {w.hcl(key(`name = "te\u0007st"`, `scopes = ["write"]`)), `(?s)control or invisible\s+characters.*U\+0007`},
		"a name with an invisible character": {w.hcl(key(`name = "te\u202Est"`, `scopes = ["write"]`)), `(?s)U\+202E`},
		"a description that is too long":     {w.hcl(written(`description = "` + long(501) + `"`)), `(?s)description must be at most 500`},
		"early as long as the period":        {w.hcl(written(`rotation = { period = "1h", early = "1h" }`)), `(?s)Rotation is always due`},
		"a period that is no duration":       {w.hcl(written(`rotation = { period = "a month" }`)), `(?s)Duration`},
		"a period of zero":                   {w.hcl(written(`rotation = { period = "0s" }`)), `(?s)longer than 0s`},
		"a negative overlap":                 {w.hcl(written(`rotation = { period = "1h", overlap = "-1h" }`)), `(?s)Invalid duration`},
		"an overlap beyond the platform's":   {w.hcl(written(`rotation = { period = "1h", overlap = "721h" }`)), `(?s)Overlap too long.*720h`},
		"more than the credential holds":     {w.hclAs(managerSecret, key(`name = "test"`, `scopes = ["admin"]`)), `(?s)cannot grant these scopes.*"admin"`},
		"a credential that is wrong":         {w.hclAs("ptn_owner_wrong", written()), `(?s)credential is not valid`},
		"no endpoint":                        {"provider \"postern\" {\n api_key = \"x\"\n}\n" + written(), `(?s)Missing endpoint.*POSTERN_ENDPOINT`},
		"no credential":                      {"provider \"postern\" {\n endpoint = \"" + w.server.URL + "\"\n}\n" + written(), `(?s)Missing credential.*POSTERN_API_KEY`},
		"an endpoint that is no URL":         {"provider \"postern\" {\n endpoint = \"localhost:8411\"\n api_key = \"x\"\n}\n" + written(), `(?s)Unable to configure the provider`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: factories(), Steps: []resource.TestStep{
				{Config: tc.config, ExpectError: regexp.MustCompile(tc.want), PlanOnly: true},
			}})
		})
	}
	t.Cleanup(func() { // after the parallel subtests; t.Context is done by then
		page, err := w.client.APIKeys.List(context.Background(), client.ListAPIKeys{})
		if err != nil {
			t.Error(err)
		} else if len(page.Items) != 1 || page.Items[0].ID != manager {
			t.Errorf("refused plans left %d keys behind", len(page.Items)-1)
		}
	})
}

func long(n int) string { return strings.Repeat("n", n) }
