package provider_test

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// script runs one of examples/pipelines in the folder of the CLI, and returns its exit
// code and what it printed.
func (c cli) script(name string) (int, string) {
	c.t.Helper()
	if _, err := exec.LookPath("jq"); err != nil {
		c.t.Fatal("jq is missing: the scripts of examples/pipelines need it, see https://jqlang.org/download/")
	}
	path, err := filepath.Abs(filepath.Join("..", "examples", "pipelines", name))
	if err != nil {
		c.t.Fatal(err)
	}
	cmd := exec.CommandContext(c.t.Context(), path)
	cmd.Dir, cmd.Env = c.dir, c.env
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); cmd.ProcessState == nil {
		c.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String()
}

// exits fails the test unless the script ends with the code and says the words.
func (c cli) exits(name string, want int, words string) {
	c.t.Helper()
	if code, out := c.script(name); code != want || !strings.Contains(out, words) {
		c.t.Errorf("%s exits with %d, want %d and %q: %s", name, code, want, words, out)
	}
}

// plans fails the test unless the one saved plan is there, or not.
func (c cli) plans(want bool) {
	c.t.Helper()
	found, err := filepath.Glob(filepath.Join(c.dir, "*.tfplan"))
	if err != nil || (len(found) > 0) != want {
		c.t.Errorf("saved plans: %v %v", found, err)
	}
}

// edit changes one place of the configuration.
func (c cli) edit(from, to string) {
	c.t.Helper()
	c.write(strings.Replace(c.read("main.tf"), from, to, 1))
}

func TestPipelines_APlanThatWidensAKeyIsRefusedAndNotKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(exampleText(t, "rotation"))
	c.exits("plan.sh", 2, "no key gains anything")
	c.plans(true)
	c.ok("apply", "-input=false", "keys.tfplan")
	c.exits("plan.sh", 0, "No changes")
	c.plans(false)
	c.edit(`["write"]`, `["write", "audit:read"]`)
	c.exits("plan.sh", 1, "refused: postern_apikey.newsletter gains audit:read")
	c.plans(false)
	c.edit(`["write", "audit:read"]`, `["read"]`)
	c.exits("plan.sh", 2, "no key gains anything")
	c.edit(`name `, `nome `)
	c.exits("plan.sh", 1, "Unsupported argument")
	c.plans(false)
}

func TestPipelines_AScheduledRunRotatesWhatIsDueAndDoesNothingElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(exampleText(t, "rotation"))
	c.ok("apply", "-auto-approve")
	c.exits("rotate.sh", 0, "No changes")
	c.edit(`["write"]`, `["read"]`)
	c.exits("rotate.sh", 1, "not only rotations: postern_apikey.newsletter: update")
	w.server.Advance(29 * day) // due, and still with a change that nobody looked at
	c.exits("rotate.sh", 1, "not only rotations")
	c.edit(`["read"]`, `["write"]`)
	c.exits("rotate.sh", 0, "Apply complete! Resources: 0 added, 1 changed, 0 destroyed.")
	c.plans(false)
	if got := c.attribute("postern_apikey.newsletter", "rotation_reason"); !strings.HasPrefix(got, "due since ") {
		t.Errorf("rotated because %q", got)
	}
	c.edit(`"newsletter-service"`, `"newsletter-2"`)
	c.write(c.read("main.tf") + "\nresource \"terraform_data\" \"other\" {}\n")
	c.exits("rotate.sh", 1, "terraform_data.other: create")
	c.plans(false)
}

// Where a rotation makes a new key, the run after the overlap deletes the old one.
func TestPipelines_AScheduledRunAlsoDeletesTheKeysThatWereReplaced(t *testing.T) {
	t.Parallel()
	w := onVendor(t, "sendgrid")
	c := w.pipeline(exampleText(t, "sendgrid"))
	c.ok("apply", "-auto-approve")
	first := c.attribute("postern_apikey.newsletter", "id")
	w.server.Advance(29 * day)
	c.exits("rotate.sh", 0, "Apply complete! Resources: 0 added, 1 changed, 0 destroyed.")
	if got := c.attribute("postern_apikey.newsletter", "previous_id"); got != first {
		t.Errorf("the previous key is %s, want %s", got, first)
	}
	c.exits("rotate.sh", 0, "No changes")
	w.server.Advance(25 * time.Hour)
	c.exits("rotate.sh", 0, "Apply complete! Resources: 0 added, 1 changed, 0 destroyed.")
	c.exits("rotate.sh", 0, "No changes")
	if _, err := w.client.APIKeys.Get(t.Context(), first); err == nil {
		t.Error("the old key is there still")
	}
	c.edit(`["mail.send"]`, `["mail.send", "stats.read"]`)
	c.exits("rotate.sh", 1, "not only rotations: postern_subaccount_apikey.shop: update")
}

func TestPipelines_ACredentialOfItsOwnGrantsNoMoreThanItHolds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	owner := w.pipeline(exampleText(t, "pipeline-credential"))
	owner.ok("apply", "-auto-approve")
	c := newCLI(t, exampleText(t, "get-started"), "POSTERN_ENDPOINT="+w.server.URL, "POSTERN_API_KEY="+secretInState(t, owner))
	c.exits("plan.sh", 2, "")
	c.ok("apply", "-input=false", "keys.tfplan")
	c.edit(`["write"]`, `["write", "audit:read"]`)
	if code, out := c.run("plan", "-no-color"); code != 1 || !strings.Contains(out, "audit:read") || !strings.Contains(out, "does not hold") {
		t.Errorf("exit %d: %s", code, out)
	}
	c.edit(`["write", "audit:read"]`, `["write"]`)
	c.ok("destroy", "-auto-approve")
	owner.unchanged()
}
