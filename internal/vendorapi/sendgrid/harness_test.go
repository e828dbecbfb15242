package sendgrid_test

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

// harness is a real server with an account of SendGrid.
type harness struct{ *servertest.Server }

func start(t testing.TB, opts ...servertest.Option) *harness {
	t.Helper()
	return &harness{servertest.Start(t, append([]servertest.Option{servertest.Platform("sendgrid")}, opts...)...)}
}

type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) decode(t testing.TB, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), v); err != nil {
		t.Fatalf("decoding %q: %v", a.body, err)
	}
}

// is fails the test when the answer is another one.
func (a answer) is(t testing.TB, status int, body string) {
	t.Helper()
	if a.status != status || a.body != body {
		t.Errorf("got  %d %s\nwant %d %s", a.status, a.body, status, body)
	}
}

// as sends a request with a credential, for a subuser when that is not empty, and
// checks what must hold for every answer.
func (h *harness) as(t testing.TB, credential, subuser, method, path, body string) answer {
	t.Helper()
	header := http.Header{"Authorization": {"Bearer " + credential}}
	if subuser != "" {
		header.Set("On-Behalf-Of", subuser)
	}
	return h.raw(t, header, method, path, body)
}

func (h *harness) owner(t testing.TB, method, path, body string) answer {
	t.Helper()
	return h.as(t, h.Owner, "", method, path, body)
}

func (h *harness) raw(t testing.TB, header http.Header, method, path, body string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, h.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{resp.StatusCode, resp.Header, string(text)}
	what := method + " " + path + ": " + strconv.Itoa(a.status) + " " + a.body
	for _, name := range []string{"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"} {
		if n, err := strconv.ParseInt(a.header.Get(name), 10, 64); err != nil || n < 0 {
			t.Errorf("%s: %s is %q", what, name, a.header.Get(name))
		}
	}
	if a.header.Get("X-Request-Id") == "" || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%s: the headers are %v", what, a.header)
	}
	if a.status == http.StatusNoContent {
		if a.body != "" {
			t.Errorf("%s: there is a body", what)
		}
	} else if a.header.Get("Content-Type") != "application/json" || !json.Valid(text) {
		t.Errorf("%s: it is no JSON", what)
	}
	if a.status >= http.StatusBadRequest {
		var envelope struct{ Errors []struct{ Message string } }
		a.decode(t, &envelope)
		if len(envelope.Errors) == 0 || envelope.Errors[0].Message == "" {
			t.Errorf("%s: there is no error in it", what)
		}
	}
	return a
}

type issued struct {
	Secret string   `json:"api_key"`
	ID     string   `json:"api_key_id"`
	Name   string   `json:"name"`
	Scopes []string `json:"scopes"`
}

// key makes a key of the account, or of a subuser.
func (h *harness) key(t testing.TB, subuser, name string, scopes ...string) issued {
	t.Helper()
	body, err := json.Marshal(map[string]any{"name": name, "scopes": scopes})
	if err != nil {
		t.Fatal(err)
	}
	a := h.as(t, h.Owner, subuser, http.MethodPost, "/v3/api_keys", string(body))
	if a.status != http.StatusCreated {
		t.Fatalf("making the key %q: %d %s", name, a.status, a.body)
	}
	var k issued
	a.decode(t, &k)
	return k
}

func (h *harness) subuser(t testing.TB, name string) {
	t.Helper()
	if a := h.owner(t, http.MethodPost, "/v3/subusers", newSubuser(name)); a.status != http.StatusOK {
		t.Fatalf("making the subuser %q: %d %s", name, a.status, a.body)
	}
}

func newSubuser(name string) string {
	return `{"username":"` + name + `","email":"` + name + `@example.com","password":"` + subuserPassword + `","ips":["192.0.2.1"]}`
}

// subuserPassword must show up nowhere.
const subuserPassword = "the-password-of-a-subuser"

// scopesOf are the scopes that GET shows of a key, without those that SendGrid adds.
func (h *harness) scopesOf(t testing.TB, subuser, id string) []string {
	t.Helper()
	var k issued
	h.as(t, h.Owner, subuser, http.MethodGet, "/v3/api_keys/"+id, "").decode(t, &k)
	return slices.DeleteFunc(k.Scopes, func(s string) bool { return s == "2fa_required" || s == "sender_verification_eligible" })
}
