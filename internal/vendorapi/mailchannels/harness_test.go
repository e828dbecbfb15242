package mailchannels_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

const root = "/tx/v1/sub-account"

// harness is a server with an account of the platform.
type harness struct{ *servertest.Server }

func start(t *testing.T) harness {
	t.Helper()
	return harness{servertest.Start(t, servertest.Platform("mailchannels"))}
}

// as sends a request with a credential; none when it is empty.
func (h harness) as(t *testing.T, credential, method, path, body string) servertest.Answer {
	t.Helper()
	return send(t, h.URL, credential, method, path, body)
}

func send(t *testing.T, url, credential, method, path, body string) servertest.Answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if credential != "" {
		r.Header.Set("X-Api-Key", credential)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return servertest.Answer{Status: resp.StatusCode, Header: resp.Header, Body: string(text)}
}

// want sends a request as the owner and checks the whole answer.
func (h harness) want(t *testing.T, method, path, body string, status int, answer string) {
	t.Helper()
	if a := h.as(t, h.Owner, method, path, body); a.Status != status || a.Body != answer {
		t.Errorf("%s %s %s: %d %s, want %d %s", method, path, body, a.Status, a.Body, status, answer)
	}
}

// refuse sends a request and checks that the answer is an error that says something.
func (h harness) refuse(t *testing.T, what, credential, method, path, body string, status int, says string) {
	t.Helper()
	a := h.as(t, credential, method, path, body)
	var e struct{ Errors []string }
	if err := json.Unmarshal([]byte(a.Body), &e); err != nil || len(e.Errors) == 0 || e.Errors[0] == "" {
		t.Errorf("%s: %v: no error of MailChannels' shape: %s", what, err, a.Body)
	}
	if a.Status != status || !strings.Contains(a.Body, says) || a.Header.Get("Content-Type") != "application/json" {
		t.Errorf("%s: %d %s, want %d with %q", what, a.Status, a.Body, status, says)
	}
}

func (h harness) subaccount(t *testing.T, handle string) {
	t.Helper()
	h.want(t, http.MethodPost, root, fmt.Sprintf(`{"company_name":"Acme","handle":%q}`, handle), http.StatusCreated,
		fmt.Sprintf(`{"company_name":"Acme","enabled":true,"handle":%q}`, handle))
}

type key struct {
	ID  json.Number
	Key string
}

func (h harness) key(t *testing.T, handle string) key {
	t.Helper()
	a := h.as(t, h.Owner, http.MethodPost, root+"/"+handle+"/api-key", "")
	var k key
	if err := json.Unmarshal([]byte(a.Body), &k); err != nil || a.Status != http.StatusCreated {
		t.Fatalf("creating a key: %d %s", a.Status, a.Body)
	}
	return k
}

func (h harness) list(t *testing.T, path string, into any) {
	t.Helper()
	a := h.as(t, h.Owner, http.MethodGet, path, "")
	if err := json.Unmarshal([]byte(a.Body), into); err != nil || a.Status != http.StatusOK {
		t.Errorf("%s: %d %s", path, a.Status, a.Body)
	}
}
