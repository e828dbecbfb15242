package provider_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What reviewers and tools need is in attributes, which a saved plan has and a warning has not.
// A policy alone changes no key: the next change of the key takes it over.
func TestFacts_ArePlannedAndStay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(key(`name = "test"`, `scopes = ["apikeys:write"]`))
	want := map[string]any{"platform": "postern", "class": "general", "manages_keys": true, "secret_source": "service", "effective_overlap": "24h", "applied_policy": nil}
	hold := func() {
		t.Helper()
		c.ok(applyIt...)
		c.unchanged()
		have := map[string]any{}
		for name := range want {
			have[name] = c.attributes()[name]
		}
		if diff := cmp.Diff(want, have); diff != "" {
			t.Error(diff)
		}
	}
	hold()
	c.write(policed(`forbid_scopes = ["admin"]`, c.read("main.tf")))
	c.unchanged()
	c.edit("apikeys:write", "read")
	want["manages_keys"], want["applied_policy"] = false, `{"forbid_scopes":["admin"],"secrets_in_state":"allow","widening":"warn"}`
	hold()
}
