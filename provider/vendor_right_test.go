package provider_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// What a credential may not do is said at plan where the service tells it, and else in the
// service's terms at the apply.
func TestVendorRights_WhatTheCredentialMayNotDoIsSaid(t *testing.T) {
	t.Parallel()
	w := onVendor(t, "sendgrid")
	sends := key(`name = "test"`, `scopes = ["mail.send"]`)
	for name, tc := range map[string]struct {
		scopes []string
		body   string
		run    []string
		says   []string
	}{
		"reads only":              {[]string{"api_keys.read", "mail.send"}, sends, planIt, []string{"The credential cannot create API keys", `the scope "api_keys.create"`}},
		"no rights over keys":     {[]string{"mail.send"}, sends, planIt, []string{"The credential cannot create API keys"}},
		"no subusers":             {[]string{"api_keys.create", "api_keys.read"}, vendorChild(), planIt, []string{"The credential cannot create sub-accounts", `the scope "subusers.create"`}},
		"what it does not hold":   {[]string{"api_keys.create", "api_keys.read"}, sends, planIt, []string{"The credential cannot grant these scopes", `does not hold "mail.send"`}},
		"an unknown scope":        {[]string{"api_keys.create", "api_keys.read", "mail.send"}, key(`name = "test"`, `scopes = ["mail.sned"]`), planIt, []string{"Unknown scope", `nearest is "mail.send"`}},
		"an unknown subuser":      {[]string{"api_keys.create", "api_keys.read", "subusers.read", "mail.send"}, keyIn(`"nobody"`, `name = "test"`, `scopes = ["mail.send"]`), applyIt, []string{"There is no sub-account \"nobody\""}},
		"subusers not to be seen": {[]string{"api_keys.create", "api_keys.read", "mail.send"}, keyIn(`"nobody"`, `name = "test"`, `scopes = ["mail.send"]`), applyIt, []string{"Unable to create API key", "There seems to be no subuser"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := w.program(w.parent(tc.scopes...).Secret.Reveal(), tc.body)
			c.t = t
			c.fails(tc.run, tc.says...)
		})
	}
}

// A key that may create and not look makes keys, and says what it cannot do after.
func TestVendorRights_ACredentialThatOnlyCreatesMakesKeysAndIsToldWhatItLacksThen(t *testing.T) {
	t.Parallel()
	w := onVendor(t, "sendgrid")
	c := w.program(w.parent("api_keys.create", "mail.send", "alerts.read").Secret.Reveal(), key(`name = "test"`, `scopes = ["mail.send"]`))
	c.ok(applyIt...)
	if got := w.verdict(secretInState(t, c), "mail.send"); got != api.VerifyValid {
		t.Errorf("the secret is %s", got)
	}
	c.fails(planIt, "Unable to read API key", "api_keys.read")
	w.only()
	replaced(c, `["mail.send"]`, `["alerts.read"]`)
	c.fails([]string{"plan", "-no-color", "-refresh=false"}, "The credential cannot update API keys", `"api_keys.update"`)
	c.fails([]string{"plan", "-no-color", "-destroy", "-refresh=false"}, "The credential cannot delete API keys", `"api_keys.delete"`)
}

func TestVendorRights_ARevokedCredentialIsSaidAndTheStateKeepsWhatWasDone(t *testing.T) {
	t.Parallel()
	for platform, tc := range map[string]struct{ before, more, says string }{
		"sendgrid": {
			vendorChild() + vendorKey(`name = "test"`, `scopes = ["mail.send"]`), `name = "test"
  scopes = ["mail.send"]`, "not valid or was revoked",
		},
		"mailchannels": {vendorChild() + vendorKey(`name = "test"`), `name = "test"`, "is not valid, or not any more"},
	} {
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			w := onVendor(t, platform)
			id, credential := w.server.NewOwner(t, w.server.AccountID())
			var once sync.Once
			var ready atomic.Bool
			c := w.programAt(w.middle(new(atomic.Bool), func(r *http.Response) error {
				if ready.Load() && onKeys(r, http.MethodPost) && r.StatusCode == http.StatusCreated {
					once.Do(func() { w.server.RevokeOwner(t, id) })
				}
				return nil
			}), credential, tc.before)
			c.ok(applyIt...)
			// Two more, one after the other: the credential goes when the first is made.
			var more strings.Builder
			for i := range 2 {
				fmt.Fprintf(&more, "resource \"postern_subaccount_apikey\" \"more%d\" {\n  subaccount = postern_subaccount.test.handle\n  %s\n}\n", i, tc.more)
			}
			c.write(c.read("main.tf") + more.String())
			ready.Store(true)
			c.fails([]string{"apply", "-no-color", "-auto-approve", "-parallelism=1"}, tc.says)
			secrets := secretsIn(c)
			if len(secrets) != 2 || len(w.keysOf("acme1")) != 2 {
				t.Fatalf("%d secrets in the state, %d keys", len(secrets), len(w.keysOf("acme1")))
			}
			for _, secret := range secrets {
				if got := w.verdict(secret); got != api.VerifyValid {
					t.Errorf("a secret is %s", got)
				}
			}
			c.fails(planIt, tc.says)
			if got := len(secretsIn(c)); got != 2 {
				t.Errorf("%d secrets in the state after a plan", got)
			}
		})
	}
}
