package provider_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// program is the CLI on a configuration, with the credential from the vendor's own
// variable, so that it is in no file.
func (w vendorWorld) program(credential, body string) cli {
	return w.programAt(w.server.URL, credential, body)
}

// programAt is the same with another address.
func (w vendorWorld) programAt(address, credential, body string) cli {
	w.t.Helper()
	return newCLI(w.t, fmt.Sprintf("provider \"postern\" {\n  platform = %q\n  endpoint = %q\n}\n%s", w.platform, address, body),
		strings.ToUpper(w.platform)+"_API_KEY="+credential)
}

// parent is an API key of the account with these scopes.
func (w vendorWorld) parent(scopes ...string) api.IssuedAPIKey {
	w.t.Helper()
	made, err := w.client.APIKeys.Create(w.t.Context(), api.CreateAPIKey{Name: "parent", Scopes: scopes})
	if err != nil {
		w.t.Fatal(err)
	}
	return *made
}

// middle stands between the provider and the service, and answers what change makes of
// the service's answers. While swallow is on, no deletion gets through.
func (w vendorWorld) middle(swallow *atomic.Bool, change func(*http.Response) error) string {
	w.t.Helper()
	to, err := url.Parse(w.server.URL)
	if err != nil {
		w.t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(to)
	proxy.ModifyResponse = change
	proxy.Transport = swallowing{swallow}
	front := httptest.NewServer(proxy)
	w.t.Cleanup(front.Close)
	return front.URL
}

// swallowing keeps deletions from the service while it is on, and claims that they were
// done.
type swallowing struct{ on *atomic.Bool }

// RoundTrip implements http.RoundTripper.
func (s swallowing) RoundTrip(r *http.Request) (*http.Response, error) {
	if s.on.Load() && r.Method == http.MethodDelete {
		return &http.Response{StatusCode: http.StatusNoContent, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
	}
	return http.DefaultTransport.RoundTrip(r)
}

// bodyOf reads an answer's body, which then can be replaced.
func bodyOf(r *http.Response) (string, error) {
	text, err := io.ReadAll(r.Body)
	return string(text), err
}

// spoil replaces an answer as something on the way would.
func spoil(r *http.Response, status int, contentType, body string) {
	answer(r, []byte(body))
	r.StatusCode, r.Status = status, fmt.Sprintf("%d %s", status, http.StatusText(status))
	r.Header.Set("Content-Type", contentType)
}

// makeHere makes a key of the account behind Terraform's back.
func (w vendorWorld) makeHere(name string, scopes ...string) api.IssuedAPIKey {
	w.t.Helper()
	made, err := w.client.APIKeys.Create(w.t.Context(), api.CreateAPIKey{Name: name, Scopes: scopes})
	if err != nil {
		w.t.Fatal(err)
	}
	return *made
}

// fails runs terraform, and fails the test unless it exits with 1 and says all of this.
func (c cli) fails(args []string, says ...string) string {
	c.t.Helper()
	code, out := c.run(args...)
	if code != 1 {
		c.t.Errorf("terraform %s exits with %d: %s", args[0], code, out)
	}
	told(c.t, out, says...)
	return out
}

// told fails the test unless the output says all of this.
func told(t *testing.T, out string, says ...string) {
	t.Helper()
	for _, text := range says {
		if !strings.Contains(out, text) {
			t.Errorf("nothing says %q: %s", text, out)
		}
	}
}

// secretsIn are the secrets in the state, in its order.
func secretsIn(c cli) []string {
	var found []string
	for _, part := range strings.Split(c.read("terraform.tfstate"), `"secret": "`)[1:] {
		secret, _, _ := strings.Cut(part, `"`)
		found = append(found, secret)
	}
	return found
}

var (
	planIt    = []string{"plan", "-no-color"}
	applyIt   = []string{"apply", "-no-color", "-auto-approve"}
	destroyIt = []string{"destroy", "-no-color", "-auto-approve"}
)
