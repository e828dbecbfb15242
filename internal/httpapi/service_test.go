package httpapi_test

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

func TestHealth(t *testing.T) {
	t.Parallel()
	h := start(t)
	for _, path := range []string{"/healthz", "/readyz"} {
		if a := h.send(t, http.MethodGet, path, "", map[string]string{api.HeaderAPIKey: "-"}); a.status != http.StatusOK || a.body != `{"status":"ok"}` {
			t.Errorf("%s: %d: %s", path, a.status, a.body)
		}
	}
}

func TestMetrics_CountByRouteAndHoldNoID(t *testing.T) {
	t.Parallel()
	h := start(t)
	id, key := h.NewKey(t, "read")
	h.verify(t, key)
	h.send(t, http.MethodGet, pathKeys+"/"+id, "", nil)
	h.send(t, http.MethodGet, "/v1/nothing/"+key, "", nil)
	h.send(t, "BREW", "/v1/verify", "", nil)
	a := h.send(t, http.MethodGet, "/metrics", "", map[string]string{api.HeaderAPIKey: "-"})
	for _, want := range []string{
		`postern_http_requests_total{method="GET",route="/v1/apikeys/{id}",status="200"} 1`,
		`postern_http_requests_total{method="POST",route="/v1/apikeys",status="201"} 1`,
		`postern_http_requests_total{method="POST",route="/v1/verify",status="200"} 1`,
		`postern_http_requests_total{method="GET",route="",status="404"} 1`,
		`postern_http_requests_total{method="other",route="",status="405"} 1`,
		`postern_http_request_duration_seconds_count{method="POST",route="/v1/verify"} 1`,
	} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
	for _, hidden := range []string{id, key, h.Owner, h.AccountID(), "nothing"} {
		if strings.Contains(a.body, hidden) {
			t.Errorf("the metrics hold %q", hidden)
		}
	}
}

// The page must work on a machine that reaches nothing but this server.
func TestDocs_NameNoOtherHost(t *testing.T) {
	t.Parallel()
	h := start(t)
	page := h.send(t, http.MethodGet, "/docs", "", nil)
	if page.status != http.StatusOK || !strings.HasPrefix(page.header.Get("Content-Type"), "text/html") {
		t.Fatalf("%d: %s", page.status, page.header.Get("Content-Type"))
	}
	policy := page.header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") {
		t.Errorf("policy %q", policy)
	}
	if strings.Contains(page.body, "//") || regexp.MustCompile(`<script>|\son\w+=`).MatchString(page.body) {
		t.Errorf("the page names another host, or has a script of its own:\n%s", page.body)
	}
	for _, match := range regexp.MustCompile(`(?:src|href)="([^"]+)"`).FindAllStringSubmatch(page.body, -1) {
		if a := h.send(t, http.MethodGet, "/"+match[1], "", nil); a.status != http.StatusOK || a.body == "" {
			t.Errorf("%s: %d", match[1], a.status)
		}
	}
}

func TestDocument_SaysWhatIsNullable(t *testing.T) {
	t.Parallel()
	h := start(t)
	schemas := at(h.contract.document, "components", "schemas")
	for _, tc := range []struct{ schema, field, types string }{
		{"UpdateAPIKey", "expires_at", "[string null]"},
		{"RotateAPIKey", "expires_at", "[string null]"},
		{"CreateAPIKey", "expires_at", "[string null]"},
		{"APIKey", "expires_at", "[string null]"},
		{"APIKey", "scopes", "array"},
		{"CreateAPIKey", "enabled", "boolean"},
		{"Usage", "limit", "[integer null]"},
	} {
		field := at(schemas, tc.schema, "properties", tc.field)
		if got := fmt.Sprint(at(field, "type")); got != tc.types {
			t.Errorf("%s.%s is %s, want %s", tc.schema, tc.field, got, tc.types)
		}
		if tc.field == "expires_at" && at(field, "format") != "date-time" {
			t.Errorf("%s.%s has the format %v", tc.schema, tc.field, at(field, "format"))
		}
	}
	if at(schemas, "NullableTime") != nil {
		t.Error("how Go spells a nullable time is no concern of the document")
	}
	if required := at(h.contract.document, "paths", pathKeys+"/{id}/rotate", "post", "requestBody", "required"); required == true {
		t.Error("the body of a rotation may be left out")
	}
}

// Rule 9: no secret in any log line, error, audit record, metric or file.
func TestNoSecretIsEverLoggedOrStored(t *testing.T) {
	t.Parallel()
	h := start(t)
	hidden := []string{h.Owner}
	for i := range 5 {
		issued := h.create(t, fmt.Sprintf(`{"name":"ci %d","scopes":["read"]}`, i), map[string]string{api.HeaderIdempotencyKey: fmt.Sprintf("%s-%d", once, i)})
		var rotated api.IssuedAPIKey
		h.send(t, http.MethodPost, pathKeys+"/"+issued.ID+"/rotate", `{"overlap":"1h"}`, nil).decode(t, &rotated)
		hidden = append(hidden, issued.Secret.Reveal(), rotated.Secret.Reveal())
		h.verify(t, issued.Secret.Reveal())
		// Secrets where they do not belong, and from a caller who is denied,
		// so that there is an audit record of it.
		weak := map[string]string{api.HeaderAPIKey: issued.Secret.Reveal()}
		for _, method := range []string{http.MethodGet, http.MethodPatch, http.MethodDelete} {
			h.send(t, method, pathKeys+"/"+rotated.Secret.Reveal(), `{}`, weak)
			h.send(t, method, "/"+rotated.Secret.Reveal()+"?"+rotated.Secret.Reveal()+"="+rotated.Secret.Reveal(), "", map[string]string{api.HeaderRequestID: "x " + rotated.Secret.Reveal()})
		}
		h.send(t, http.MethodPost, pathKeys, `{"name":"`+rotated.Secret.Reveal(), nil)
		h.send(t, http.MethodPost, pathKeys, `{"`+rotated.Secret.Reveal()+`":"x"}`, nil)
		h.send(t, http.MethodGet, pathKeys+"?"+rotated.Secret.Reveal()+"=1", "", nil)
		h.send(t, http.MethodGet, "/v1/account", "", map[string]string{"Authorization": "Bearer " + rotated.Secret.Reveal()})
	}
	trail := h.send(t, http.MethodGet, pathAudit+"?limit=500", "", nil).body
	metrics := h.send(t, http.MethodGet, "/metrics", "", nil).body
	h.VerifyAudit(t)
	h.Stop(t)
	places := map[string]string{"the log": h.Logs(), "the metrics": metrics, "the trail": trail}
	for _, path := range h.DatabaseFiles(t) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		places[path] = string(text)
	}
	for where, text := range places {
		for _, one := range hidden {
			if strings.Contains(text, one) {
				t.Errorf("%s holds a secret", where)
			}
		}
	}
}

// Only these fields: a new one is a decision about what may be known.
func TestAccessLog_HasNamedFieldsOnly(t *testing.T) {
	t.Parallel()
	h := start(t)
	id, _ := h.NewKey(t, "read")
	h.send(t, http.MethodGet, pathKeys+"/"+id, "", map[string]string{"User-Agent": "hushhush", api.HeaderRequestID: "the-one"})
	fields := regexp.MustCompile(`\{"time":"[^"]+","level":"INFO","msg":"request","method":"GET","route":"/v1/apikeys/\{id\}","status":200,` +
		`"duration_ms":[0-9.]+,"request_id":"the-one","caller":"own_[0-9A-Za-z]+","remote":"127.0.0.1"\}`)
	if !fields.MatchString(h.Logs()) {
		t.Errorf("no such line in\n%s", h.Logs())
	}
	if strings.Contains(h.Logs(), "hushhush") {
		t.Error("the log holds a header")
	}
}
