package provider_test

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// pipeline is a CLI whose provider takes its settings from the environment.
func (w world) pipeline(config string) cli {
	return newCLI(w.t, config, "POSTERN_ENDPOINT="+w.server.URL, "POSTERN_API_KEY="+w.server.Owner)
}

func TestPlan_WideningIsWarnedAndNamesWhatIsGained(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(key(`name = "test"`, `scopes = ["read"]`))
	if out := c.ok("apply", "-no-color", "-auto-approve"); strings.Contains(out, "gains scopes") {
		t.Error("a new key is no widening")
	}
	c.write(strings.Replace(c.read("main.tf"), `["read"]`, `["write", "apikeys:read"]`, 1))
	out := c.ok("plan", "-no-color")
	if want := `gains scopes "apikeys:read", "write"`; !strings.Contains(out, want) || !strings.Contains(out, `will also be able to do "apikeys:read", "write"`) {
		t.Errorf("the plan does not warn: %s", out)
	}
	c.ok("apply", "-no-color", "-auto-approve")
	c.write(strings.Replace(c.read("main.tf"), `["write", "apikeys:read"]`, `["read"]`, 1))
	if out := c.ok("plan", "-no-color"); strings.Contains(out, "gains scopes") {
		t.Errorf("narrowing is warned as widening: %s", out)
	}
}

func TestPlan_ARedundantScopeIsWarnedOfWhenItIsChosen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(key(`name = "test"`, `scopes = ["read", "write", "apikeys:read"]`))
	warns := func(out string) bool {
		t.Helper()
		if n := strings.Count(out, "has a redundant scope"); n > 1 {
			t.Errorf("%d warnings: %s", n, out)
		}
		return strings.Contains(out, `The scope "read" grants nothing more, because "write" implies it. Remove "read", or "write" if only "read" is meant.`)
	}
	if out := c.ok("plan", "-no-color"); !warns(out) {
		t.Errorf("a new key: %s", out)
	}
	c.ok("apply", "-no-color", "-auto-approve")
	if out := c.ok("plan", "-no-color"); strings.Contains(out, "has a redundant scope") {
		t.Errorf("an unchanged key: %s", out)
	}
	replaced(c, `name = "test"`, `name = "test-2"`)
	if out := c.ok("plan", "-no-color"); strings.Contains(out, "has a redundant scope") {
		t.Errorf("a change that is not of the scopes: %s", out)
	}
	replaced(c, `, "apikeys:read"`, `, "verify"`)
	if out := c.ok("plan", "-no-color"); !warns(out) {
		t.Errorf("other scopes: %s", out)
	}
	replaced(c, `"read", `, "")
	if out := c.ok("plan", "-no-color"); strings.Contains(out, "has a redundant scope") {
		t.Errorf("without it: %s", out)
	}
	c.write(strings.Replace(c.read("main.tf"), `["write", "verify"]`, `["write", terraform_data.later.output]`, 1) + "resource \"terraform_data\" \"later\" { input = \"read\" }\n")
	if out := c.ok("plan", "-no-color"); strings.Contains(out, "has a redundant scope") {
		t.Errorf("not known yet: %s", out)
	}
}

func TestPlan_TheServerBeingDownIsSaidInWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(written())
	c.env = append(c.env, "POSTERN_MAX_RETRIES=1") // nothing here comes back by itself
	w.server.Stop(t)
	// Nothing in the state yet: the plan goes on, and says that it is unchecked.
	out := c.ok("plan", "-no-color")
	if !strings.Contains(out, "The plan could not be checked") || !strings.Contains(out, "connection refused") {
		t.Errorf("no word of the server being down: %s", out)
	}
	w.server.Restart(t)
	c.ok("apply", "-no-color", "-auto-approve")
	w.server.Stop(t)
	code, out := c.run("plan", "-no-color")
	if code != 1 || !strings.Contains(out, "Unable to read API key") || !strings.Contains(out, "connection refused") {
		t.Errorf("exit %d: %s", code, out)
	}
	w.server.Restart(t)
	c.unchanged()
}

func TestRead_ALimitIsWaitedOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(written())
	w.server.Fail(1, "POST", "/v1/apikeys", http.StatusTooManyRequests, time.Second)
	c.ok("apply", "-no-color", "-auto-approve")
	w.server.Fail(2, "GET", "/v1/", http.StatusTooManyRequests, time.Second)
	c.unchanged()
	w.only()
}

// The server is made in the same apply: at the plan its address is not known.
func TestPlan_AnEndpointKnownAfterApplyOnlyIsNoError(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := newCLI(t, `
variable "url" {}
resource "terraform_data" "server" { input = var.url }
provider "postern" { endpoint = terraform_data.server.output }
`+written(), "POSTERN_API_KEY="+w.server.Owner, "TF_VAR_url="+w.server.URL)
	out := c.ok("apply", "-no-color", "-auto-approve")
	if strings.Contains(out, "Warning: The plan could not be checked") {
		t.Errorf("an unknown endpoint is warned of: %s", out)
	}
	w.only()
	c.unchanged()
}

func TestPain09_ASavedPlanAppliedADayLaterIsStillRight(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(written(monthly))
	c.ok("apply", "-no-color", "-auto-approve")

	// Planned before the due time, applied after it: still nothing but the
	// description changes.
	w.server.Advance(28*day - time.Hour)
	c.write(strings.Replace(c.read("main.tf"), `name = "test"`, "name = \"test\"\n  description = \"d\"", 1))
	c.plan("early.tfplan")
	w.server.Advance(day)
	c.ok("apply", "-no-color", "early.tfplan")
	if got := w.only(); got.SecretVersion != 1 || got.Description != "d" {
		t.Errorf("after the early plan: version %d, description %q", got.SecretVersion, got.Description)
	}

	// Planned after the due time, applied a day later: the rotation that was
	// reviewed.
	plan, _ := c.plan("due.tfplan")
	after, ok := plan.ResourceChanges[0].Change.After.(map[string]any)
	if !ok || after["secret_version"] == nil || after["rotation_reason"] == nil {
		t.Fatalf("the saved plan does not tell of the rotation: %v", plan.ResourceChanges[0].Change.After)
	}
	w.server.Advance(day)
	c.ok("apply", "-no-color", "due.tfplan")
	if got := w.only(); got.SecretVersion != 2 {
		t.Errorf("after the due plan: version %d", got.SecretVersion)
	}
	c.unchanged()
}

func TestApply_AChangeMadeBetweenPlanAndApplyIsNotOverwritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(written())
	c.ok("apply", "-no-color", "-auto-approve")
	c.write(strings.Replace(c.read("main.tf"), `["write"]`, `["read"]`, 1))
	c.plan("saved.tfplan")
	text := "by hand"
	if _, err := w.client.APIKeys.Update(t.Context(), w.only().ID, api.UpdateAPIKey{Description: &text}); err != nil {
		t.Fatal(err)
	}
	code, out := c.run("apply", "-no-color", "saved.tfplan")
	if code != 1 || !strings.Contains(out, "Unable to update API key") || !strings.Contains(out, "The key has changed") {
		t.Errorf("exit %d: %s", code, out)
	}
	if got := w.only(); got.Description != text || got.Scopes[0] != "write" {
		t.Errorf("on the server: %+v", got)
	}
}

func TestPain17_ALostAnswerLeavesNoOrphanAndTheRightSecret(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(written() + "\noutput \"secret\" {\n  value     = postern_apikey.test.secret\n  sensitive = true\n}\n")
	w.server.LoseAnswers(1, "POST", "/v1/apikeys")
	c.ok("apply", "-no-color", "-auto-approve")
	w.only()
	if got := w.verdict(c.ok("output", "-raw", "secret"), "write"); got != api.VerifyValid {
		t.Errorf("the secret in the state is %s", got)
	}
	w.server.LoseAnswers(1, "POST", "/v1/apikeys/")
	c.write(strings.Replace(c.read("main.tf"), `name = "test"`, "name = \"test\"\n  rotate_when_changed = { a = \"1\" }", 1))
	c.ok("apply", "-no-color", "-auto-approve")
	c.write(strings.Replace(c.read("main.tf"), `a = "1"`, `a = "2"`, 1))
	c.ok("apply", "-no-color", "-auto-approve")
	if got := w.only(); got.SecretVersion != 2 {
		t.Errorf("a lost answer made it version %d", got.SecretVersion)
	}
	if got := w.verdict(c.ok("output", "-raw", "secret"), "write"); got != api.VerifyValid {
		t.Errorf("the rotated secret in the state is %s", got)
	}
	c.unchanged()
}

// With nothing but ids in outputs the state is the one place that holds the
// current secret. A saved plan holds the state that it was made on, and so the
// secret that a rotation is about to replace; never the one that it mints.
func TestSecrets_LieInTheStateAndNowhereElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(written(`rotate_when_changed = { a = "1" }`) + "\noutput \"id\" {\n  value = postern_apikey.test.id\n}\n").traced()
	c.plan("create.tfplan")
	printed := c.ok("apply", "-no-color", "create.tfplan")
	first := secretInState(t, c)
	c.write(strings.Replace(c.read("main.tf"), `a = "1"`, `a = "2"`, 1))
	_, planned := c.plan("rotate.tfplan")
	printed += planned + c.ok("apply", "-no-color", "rotate.tfplan")
	second := secretInState(t, c)
	if first == second {
		t.Fatal("not rotated")
	}
	for secret, allowed := range map[string][]string{
		first:  {"rotate.tfplan", "terraform.tfstate.backup"},
		second: {"terraform.tfstate"},
	} {
		if diff := cmp.Diff(allowed, c.filesWith(secret)); diff != "" {
			t.Errorf("files with a secret: %s", diff)
		}
		if strings.Contains(printed, secret) {
			t.Error("terraform printed a secret")
		}
		if strings.Contains(w.server.Logs(), secret) {
			t.Error("the server logged a secret")
		}
	}
	w.server.Stop(t)
	for _, file := range w.server.DatabaseFiles(t) {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{first, second, w.server.Owner} {
			if bytes.Contains(content, []byte(secret)) {
				t.Errorf("a secret is in %s", filepath.Base(file))
			}
		}
	}
	w.server.Restart(t)
	w.server.VerifyAudit(t)
	c.ok("destroy", "-no-color", "-auto-approve")
	for _, secret := range []string{first, second} {
		if got := w.verdict(secret); got != api.VerifyInvalid {
			t.Errorf("after the destroy a secret is %s", got)
		}
	}
}

func secretInState(t *testing.T, c cli) string {
	t.Helper()
	_, rest, ok := strings.Cut(c.read("terraform.tfstate"), `"secret": "`)
	secret, _, closed := strings.Cut(rest, `"`)
	if !ok || !closed || len(secret) < 40 {
		t.Fatal("no secret in the state")
	}
	return secret
}
