package provider_test

import (
	"bytes"
	"os"
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
	c.exits("plan.sh", 2, "is new and grants read, write")
	c.plans(true)
	c.ok("apply", "-input=false", "keys.tfplan")
	c.exits("plan.sh", 0, "No changes")
	c.plans(false)
	c.edit(`["write"]`, `["write", "audit:read"]`)
	c.exits("plan.sh", 1, "refused: postern_apikey.billing gains audit:read")
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
	c.exits("rotate.sh", 1, "not only rotations: postern_apikey.billing: update")
	w.server.Advance(29 * day) // due, and still with a change that nobody looked at
	c.exits("rotate.sh", 1, "not only rotations")
	c.edit(`["read"]`, `["write"]`)
	c.exits("rotate.sh", 0, "Apply complete! Resources: 0 added, 1 changed, 0 destroyed.")
	c.plans(false)
	if got := c.attribute("postern_apikey.billing", "rotation_reason"); !strings.HasPrefix(got, "due since ") {
		t.Errorf("rotated because %q", got)
	}
	c.edit(`"billing-service"`, `"billing-2"`)
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

// An import block takes a key over for good: that is a person's decision.
func TestPipelines_AScheduledRunTakesNoKeyOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	foreign, _ := w.server.NewKey(t, "write")
	c := w.pipeline(exampleText(t, "rotation"))
	c.ok("apply", "-auto-approve")
	w.server.Advance(29 * day)
	c.write(c.read("main.tf") + "\nimport {\n  to = postern_apikey.foreign\n  id = \"" + foreign + "\"\n}\nresource \"postern_apikey\" \"foreign\" {\n  name   = \"" + w.named(foreign) + "\"\n  scopes = [\"write\"]\n}\n")
	c.exits("rotate.sh", 1, "postern_apikey.foreign: no-op, import")
	if out := c.ok("state", "list"); strings.Contains(out, "foreign") {
		t.Errorf("the state holds %s", out)
	}
}

// named is the name of a key.
func (w world) named(id string) string {
	w.t.Helper()
	key, err := w.client.APIKeys.Get(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return key.Name
}

// The state says which key a rotation replaced, and a state can be edited.
func TestPipelines_AnEditedStateDeletesNoForeignKey(t *testing.T) {
	t.Parallel()
	w := onVendor(t, "sendgrid")
	foreign, _ := w.server.NewKey(t, "mail.send")
	c := w.pipeline(exampleText(t, "sendgrid"))
	c.ok("apply", "-auto-approve")
	w.server.Advance(29 * day)
	c.exits("rotate.sh", 0, "Apply complete!")
	replaced := c.attribute("postern_apikey.newsletter", "previous_id")
	state := strings.ReplaceAll(c.read("terraform.tfstate"), `"previous_id": "`+replaced+`"`, `"previous_id": "`+foreign+`"`)
	if err := os.WriteFile(filepath.Join(c.dir, "terraform.tfstate"), []byte(state), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, advance := range []time.Duration{0, 25 * time.Hour, 29 * day} {
		w.server.Advance(advance)
		c.exits("rotate.sh", 1, "Somebody has edited the state")
	}
	if code, out := c.run("destroy", "-auto-approve", "-no-color", "-refresh=false", "-target=postern_apikey.newsletter"); code == 0 || !strings.Contains(out, "Somebody has edited the state") {
		t.Errorf("destroy: exit %d: %s", code, out)
	}
	for _, id := range []string{foreign, replaced} {
		w.named(id) // it is there
	}
}

// Whatever ends the script, a plan that no filter has passed is not the one that is applied.
func TestPipelines_APlanThatNoFilterPassedIsNeverApplied(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for how, filter := range map[string]string{"killed": "kill -9 $PPID; sleep 1", "failing": "exit 5", "passing": "cat >/dev/null; echo passed"} {
		c := w.pipeline(exampleText(t, "rotation"))
		bin := t.TempDir()
		if err := os.WriteFile(filepath.Join(bin, "jq"), []byte("#!/bin/sh\n"+filter+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(c.dir, "keys.tfplan"), []byte("of an earlier run"), 0o600); err != nil {
			t.Fatal(err)
		}
		for i, entry := range c.env {
			if path, ok := strings.CutPrefix(entry, "PATH="); ok {
				c.env[i] = "PATH=" + bin + ":" + path
			}
		}
		code, out := c.script("plan.sh")
		want := 1
		if how == "passing" {
			want = 2
		}
		if how == "killed" {
			want = -1
		}
		if code != want {
			t.Errorf("%s: exit %d: %s", how, code, out)
		}
		if _, err := os.Stat(filepath.Join(c.dir, "keys.tfplan")); (err == nil) != (want == 2) {
			t.Errorf("%s: keys.tfplan: %v", how, err)
		}
	}
}
