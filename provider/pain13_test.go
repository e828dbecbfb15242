package provider_test

import (
	"slices"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// Every attribute set: none vanishes over a refresh, an update or a rename, and the secret
// stays good.
func TestPain13_NothingVanishesOverARefreshAnUpdateOrARename(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(written(`description = "d"`, `expires_at = "2099-01-01T02:00:00+02:00"`, `rotate_when_changed = { a = "1" }`, monthly))
	c.ok("apply", "-no-color", "-auto-approve")
	replaced(c, `a = "1"`, `a = "2"`) // so that all facts of a rotation are set too
	c.ok("apply", "-no-color", "-auto-approve")
	before := c.attributes()
	elsewhere := []string{"username", "secret_wo", "previous_id", "applied_policy"} // what keys of other platforms have, or no state
	for name, value := range before {
		if value == nil && !slices.Contains(elsewhere, name) {
			t.Errorf("%s is null from the start", name)
		}
	}
	stays := func(what string, changed ...string) {
		t.Helper()
		after := c.attributes()
		differs(t, before, after, changed...)
		if got := w.verdict(secretInState(t, c), "read"); got != api.VerifyValid {
			t.Errorf("after %s the secret is %s", what, got)
		}
		before = after
		c.unchanged()
	}
	c.ok("refresh", "-no-color")
	stays("a refresh")
	c.ok("apply", "-no-color", "-auto-approve", "-refresh-only")
	stays("an apply of the refresh")
	replaced(c, `name = "test"`, `name = "test-2"`)
	c.ok("apply", "-no-color", "-auto-approve")
	stays("a rename", "name")
	replaced(c, `["write"]`, `["read"]`)
	replaced(c, `description = "d"`, `description = "e"`)
	c.ok("apply", "-no-color", "-auto-approve")
	stays("an update", "scopes", "effective_scopes", "description")
	replaced(c, `"2099-01-01T02:00:00+02:00"`, `"2099-01-01T00:00:00Z"`) // the same instant
	c.ok("apply", "-no-color", "-auto-approve")
	stays("another spelling", "expires_at")
	described := "by hand"
	if _, err := w.client.APIKeys.Update(t.Context(), w.only().ID, api.UpdateAPIKey{Description: &described}); err != nil {
		t.Fatal(err)
	}
	c.ok("apply", "-no-color", "-auto-approve")
	stays("a drift that was planned back")
}
