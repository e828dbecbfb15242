package client

import (
	"errors"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// A proxy or a cache that mixes answers up must not make one key's caller work on another.
func TestAnswer_is_about_what_was_asked_for(t *testing.T) {
	t.Parallel()
	old := testMade("key_1", "n")
	old.Revision, old.SecretVersion = 4, 2
	first := testRotated("key_1")
	first.SecretVersion = 1
	renamed := testSubaccount("acme")
	renamed.Handle = "other"
	for name, tt := range map[string]struct {
		op    string
		reply reply
	}{
		"get of another key":           {"get", reveal(200, testKey("key_2"))},
		"update of another key":        {"update", reveal(200, testKey("key_2"))},
		"unlock of another key":        {"unlock", reveal(200, testKey("key_2"))},
		"rotate of another key":        {"rotate", reveal(200, testRotated("key_2"))},
		"rotate that rotated nothing":  {"rotate", reveal(200, first)},
		"create under another name":    {"create", reveal(201, testMade("key_1", "victim"))},
		"create of what was there":     {"create", reveal(201, old)},
		"delete by a page":             {"delete", text(200, "text/html", "<h1>Sign in</h1>")},
		"delete by another success":    {"delete", text(202, "", "")},
		"create of another subaccount": {"create of a sub-account", reveal(201, renamed)},
		"update of another subaccount": {"update of a sub-account", reveal(200, renamed)},
		"delete of one by a page":      {"delete of a sub-account", text(200, "text/html", "")},
		"create of another scope":      {"create of a scope", reveal(201, testScope("other"))},
		"update of another scope":      {"update of a scope", reveal(200, testScope("other"))},
		"delete of a scope by a page":  {"delete of a scope", text(200, "text/html", "")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := run(t, tt.op, tt.reply); !errors.Is(err, ErrUnexpectedAnswer) {
				t.Errorf("%v, want an answer that is not believed", err)
			}
		})
	}
	c := scripted(t, step{method: "GET", path: "/v1/subaccounts/acme", reply: reveal(200, renamed)},
		step{method: "GET", path: "/v1/scopes/s", reply: reveal(200, api.ScopeDetail{Scope: testScope("other").Scope})})
	if _, err := c.Subaccounts.Get(t.Context(), "acme"); !errors.Is(err, ErrUnexpectedAnswer) {
		t.Error(err)
	}
	if _, err := c.Scopes.Get(t.Context(), "s"); !errors.Is(err, ErrUnexpectedAnswer) {
		t.Error(err)
	}
}
