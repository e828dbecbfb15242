package httpapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

const pathAuthorize = "/v1/authorize"

// ask sends a gateway's request.
func (h *harness) ask(t *testing.T, method, path, body string, header http.Header) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, h.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header
	if header.Get(api.HeaderAuthorize) == "" {
		req.Header.Set(api.HeaderAuthorize, h.Owner)
	}
	return h.do(t, req)
}

// metric is the value of a line of the metrics; "" when there is none.
func (h *harness) metric(t *testing.T, name string) string {
	t.Helper()
	for line := range strings.Lines(h.send(t, http.MethodGet, "/metrics", "", map[string]string{api.HeaderAPIKey: "-"}).body) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// A gateway that is set up wrongly refuses everyone behind it. The log, the metrics and a
// header say so, the log not at each request.
func TestGateway_ThatIsItselfRefusedIsNamed(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		credential, path, reason, words string
		status                          int
	}{
		"missing":       {" ", pathAuthorize, "gateway_credential", "a gateway sends no credential of its own", http.StatusUnauthorized},
		"wrong":         {"ptn_service_hushhush", pathAuthorize, "gateway_credential", "the gateway's own credential is wrong", http.StatusUnauthorized},
		"no right":      {"{weak}", pathAuthorize, "gateway_credential", "lacks the right to verify", http.StatusForbidden},
		"unknown scope": {"{owner}", pathAuthorize + "?scope=hushhush", "gateway_request", "a gateway's question is not valid", http.StatusUnprocessableEntity},
		"bad query":     {"{owner}", pathAuthorize + "?hushhush=read", "gateway_request", "a gateway's question is not valid", http.StatusBadRequest},
		"bad path":      {"{owner}", pathAuthorize + "/hushhush", "gateway_request", "a gateway's question is not valid", http.StatusBadRequest},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := start(t)
			_, weak := h.NewKey(t, "read")
			credential := strings.NewReplacer("{weak}", weak, "{owner}", h.Owner).Replace(tc.credential)
			for range 50 {
				a := h.ask(t, http.MethodGet, tc.path, "", http.Header{api.HeaderAuthorize: {credential}, "X-Api-Key": {weak}})
				if a.status != tc.status || a.header.Get(api.HeaderReason) != tc.reason {
					t.Fatalf("%d %s=%q, want %d %q: %s", a.status, api.HeaderReason, a.header.Get(api.HeaderReason), tc.status, tc.reason, a.body)
				}
			}
			if n := strings.Count(h.Logs(), tc.words); n != 1 {
				t.Errorf("the log says %d times %q, want once:\n%s", n, tc.words, h.Logs())
			}
			if !strings.Contains(h.Logs(), `"level":"WARN"`) || !strings.Contains(h.Logs(), `"header":"Postern-Credential"`) || strings.Contains(h.Logs(), "hushhush") {
				t.Errorf("the warning names no header, or repeats what was sent:\n%s", h.Logs())
			}
			if got := h.metric(t, `postern_refusals_total{reason="`+tc.reason+`",route="/v1/authorize"}`); got != "50" {
				t.Errorf("%s refusals are counted", got)
			}
		})
	}
}

// A gateway may ask on /v1/verify as well.
func TestGateway_OnVerifyIsNamedToo(t *testing.T) {
	t.Parallel()
	h := start(t)
	for range 20 {
		h.send(t, http.MethodPost, pathVerify, `{"secret":"x"}`, map[string]string{api.HeaderAPIKey: owner})
	}
	if n := strings.Count(h.Logs(), "the gateway's own credential is wrong"); n != 1 || !strings.Contains(h.Logs(), `"header":"X-API-Key"`) || strings.Contains(h.Logs(), "hushhush") {
		t.Errorf("said %d times:\n%s", n, h.Logs())
	}
	if got := h.metric(t, `postern_refusals_total{reason="invalid_credential",route="/v1/verify"}`); got != "20" {
		t.Errorf("%s refusals are counted", got)
	}
}

// The reason must tell a caller no more than the body does: keys that are answered alike
// have one reason.
func TestGateway_ReasonSaysNoMoreThanTheBody(t *testing.T) {
	t.Parallel()
	for platform, tc := range map[string]struct {
		scope, other string
		want         map[string]string
	}{
		"postern": {"read", "admin", map[string]string{
			"missing": "missing_key", "conflict": "conflicting_keys", "malformed": "invalid_key", "unknown": "invalid_key", "deleted": "invalid_key",
			"inactive": "inactive", "expired": "expired", "scope": "missing_scope", "standing": "account_standing",
		}},
		"benchmark": {"contacts:read", "reports:read", map[string]string{
			"missing": "missing_key", "conflict": "conflicting_keys", "malformed": "invalid_key", "unknown": "invalid_key", "deleted": "invalid_key",
			"inactive": "invalid_key", "expired": "expired", "scope": "missing_scope", "standing": "forbidden",
		}},
	} {
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			h := start(t, servertest.Platform(platform))
			create := func(name, more string) api.IssuedAPIKey {
				return h.create(t, fmt.Sprintf(`{"name":%q,"scopes":[%q]%s}`, name, tc.scope, more), nil)
			}
			good, deleted, off := create("good", ""), create("deleted", ""), create("off", `,"enabled":false`)
			old := create("old", fmt.Sprintf(`,"expires_at":%q`, h.Now().Add(time.Hour).Format(time.RFC3339)))
			h.send(t, http.MethodDelete, pathKeys+"/"+deleted.ID, "", nil)
			h.Advance(2 * time.Hour)
			bodies := map[string]string{}
			ask := func(name, query string, keys ...string) {
				t.Helper()
				a := h.ask(t, http.MethodGet, pathAuthorize+query, "", http.Header{"X-Api-Key": keys})
				reason := a.header.Get(api.HeaderReason)
				if reason != tc.want[name] || a.status < 400 {
					t.Errorf("%s: %d, reason %q, want %q", name, a.status, reason, tc.want[name])
				}
				if h.metric(t, `postern_refusals_total{reason="`+reason+`",route="/v1/authorize"}`) == "" {
					t.Errorf("%s is not counted under its reason", name)
				}
				// What a caller did not send, it knows itself.
				if before, seen := bodies[a.body]; seen && name != "missing" && name != "conflict" && before != reason {
					t.Errorf("%s: the same body has the reasons %q and %q", name, before, reason)
				} else if name != "missing" && name != "conflict" {
					bodies[a.body] = reason
				}
			}
			ask("missing", "")
			ask("conflict", "", good.Secret.Reveal(), off.Secret.Reveal())
			ask("malformed", "", "x")
			ask("unknown", "", good.Secret.Reveal()[:len(good.Secret.Reveal())-1]+"x")
			ask("deleted", "", deleted.Secret.Reveal())
			ask("inactive", "", off.Secret.Reveal())
			ask("expired", "", old.Secret.Reveal())
			ask("scope", "?scope="+tc.other, good.Secret.Reveal())
			if a := h.ask(t, http.MethodGet, pathAuthorize, "", http.Header{"X-Api-Key": {good.Secret.Reveal()}}); a.status != http.StatusNoContent || a.header.Get(api.HeaderReason) != "" {
				t.Errorf("a good key: %d, reason %q", a.status, a.header.Get(api.HeaderReason))
			}
			h.SetStanding(t, api.StandingSuspended)
			ask("standing", "", good.Secret.Reveal())
		})
	}
}

// Some gateways send their caller's method, path, query and body. None of it is taken for what
// the gateway asks.
func TestGateway_SendsItsCallersMethodPathQueryAndBody(t *testing.T) {
	t.Parallel()
	h := start(t)
	_, key := h.NewKey(t, "read")
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"} {
		for path, want := range map[string]int{
			pathAuthorize + "?scope=read":  http.StatusNoContent,
			pathAuthorize + "?scope=write": http.StatusForbidden,
			// Envoy lets nobody in by another status than 200.
			pathAuthorize + "/scope=read//reports/7":                      http.StatusOK,
			pathAuthorize + "/any//reports/7":                             http.StatusOK,
			pathAuthorize + "/scope=read/":                                http.StatusOK,
			pathAuthorize + "/scope=read//?scope=write&x=%zz":             http.StatusOK,
			pathAuthorize + "/scope=read//a/../../../authorize/any/":      http.StatusOK,
			pathAuthorize + "/scope=write//reports?scope=read":            http.StatusForbidden,
			pathAuthorize + "/scope=write//../any/":                       http.StatusForbidden,
			pathAuthorize + "/scope=write//..%2f..%2fany/":                http.StatusForbidden,
			pathAuthorize + "/scope=write//scope=read/":                   http.StatusForbidden,
			pathAuthorize + "/scope=read,write//reports":                  http.StatusForbidden,
			pathAuthorize + "/scope=read%2Cwrite//reports":                http.StatusForbidden,
			pathAuthorize + "/scope=wri" + "te-too":                       http.StatusBadRequest, // the gateway's own segment does not end
			pathAuthorize + "/reports":                                    http.StatusBadRequest, // a gateway that asks for no scope by mistake
			pathAuthorize + "/":                                           http.StatusBadRequest,
			pathAuthorize + "/scope=//reports":                            http.StatusBadRequest,
			pathAuthorize + "/anything/reports":                           http.StatusBadRequest,
			pathAuthorize + "/scope=reed//reports":                        http.StatusUnprocessableEntity,
			pathAuthorize + "?scope=read&scope=write":                     http.StatusForbidden, // more is asked for, never less
			pathAuthorize + "?scope=write&scopes_header=true":             http.StatusForbidden,
			pathAuthorize + "?scope=read&scopes_header=1":                 http.StatusBadRequest,
			pathAuthorize + "/scope=read//reports?scopes_header=true&a=b": http.StatusOK,
		} {
			body := strings.Repeat("x", 1<<20)
			if method == "HEAD" || method == "GET" {
				body = ""
			}
			a := h.ask(t, method, path, body, http.Header{"X-Api-Key": {key}, "Content-Type": {"text/plain"}})
			if a.status != want {
				t.Errorf("%s %s: %d, want %d: %s", method, path, a.status, want, a.body)
			}
			if a.status < 300 && (a.body != "" || a.header.Get("X-Postern-Scopes") != "" || a.header.Get("X-Postern-Apikey-Id") == "") {
				t.Errorf("%s %s: %v %s", method, path, a.header, a.body)
			}
		}
	}
	for _, r := range h.Requests() {
		if strings.HasPrefix(r.Path, pathAuthorize) && r.Route != pathAuthorize {
			t.Errorf("%s %s is counted as %q", r.Method, r.Path, r.Route)
		}
	}
}

// The list of scopes outgrows a gateway's buffers, so it is asked for, and never cut short.
func TestGateway_ScopesAreListedWhereAskedFor(t *testing.T) {
	t.Parallel()
	h := start(t)
	_, small := h.NewKey(t, "write")
	for query, want := range map[string]string{"": "", "?scopes_header=false": "", "?scopes_header=true": "read,write"} {
		a := h.ask(t, http.MethodGet, pathAuthorize+query, "", http.Header{"X-Api-Key": {small}})
		if a.header.Get("X-Postern-Scopes") != want || a.header.Values("X-Postern-Scopes-Omitted") != nil {
			t.Errorf("%q: %v", query, a.header)
		}
	}
	large := h.largestKey(t)
	a := h.ask(t, http.MethodGet, pathAuthorize+"?scopes_header=true", "", http.Header{"X-Api-Key": {large}})
	if a.status != http.StatusNoContent || a.header.Values("X-Postern-Scopes") != nil || a.header.Get("X-Postern-Scopes-Omitted") != "500" {
		t.Errorf("%d %v", a.status, a.header)
	}
	size := 0
	for name, values := range a.header {
		size += len(name) + len(strings.Join(values, "")) + 4
	}
	if size > 4<<10 {
		t.Errorf("the answer's headers are %d bytes", size)
	}
}

// largestKey makes a key with as many scopes as fit, under the longest names.
func (h *harness) largestKey(t *testing.T) string {
	t.Helper()
	var names []string
	for i := range 500 {
		name := fmt.Sprintf("s%03d-%s", i, strings.Repeat("x", 123))
		h.scope(t, fmt.Sprintf(`{"name":%q}`, name))
		names = append(names, name)
	}
	return h.create(t, `{"name":"large","scopes":["`+strings.Join(names, `","`)+`"]}`, nil).Secret.Reveal()
}
