package provider_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/echoprovider"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// oneRun is an ephemeral key with these attributes, echoed so that a test sees it.
func oneRun(attributes ...string) string {
	return "ephemeral \"postern_apikey\" \"run\" {\n  " + strings.Join(attributes, "\n  ") + "\n}\n" +
		"provider \"echo\" {\n  data = ephemeral.postern_apikey.run\n}\nresource \"echo\" \"seen\" {}\n"
}

func withEcho() map[string]func() (tfprotov6.ProviderServer, error) {
	all := factories()
	all["echo"] = echoprovider.NewProviderServer()
	return all
}

// A plan opens a key too: each run has one of its own, and none is left.
func TestPain05_AKeyForOneRunIsNewEachTimeExpiresByItselfAndIsGoneAfterwards(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	keptID, kept := w.server.NewKey(t, "read")
	seen := func(name string) tfjsonpath.Path { return tfjsonpath.New("data").AtMapKey(name) }
	names := map[string]bool{}
	w.server.Reset()
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: withEcho(),
		Steps: []resource.TestStep{{
			Config: w.hcl(oneRun(`scopes = ["write"]`, `name_prefix = "test-"`, `lifetime = "30m"`)),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("echo.seen", seen("name"), knownvalue.StringRegexp(regexp.MustCompile(`^test-[0-9a-z]{12}$`))),
				statecheck.ExpectKnownValue("echo.seen", seen("secret"), knownvalue.StringRegexp(regexp.MustCompile(`^ptn_key_`))),
				statecheck.ExpectKnownValue("echo.seen", seen("effective_scopes"), knownvalue.SetExact([]knownvalue.Check{knownvalue.StringExact("read"), knownvalue.StringExact("write")})),
			},
			Check: func(s *terraform.State) error {
				of := s.RootModule().Resources["echo.seen"].Primary.Attributes
				expires, err := time.Parse(time.RFC3339, of["data.expires_at"])
				if now := w.server.Now(); err != nil || expires.After(now.Add(30*time.Minute)) || expires.Before(now) {
					return fmt.Errorf("it expires at %s (%w), now is %s", of["data.expires_at"], err, now)
				}
				if got := w.verdict(of["data.secret"]); got != api.VerifyInvalid {
					return fmt.Errorf("after the run the key is %s", got)
				}
				return nil
			},
		}},
	})
	var made, deleted int
	for _, r := range w.server.Requests() {
		switch {
		case r.Method == "POST" && r.Path == "/v1/apikeys":
			made++
		case r.Method == "DELETE":
			deleted++
			names[r.Path] = true
		}
	}
	if made < 2 || deleted != made || len(names) != made {
		t.Errorf("%d keys were made, %d of them deleted, %d different ones", made, deleted, len(names))
	}
	if left := w.only(); left.ID != keptID {
		t.Errorf("key %s is left", left.ID)
	}
	w.good(kept)
}

func TestEphemeralAPIKey_ALostAnswerLeavesNoSecondKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.server.LoseAnswers(1, "POST", "/v1/apikeys")
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: withEcho(), Steps: []resource.TestStep{
		{Config: w.hcl(oneRun(`scopes = ["write"]`, `name_prefix = "test-"`))},
	}})
	if left := w.keys(); len(left) != 0 {
		t.Errorf("%d keys are left", len(left))
	}
}

func TestEphemeralAPIKey_OfASubaccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.makeSubaccount(api.CreateSubaccount{Handle: "acme", Name: "Acme Ltd."})
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: withEcho(), Steps: []resource.TestStep{
		{Config: w.hcl(oneRun(`scopes = ["write"]`, `subaccount = "acme"`)), ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue("echo.seen", tfjsonpath.New("data").AtMapKey("name"), knownvalue.StringRegexp(regexp.MustCompile(`^terraform-[0-9a-z]{12}$`))),
		}},
	}})
	page, err := w.client.Subaccounts.Get(t.Context(), "acme")
	if err != nil || page.APIKeys.Used != 0 {
		t.Errorf("%+v keys are left (%v)", page.APIKeys, err)
	}
}

func TestEphemeralAPIKey_RefusedInWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sendgrid := on(t, "sendgrid")
	policy := func(body string) string {
		return strings.Replace(w.hcl(body), "{\n", "{\n  policy {\n forbid_scopes = [\"adm*\"]\n max_lifetime = \"10m\"\n }\n", 1)
	}
	for name, tc := range map[string]struct{ config, want string }{
		"no expiry on the platform":     {sendgrid.hcl(oneRun(`scopes = ["mail.send"]`)), `(?s)needs an expiry.*sendgrid\s+has\s+no\s+expiry`},
		"an unknown scope":              {w.hcl(oneRun(`scopes = ["wrte"]`)), `(?s)Unable to create API key.*nearest`},
		"no scopes":                     {w.hcl(oneRun(`scopes = []`)), `(?s)at least 1`},
		"too long a lifetime":           {w.hcl(oneRun(`scopes = ["read"]`, `lifetime = "25h"`)), `(?s)Invalid lifetime.*1m0s to 24h`},
		"too short a lifetime":          {w.hcl(oneRun(`scopes = ["read"]`, `lifetime = "30s"`)), `(?s)Invalid lifetime`},
		"no such sub-account":           {w.hcl(oneRun(`scopes = ["read"]`, `subaccount = "nobody"`)), `(?s)Unable to create API key`},
		"a scope the policy forbids":    {policy(oneRun(`scopes = ["admin"]`, `lifetime = "5m"`)), `(?s)Forbidden by the provider's policy.*"adm\*"`},
		"a lifetime the policy forbids": {policy(oneRun(`scopes = ["read"]`)), `(?s)Forbidden by the provider's policy.*at most\s+10m`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: withEcho(), Steps: []resource.TestStep{
				{Config: tc.config, ExpectError: regexp.MustCompile(tc.want), PlanOnly: true},
			}})
		})
	}
}
