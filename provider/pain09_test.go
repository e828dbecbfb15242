package provider_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// attributes are all of the resource under test in the state, by name.
func (c cli) attributes() map[string]any {
	c.t.Helper()
	var state struct {
		Resources []struct {
			Type, Name string
			Instances  []struct{ Attributes map[string]any }
		}
	}
	if err := json.Unmarshal([]byte(c.read("terraform.tfstate")), &state); err != nil {
		c.t.Fatal(err)
	}
	for _, r := range state.Resources {
		if r.Type+"."+r.Name == subject && len(r.Instances) == 1 {
			return r.Instances[0].Attributes
		}
	}
	c.t.Fatalf("%s is not in the state", subject)
	return nil
}

// differs fails the test unless exactly these attributes differ.
func differs(t *testing.T, before, after map[string]any, names ...string) {
	t.Helper()
	for _, name := range names {
		if cmp.Equal(before[name], after[name]) {
			t.Errorf("%s stays %v", name, before[name])
		}
	}
	for name := range after {
		if !cmp.Equal(before[name], after[name]) && !strings.Contains(" "+strings.Join(names, " ")+" ", " "+name+" ") {
			t.Errorf("%s changes", name) // not to what: it may be the secret
		}
	}
}

func TestPain09_RemovingTheRotationOfAKeyThatWasRotatedChangesNothingElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(written(monthly))
	c.ok("apply", "-no-color", "-auto-approve")
	w.server.Advance(28 * day)
	c.ok("apply", "-no-color", "-auto-approve")
	w.server.Advance(40 * day) // due again
	before := c.attributes()
	replaced(c, monthly, "")
	c.ok("apply", "-no-color", "-auto-approve")
	differs(t, before, c.attributes(), "rotation", "rotates_after")
	c.unchanged()
	if got := w.only(); got.SecretVersion != 2 {
		t.Errorf("version %d", got.SecretVersion)
	}
}

// The change is made and the rotation fails: the next run makes the rotation that was
// reviewed, and only that.
func TestPain09_AnApplyThatFailsHalfWayIsContinuedByTheNext(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline("provider \"postern\" {\n  max_retries = 0\n}\n" + written(monthly))
	c.ok("apply", "-no-color", "-auto-approve")
	before := c.attributes()
	w.server.Advance(28 * day)
	replaced(c, `name = "test"`, `name = "test-2"`)
	plan, _ := c.plan("due.tfplan")
	reviewed, _, _ := change(t, plan, subject)
	w.server.Fail(1, "POST", "/v1/apikeys/", http.StatusInternalServerError, 0)
	if code, out := c.run("apply", "-no-color", "due.tfplan"); code != 1 || !strings.Contains(out, "Unable to rotate API key") {
		t.Errorf("exit %d: %s", code, out)
	}
	differs(t, before, c.attributes(), "name")
	if got := w.only(); got.Name != "test-2" || got.SecretVersion != 1 {
		t.Errorf("half-way: %+v", got)
	}
	w.server.Advance(time.Hour)
	plan, _ = c.plan("rest.tfplan")
	rest, _, _ := change(t, plan, subject)
	for _, name := range []string{"name", "secret_version", "rotation_reason", "scopes"} {
		if !cmp.Equal(rest[name], reviewed[name]) {
			t.Errorf("%s was planned as %v and is now %v", name, reviewed[name], rest[name])
		}
	}
	c.ok("apply", "-no-color", "rest.tfplan")
	c.unchanged()
	if got := w.only(); got.SecretVersion != 2 || w.verdict(secretInState(t, c), "write") != api.VerifyValid {
		t.Errorf("in the end: %+v", got)
	}
}

// What time does to a key between a plan and its apply is no inconsistent result.
func TestPain09_AKeyMayExpireBetweenPlanAndApply(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	expires := w.server.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	c := w.pipeline(written(fmt.Sprintf("expires_at = %q", expires)))
	c.ok("apply", "-no-color", "-auto-approve")
	replaced(c, `name = "test"`, `name = "test-2"`)
	c.plan("saved.tfplan")
	w.server.Advance(2 * time.Hour)
	c.ok("apply", "-no-color", "saved.tfplan")
	c.unchanged()
	if got := w.only(); got.Name != "test-2" || got.Status != api.StatusExpired {
		t.Errorf("%+v", got)
	}
	replaced(c, fmt.Sprintf("expires_at = %q", expires), "")
	c.ok("apply", "-no-color", "-auto-approve")
	if got := w.only(); got.Status != api.StatusActive || got.SecretVersion != 2 {
		t.Errorf("renewed: %+v", got)
	}
}

// A plan of yesterday makes a key today: what counts from when it is made is not planned.
func TestPain09_APlanOfYesterdayMakesAKeyToday(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(written(monthly))
	plan, _ := c.plan("create.tfplan")
	if _, unknown, _ := change(t, plan, subject); unknown["rotates_after"] != true || unknown["secret_created_at"] != true {
		t.Errorf("planned as known: %v", unknown)
	}
	w.server.Advance(day)
	c.ok("apply", "-no-color", "create.tfplan")
	c.unchanged()
	if got, want := c.attributes()["rotates_after"], w.server.Now().Add(28*day).Format(time.RFC3339); got != want {
		t.Errorf("rotates after %v, want %s", got, want)
	}
}
