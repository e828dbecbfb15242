package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest/lies"
)

// forbidding is a provider under a policy that reaches the server through a proxy.
func forbidding(w world, url, rule string) string {
	return fmt.Sprintf("provider \"postern\" {\n  endpoint = %q\n  api_key  = %q\n  policy {\n    %s\n  }\n}\n", url, w.server.Owner, rule)
}

// A service can give more than it was asked for, which no plan can know.
func TestPolicy_WhatCameBackAndIsForbiddenIsAnErrorAndStaysInTheState(t *testing.T) {
	t.Parallel()
	tooMuch := lies.Set("effective_scopes", []any{"admin", "read", "write"})
	for name, tt := range map[string]struct {
		rule   string
		lie    lies.Lie
		before string // is applied first, without the lie
		body   string
		says   string
	}{
		"a create": {`forbid_scopes = ["admin"]`, lies.Lie{Method: "POST", Prefix: "/v1/apikeys", Rewrite: tooMuch}, "",
			written(), `policy.forbid_scopes forbids "admin"`},
		"a change": {`forbid_scopes = ["admin"]`, lies.Lie{Method: "PATCH", Prefix: "/v1/apikeys", Rewrite: tooMuch}, key(`name = "test"`, `scopes = ["read"]`),
			written(), `policy.forbid_scopes forbids "admin"`},
		"a rotation": {`forbid_scopes = ["admin"]`, lies.Lie{Method: "POST", Suffix: "/rotate", Rewrite: tooMuch}, written(`rotate_when_changed = { a = "1" }`),
			written(`rotate_when_changed = { a = "2" }`), `policy.forbid_scopes forbids "admin"`},
		"a change that widens": {`widening = "deny"`, lies.Lie{Method: "PATCH", Prefix: "/v1/apikeys", Rewrite: tooMuch}, written(),
			written(`description = "a"`), `policy.widening is "deny", and nobody asked for "admin"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			proxy := lies.Before(t, w.server.URL)
			head := forbidding(w, proxy.URL, tt.rule)
			c := newCLI(t, head+tt.before)
			if tt.before != "" {
				c.ok("apply", "-no-color", "-auto-approve")
			}
			proxy.Tell(tt.lie)
			c.write(strings.Replace(c.read("main.tf"), head+tt.before, head+tt.body, 1))
			c.fails([]string{"apply", "-no-color", "-auto-approve"}, "Forbidden by the provider's policy", "more than the plan showed", tt.says)
			only := w.only()
			if got := c.attribute(subject, "id"); got != only.ID {
				t.Errorf("the state holds %s, and the server has %s", got, only.ID)
			}
			if got := w.verdict(c.attribute(subject, "secret"), "write"); got != api.VerifyValid {
				t.Errorf("the secret in the state is %s", got)
			}
			// The service says how it is now, and the next run puts it right.
			proxy.Relent()
			c.ok("apply", "-no-color", "-auto-approve")
			c.unchanged()
		})
	}
}

func TestPolicy_AKeyForOneRunThatCameBackWithMoreIsNotHandedOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	proxy := lies.Before(t, w.server.URL)
	proxy.Tell(lies.Lie{Method: "POST", Prefix: "/v1/apikeys", Rewrite: lies.Set("effective_scopes", []any{"admin", "read"})})
	c := newCLI(t, forbidding(w, proxy.URL, `forbid_scopes = ["admin"]`)+"ephemeral \"postern_apikey\" \"run\" {\n  scopes = [\"read\"]\n}\n")
	c.fails([]string{"plan", "-no-color"}, `policy.forbid_scopes forbids "admin"`, "The key is not handed out")
}
