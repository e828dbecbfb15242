package provider_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// Whatever is known after apply only is no error of a plan, for a new key and for one that
// exists, and the apply checks it.
func TestPlan_AnyAttributeMayBeKnownAfterApplyOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	config := func(n int, period, trigger string) string {
		return fmt.Sprintf(`
resource "terraform_data" "later" {
  input            = { name = "test-%d", expires_at = %q, enabled = %t, period = %q, a = %q, scope = %q }
  triggers_replace = %[1]d
}
`, n, w.server.Now().Add(time.Duration(n)*100*day).UTC().Format(time.RFC3339), n%2 == 0, period, trigger, []string{"read", "write"}[n%2]) + key(
			`name = terraform_data.later.output.name`, `expires_at = terraform_data.later.output.expires_at`, `enabled = terraform_data.later.output.enabled`,
			`scopes = ["verify", terraform_data.later.output.scope]`, `rotation = { period = terraform_data.later.output.period }`, `rotate_when_changed = { a = terraform_data.later.output.a }`)
	}
	unknown := func(name string) plancheck.PlanCheck { return plancheck.ExpectUnknownValue(subject, at(name)) }
	first := w.apply(config(1, "720h", "1"), action(plancheck.ResourceActionCreate), unknown("status"), unknown("effective_scopes"), unknown("rotates_after"))
	same := w.apply(config(2, "720h", "1"), action(plancheck.ResourceActionUpdate), unknown("secret_version"), unknown("rotation_reason"))
	same.ConfigStateChecks = []statecheck.StateCheck{stated("secret_version", knownvalue.Int64Exact(1)), stated("enabled", knownvalue.Bool(true))}
	other := w.apply(config(3, "1440h", "2"), action(plancheck.ResourceActionUpdate))
	other.ConfigStateChecks = []statecheck.StateCheck{stated("secret_version", knownvalue.Int64Exact(2)), stated("effective_scopes", names("read", "verify", "write"))}
	w.run(first, same, other)
}

// A plan that asks for no refresh needs no service, and says what it could not check.
func TestPlan_OfAKeyThatExistsGoesOnWithoutTheService(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(written(`rotate_when_changed = { a = "1" }`))
	c.env = append(c.env, "POSTERN_MAX_RETRIES=1") // nothing here comes back by itself
	c.ok("apply", "-no-color", "-auto-approve")
	w.server.Stop(t)
	replaced(c, `a = "1"`, `a = "2"`)
	replaced(c, `"write"`, `"wrte", "read"`)
	out := c.ok("plan", "-no-color", "-refresh=false")
	if !strings.Contains(out, "The plan could not be checked") || !strings.Contains(out, "0 to add, 1 to change, 0 to destroy") {
		t.Errorf("%s", out)
	}
	replaced(c, `"wrte", "read"`, `"write", "verify"`)
	c.ok("plan", "-no-color", "-refresh=false", "-out=blind.tfplan")
	w.server.Restart(t)
	c.ok("apply", "-no-color", "blind.tfplan")
	c.unchanged()
	if got := w.only(); got.SecretVersion != 2 || w.verdict(secretInState(t, c), "verify") != api.VerifyValid {
		t.Errorf("%+v", got)
	}
}
