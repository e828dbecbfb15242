package httpapi_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

const (
	pathKeys    = "/v1/apikeys"
	pathVerify  = "/v1/verify"
	jsonType    = "application/json"
	problemType = "application/problem+json"
)

// harness sends requests to a real server and holds every answer against the
// OpenAPI document that the server serves.
type harness struct {
	*servertest.Server
	contract *contract
}

func start(t *testing.T, opts ...servertest.Option) *harness {
	t.Helper()
	srv := servertest.Start(t, opts...)
	return &harness{Server: srv, contract: readContract(t, srv.URL)}
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// decode reads the body into v.
func (a answer) decode(t *testing.T, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), v); err != nil {
		t.Fatalf("decoding %q: %v", a.body, err)
	}
}

// send sends a request. The owner's credential and the type of a body are filled
// in unless the headers say otherwise; a header that is "-" is left out.
func (h *harness) send(t *testing.T, method, path, body string, header map[string]string) answer {
	t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, h.URL+path, reader)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set(api.HeaderAPIKey, h.Owner)
	if body != "" {
		req.Header.Set("Content-Type", jsonType)
	}
	for name, value := range header {
		if value == "-" {
			req.Header.Del(name)
		} else {
			req.Header.Set(name, value)
		}
	}
	return h.do(t, req)
}

// do sends the request as it is, and checks what must hold for every answer.
func (h *harness) do(t *testing.T, req *http.Request) answer {
	t.Helper()
	resp, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", req.Method, req.URL.Path, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{status: resp.StatusCode, header: resp.Header, body: string(text)}
	if a.header.Get(api.HeaderRequestID) == "" || a.header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%s %s: the common headers are missing: %v", req.Method, req.URL.Path, a.header)
	}
	if strings.HasPrefix(req.URL.Path, "/v1/") && a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%s %s: Cache-Control %q", req.Method, req.URL.Path, a.header.Get("Cache-Control"))
	}
	seen := h.Requests()
	h.contract.check(t, req.Method, seen[len(seen)-1].Route, a)
	return a
}

// leadsTo is the path that Location names in the answer to a request on the path.
func (a answer) leadsTo(t *testing.T, from string) string {
	t.Helper()
	at, err := (&url.URL{Path: from}).Parse(a.header.Get("Location"))
	if err != nil || a.header.Get("Location") == "" || strings.HasPrefix(a.header.Get("Location"), "/") {
		t.Errorf("Location %q is no relative path: %v", a.header.Get("Location"), err)
		return ""
	}
	return at.Path
}

// keys are all keys of the account.
func (h *harness) keys(t *testing.T) []api.APIKey {
	t.Helper()
	var page api.Page[api.APIKey]
	h.send(t, http.MethodGet, pathKeys+"?limit=500", "", nil).decode(t, &page)
	return page.Items
}

// create makes a key from a body of JSON.
func (h *harness) create(t *testing.T, body string, header map[string]string) api.IssuedAPIKey {
	t.Helper()
	a := h.send(t, http.MethodPost, pathKeys, body, header)
	if a.status != http.StatusCreated {
		t.Fatalf("creating a key: %d: %s", a.status, a.body)
	}
	var issued api.IssuedAPIKey
	a.decode(t, &issued)
	return issued
}

// verify asks whether the secret is good for the scopes.
func (h *harness) verify(t *testing.T, key string, scopes ...string) api.Verification {
	t.Helper()
	body, err := api.MarshalWire(api.VerifyRequest{Secret: api.NewSecret(key), Scopes: scopes})
	if err != nil {
		t.Fatal(err)
	}
	var v api.Verification
	h.send(t, http.MethodPost, pathVerify, string(body), nil).decode(t, &v)
	return v
}

// scenario is one request and what its answer must be.
type scenario struct {
	method, path string
	header       map[string]string
	body         string

	status int
	code   api.Code // "" for success
	field  string   // that must be among the fields at fault
	want   []string // that the body must hold
	forbid []string // that it must not hold
}

// run sends each scenario's request to one server. In paths and bodies {id} stands
// for a key's id and {secret} for its secret. No refused request may leave a
// trace among the keys.
func (h *harness) run(t *testing.T, scenarios map[string]scenario) {
	t.Helper()
	id, key := h.NewKey(t, "read")
	fill := strings.NewReplacer("{id}", id, "{secret}", key)
	before := h.keys(t)
	for name, s := range scenarios {
		t.Run(name, func(t *testing.T) {
			header := map[string]string{}
			for k, v := range s.header {
				header[k] = fill.Replace(v)
			}
			a := h.send(t, s.method, fill.Replace(s.path), fill.Replace(s.body), header)
			s.check(t, a)
			for _, hidden := range []string{h.Owner, key} {
				if strings.Contains(a.body, hidden) {
					t.Errorf("the answer shows a secret: %s", a.body)
				}
			}
			if s.code != "" && !slices.EqualFunc(before, h.keys(t), sameKey) {
				t.Error("a refused request changed the keys")
			}
		})
	}
}

func sameKey(a, b api.APIKey) bool { return a.ID == b.ID && a.Revision == b.Revision }

func (s scenario) check(t *testing.T, a answer) {
	t.Helper()
	if a.status != s.status {
		t.Errorf("status %d, want %d: %s", a.status, s.status, a.body)
	}
	for _, w := range s.want {
		if !strings.Contains(a.body, w) {
			t.Errorf("the body lacks %q: %s", w, a.body)
		}
	}
	for _, f := range s.forbid {
		if strings.Contains(a.body, f) {
			t.Errorf("the body holds %q: %s", f, a.body)
		}
	}
	if s.code == "" {
		return
	}
	var p api.Problem
	a.decode(t, &p)
	if a.header.Get("Content-Type") != problemType || p.Type != "about:blank" || p.Title != http.StatusText(s.status) || p.Status != s.status {
		t.Errorf("not the shape of a problem: %s: %s", a.header.Get("Content-Type"), a.body)
	}
	if p.Code != s.code {
		t.Errorf("code %q, want %q: %s", p.Code, s.code, a.body)
	}
	if p.RequestID == "" || p.RequestID != a.header.Get(api.HeaderRequestID) {
		t.Errorf("request id %q in the body, %q in the header", p.RequestID, a.header.Get(api.HeaderRequestID))
	}
	if s.field != "" && !slices.ContainsFunc(p.Errors, func(f api.FieldError) bool { return f.Field == s.field }) {
		t.Errorf("field %q is not among %v", s.field, p.Errors)
	}
}
