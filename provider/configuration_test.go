package provider_test

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestConfiguration_WhatIsWrongIsSaidOnItsAttribute(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, tt := range map[string]struct {
		attribute string // in the provider block
		env       string
		want      string
	}{
		"endpoint":                  {`endpoint = "ftp://x"`, "", "With endpoint from the attribute endpoint: making a client: the server's URL must begin with https://"},
		"endpoint from outside":     {"", "POSTERN_ENDPOINT=http://example.com", "With endpoint from the environment variable POSTERN_ENDPOINT: "},
		"credential from outside":   {"", "POSTERN_API_KEY=a b", "With api_key from the environment variable POSTERN_API_KEY: "},
		"certificate":               {`ca_certificate = "no"`, "", "With ca_certificate from the attribute ca_certificate: making a client: the CA certificate is not PEM"},
		"certificate, empty":        {`ca_certificate = ""`, "", "The ca_certificate is empty"},
		"certificate from outside":  {"", "POSTERN_CA_CERTIFICATE=no", "With ca_certificate from the environment variable POSTERN_CA_CERTIFICATE: "},
		"timeout":                   {`request_timeout = "0s"`, "", "The request_timeout must be a duration in whole seconds"},
		"timeout from outside":      {"", "POSTERN_REQUEST_TIMEOUT=soon", "With request_timeout from the environment variable POSTERN_REQUEST_TIMEOUT: "},
		"timeout, 0 from outside":   {"", "POSTERN_REQUEST_TIMEOUT=0s", "With request_timeout from the environment variable POSTERN_REQUEST_TIMEOUT: "},
		"retries":                   {`max_retries = 21`, "", "max_retries value must be between 0 and 20"},
		"retries from outside":      {"", "POSTERN_MAX_RETRIES=-1", "With max_retries from the environment variable POSTERN_MAX_RETRIES: "},
		"the attribute wins":        {`max_retries = 1`, "POSTERN_MAX_RETRIES=many", ""},
		"all from outside and good": {"", "POSTERN_MAX_RETRIES=2", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := w
			w.t = t
			c := w.pipeline("provider \"postern\" {\n" + tt.attribute + "\n}\n" + written())
			if tt.env != "" {
				c.env = append(slices.Clone(c.env), tt.env)
			}
			code, out := c.run("plan", "-no-color")
			if failed := code != 0; failed != (tt.want != "") || !strings.Contains(out, tt.want) {
				t.Errorf("exit %d, want %q: %s", code, tt.want, out)
			}
		})
	}
}

// A server with a certificate of a private authority.
func TestConfiguration_APrivateAuthority(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	to, err := url.Parse(w.server.URL)
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewTLSServer(httputil.NewSingleHostReverseProxy(to))
	t.Cleanup(front.Close)
	authority := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: front.Certificate().Raw}))
	c := w.pipeline(written())
	c.env = append(c.env, "POSTERN_ENDPOINT="+front.URL)
	if _, out := c.run("plan", "-no-color"); !strings.Contains(out, "its certificate is not trusted") {
		t.Errorf("without it: %s", out)
	}
	c.env = append(c.env, "POSTERN_CA_CERTIFICATE="+authority)
	c.ok("apply", "-no-color", "-auto-approve")
	w.only()
}

func TestConfiguration_TimeoutAndRetriesAreUsed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	hang := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(hang.Close)
	c := w.pipeline("provider \"postern\" {\n  request_timeout = \"1s\"\n  max_retries = 0\n}\n" + written())
	c.env = append(c.env, "POSTERN_ENDPOINT="+hang.URL)
	if out := c.ok("plan", "-no-color"); !strings.Contains(out, "no complete answer within 1s") || strings.Contains(out, "attempts") {
		t.Errorf("%s", out)
	}
}

// Many keys cost few calls, and what the limit of requests asks for is waited out.
func TestPain07_ARefreshOfManyKeysCostsFewCalls(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const many = "resource \"postern_apikey\" \"test\" {\n  count  = 150\n  name   = \"test ${count.index}\"\n  scopes = [\"read\"]\n}\n"
	c := w.pipeline(many)
	c.env = append(c.env, "TF_CLI_ARGS_apply=-parallelism=100", "TF_CLI_ARGS_plan=-parallelism=100")
	c.ok("apply", "-no-color", "-auto-approve")
	w.server.Reset()
	w.server.Fail(2, "GET", "/v1/apikeys", http.StatusTooManyRequests, time.Second)
	c.unchanged()
	if n := len(w.server.Requests()); n > 10 {
		t.Errorf("%d calls for 150 keys: %v", n, w.server.Counts())
	}
	gone := w.keys()[7]
	if err := w.client.APIKeys.Delete(t.Context(), gone.ID); err != nil {
		t.Fatal(err)
	}
	w.server.Reset()
	if code, out := c.run("plan", "-no-color", "-detailed-exitcode"); code != 2 || !strings.Contains(out, "Plan: 1 to add, 0 to change, 0 to destroy") {
		t.Errorf("exit %d: %s", code, out)
	}
	if n := len(w.server.Requests()); n > 10 {
		t.Errorf("%d calls with one key gone: %v", n, w.server.Counts())
	}
}
