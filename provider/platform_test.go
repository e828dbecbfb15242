package provider_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

// on is a world whose account is on that platform.
func on(t *testing.T, platform string) world {
	t.Helper()
	return newWorld(t, servertest.Platform(platform))
}

// chosen is a password that a configuration sets.
const chosen = `secret_wo = "a-chosen-one-1"`

// Each attribute, omitted, empty and set, on each platform; the framework fails a step
// whose second plan is not empty.
func TestPlatforms_ASecondPlanIsEmpty(t *testing.T) {
	t.Parallel()
	for platform, configs := range map[string]map[string][]string{
		"sendgrid": {
			"nothing optional":  {`name = "test"`, `scopes = ["mail.send"]`},
			"everything":        {`name = "test"`, `scopes = ["mail.send", "alerts.read"]`, `description = "d"`, `enabled = true`},
			"empty description": {`name = "test"`, `scopes = ["mail.send"]`, `description = ""`},
			"empty trigger":     {`name = "test"`, `scopes = ["mail.send"]`, `rotate_when_changed = {}`},
		},
		"mailchannels": {
			"nothing optional": {`scopes = ["api"]`},
			"empty name":       {`name = ""`, `scopes = ["api"]`},
			"name":             {`name = "test"`, `scopes = ["api", "inbound"]`},
			"null name":        {`name = null`, `scopes = ["api"]`, `secret_wo = null`},
		},
		"dotdigital": {
			"nothing optional": {chosen},
			"empty name":       {`name = ""`, chosen},
			"null scopes":      {`name = null`, `scopes = null`, chosen},
			"everything":       {`name = "test"`, `description = "d"`, `enabled = false`, chosen, `rotation = { period = "720h", overlap = "0s" }`, `rotate_when_changed = { a = "1" }`},
		},
	} {
		for name, attributes := range configs {
			t.Run(platform+"/"+name, func(t *testing.T) {
				t.Parallel()
				w := on(t, platform)
				config := key(attributes...)
				w.run(w.apply(config))
			})
		}
	}
}

func TestPlatforms_RefusedAtPlan(t *testing.T) {
	t.Parallel()
	for platform, cases := range map[string]map[string]struct {
		attributes []string
		want       string
	}{
		"sendgrid": {
			"no name":             {[]string{`scopes = ["mail.send"]`}, `(?s)Missing name.*platform sendgrid`},
			"no scopes":           {[]string{`name = "test"`}, `(?s)Missing scopes`},
			"no scopes, by null":  {[]string{`name = "test"`, `scopes = null`}, `(?s)Missing scopes`},
			"an overlap too long": {[]string{`name = "test"`, `scopes = ["mail.send"]`, `rotation = { period = "2160h", overlap = "721h" }`}, `(?s)Overlap too long.*at most\s+720h`},
			"turned off":          {[]string{`name = "test"`, `scopes = ["mail.send"]`, `enabled = false`}, `(?s)cannot be turned off`},
			"an expiry":           {[]string{`name = "test"`, `scopes = ["mail.send"]`, `expires_at = "2099-01-01T00:00:00Z"`}, `(?s)never expire`},
			"a password":          {[]string{`name = "test"`, `scopes = ["mail.send"]`, chosen}, `(?s)cannot be chosen.*A\s+key\s+of\s+platform\s+sendgrid\s+gets\s+a\s+secret`},
			"two classes":         {[]string{`name = "test"`, `scopes = ["mail.send", "billing.read"]`}, `(?s)Scopes of several classes`},
		},
		"mailchannels": {
			"no scopes":          {[]string{`name = "test"`}, `(?s)Missing scopes`},
			"a scope of another": {[]string{`scopes = ["mail.send"]`}, `(?s)Unknown scope`},
			"turned off":         {[]string{`scopes = ["api"]`, `enabled = false`}, `(?s)cannot be turned off`},
			"an expiry":          {[]string{`scopes = ["api"]`, `expires_at = "2099-01-01T00:00:00Z"`}, `(?s)never expire`},
			"a password":         {[]string{`scopes = ["api"]`, chosen}, `(?s)breaks the platform's rules.*"mch_"\s+and\s+43\s+characters`},
		},
		"dotdigital": {
			"no password":       {[]string{`name = "test"`}, `(?s)Missing password.*Set\s+secret_wo`},
			"an empty password": {[]string{`secret_wo = ""`}, `(?s)Missing password`},
			"a short password":  {[]string{`secret_wo = "short-1"`}, `(?s)breaks the platform's rules.*at\s+least\s+8\s+characters`},
			"only letters":      {[]string{`secret_wo = "onlyletters"`}, `(?s)breaks the platform's rules.*no\s+letter`},
			"scopes":            {[]string{chosen, `scopes = ["api"]`}, `(?s)Keys have no scopes.*Remove\s+scopes`},
			"empty scopes":      {[]string{chosen, `scopes = []`}, `(?s)scopes.*at least 1`},
			"an expiry":         {[]string{chosen, `expires_at = "2099-01-01T00:00:00Z"`}, `(?s)never expire`},
			"an overlap":        {[]string{chosen, `rotation = { period = "720h", overlap = "1h" }`}, `(?s)Overlap too long.*at most 0s`},
		},
	} {
		w := on(t, platform)
		for name, tc := range cases {
			t.Run(platform+"/"+name, func(t *testing.T) {
				t.Parallel()
				resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: factories(), Steps: []resource.TestStep{
					{Config: w.hcl(key(tc.attributes...)), ExpectError: regexp.MustCompile(tc.want), PlanOnly: true},
				}})
			})
		}
	}
}

func TestPlatforms_SendGridEditsScopesInPlaceAndAddsItsOwn(t *testing.T) {
	t.Parallel()
	w := on(t, "sendgrid")
	same := statecheck.CompareValue(compare.ValuesSame())
	own := names("2fa_required", "sender_verification_eligible")
	first := w.apply(key(`name = "test"`, `scopes = ["mail.send"]`), planned("effective_scopes", names("mail.send")), planned("username", knownvalue.Null()))
	first.ConfigStateChecks = []statecheck.StateCheck{same.AddStateValue(subject, at("secret")), stated("automatic_scopes", own), stated("username", knownvalue.Null())}
	second := w.apply(key(`name = "test-2"`, `scopes = ["alerts.read", "mail.send"]`), action(plancheck.ResourceActionUpdate),
		planned("effective_scopes", names("alerts.read", "mail.send")), planned("automatic_scopes", own))
	second.ConfigStateChecks = []statecheck.StateCheck{same.AddStateValue(subject, at("secret")), stated("automatic_scopes", own)}
	w.run(first, second,
		resource.TestStep{Config: w.hcl(key(`name = "test-2"`)), ExpectError: regexp.MustCompile(`Missing scopes`), PlanOnly: true},
		w.apply(key(`name = "test-2"`, `scopes = ["alerts.read", "mail.send"]`), empty()),
	)
}

// Replacement by Terraform itself, for whoever wants the new key to be another resource.
func TestPlatforms_SendGridKeysAreReplacedWithoutAGap(t *testing.T) {
	t.Parallel()
	w := on(t, "sendgrid")
	c := w.pipeline(`
resource "terraform_data" "rotation" { input = "1" }
resource "postern_apikey" "test" {
  name   = "test"
  scopes = ["mail.send"]
  lifecycle {
    create_before_destroy = true
    replace_triggered_by  = [terraform_data.rotation]
  }
}
`)
	c.ok("apply", "-no-color", "-auto-approve")
	old, before := secretInState(t, c), w.only()
	c.write(strings.Replace(c.read("main.tf"), `input = "1"`, `input = "2"`, 1))
	c.ok("apply", "-no-color", "-auto-approve")
	if after := w.only(); after.ID == before.ID {
		t.Error("the key was not replaced")
	}
	if was, is := w.verdict(old), w.verdict(secretInState(t, c), "mail.send"); was != api.VerifyInvalid || is != api.VerifyValid {
		t.Errorf("the old secret is %s, the new one %s", was, is)
	}
	c.unchanged()
}

func TestPlatforms_AnImportSaysHowASecretComesIntoTheState(t *testing.T) {
	t.Parallel()
	w := on(t, "sendgrid")
	made, err := w.client.APIKeys.Create(t.Context(), api.CreateAPIKey{Name: "test", Scopes: []string{"mail.send"}})
	if err != nil {
		t.Fatal(err)
	}
	c := w.pipeline(key(`name = "test"`, `scopes = ["mail.send"]`))
	if out := c.ok("import", "-no-color", subject, made.ID); !strings.Contains(out, "until the next rotation") {
		t.Errorf("the import says: %s", out)
	}
	c.unchanged()
}

func TestPlatforms_MailChannelsReplacesAKeyForOtherScopesAndSaysWhy(t *testing.T) {
	t.Parallel()
	w := on(t, "mailchannels")
	c := w.pipeline(key(`scopes = ["api"]`))
	c.ok("apply", "-no-color", "-auto-approve")
	before := w.only()
	c.write(strings.Replace(c.read("main.tf"), `["api"]`, `["api", "inbound"]`, 1))
	plan, out := c.plan("scopes.tfplan")
	if !plan.ResourceChanges[0].Change.Actions.Replace() || !strings.Contains(out, "is replaced, as its scopes change") || !strings.Contains(out, "Platform mailchannels fixes the scopes") {
		t.Errorf("%v: %s", plan.ResourceChanges[0].Change.Actions, out)
	}
	c.ok("apply", "-no-color", "scopes.tfplan")
	if after := w.only(); after.ID == before.ID || len(after.Scopes) != 2 {
		t.Errorf("%+v", after)
	}
	c.unchanged()
	// The name may come and go in place.
	c.write(strings.Replace(c.read("main.tf"), `scopes`, "name = \"test\"\n scopes", 1))
	c.ok("apply", "-no-color", "-auto-approve")
	named := w.only()
	c.write(strings.Replace(c.read("main.tf"), "name = \"test\"\n", "", 1))
	c.ok("apply", "-no-color", "-auto-approve")
	if bare := w.only(); named.Name != "test" || bare.Name != "" || bare.ID != named.ID {
		t.Errorf("named %+v, then %+v", named, bare)
	}
	c.unchanged()
}

func TestPlatforms_MailChannelsKeysAreNoBusinessOfAKey(t *testing.T) {
	t.Parallel()
	w := on(t, "mailchannels")
	if _, err := w.client.Subaccounts.Create(t.Context(), api.CreateSubaccount{Handle: "acme", Name: "Acme"}); err != nil {
		t.Fatal(err)
	}
	of, err := w.client.Subaccounts.APIKeys("acme").Create(t.Context(), api.CreateAPIKey{})
	if err != nil {
		t.Fatal(err)
	}
	made, err := w.client.APIKeys.Create(t.Context(), api.CreateAPIKey{Name: "holder", Scopes: []string{"api"}})
	if err != nil {
		t.Fatal(err)
	}
	for name, credential := range map[string]string{"of the account": made.Secret.Reveal(), "of a sub-account": of.Secret.Reveal()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: factories(), Steps: []resource.TestStep{
				{Config: w.hclAs(credential, key(`scopes = ["api"]`)), ExpectError: regexp.MustCompile(`(?s)Only an owner credential manages these keys`), PlanOnly: true},
			}})
		})
	}
}

func TestPlatforms_ALimitedCredentialIsToldSoAtPlan(t *testing.T) {
	t.Parallel()
	w := on(t, "dotdigital")
	_, limited := w.server.NewOwner(t, w.server.AccountID(), "apikeys:create", "apikeys:read")
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: factories(), Steps: []resource.TestStep{
		{Config: w.hclAs(limited, key(chosen)), ExpectError: regexp.MustCompile(`(?s)The credential cannot make keys.*grants\s+nothing`), PlanOnly: true},
	}})
}
