package provider_test

import (
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// A provider that runs with a key of its own state rotates that once by its secret. An answer
// that is lost is given again, and the replaced secret rotates nothing more.
func TestOwnRotation_IsDoneOnceAndItsAnswerGivenAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(key(`name = "test"`, `scopes = ["apikeys:read", "apikeys:write"]`, `rotate_when_changed = { release = "1" }`) +
		"\noutput \"secret\" {\n  value     = postern_apikey.test.secret\n  sensitive = true\n}\n")
	c.env = append(c.env, "POSTERN_MAX_RETRIES=0")
	c.ok("apply", "-no-color", "-auto-approve")
	old := c.as(c.ok("output", "-raw", "secret"))
	c.edit(`release = "1"`, `release = "2"`)
	w.loseTheAnswer()
	if code, out := old.run("apply", "-no-color", "-auto-approve"); code != 1 {
		t.Fatalf("the lost answer is no error: %s", out)
	}
	told(t, old.ok("plan", "-no-color"), "rotates nothing", "secret_version = 1 -> 2")
	old.ok("apply", "-no-color", "-auto-approve")
	current := c.as(c.ok("output", "-raw", "secret"))
	if got := w.only().SecretVersion; got != 2 {
		t.Errorf("the key is at version %d, want 2", got)
	}
	old.unchanged()
	c.edit(`release = "2"`, `release = "3"`)
	old.fails([]string{"plan", "-no-color"}, "cannot rotate its own key", "api_key to the current secret")
	current.ok("apply", "-no-color", "-auto-approve")
	if got := w.only(); got.SecretVersion != 3 || got.Status != api.StatusActive {
		t.Errorf("the key is at version %d, want 3", got.SecretVersion)
	}
}
