package client

import (
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

func TestNew_url(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"https://keys.example.com":           "client of https://keys.example.com",
		"https://keys.example.com/":          "client of https://keys.example.com",
		"https://example.com:8443/postern//": "client of https://example.com:8443/postern",
		"https://example.com/a%2Fb/":         "client of https://example.com/a%2Fb",
		"HTTPS://example.com":                "client of https://example.com",
		"http://localhost:8080":              "client of http://localhost:8080",
		"http://127.0.0.1:8080":              "client of http://127.0.0.1:8080",
		"http://127.8.8.8":                   "client of http://127.8.8.8",
		"http://[::1]:8080":                  "client of http://[::1]:8080",

		"":                                 "the server's URL is empty",
		"keys.example.com":                 "must begin with https://",
		"ftp://keys.example.com":           "must begin with https://",
		"https://":                         "names no host",
		"https:keys.example.com":           "names no host",
		"https://:443":                     "names no host",
		"https://hidden:hidden@host":       "must not hold a user name or password",
		"https://hidden@host":              "must not hold a user name or password",
		"https://host/?token=hidden":       "must not hold a query or a fragment",
		"https://host?":                    "must not hold a query or a fragment",
		"https://host/#hidden":             "must not hold a query or a fragment",
		"https://host/#":                   "must not hold a query or a fragment",
		"https://user:hidden":              "cannot be read",
		"https://host\n":                   "cannot be read",
		"http://keys.example.com":          "keys.example.com is not this machine: the credential would travel in clear; use https, or WithInsecureHTTP",
		"http://10.0.0.1":                  "10.0.0.1 is not this machine",
		"http://localhost.evil.example":    "localhost.evil.example is not this machine",
		"http://127.0.0.1.evil.example":    "127.0.0.1.evil.example is not this machine",
		"http://[::ffff:10.0.0.1]:80/path": "is not this machine",
	} {
		c, err := New(url, testCredential)
		got := fmt.Sprint(err)
		if err == nil {
			got = c.String()
		}
		if !strings.Contains(got, want) || strings.Contains(got, "hidden") {
			t.Errorf("New(%q): %s, want %q", url, got, want)
		}
	}
}

func TestNew_credential(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 256)
	for credential, want := range map[string]string{
		"x": "", "!~": "", long: "",
		"":             "is empty",
		long + "x":     "is 257 characters long",
		"hidden\n":     "begins or ends with a space",
		" hidden":      "begins or ends with a space",
		"hid den":      "visible ASCII",
		"hidden\x7f":   "visible ASCII",
		"hidden\r\nX:": "visible ASCII",
		"hiddén":       "visible ASCII",
	} {
		_, err := New("https://host", credential)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if (want == "") != (err == nil) || !strings.Contains(got, want) || strings.Contains(got, "hid") {
			t.Errorf("credential %q: %v, want %q", credential, err, want)
		}
	}
}

func TestNew_options(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		opts []Option
		want string
	}{
		"all good":         {[]Option{WithTimeout(time.Second), WithMaxRetries(0), WithUserAgent("a/1 (b)"), WithRootCAs(x509.NewCertPool())}, ""},
		"most retries":     {[]Option{WithMaxRetries(20)}, ""},
		"transport":        {[]Option{WithTransport(http.DefaultTransport)}, ""},
		"no timeout":       {[]Option{WithTimeout(0)}, "timeout must be positive"},
		"negative timeout": {[]Option{WithTimeout(-1)}, "timeout must be positive"},
		"negative retries": {[]Option{WithMaxRetries(-1)}, "must be 0 to 20"},
		"too many retries": {[]Option{WithMaxRetries(21)}, "must be 0 to 20"},
		"no agent":         {[]Option{WithUserAgent(" ")}, "user agent"},
		"agent with line":  {[]Option{WithUserAgent("a\r\nX-Evil: 1")}, "user agent"},
		"long agent":       {[]Option{WithUserAgent(strings.Repeat("a", 257))}, "user agent"},
		"no pool":          {[]Option{WithRootCAs(nil)}, "is nil"},
		"not PEM":          {[]Option{WithCACertificate([]byte("hello"))}, "is not PEM"},
		"CAs twice":        {[]Option{WithRootCAs(x509.NewCertPool()), WithRootCAs(x509.NewCertPool())}, "given twice"},
		"no transport":     {[]Option{WithTransport(nil)}, "is nil"},
		"CAs, transport":   {[]Option{WithRootCAs(x509.NewCertPool()), WithTransport(http.DefaultTransport)}, "both given"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := New("https://host", testCredential, tt.opts...)
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("%v, want %q", err, tt.want)
			}
			if (c == nil) != (err != nil) {
				t.Fatal("a client and an error, or neither")
			}
		})
	}
	if _, err := New("http://keys.example.com", testCredential, WithInsecureHTTP()); err != nil {
		t.Error(err)
	}
}

func TestClient_user_agent_and_base_path(t *testing.T) {
	t.Parallel()
	s := newScript(t,
		step{method: "GET", path: "/pre%2Ffix/v1/apikeys/key_1", header: map[string]string{"User-Agent": "terraform/1.0"}, reply: reveal(200, testKey("key_1"))},
	)
	c, err := New(s.URL+"/pre%2Ffix/", testCredential, WithUserAgent("terraform/1.0"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.APIKeys.Get(t.Context(), "key_1"); err != nil {
		t.Error(err)
	}
}

func TestClient_shows_no_credential(t *testing.T) {
	t.Parallel()
	c := scripted(t)
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	all := []string{string(text)}
	once := IdempotencyKey(testCredential)
	type own struct {
		client *Client
		once   Repeatable
	}
	for _, v := range []any{c, *c, c.core, *c.core, c.APIKeys, *c.APIKeys, *c.Verify, once, &once, []any{c, once}, own{c, once}, &own{c, once}, []RotateOption{once}} {
		for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%p", "%d", "%c", "%U", "%t", "%!"} {
			all = append(all, fmt.Sprintf(format, v))
		}
	}
	for _, text := range all {
		if strings.Contains(text, "MUSTnotSHOW") || strings.Contains(text, fmt.Sprintf("%x", "MUSTnotSHOW")) {
			t.Errorf("shows the credential: %s", text)
		}
	}
}

// For the race detector, mostly.
func TestClient_concurrent_use(t *testing.T) {
	t.Parallel()
	const n = 20
	var steps []step
	for range n {
		steps = append(steps, step{method: "POST", path: "/v1/verify", body: `{"secret": "pst_any_secret"}`, reply: reveal(200, api.Verification{Code: api.VerifyInvalid, Status: 401})})
	}
	c := scripted(t, steps...)
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			if v, err := c.Verify.Verify(t.Context(), api.VerifyRequest{Secret: api.NewSecret("pst_any_secret")}); err != nil || v.Valid {
				t.Errorf("%+v, %v", v, err)
			}
		})
	}
	wg.Wait()
	c.CloseIdleConnections()
}

func TestExpand(t *testing.T) {
	t.Parallel()
	for arg, want := range map[string]string{
		"key_1":         "/v1/apikeys/key_1/rotate",
		"a/b":           "/v1/apikeys/a%2Fb/rotate",
		"../account":    "/v1/apikeys/..%2Faccount/rotate",
		"a.b":           "/v1/apikeys/a.b/rotate",
		"...":           "/v1/apikeys/.../rotate",
		"a b?c#d%2F":    "/v1/apikeys/a%20b%3Fc%23d%252F/rotate",
		"schlüssel":     "/v1/apikeys/schl%C3%BCssel/rotate",
		"鍵":             "/v1/apikeys/%E9%8D%B5/rotate",
		"{id}":          "/v1/apikeys/%7Bid%7D/rotate",
		"a;b,c":         "/v1/apikeys/a%3Bb%2Cc/rotate",
		"\x00\n":        "/v1/apikeys/%00%0A/rotate",
		"\xff":          "/v1/apikeys/%FF/rotate",
		"":              "the id is empty",
		".":             `the id "." cannot be part of a path`,
		"..":            `the id ".." cannot be part of a path`,
		"\\..\\account": "/v1/apikeys/%5C..%5Caccount/rotate",
	} {
		got, err := expand(pathAPIKeys+partRotate, []string{arg})
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: %s, want %s", arg, got, want)
		}
	}
}

// What no server could understand is not sent; a script without steps fails at
// any call.
func TestClient_sends_no_nonsense(t *testing.T) {
	t.Parallel()
	c, ctx := scripted(t), t.Context()
	never := time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, call := range map[string]func() error{
		"get":             func() error { _, err := c.APIKeys.Get(ctx, ""); return err },
		"get dots":        func() error { _, err := c.APIKeys.Get(ctx, ".."); return err },
		"get by name":     func() error { _, err := c.APIKeys.GetByName(ctx, ""); return err },
		"list empty id":   func() error { _, err := c.APIKeys.List(ctx, ListAPIKeys{IDs: []string{"a", ""}}); return err },
		"list comma":      func() error { _, err := c.APIKeys.List(ctx, ListAPIKeys{IDs: []string{"a,b"}}); return err },
		"update":          func() error { _, err := c.APIKeys.Update(ctx, "", api.UpdateAPIKey{}); return err },
		"update no scope": func() error { _, err := c.APIKeys.Update(ctx, "a", api.UpdateAPIKey{Scopes: []string{}}); return err },
		"update revision": func() error { _, err := c.APIKeys.Update(ctx, "a", api.UpdateAPIKey{}, IfMatch(0)); return err },
		"update time": func() error {
			_, err := c.APIKeys.Update(ctx, "a", api.UpdateAPIKey{ExpiresAt: api.SetTime(&never)})
			return err
		},
		"delete":     func() error { return c.APIKeys.Delete(ctx, "") },
		"rotate":     func() error { _, err := c.APIKeys.Rotate(ctx, "", api.RotateAPIKey{}); return err },
		"create key": func() error { _, err := c.APIKeys.Create(ctx, api.CreateAPIKey{}, IdempotencyKey("a\nb")); return err },
		"scope":      func() error { _, err := c.Scopes.Get(ctx, ""); return err },
		"handle":     func() error { _, err := c.Subaccounts.Get(ctx, ""); return err },
		"their keys": func() error { _, err := c.Subaccounts.APIKeys("..").List(ctx, ListAPIKeys{}); return err },
		"their key":  func() error { _, err := c.Subaccounts.APIKeys("acme").Get(ctx, ""); return err },
		"days":       func() error { _, err := c.APIKeys.Usage(ctx, "a", -1); return err },
		"all": func() error {
			for _, err := range c.APIKeys.All(ctx, ListAPIKeys{IDs: []string{""}}) {
				return err
			}
			return nil
		},
	} {
		if err := call(); !errors.Is(err, ErrValidation) || !strings.Contains(err.Error(), "nothing was sent") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
