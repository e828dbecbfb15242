package provider_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// pipelineUntil makes a key that manages keys and expires then, and returns its secret.
func (w world) pipelineUntil(end string) string {
	w.t.Helper()
	a := w.server.Do(w.t, http.MethodPost, "/v1/apikeys", fmt.Sprintf(`{"name":"pipeline","scopes":["admin"],"expires_at":%q}`, end))
	var issued api.IssuedAPIKey
	if err := json.Unmarshal([]byte(a.Body), &issued); err != nil || a.Status != http.StatusCreated {
		w.t.Fatalf("%d: %s", a.Status, a.Body)
	}
	return issued.Secret.Reveal()
}

// A plan says what the service would refuse at the apply: nobody gives more time than they
// hold.
func TestPlan_NoKeyOutlivesTheProvidersCredential(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	now := w.server.Now().UTC()
	shown := func(after time.Duration) string { return now.Add(after).Format(time.RFC3339) }
	caller := w.pipelineUntil(shown(time.Hour))
	const refused = `(?s)would outlive the provider's credential.*expires\s+at\s+`
	expires := func(at string) string { return fmt.Sprintf("expires_at = %q", at) }
	var steps []resource.TestStep
	for _, body := range []string{
		written(), written(expires(shown(time.Hour + time.Second))),
	} {
		steps = append(steps, resource.TestStep{Config: w.hclAs(caller, body), PlanOnly: true, ExpectError: regexp.MustCompile(refused + shown(time.Hour))})
	}
	steps = append(steps,
		resource.TestStep{Config: w.hclAs(caller, written(expires(shown(time.Hour))))},
		resource.TestStep{Config: w.hclAs(caller, written(expires(shown(time.Hour)), `rotate_when_changed = { a = "1" }`))},
		resource.TestStep{Config: w.hclAs(caller, written(expires(shown(2*time.Hour)))), PlanOnly: true, ExpectError: regexp.MustCompile(refused)},
		resource.TestStep{Config: w.hcl(written(expires(shown(2 * time.Hour))))}, // an owner may
		// What takes away, or changes nothing of it, is free.
		resource.TestStep{Config: w.hclAs(caller, written(expires(shown(2*time.Hour)), `description = "mine"`))},
		resource.TestStep{Config: w.hclAs(caller, written(expires(shown(2*time.Hour)), `description = "mine"`, `enabled = false`))},
		resource.TestStep{Config: w.hclAs(caller, written(expires(shown(2*time.Hour)), `description = "mine"`)), PlanOnly: true, ExpectError: regexp.MustCompile(refused)},
	)
	w.run(steps...)
}

// The key for one run must end with the credential too, and a plan opens it.
func TestEphemeralKey_NeverOutlivesTheProvidersCredential(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	end := w.server.Now().UTC().Add(10 * time.Minute).Format(time.RFC3339)
	caller := w.pipelineUntil(end)
	body := oneRun(`scopes = ["read"]`)
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: withEcho(),
		Steps: []resource.TestStep{
			{Config: w.hclAs(caller, body), PlanOnly: true, ExpectError: regexp.MustCompile(`(?s)would outlive the provider's credential.*` + end)},
			{Config: w.hclAs(caller, strings.Replace(body, "scopes", "lifetime = \"10m\"\n  scopes", 1))},
		},
	})
	if got := w.verdict(caller); got != api.VerifyValid {
		t.Errorf("the credential itself is %s", got)
	}
}
