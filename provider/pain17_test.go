//go:build unix

package provider_test

import (
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// struck runs an apply and calls hit once, when the service has done the first POST and
// its answer is not there yet. It returns what terraform printed.
func (w world) struck(c cli, hit func(*exec.Cmd)) string {
	w.t.Helper()
	cmd := c.command("apply", "-no-color", "-auto-approve")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // terraform with its provider, and not the test
	var once sync.Once
	cmd.Env = append(slices.Clone(c.env), "POSTERN_ENDPOINT="+w.throughProxy(func(r *http.Response) error {
		if r.Request.Method == http.MethodPost {
			once.Do(func() { hit(cmd) })
		}
		return nil
	}))
	out, err := cmd.CombinedOutput()
	if err == nil {
		w.t.Errorf("an apply that was broken off succeeds: %s", out)
	}
	return string(out)
}

func interrupt(t *testing.T) func(*exec.Cmd) {
	return func(cmd *exec.Cmd) {
		if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
			t.Error(err)
		}
		time.Sleep(2 * time.Second) // terraform tells its providers; a test that is too early proves less and never fails
	}
}

func TestPain17_AnInterruptLeavesNoOrphanAndLosesNoSecret(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(written(`rotate_when_changed = { a = "1" }`))
	out := w.struck(c, interrupt(t))
	w.only()
	if got := w.verdict(secretInState(t, c), "write"); got != api.VerifyValid {
		t.Errorf("the secret in the state is %s: %s", got, out)
	}
	c.unchanged()
	replaced(c, `a = "1"`, `a = "2"`)
	out = w.struck(c, interrupt(t))
	if got := w.verdict(secretInState(t, c), "write"); got != api.VerifyValid || w.only().SecretVersion != 2 {
		t.Errorf("the rotated secret in the state is %s: %s", got, out)
	}
	c.unchanged()
}

// Nothing can be saved by what is killed. The next run names what is there, makes no
// second key and taints none.
func TestPain17_AKilledRunIsFoundByTheNextOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(written())
	w.struck(c, func(cmd *exec.Cmd) {
		if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); err != nil {
			t.Error(err)
		}
	})
	made := w.only()
	c.foundAgain(made)
	w.only()
}

// foundAgain fails the test unless an apply names the key, and an import brings it.
func (c cli) foundAgain(made api.APIKey) {
	c.t.Helper()
	code, out := c.run("apply", "-no-color", "-auto-approve")
	if code != 1 || !strings.Contains(out, `The name "test" is taken`) || !strings.Contains(out, "Key "+made.ID+" has it") || !strings.Contains(out, "import that key") {
		c.t.Errorf("exit %d: %s", code, out)
	}
	c.ok("import", "-no-color", subject, made.ID)
	c.unchanged()
}

func TestPain17_ACreateWhoseAnswersAreAllLostTaintsNothingAndSaysWhatMayBeThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline("provider \"postern\" {\n  max_retries = 1\n}\n" + written())
	w.server.LoseAnswers(20, "POST", "/v1/apikeys")
	code, out := c.run("apply", "-no-color", "-auto-approve")
	if code != 1 || !strings.Contains(out, "may have taken effect") {
		t.Errorf("exit %d: %s", code, out)
	}
	w.server.ClearFaults()
	if state := c.ok("show", "-no-color"); strings.Contains(state, "tainted") || strings.Contains(state, "postern_apikey") {
		t.Errorf("in the state: %s", state)
	}
	c.foundAgain(w.only())
	w.only()
}
