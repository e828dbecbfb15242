package mailchannels

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

// world is our own server on MailChannels' paths, a backend that speaks to it, and a
// front between the two that a test may let fail.
type world struct {
	*Backend
	server *servertest.Server
	front  *front
}

func newWorld(t *testing.T) *world {
	t.Helper()
	s := servertest.Start(t, servertest.Platform(Name))
	f := newFront(t, s.URL)
	return &world{at(t, f.URL, s.Owner), s, f}
}

// at is a backend at an address, without retries and in no hurry to wait.
func at(t *testing.T, endpoint, credential string) *Backend {
	t.Helper()
	none := 0
	b, err := open(backend.Settings{Endpoint: endpoint, Credential: credential, UserAgent: "test", MaxRetries: &none}, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	b.settle = time.Millisecond
	t.Cleanup(b.caller.CloseIdleConnections)
	return b
}

func (w *world) subaccount(t *testing.T, handle string) {
	t.Helper()
	if _, err := w.Subaccounts().Create(t.Context(), backend.SubaccountInput{Handle: handle, Name: "Acme"}); err != nil {
		t.Fatal(err)
	}
}

// key makes a key of the sub-account acme1.
func (w *world) key(t *testing.T) backend.IssuedAPIKey {
	t.Helper()
	made, err := w.Keys("acme1").Create(t.Context(), backend.APIKeyInput{Enabled: true})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// ids are those of the keys of acme1 that the server has, whatever the front does.
func (w *world) ids(t *testing.T) []string {
	t.Helper()
	found, err := at(t, w.server.URL, w.server.Owner).Keys("acme1").List(t.Context(), backend.APIKeyFilter{})
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, k := range found {
		out = append(out, k.ID)
	}
	return out
}

// front is a proxy. What fail answers does not reach the server.
type front struct {
	URL string

	mu   sync.Mutex
	fail func(w http.ResponseWriter, r *http.Request, next http.Handler) bool
	seen []string
}

func newFront(t *testing.T, to string) *front {
	t.Helper()
	target, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	f := &front{}
	proxy := httputil.NewSingleHostReverseProxy(target)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		f.seen = append(f.seen, r.Method+" "+r.URL.RequestURI())
		fail := f.fail
		f.mu.Unlock()
		if fail == nil || !fail(w, r, proxy) {
			proxy.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(s.Close)
	f.URL = s.URL
	return f
}

func (f *front) set(fail func(w http.ResponseWriter, r *http.Request, next http.Handler) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fail = fail
}

// requests are those since the last call of it.
func (f *front) requests() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	seen := f.seen
	f.seen = nil
	return seen
}

// count is how many of the requests begin so.
func count(requests []string, prefix string) int {
	n := 0
	for _, r := range requests {
		if strings.HasPrefix(r, prefix) {
			n++
		}
	}
	return n
}

// answers makes each request of a method and path end fail so.
func (f *front) answers(method, end string, status int, contentType, body string) {
	f.set(func(w http.ResponseWriter, r *http.Request, _ http.Handler) bool {
		if r.Method != method || !strings.HasSuffix(r.URL.Path, end) {
			return false
		}
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
		return true
	})
}

// loses lets each POST to a path end be carried out, and drops the connection instead
// of answering; before does what comes first.
func (f *front) loses(end string, before func()) {
	f.set(func(_ http.ResponseWriter, r *http.Request, next http.Handler) bool {
		if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, end) {
			return false
		}
		if before != nil {
			before()
		}
		next.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	})
}

// says checks that an error says something, and is of a kind where one is given.
func says(t *testing.T, what string, err, kind error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: no error", what)
		return
	}
	var known *backend.Error
	if !errors.As(err, &known) || kind != nil && !errors.Is(err, kind) {
		t.Errorf("%s: got %v (%T), want one of the kind %v", what, err, err, kind)
	}
	text := err.Error()
	if known != nil {
		for field, message := range known.Fields {
			text += " " + field + " " + message
		}
	}
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%s: %q lacks %q", what, text, part)
		}
	}
}

func ptr[T any](v T) *T { return &v }
