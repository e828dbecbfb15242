package sendgrid

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

// world is a real server that answers on SendGrid's paths, and a backend before it
// whose requests pass a proxy that can change answers.
type world struct {
	*servertest.Server
	*Backend
	front *front
}

// front passes requests on, unless a hook answers.
type front struct {
	URL string

	mu   sync.Mutex
	hook func(http.ResponseWriter, *http.Request) bool
	seen []*http.Request
}

// answer sets what answers instead of the server, where it reports true.
func (f *front) answer(hook func(http.ResponseWriter, *http.Request) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hook = hook
}

func (f *front) requests(method, path string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, r := range f.seen {
		if r.Method == method && r.URL.Path == path {
			n++
		}
	}
	return n
}

// newFront stands before a server of SendGrid's paths.
func newFront(t *testing.T, base string) *front {
	t.Helper()
	to, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	f := &front{}
	proxy := httputil.NewSingleHostReverseProxy(to)
	proxy.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		f.seen = append(f.seen, r.Clone(r.Context()))
		hook := f.hook
		f.mu.Unlock()
		if hook == nil || !hook(w, r) {
			proxy.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(server.Close)
	f.URL = server.URL
	return f
}

func newWorld(t *testing.T, opts ...servertest.Option) *world {
	t.Helper()
	server := servertest.Start(t, append([]servertest.Option{servertest.Platform("sendgrid")}, opts...)...)
	f := newFront(t, server.URL)
	return &world{server, speak(t, f.URL, server.Owner), f}
}

// speak is a backend without retries.
func speak(t *testing.T, endpoint, credential string) *Backend {
	t.Helper()
	none := 0
	b, err := New(backend.Settings{Endpoint: endpoint, Credential: credential, UserAgent: "test", MaxRetries: &none})
	if err != nil {
		t.Fatal(err)
	}
	b.settle = time.Millisecond
	t.Cleanup(b.caller.CloseIdleConnections)
	return b
}

// made makes a key.
func made(t *testing.T, k backend.Keys, name string, scopes ...string) backend.IssuedAPIKey {
	t.Helper()
	key, err := k.Create(t.Context(), backend.APIKeyInput{Name: name, Scopes: scopes, Enabled: true})
	if err != nil {
		t.Fatalf("making %q: %v", name, err)
	}
	return key
}

// subusers makes subusers.
func (w *world) make(t *testing.T, handles ...string) {
	t.Helper()
	for _, handle := range handles {
		_, err := w.Subaccounts().Create(t.Context(), backend.SubaccountInput{
			Handle: handle, Email: handle + "@example.com", IPAddresses: []string{"192.0.2.1"}, Status: backend.SubaccountActive,
		})
		if err != nil {
			t.Fatalf("making %q: %v", handle, err)
		}
	}
}

// names are those of the keys of a place.
func names(t *testing.T, k backend.Keys) []string {
	t.Helper()
	listed, err := k.List(t.Context(), backend.APIKeyFilter{Brief: true})
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, key := range listed {
		out = append(out, key.Name)
	}
	return out
}

// body answers with a status and a body.
func body(status int, kind, text string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(text))
		return true
	}
}
