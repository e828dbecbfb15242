package provider_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

// spoiled are answers as something on the way makes them, of the service's own body.
// Each holds what must not be shown. The tests of the drivers have more kinds; through the
// CLI each costs many runs.
var spoiled = map[string]func(r *http.Response, body string){
	"a page":  func(r *http.Response, body string) { spoil(r, 200, "text/html", "<!doctype html><p>MARK "+body) },
	"nothing": func(r *http.Response, _ string) { spoil(r, 200, "application/json", "") },
	"half of it": func(r *http.Response, body string) {
		spoil(r, 200, "application/json", body[:len(body)*2/3]+`,"MARK`)
	},
}

// platforms are the vendors with a key each, and the scopes of the sub-account's key.
var vendorKeys = map[string]string{
	"sendgrid":     vendorKey(`name = "test"`, `scopes = ["mail.send"]`),
	"mailchannels": vendorKey(`name = "test"`),
}

// onKeys reports whether a request is about keys, in the way of that method.
func onKeys(r *http.Response, method string) bool {
	return r.Request.Method == method && (strings.Contains(r.Request.URL.Path, "/api_keys") || strings.Contains(r.Request.URL.Path, "/api-key"))
}

// Whatever something on the way makes of an answer: a key in the state stays there, one
// that was made in vain is not left behind, and no text of the answer is shown.
func TestVendorFaults_ABadAnswerDropsNoKeyLosesNoSecretAndIsNotShown(t *testing.T) {
	t.Parallel()
	for platform, body := range vendorKeys {
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			w := onVendor(t, platform)
			change := func(*http.Response) error { return nil }
			var swallow atomic.Bool
			c := w.programAt(w.middle(&swallow, func(r *http.Response) error { return change(r) }), w.server.Owner, vendorChild()).traced()
			replaced(c, "  endpoint =", "  max_retries = 0\n  endpoint =")
			c.ok(applyIt...)
			bare, full := c.read("main.tf"), c.read("main.tf")+body
			for name, bad := range spoiled {
				var secrets []string
				only := func(method string) {
					change = func(r *http.Response) error {
						if onKeys(r, method) {
							text, err := bodyOf(r)
							if _, rest, ok := strings.Cut(text, `"api_key":"`); ok && method == http.MethodPost {
								secret, _, _ := strings.Cut(rest, `"`)
								secrets = append(secrets, secret)
							}
							bad(r, text)
							return err
						}
						return nil
					}
				}
				safe := func(what, out string) {
					t.Helper()
					if strings.Contains(out, "MARK") || len(c.filesWith("MARK")) > 0 {
						t.Errorf("%s, %s: the answer is shown: %s %v", name, what, out, c.filesWith("MARK"))
					}
					for _, secret := range secrets {
						if strings.Contains(out, secret) || len(c.filesWith(secret)) > 0 {
							t.Errorf("%s, %s: a secret is shown: %s", name, what, out)
						}
					}
				}
				c.write(full)
				only(http.MethodPost)
				out := c.fails(applyIt, "Unable to create API key")
				safe("create", out)
				w.removeOrphan(out)
				change = func(*http.Response) error { return nil }
				c.ok(applyIt...)
				secret := secretInState(t, c)

				only(http.MethodGet)
				safe("refresh", c.fails([]string{"apply", "-no-color", "-auto-approve", "-refresh-only"}, "Unable to read"))
				c.write(bare)
				only(http.MethodDelete)
				swallow.Store(true)
				safe("delete", c.fails([]string{"apply", "-no-color", "-auto-approve", "-refresh=false"}, "Unable to delete API key"))
				swallow.Store(false)
				if got := w.verdict(secretInState(t, c)); secretInState(t, c) != secret || got != api.VerifyValid {
					t.Errorf("%s: the secret in the state is %s", name, got)
				}
				change = func(*http.Response) error { return nil }
				c.ok(applyIt...)
				if left := w.keysOf("acme1"); len(left) != 0 {
					t.Errorf("%s: %d keys are left", name, len(left))
				}
			}
		})
	}
}

// removeOrphan checks what became of a key whose answer was lost. On SendGrid its name proves
// whose it is, and it is gone; on MailChannels nothing does, and it is named.
func (w vendorWorld) removeOrphan(out string) {
	w.t.Helper()
	left := w.keysOf("acme1")
	if w.platform == "sendgrid" {
		if len(left) != 0 {
			w.t.Errorf("an orphan is left: %+v", left)
		}
		return
	}
	if len(left) != 1 {
		w.t.Fatalf("%d keys are there, want the one of the lost answer", len(left))
	}
	told(w.t, out, left[0].ID)
	if err := w.client.Subaccounts.APIKeys("acme1").Delete(w.t.Context(), left[0].ID); err != nil {
		w.t.Fatal(err)
	}
}

func TestVendorFaults_TheCredentialNeverFollowsARedirect(t *testing.T) {
	t.Parallel()
	for platform, body := range vendorKeys {
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			w := onVendor(t, platform)
			var reached atomic.Int32
			other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
			t.Cleanup(other.Close)
			c := w.program(w.server.Owner, vendorChild())
			c.ok(applyIt...)
			bare, full := c.read("main.tf"), c.read("main.tf")+body
			run := func(config, method string, args []string) {
				t.Helper()
				c.write(config)
				w.server.Inject(servertest.Fault{Kind: servertest.Redirect, Method: method, Prefix: "/", Times: 100, Location: other.URL + "/?token=MARK"})
				if out := c.fails(args, "a redirect to "+other.URL, "not followed"); strings.Contains(out, "MARK") {
					t.Errorf("the address is shown: %s", out)
				}
				w.server.ClearFaults()
			}
			run(full, http.MethodPost, applyIt)
			c.ok(applyIt...)
			run(full, http.MethodGet, planIt)
			run(bare, http.MethodDelete, applyIt)
			c.write(full)
			c.unchanged()
			if n := reached.Load(); n != 0 {
				t.Errorf("%d requests reached the other host", n)
			}
		})
	}
}

func TestVendorFaults_ALimitIsWaitedOutOnReadsAndWrites(t *testing.T) {
	t.Parallel()
	for platform, body := range vendorKeys {
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			w := onVendor(t, platform)
			c := w.program(w.server.Owner, vendorChild()+body)
			limited := func(method string) {
				w.server.Fail(1, method, "/", http.StatusTooManyRequests, time.Second)
				w.server.Inject(servertest.Fault{Kind: servertest.RateLimited, Method: method, Prefix: "/", Reset: w.server.Now().Add(2 * time.Second)})
			}
			limited(http.MethodPost)
			limited(http.MethodGet)
			c.ok(applyIt...)
			limited(http.MethodGet)
			c.unchanged()
			limited(http.MethodDelete)
			c.ok(destroyIt...)
			for _, r := range w.server.Requests() {
				if r.Status == http.StatusTooManyRequests {
					return
				}
			}
			t.Error("nothing was limited")
		})
	}
}

// The service has made the key, and the connection drops before its answer.
func TestVendorFaults_ALostAnswerIsSaidAndTheOrphanIsDeletedOrNamed(t *testing.T) {
	t.Parallel()
	for platform, body := range vendorKeys {
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			w := onVendor(t, platform)
			c := w.program(w.server.Owner, vendorChild())
			c.ok(applyIt...)
			c.write(c.read("main.tf") + body)
			w.server.LoseAnswers(1, http.MethodPost, "/")
			w.removeOrphan(c.fails(applyIt, "Unable to create API key", "the connection broke", "secret", "deleted", "ry again."))
			c.ok(applyIt...)
			if got := w.verdict(secretInState(t, c)); got != api.VerifyValid || len(w.keysOf("acme1")) != 1 {
				t.Errorf("the secret is %s, there are %d keys", got, len(w.keysOf("acme1")))
			}
			w.server.LoseAnswers(1, http.MethodDelete, "/")
			c.ok(destroyIt...)
		})
	}
}
