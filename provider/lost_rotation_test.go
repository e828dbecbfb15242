package provider_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

// rotating is a key whose rotation is asked for by release.
func (w world) rotating(release string) cli {
	c := w.pipeline(written(`rotate_when_changed = { release = "1" }`) + "\noutput \"secret\" {\n  value     = postern_apikey.test.secret\n  sensitive = true\n}\n")
	c.env = append(c.env, "POSTERN_MAX_RETRIES=0")
	c.ok("apply", "-no-color", "-auto-approve")
	c.edit(`release = "1"`, `release = "`+release+`"`)
	return c
}

// loseTheAnswer loses the answer to the next rotation for good: net/http asks once more by
// itself where a kept connection breaks.
func (w world) loseTheAnswer() { w.server.LoseAnswers(2, "POST", "/v1/apikeys/") }

// TestLostRotation_IsAskedForAgain loses the answer to a rotation for good. The next apply
// gets the first answer: nothing is rotated twice, and the secret in use lives on.
func TestLostRotation_IsAskedForAgain(t *testing.T) {
	t.Parallel()
	for name, killed := range map[string]bool{"the run fails": false, "the run is killed": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c := w.rotating("2")
			used := c.ok("output", "-raw", "secret")
			before := c.read("terraform.tfstate")
			w.loseTheAnswer()
			if code, out := c.run("apply", "-no-color", "-auto-approve"); code != 1 {
				t.Fatalf("the lost answer is no error: %s", out)
			}
			if killed { // a run that ends in that moment writes no state
				if err := os.WriteFile(filepath.Join(c.dir, "terraform.tfstate"), []byte(before), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			w.server.Advance(23 * time.Hour)
			told(t, c.ok("plan", "-no-color"), "rotates nothing", "the answer to a rotation was lost, and is asked for again", "secret_version = 1 -> 2")
			if got := w.verdict(used, "write"); got != api.VerifyValid {
				t.Errorf("the secret in use is %s", got)
			}
			c.ok("apply", "-no-color", "-auto-approve")
			if got := w.only(); got.SecretVersion != 2 {
				t.Errorf("the key is at version %d, want 2", got.SecretVersion)
			}
			if got := w.verdict(c.ok("output", "-raw", "secret"), "write"); got != api.VerifyValid {
				t.Errorf("the secret in the state is %s", got)
			}
			c.unchanged()
			c.edit(`release = "2"`, `release = "3"`)
			c.ok("apply", "-no-color", "-auto-approve")
			if got := w.only(); got.SecretVersion != 3 {
				t.Errorf("after the next rotation the key is at version %d, want 3", got.SecretVersion)
			}
			c.unchanged()
		})
	}
}

// Where the service has no answer to give again, nothing is rotated either: somebody else
// has done it, or it is too long ago.
func TestLostRotation_OfSomebodyElseIsNotTakenOver(t *testing.T) {
	t.Parallel()
	for name, rotate := range map[string]func(w world, c cli){
		"rotated by another program": func(w world, _ cli) {
			if _, err := w.client.APIKeys.Rotate(w.t.Context(), w.only().ID, api.RotateAPIKey{Overlap: "24h"}); err != nil {
				w.t.Fatal(err)
			}
		},
		"lost longer ago than the service remembers": func(w world, c cli) {
			w.loseTheAnswer()
			c.fails([]string{"apply", "-no-color", "-auto-approve"})
			w.server.Advance(25 * time.Hour)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c := w.rotating("2")
			rotate(w, c)
			out := c.ok("apply", "-no-color", "-auto-approve")
			if !strings.Contains(out, "was rotated outside of Terraform") {
				t.Errorf("nothing says that the secret is not known: %s", out)
			}
			if got := w.only(); got.SecretVersion != 2 {
				t.Errorf("the key is at version %d, want 2", got.SecretVersion)
			}
			if state := c.read("terraform.tfstate"); !strings.Contains(state, `"secret": null`) {
				t.Error("the state holds a secret that is not the key's")
			}
			c.unchanged()
		})
	}
}

// A service's clock near the end of what RFC 3339 can write leaves no time to compute with.
func TestTimes_AtTheEndOfRFC3339LoseNoKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t, servertest.Clock(time.Date(9999, 12, 1, 0, 0, 0, 0, time.UTC)))
	c := w.pipeline(written("rotation = {\n    period = \"2160h\"\n  }"))
	c.ok("apply", "-no-color", "-auto-approve")
	if got := c.attribute(subject, "rotates_after"); got != "9999-12-31T23:59:59Z" {
		t.Errorf("rotates_after is %s", got)
	}
	if got := w.verdict(c.attribute(subject, "secret"), "write"); got != api.VerifyValid {
		t.Errorf("the secret in the state is %s", got)
	}
	c.unchanged()
}
