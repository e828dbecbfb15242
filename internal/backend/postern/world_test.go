package postern

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

// at is a backend that speaks to a server as its owner, without retries.
func at(t *testing.T, server *servertest.Server, endpoint string) *Backend {
	t.Helper()
	none := 0
	b, err := New(backend.Settings{Endpoint: endpoint, Credential: server.Owner, UserAgent: "test", MaxRetries: &none})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.client.CloseIdleConnections)
	return b
}

// each calls do for every item, on so many workers, and fails the test for each error.
func each(t *testing.T, workers int, items []string, do func(item string) error) {
	t.Helper()
	work := make(chan string)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for item := range work {
				if err := do(item); err != nil {
					t.Errorf("%s: %v", item, err)
				}
			}
		})
	}
	for _, item := range items {
		work <- item
	}
	close(work)
	wg.Wait()
}

// seeded is a server with so many keys, and their ids, oldest first.
func seeded(t *testing.T, n int) (*servertest.Server, []string) {
	t.Helper()
	server := servertest.Start(t)
	// Not by the backend, which waits a moment for each new key to read it back with others.
	b := at(t, server, server.URL)
	ids := make([]string, 0, n)
	for i := range n {
		issued, err := b.client.APIKeys.Create(t.Context(), api.CreateAPIKey{Name: fmt.Sprintf("key %d", i), Scopes: []string{"read"}})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, issued.ID)
	}
	server.Reset()
	return server, ids
}

// gate is a proxy before a server. It holds the answers to the lists of keys until
// they are let through, one by one.
type gate struct {
	URL     string
	arrived chan *http.Request // a list that the server has answered, not the proxy
	pass    chan struct{}
}

func newGate(t *testing.T, server *servertest.Server) *gate {
	t.Helper()
	to, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{arrived: make(chan *http.Request, 100), pass: make(chan struct{})}
	proxy := httputil.NewSingleHostReverseProxy(to)
	proxy.ModifyResponse = func(r *http.Response) error {
		if r.Request.Method == http.MethodGet && r.Request.URL.Path == "/v1/apikeys" {
			g.arrived <- r.Request
			select {
			case <-g.pass:
			case <-r.Request.Context().Done():
			}
		}
		return nil
	}
	proxy.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) }
	front := httptest.NewServer(proxy)
	t.Cleanup(front.Close)
	g.URL = front.URL
	return g
}

// open lets n answers through.
func (g *gate) open(n int) {
	for range n {
		<-g.arrived
		g.pass <- struct{}{}
	}
}

// own reads the account's own keys.
func (b *Backend) own() *reader {
	k, ok := b.Keys("").(keys)
	if !ok {
		panic("the keys are of another kind")
	}
	return k.reader
}
