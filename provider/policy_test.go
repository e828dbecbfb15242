package provider_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

// policed is a configuration under a policy.
func policed(policy, body string) string {
	return "provider \"postern\" {\n  policy {\n    " + policy + "\n  }\n}\n" + body
}

func in(w world, d time.Duration) string {
	return fmt.Sprintf("expires_at = %q", w.server.Now().Add(d).Format(time.RFC3339))
}

// Least privilege as the whole team's rule: what a policy forbids fails the plan, on
// the attribute at fault.
func TestPain19_APolicyIsHeldAtPlan(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, tt := range map[string]struct {
		policy, body string
		want         string // in the error; empty for none
	}{
		"a scope":                    {`forbid_scopes = ["write"]`, written(), `grant "write", and policy.forbid_scopes forbids "write"`},
		"a scope that is implied":    {`forbid_scopes = ["*:write"]`, key(`name = "test"`, `scopes = ["read", "admin"]`), `The scope "admin" also grants "apikeys:write", and policy.forbid_scopes forbids "*:write"`},
		"another scope":              {`forbid_scopes = ["admin", "*:write"]`, written(), ""},
		"no end":                     {`max_lifetime = "720h"`, written(), "policy.max_lifetime lets a key live for at most 720h0m0s, and this one would never end"},
		"a late end":                 {`max_lifetime = "720h"`, written(in(w, 721*time.Hour)), "The latest expires_at is " + w.server.Now().Add(720*time.Hour).Format(time.RFC3339)},
		"an end in time":             {`max_lifetime = "720h"`, written(in(w, 720*time.Hour)), ""},
		"neither":                    {`require_expiry_or_rotation = true`, written(), "policy.require_expiry_or_rotation wants"},
		"an expiry":                  {`require_expiry_or_rotation = true`, written(in(w, time.Hour)), ""},
		"a rotation":                 {`require_expiry_or_rotation = true`, written(monthly), ""},
		"not required":               {`require_expiry_or_rotation = false`, written(), ""},
		"a misspelt rule":            {`forbid_scope = ["write"]`, written(), `An argument named "forbid_scope" is not expected here. Did you mean "forbid_scopes"?`},
		"no rule":                    {"", written(), "The block policy must set at least one rule, and guards nothing as it is"},
		"an empty list as its rule":  {`forbid_scopes = []`, written(), "The block policy must set at least one rule"},
		"a rule that is null":        {`widening = null`, written(), "The block policy must set at least one rule"},
		"a policy twice":             {"widening = \"deny\"\n  }\n  policy {", written(), "Duplicate policy block"},
		"an attribute instead":       {"}\n  policy = { widening = \"deny\"", written(), "policy"},
		"no such verdict":            {`widening = "maybe"`, written(), `policy.widening value must be one of`},
		"an empty pattern":           {`forbid_scopes = [""]`, written(), "string length must be at least 1"},
		"no lifetime":                {`max_lifetime = "0s"`, written(), "longer than 0s"},
		"no secrets in the state":    {`secrets_in_state = "deny"`, written(), `policy.secrets_in_state is "deny"`},
		"secrets that are warned of": {`secrets_in_state = "warn"`, written(), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := w
			w.t = t
			code, out := w.pipeline(policed(tt.policy, tt.body)).run("plan", "-no-color")
			if failed := code != 0; failed != (tt.want != "") || !strings.Contains(out, tt.want) {
				t.Errorf("exit %d, want %q: %s", code, tt.want, out)
			}
			if warned := strings.Contains(out, "has its secret in the state"); warned != strings.Contains(tt.policy, `"warn"`) {
				t.Errorf("warned of a secret: %v", warned)
			}
		})
	}
}

// What is known after apply only is no error at plan, and no key is made against the
// policy.
func TestPain19_APolicyHoldsAtApplyForWhatWasUnknown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, tt := range map[string]struct{ policy, attribute string }{
		"scopes":             {`forbid_scopes = ["write"]`, `scopes = [terraform_data.later.output]`},
		"an expiry":          {`max_lifetime = "1h"`, `scopes = ["read"]` + "\nexpires_at = terraform_data.later.output"},
		"the policy's scope": {`forbid_scopes = [terraform_data.later.output]`, `scopes = ["write"]`},
		"the policy's time":  {`max_lifetime = terraform_data.later.output`, `scopes = ["write"]`},
		"an endpoint":        {`secrets_in_state = "deny"`, `scopes = ["write"]`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := w
			w.t = t
			value := "write"
			if strings.Contains(name, "expiry") {
				value = w.server.Now().Add(2 * time.Hour).Format(time.RFC3339)
			}
			if strings.Contains(name, "time") {
				value = "1h"
			}
			config := "resource \"terraform_data\" \"later\" { input = \"" + value + "\" }\n" + policed(tt.policy, key(`name = "test"`, tt.attribute))
			if name == "an endpoint" {
				config = strings.Replace(config, `"write" }`, `"`+w.server.URL+`" }`, 1)
				config = strings.Replace(config, "policy {", "endpoint = terraform_data.later.output\n  policy {", 1)
			}
			c := w.pipeline(config)
			if _, out := c.plan("saved.tfplan"); strings.Contains(out, "Forbidden") {
				t.Errorf("the plan errs: %s", out)
			}
			if code, out := c.run("apply", "-no-color", "saved.tfplan"); code != 1 || !strings.Contains(out, "Forbidden by the provider's policy") {
				t.Errorf("exit %d: %s", code, out)
			}
			if n := len(w.keys()); n > 0 {
				t.Errorf("%d keys were made", n)
			}
		})
	}
}

func TestPain19_Widening(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(policed(`widening = "deny"`, key(`name = "test"`, `scopes = ["read"]`)))
	c.ok("apply", "-no-color", "-auto-approve") // a new key is no widening
	c.write(strings.Replace(c.read("main.tf"), `["read"]`, `["write"]`, 1))
	if code, out := c.run("plan", "-no-color"); code != 1 || !strings.Contains(out, `policy.widening is "deny"`) || !strings.Contains(out, `also be able to do "write"`) {
		t.Errorf("exit %d: %s", code, out)
	}
	c.write(strings.Replace(c.read("main.tf"), `"deny"`, `"allow"`, 1))
	if out := c.ok("apply", "-no-color", "-auto-approve"); strings.Contains(out, "gains scopes") {
		t.Errorf("allowed, and warned: %s", out)
	}
	c.write(strings.NewReplacer(`"allow"`, `"deny"`, `["write"]`, `["read"]`).Replace(c.read("main.tf")))
	c.ok("apply", "-no-color", "-auto-approve") // narrowing
}

// The lifetime of a key that exists counts from when it was made, and of one that is
// renewed from now.
func TestPain06_MaxLifetimeOfAKeyThatExists(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	until := func(d time.Duration) string { return policed(`max_lifetime = "240h"`, written(in(w, d))) }
	head := w.pipeline("")
	start := head.read("main.tf")
	c := head
	c.write(start + until(100*time.Hour))
	c.ok("apply", "-no-color", "-auto-approve")
	w.server.Advance(50 * time.Hour)
	c.unchanged()
	c.write(start + until(191*time.Hour))
	if code, out := c.run("plan", "-no-color"); code != 1 || !strings.Contains(out, "counted from when it was made") {
		t.Errorf("exit %d: %s", code, out)
	}
	c.write(start + until(190*time.Hour))
	c.ok("apply", "-no-color", "-auto-approve")
	w.server.Advance(300 * time.Hour)
	c.write(start + until(239*time.Hour))
	c.ok("apply", "-no-color", "-auto-approve")
	if got := w.only(); got.SecretVersion != 2 {
		t.Errorf("renewed to version %d", got.SecretVersion)
	}
}

func TestPain02_NoSecretNeedsToBeInTheState(t *testing.T) {
	t.Parallel()
	w := on(t, "dotdigital")
	c := w.pipeline(policed(`secrets_in_state = "deny"`, key(password("first-one-1"))))
	c.ok("apply", "-no-color", "-auto-approve")
	c.unchanged()

	w = newWorld(t)
	c = w.pipeline(written())
	c.ok("apply", "-no-color", "-auto-approve")
	config := c.read("main.tf")
	c.write(policedHead(config, `secrets_in_state = "deny"`))
	if code, out := c.run("plan", "-no-color"); code != 1 || !strings.Contains(out, "in clear text") {
		t.Errorf("one that lies there already: exit %d: %s", code, out)
	}
	id := w.only().ID
	c.write(config)
	c.ok("state", "rm", "postern_apikey.test")
	c.write(policedHead(config, `secrets_in_state = "deny"`))
	c.ok("import", "-no-color", "postern_apikey.test", id)
	c.unchanged()
}

func policedHead(config, policy string) string { return config + policed(policy, "") }

func TestLimit_CountsWhatThePlanMakes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, servertest.Platform("benchmark"), servertest.Plan("free")) // two keys
	body := "resource \"postern_apikey\" \"test\" {\n  count  = %d\n  name   = \"test ${count.index}\"\n  scopes = [\"contacts:read\"]\n  lifecycle { create_before_destroy = true }\n}\n"
	c := w.pipeline("")
	head := c.read("main.tf")
	c.write(head + fmt.Sprintf(body, 1))
	c.ok("apply", "-no-color", "-auto-approve")
	// A replacement that is made first is one more.
	more := strings.NewReplacer(`"test" {`, `"more" {`, "count  = 1", "depends_on = [postern_apikey.test]").Replace(fmt.Sprintf(body, 1))
	more = strings.Replace(more, "test ${count.index}", "test more", 1)
	c.write(head + fmt.Sprintf(body, 1) + more)
	if out := c.ok("plan", "-no-color"); strings.Contains(out, "limit of API keys") {
		t.Errorf("one more of two: %s", out)
	}
	out := c.ok("plan", "-no-color", "-replace=postern_apikey.test[0]")
	if !strings.Contains(out, "The account holds 1 of 2 API keys, and this plan makes 2 or more") {
		t.Errorf("a replacement and one more: %s", out)
	}
	c.write(head + fmt.Sprintf(body, 2))
	if out := c.ok("apply", "-no-color", "-auto-approve"); strings.Contains(out, "limit of API keys") {
		t.Errorf("two of two: %s", out)
	}
	c.ok("destroy", "-no-color", "-auto-approve")
	c.write(head + fmt.Sprintf(body, 3))
	if out := c.ok("plan", "-no-color"); !strings.Contains(out, "The account holds 0 of 2 API keys, and this plan makes 3 or more") {
		t.Errorf("three of two: %s", out)
	}
}
