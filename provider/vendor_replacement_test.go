//go:build unix

package provider_test

import (
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

const triggered = `rotate_when_changed = { a = "1" }`

// broken runs an apply and calls hit once, when an answer fits and is not there yet. It
// returns what terraform printed.
func (w vendorWorld) broken(c cli, fits func(*http.Response) bool, hit func(*exec.Cmd)) string {
	w.t.Helper()
	cmd := c.command("apply", "-no-color", "-auto-approve")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // terraform with its provider, and not the test
	cmd.Env = slices.Clone(c.env)
	var once sync.Once
	config := c.read("main.tf")
	c.write(strings.ReplaceAll(config, w.server.URL, w.middle(new(atomic.Bool), func(r *http.Response) error {
		if fits(r) {
			once.Do(func() { hit(cmd) })
		}
		return nil
	})))
	defer c.write(config)
	out, err := cmd.CombinedOutput()
	if err == nil {
		w.t.Errorf("an apply that was broken off succeeds: %s", out)
	}
	return string(out)
}

func TestVendorReplacement_AKilledRotationKeepsTheOldKeyAndTheOrphanIsNamed(t *testing.T) {
	t.Parallel()
	for platform, body := range map[string]string{
		"sendgrid":     vendorKey(`name = "test"`, `scopes = ["mail.send"]`, triggered),
		"mailchannels": vendorKey(`name = "test"`, triggered),
	} {
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			w := onVendor(t, platform)
			c := w.program(w.server.Owner, vendorChild()+body)
			c.ok(applyIt...)
			old, secret := w.keysOf("acme1")[0].ID, secretInState(t, c)
			replaced(c, `a = "1"`, `a = "2"`)
			w.broken(c, func(r *http.Response) bool { return onKeys(r, http.MethodPost) }, func(cmd *exec.Cmd) {
				if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); err != nil {
					t.Error(err)
				}
			})
			orphan := slices.DeleteFunc(w.keysOf("acme1"), func(k api.APIKey) bool { return k.ID == old })
			if len(orphan) != 1 || c.attribute(vendorKeyAddress, "id") != old || secretInState(t, c) != secret {
				t.Fatalf("%d keys more; the state has %s", len(orphan), c.attribute(vendorKeyAddress, "id"))
			}
			out := c.ok(planIt...)
			if names := strings.Contains(out, "has the name of another key") && strings.Contains(out, orphan[0].ID); names != (platform == "sendgrid") {
				t.Errorf("the orphan is named: %v: %s", names, out)
			}
			c.ok(applyIt...)
			if got := w.verdict(secretInState(t, c)); got != api.VerifyValid || c.attribute(vendorKeyAddress, "previous_id") != old {
				t.Errorf("the new secret is %s", got)
			}
			c.unchanged()
		})
	}
}

func TestVendorReplacement_ANewKeysNamesakeIsNamedAndASecondPlanSaysNothing(t *testing.T) {
	t.Parallel()
	w := onVendor(t, "sendgrid")
	c := w.program(w.server.Owner, key(`name = "test"`, `scopes = ["mail.send"]`, triggered))
	if out := c.ok(planIt...); strings.Contains(out, "has the name of another key") {
		t.Errorf("there is none: %s", out)
	}
	other := w.makeHere("test", "mail.send")
	told(t, c.ok(applyIt...), "has the name of another key", other.ID)
	if out := c.ok(planIt...); strings.Contains(out, "has the name of another key") {
		t.Errorf("nothing is made: %s", out)
	}
	if err := w.client.APIKeys.Delete(t.Context(), other.ID); err != nil {
		t.Fatal(err)
	}
	replaced(c, `a = "1"`, `a = "2"`)
	for range 2 {
		if out := c.ok(applyIt...); strings.Contains(out, "has the name of another key") {
			t.Errorf("only the key itself and its predecessor are there: %s", out)
		}
		if strings.Contains(c.read("main.tf"), `a = "2"`) {
			replaced(c, `a = "2"`, `a = "3"`)
		}
	}
	if n := len(w.keys()); n != 2 {
		t.Errorf("%d keys live", n)
	}
}

// A user interrupts while a limit is waited out, before anything was sent.
func TestVendorReplacement_AnInterruptOfAWaitEndsItAndTheStateIsSaved(t *testing.T) {
	t.Parallel()
	for platform, body := range map[string]string{
		"sendgrid":     vendorKey(`name = "test"`, `scopes = ["mail.send"]`, triggered),
		"mailchannels": vendorKey(`name = "test"`, triggered),
	} {
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			w := onVendor(t, platform)
			c := w.program(w.server.Owner, vendorChild()+body)
			c.ok(applyIt...)
			secret := secretInState(t, c)
			replaced(c, `a = "1"`, `a = "2"`)
			w.server.Fail(10, http.MethodPost, "/", http.StatusTooManyRequests, time.Hour)
			began := time.Now()
			out := w.broken(c, func(r *http.Response) bool { return onKeys(r, http.MethodPost) }, interrupt(t))
			if !strings.Contains(out, "given up") || strings.Contains(out, "Two interrupts") {
				t.Errorf("it says: %s", out)
			}
			// The limit asks for a minute. The bound is no measure of speed: it tells
			// a wait that ended from one that was sat out.
			if took := time.Since(began); took > 45*time.Second {
				t.Errorf("the wait went on: %v", took)
			}
			w.server.ClearFaults()
			if secretInState(t, c) != secret || len(w.keysOf("acme1")) != 1 {
				t.Errorf("%d keys", len(w.keysOf("acme1")))
			}
			c.ok(applyIt...)
			c.unchanged()
		})
	}
}
