package client

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

const (
	testCredential = "pst_owner_CREDENTIALthatMUSTnotSHOW"
	testSecret     = "pst_key_SECRETthatMUSTnotSHOW"
)

// step is one call that a script expects, and what it answers.
type step struct {
	method string
	path   string            // escaped
	query  string            // decoded and encoded again, so sorted by name
	header map[string]string // "" for a header that must not be there
	body   string            // JSON; "" for none
	reply  reply
}

type reply func(http.ResponseWriter)

// script is a server that fails its test at each call that is not the next step,
// and at the end when steps are left over.
type script struct {
	*httptest.Server
	t     *testing.T
	mu    sync.Mutex
	steps []step
	calls int
	seen  []*http.Request
	waits []time.Duration // what the client would have slept
}

func newScript(t *testing.T, steps ...step) *script {
	t.Helper()
	s := &script{t: t, steps: steps}
	s.Server = httptest.NewUnstartedServer(s)
	// net/http repeats some requests by itself when a kept connection breaks;
	// a script must see the client's own attempts only.
	s.Config.SetKeepAlivesEnabled(false)
	s.Start()
	t.Cleanup(func() {
		s.Close()
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.calls < len(s.steps) {
			next := s.steps[s.calls]
			t.Errorf("%d of %d calls came, missing is %s %s", s.calls, len(s.steps), next.method, next.path)
		}
	})
	return s
}

// client returns a client of the script that records its waits instead of
// sleeping. Its jitter is always the longest.
func (s *script) client(opts ...Option) *Client {
	s.t.Helper()
	c, err := New(s.URL, testCredential, append([]Option{s.seams}, opts...)...)
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

func (s *script) seams(set *settings) error {
	set.jitter = func(most time.Duration) time.Duration { return most }
	set.sleep = func(ctx context.Context, d time.Duration) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.waits = append(s.waits, d)
		return ctx.Err()
	}
	return nil
}

// scripted is newScript and client in one, where the script itself is not looked
// at.
func scripted(t *testing.T, steps ...step) *Client {
	t.Helper()
	return newScript(t, steps...).client()
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Errorf("reading a request: %v", err)
	}
	s.mu.Lock()
	n := s.calls
	s.calls++
	s.seen = append(s.seen, r)
	s.mu.Unlock()
	if n >= len(s.steps) {
		s.t.Errorf("unexpected call %d: %s %s", n+1, r.Method, r.URL)
		w.WriteHeader(http.StatusTeapot)
		return
	}
	want := s.steps[n]
	s.compare(n, want, r, string(body))
	want.reply(w)
}

func (s *script) compare(n int, want step, r *http.Request, body string) {
	got := step{method: r.Method, path: r.URL.EscapedPath(), query: r.URL.Query().Encode(), body: body}
	for _, c := range []struct{ what, got, want string }{
		{"method", got.method, want.method},
		{"path", got.path, want.path},
		{"query", got.query, normalQuery(want.query)},
		{"credential", r.Header.Get(api.HeaderAPIKey), testCredential},
		{"cookie", r.Header.Get("Cookie"), ""},
		{"authorization", r.Header.Get("Authorization"), ""},
	} {
		if c.got != c.want {
			s.t.Errorf("call %d: %s is %q, want %q", n+1, c.what, c.got, c.want)
		}
	}
	for name, value := range want.header {
		if got := r.Header.Get(name); got != value {
			s.t.Errorf("call %d: header %s is %q, want %q", n+1, name, got, value)
		}
	}
	switch {
	case want.body == "" && body != "":
		s.t.Errorf("call %d: has a body", n+1)
	case want.body != "":
		if diff := cmp.Diff(decoded(want.body), decoded(body)); diff != "" {
			s.t.Errorf("call %d: body (-want +got):\n%s", n+1, diff)
		}
		if got := r.Header.Get("Content-Type"); got != "application/json" {
			s.t.Errorf("call %d: content type %q", n+1, got)
		}
	}
}

func normalQuery(text string) string {
	values, err := url.ParseQuery(text)
	if err != nil {
		return err.Error()
	}
	return values.Encode()
}

func decoded(text string) any {
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return err.Error()
	}
	return v
}

// text answers with a status and a body; headers are pairs.
func text(status int, contentType, body string, headers ...string) reply {
	return func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", contentType)
		w.Header().Set(api.HeaderRequestID, "req_test")
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func reveal(status int, v any, headers ...string) reply {
	body, err := api.MarshalWire(v)
	if err != nil {
		panic(err)
	}
	return text(status, "application/json", string(body), headers...)
}

func problem(status int, code api.Code, headers ...string) reply {
	body, err := json.Marshal(api.Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Code: code, Detail: fmt.Sprintf("Refused: %s.", code)})
	if err != nil {
		panic(err)
	}
	return text(status, "application/problem+json", string(body), headers...)
}

// drop breaks the connection before a byte of the answer.
func drop(http.ResponseWriter) { panic(http.ErrAbortHandler) }

// half breaks the connection in the middle of a good answer.
func half(w http.ResponseWriter) {
	w.Header().Set("Content-Length", "1000")
	_, _ = io.WriteString(w, `{"id": "key_1", `)
	if f, ok := w.(http.Flusher); ok {
		f.Flush()
	}
	panic(http.ErrAbortHandler)
}

func testKey(id string) api.APIKey {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	return api.APIKey{
		ID: id, Name: "name of " + id, Class: "general", Scopes: []string{"a"}, EffectiveScopes: []string{"a"}, Enabled: true,
		Status: api.StatusActive, SecretVersion: 1, SecretCreatedAt: at, CreatedAt: at, UpdatedAt: at, Revision: 3,
	}
}

// testMade is a key that was just made under that name.
func testMade(id, name string) api.IssuedAPIKey {
	key := testKey(id)
	key.Name, key.Revision = name, 1
	return api.IssuedAPIKey{APIKey: key, Secret: api.NewSecret(testSecret)}
}

// testRotated is a key that was just rotated.
func testRotated(id string) api.IssuedAPIKey {
	key := testKey(id)
	key.SecretVersion = 2
	return api.IssuedAPIKey{APIKey: key, Secret: api.NewSecret(testSecret)}
}

func keysPage(next string, ids ...string) api.Page[api.APIKey] {
	page := api.Page[api.APIKey]{Items: []api.APIKey{}, NextCursor: next}
	for _, id := range ids {
		page.Items = append(page.Items, testKey(id))
	}
	return page
}

// quietLog swallows what a test server says about connections that tests break.
func quietLog() *log.Logger { return log.New(io.Discard, "", 0) }
