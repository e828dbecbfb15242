package gateways_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// What the guide promises of a block, with the real gateway.
func TestGateway_LetsInAndRefuses(t *testing.T) {
	t.Parallel()
	for name, gateway := range kinds() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := start(t, gateway, settings{platform: "postern", question: "scope=write"})
			id, good := w.NewKey(t, "write")
			_, weak := w.NewKey(t, "read")
			const forged = "key_forged"
			with := func(header http.Header, more ...string) http.Header {
				header = header.Clone()
				for i := 0; i < len(more); i += 2 {
					header.Add(more[i], more[i+1])
				}
				return header
			}
			none := http.Header{}
			for name, tc := range map[string]struct {
				call
				status int
				app    string // Authorization as the service gets it
			}{
				"a good key":              {call{header: key(good)}, http.StatusOK, ""},
				"as bearer":               {call{header: with(none, "Authorization", "Bearer "+good)}, http.StatusOK, ""},
				"a missing key":           {call{header: none}, http.StatusUnauthorized, ""},
				"a bad key":               {call{header: key("ptn_key_x")}, http.StatusUnauthorized, ""},
				"a bad bearer":            {call{header: with(none, "Authorization", "Bearer x")}, http.StatusUnauthorized, ""},
				"a key without the scope": {call{header: key(weak)}, http.StatusForbidden, ""},
				"beside a token":          {call{header: with(key(good), "Authorization", "Bearer of-the-application")}, http.StatusOK, "Bearer of-the-application"},
				"beside a user":           {call{header: with(key(good), "Authorization", "Basic eDp5")}, http.StatusOK, "Basic eDp5"},
				"a bad key, good bearer":  {call{header: with(key("ptn_key_x"), "Authorization", "Bearer "+good)}, http.StatusUnauthorized, ""},
				"says who it is":          {call{header: with(key(good), "X-Apikey-Id", forged, "X-Postern-Apikey-Id", forged, "X-Postern-Subaccount", forged)}, http.StatusOK, ""},
				"a gateway's credential":  {call{header: with(key("ptn_key_x"), api.HeaderAuthorize, w.Owner)}, http.StatusUnauthorized, ""},
				"asks for less":           {call{header: key(weak), path: "/reports/7?scope=read"}, http.StatusForbidden, ""},
				"a query of its own":      {call{header: key(good), path: "/reports/7?scope=admin&x=1"}, http.StatusOK, ""},
				"a body":                  {call{header: key(good), method: http.MethodPost, body: strings.Repeat("x", 1<<19)}, http.StatusOK, ""},
				"a body, refused":         {call{header: key("x"), method: http.MethodPost, body: strings.Repeat("x", 1<<19)}, http.StatusUnauthorized, ""},
				"another method":          {call{header: key(good), method: http.MethodDelete}, http.StatusOK, ""},
				"the service's own 500":   {call{header: key(good), path: "/reports/7?status=500"}, http.StatusInternalServerError, ""},
				"the service's own 429":   {call{header: key(good), path: "/reports/7?status=429"}, http.StatusTooManyRequests, ""},
			} {
				a, reached := w.send(t, tc.call)
				letIn := strings.Contains(a.Body, "of the service")
				if a.Status != tc.status || reached != letIn || reached && tc.status == http.StatusUnauthorized {
					t.Errorf("%s: %d, reached %t, want %d: %s", name, a.Status, reached, tc.status, a.Body)
					continue
				}
				if !reached {
					continue
				}
				got, read, _ := w.service.seen()
				if got.Header.Get(api.HeaderAPIKey) != "" || got.Header.Get("Authorization") != tc.app || strings.Contains(fmt.Sprint(got.Header), good) {
					t.Errorf("%s: the service gets %v", name, got.Header)
				}
				if who := got.Header.Get("X-Apikey-Id") + got.Header.Get("X-Postern-Apikey-Id"); !strings.Contains(who, id) || gateway.program == "caddy" && strings.Contains(fmt.Sprint(got.Header["X-Postern-Apikey-Id"], got.Header["X-Postern-Subaccount"]), forged) ||
					gateway.program == "nginx" && got.Header.Get("X-Apikey-Id") != id {
					t.Errorf("%s: the service takes the caller for %q: %v", name, who, got.Header)
				}
				if read != int64(len(tc.body)) || tc.path != "" && got.URL.RequestURI() != tc.path {
					t.Errorf("%s: the service gets %d bytes on %s", name, read, got.URL.RequestURI())
				}
			}
		})
	}
}

// A preflight carries no key, and nobody may bring one in by it.
func TestGateway_PassesAPreflightOnWithoutAnyIdentity(t *testing.T) {
	t.Parallel()
	for name, gateway := range kinds() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := start(t, gateway, settings{platform: "postern", question: "scope=read"})
			w.Reset()
			a, reached := w.send(t, call{method: http.MethodOptions, header: http.Header{
				"Origin": {"https://app.example.com"}, "Access-Control-Request-Method": {"POST"}, "Access-Control-Request-Headers": {"x-api-key"},
				"X-Apikey-Id": {"forged"}, "X-Postern-Apikey-Id": {"forged"}, "X-Api-Key": {"forged"}, "Authorization": {"forged"},
			}})
			got, _, _ := w.service.seen()
			if a.Status != http.StatusOK || !reached || got.Method != http.MethodOptions || got.Header.Get("Origin") == "" || got.Header.Get("X-Api-Key") != "" {
				t.Fatalf("%d, reached %t: %v", a.Status, reached, got)
			}
			if id := map[string]string{"nginx": "X-Apikey-Id", "caddy": "X-Postern-Apikey-Id"}[name]; got.Header.Get(id) != "" {
				t.Errorf("the service takes a preflight's word for who it is: %v", got.Header)
			}
			if n := len(w.Requests()); n != 0 {
				t.Errorf("the gateway asks %d times about a preflight", n)
			}
		})
	}
}

// The largest key and the largest request go through.
func TestGateway_HoldsForTheLargestKeyAndRequest(t *testing.T) {
	t.Parallel()
	for name, gateway := range kinds() {
		for length, listed := range map[int]bool{31: true, 120: false} { // the longest names of which a list fits, and the longest of which a request fits
			t.Run(fmt.Sprint(name, " ", length), func(t *testing.T) {
				t.Parallel()
				scopes := longScopes(length)
				w := start(t, gateway, settings{platform: "large", file: platformOf(t, scopes), question: "scope=" + scopes[0] + "&scopes_header=true"})
				_, secret := w.NewKey(t, scopes...)
				if a, reached := w.send(t, call{header: key(secret)}); a.Status != http.StatusOK || !reached {
					t.Errorf("500 scopes of %d bytes: %d %s", length, a.Status, a.Body)
				}
				checkScopesHeader(t, w, secret, listed)
				cookies := key(secret)
				cookies.Set("Cookie", "session="+strings.Repeat("c", 16<<10))
				if a, reached := w.send(t, call{header: cookies}); a.Status != http.StatusOK || !reached {
					t.Errorf("16 kB of cookies: %d %s", a.Status, a.Body)
				}
				if got, _, _ := w.service.seen(); got != nil && len(got.Header.Get("Cookie")) < 16<<10 {
					t.Error("the service does not get the cookies")
				}
				if name == "nginx" { // which sends Postern nothing but a key
					token := key(secret)
					token.Set("Authorization", "Bearer "+strings.Repeat("t", 24<<10))
					if a, reached := w.send(t, call{header: token}); a.Status != http.StatusOK || !reached {
						t.Errorf("24 kB of a token: %d %s", a.Status, a.Body)
					}
				}
				if a, reached := w.send(t, call{header: key(strings.Repeat("k", 24<<10))}); a.Status != http.StatusRequestHeaderFieldsTooLarge || reached {
					t.Errorf("a key of 24 kB: %d, reached %t", a.Status, reached)
				}
			})
		}
	}
}

// longScopes are the names of as many scopes as a key holds.
func longScopes(length int) []string {
	var names []string
	for i := range 500 {
		name := fmt.Sprintf("s%03d-", i)
		names = append(names, name+strings.Repeat("x", length-len(name)))
	}
	return names
}

// platformOf writes the file of a platform "large" that has these scopes.
func platformOf(t *testing.T, scopes []string) string {
	t.Helper()
	text := `platform "large" {
  title = "Large"
  secret {
    prefix   = "large_"
    alphabet = "base62"
    length   = 43
  }
  keys {
    unique_names = true
    edit_scopes  = true
    expiry       = true
    disable      = true
    rotate       = true
    max_overlap  = "168h"
  }
`
	for _, name := range scopes {
		text += "  scope \"" + name + "\" {\n    group       = \"all\"\n    description = \"One of many.\"\n  }\n"
	}
	text += "  answers {\n"
	for _, code := range []string{"invalid", "inactive", "expired", "account_standing", "missing_scope"} {
		text += "    " + code + " = jsonencode({ message = \"" + code + "\" })\n"
	}
	path := filepath.Join(t.TempDir(), "large.hcl")
	writeFile(t, path, text+"  }\n}\n")
	return path
}

// checkScopesHeader asks as the gateway does, and wants the list where it fits.
func checkScopesHeader(t *testing.T, w *world, secret string, listed bool) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.URL+"/v1/authorize?scopes_header=true", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = key(secret)
	req.Header.Set(api.HeaderAuthorize, w.Owner)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if got := len(resp.Header.Get("X-Postern-Scopes")); (got > 15<<10) != listed || (resp.Header.Get("X-Postern-Scopes-Omitted") != "") == listed {
		t.Errorf("the list of scopes is %d bytes, omitted %q", got, resp.Header.Get("X-Postern-Scopes-Omitted"))
	}
}

// A block's answer reaches the caller, and the block is of the caller's own address.
func TestGateway_PassesABlockOn(t *testing.T) {
	t.Parallel()
	for name, gateway := range kinds() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := start(t, gateway, settings{platform: "benchmark", question: "scope=contacts:read"})
			_, good := w.NewKey(t, "contacts:read")
			for i := range 20 {
				guess := key("bme_guess")
				guess.Set("X-Forwarded-For", fmt.Sprintf("198.51.100.%d", i)) // a caller's own words count for nothing
				if a, _ := w.send(t, call{header: guess}); a.Status != http.StatusUnauthorized {
					t.Fatalf("guess %d: %d %s", i, a.Status, a.Body)
				}
			}
			a, reached := w.send(t, call{header: key(good)})
			if a.Status != http.StatusTooManyRequests || a.Header.Get("Retry-After") != "900" || reached {
				t.Errorf("%d, Retry-After %q, reached %t: %s", a.Status, a.Header.Get("Retry-After"), reached, a.Body)
			}
		})
	}
}

// Behind a load balancer the block is of whom the balancer saw, and never of the balancer.
func TestGateway_BehindALoadBalancer(t *testing.T) {
	t.Parallel()
	w := start(t, kinds()["nginx"], settings{
		platform: "benchmark", question: "scope=contacts:read", trusted: []string{"127.0.0.1"},
		edit: [2]string{"X-Forwarded-For $remote_addr", "X-Forwarded-For $proxy_add_x_forwarded_for"},
	})
	_, good := w.NewKey(t, "contacts:read")
	from := func(secret, balancerSays string) int {
		header := key(secret)
		if balancerSays != "" {
			header.Set("X-Forwarded-For", balancerSays)
		}
		a, _ := w.send(t, call{header: header})
		return a.Status
	}
	for i := range 20 {
		from("bme_guess", fmt.Sprintf("192.0.2.%d, 198.51.100.7", i))
		from("bme_guess", "") // the balancer itself
	}
	for says, want := range map[string]int{
		"198.51.100.7": http.StatusTooManyRequests, "203.0.113.5, 198.51.100.7": http.StatusTooManyRequests,
		"198.51.100.8": http.StatusOK, "198.51.100.7, 198.51.100.8": http.StatusOK, "": http.StatusOK,
	} {
		if got := from(good, says); got != want {
			t.Errorf("%q: %d, want %d", says, got, want)
		}
	}
}

// Nobody is let in while the gateway's own credential is wrong, or the server is away.
func TestGateway_FailsClosed(t *testing.T) {
	t.Parallel()
	for name, gateway := range kinds() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := start(t, gateway, settings{platform: "postern", question: "scope=read", credential: "ptn_service_wrong"})
			_, good := w.NewKey(t, "read")
			a, reached := w.send(t, call{header: key(good)})
			if a.Status != http.StatusUnauthorized || reached {
				t.Errorf("a wrong credential: %d, reached %t", a.Status, reached)
			}
			if log := w.Logs(); !strings.Contains(log, "the gateway's own credential is wrong") || strings.Contains(log, "ptn_service_wrong") {
				t.Errorf("the server's log does not say so in words:\n%s", log)
			}
			w.Stop(t)
			if a, reached := w.send(t, call{header: key(good)}); a.Status < 500 || reached {
				t.Errorf("without the server: %d, reached %t", a.Status, reached)
			}
		})
	}
}
