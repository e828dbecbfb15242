package server_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/httpapi"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/server"
)

func config(dir string) server.Config {
	return server.Config{
		Data: server.Data{Dir: dir}, Listen: "127.0.0.1:0", Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Version: "test",
	}
}

func folder(t *testing.T) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "data")
}

// run serves until the test ends, or until the function that it returns is called.
func run(t *testing.T, c server.Config) (*server.Server, func() error) {
	t.Helper()
	srv, err := server.New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- srv.Serve(ctx) }()
	stopped := false
	end := func() error {
		if stopped {
			return nil
		}
		stopped = true
		stop()
		return <-done
	}
	t.Cleanup(func() { _ = end() })
	return srv, end
}

func get(t *testing.T, c *http.Client, url, credential string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set(api.HeaderAPIKey, credential)
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode
}

func initialise(t *testing.T, srv *server.Server) string {
	t.Helper()
	_, owner, err := srv.Data().Initialise(t.Context(), keyring.NewAccount{Name: "test", Platform: "postern"})
	if err != nil {
		t.Fatal(err)
	}
	return owner.Reveal()
}

// slow puts a request before the API that ends when the test says so.
func slow(begun chan<- struct{}, end <-chan struct{}) func(*httpapi.API) http.Handler {
	return func(a *httpapi.API) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			begun <- struct{}{}
			<-end
			a.ServeHTTP(w, r)
		})
	}
}

func TestServe_DrainsWhatItHasBegun(t *testing.T) {
	t.Parallel()
	begun, end := make(chan struct{}, 1), make(chan struct{})
	c := config(folder(t))
	c.Wrap = slow(begun, end)
	srv, stop := run(t, c)
	owner := initialise(t, srv)
	status := make(chan int, 1)
	go func() { status <- get(t, http.DefaultClient, srv.URL()+"/v1/account", owner) }()
	<-begun
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	// The port closes first, then the request is waited for.
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(srv.URL(), "http://"))
		if err != nil {
			break
		}
		_ = conn.Close()
		if time.Now().After(deadline) {
			t.Fatal("a stopping server takes new connections")
		}
	}
	close(end)
	if got := <-status; got != http.StatusOK {
		t.Errorf("the request that was begun is answered with %d", got)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

func TestServe_DrainHasALimit(t *testing.T) {
	t.Parallel()
	begun, end := make(chan struct{}, 1), make(chan struct{})
	defer close(end)
	c := config(folder(t))
	c.Wrap, c.Drain = slow(begun, end), 50*time.Millisecond
	srv, stop := run(t, c)
	go func() {
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL()+"/healthz", nil)
		if resp, err := http.DefaultClient.Do(req); err == nil {
			resp.Body.Close()
		}
	}()
	<-begun
	started := time.Now()
	_ = stop()
	if took := time.Since(started); took > 5*time.Second {
		t.Errorf("stopping took %s", took)
	}
}

// What one server revokes, the other refuses at once: nothing is held in memory.
func TestServe_TwoServersOnOneFolder(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	one, _ := run(t, config(dir))
	owner := initialise(t, one)
	two, _ := run(t, config(dir))
	if _, _, err := two.Data().Initialise(t.Context(), keyring.NewAccount{Name: "x", Platform: "postern"}); !errors.Is(err, keyring.ErrNotFirst) {
		t.Errorf("a second account: %v", err)
	}
	who, err := one.Data().Keyring.Authenticate(t.Context(), secretOf(owner), keyring.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	issued, err := one.Data().Keyring.CreateAPIKey(t.Context(), who, keyring.NewAPIKey{Name: "ci", Scopes: []string{"admin"}, Enabled: true}, "")
	if err != nil {
		t.Fatal(err)
	}
	if got := get(t, http.DefaultClient, two.URL()+"/v1/account", issued.Secret.Reveal()); got != http.StatusOK {
		t.Errorf("made on one, refused on two: %d", got)
	}
	if err := one.Data().Keyring.DeleteAPIKey(t.Context(), who, issued.ID, nil); err != nil {
		t.Fatal(err)
	}
	if got := get(t, http.DefaultClient, two.URL()+"/v1/account", issued.Secret.Reveal()); got != http.StatusUnauthorized {
		t.Errorf("deleted on one, accepted on two: %d", got)
	}
}

func TestInitialise_OfManyAtOnceOneIsFirst(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	const n = 5
	results := make(chan error, n)
	for range n {
		go func() {
			data, err := server.Open(context.WithoutCancel(t.Context()), server.Data{Dir: dir})
			if err == nil {
				_, _, err = data.Initialise(context.WithoutCancel(t.Context()), keyring.NewAccount{Name: "x", Platform: "postern"})
				err = errors.Join(err, data.Close())
			}
			results <- err
		}()
	}
	first := 0
	for range n {
		switch err := <-results; {
		case err == nil:
			first++
		case !errors.Is(err, keyring.ErrNotFirst):
			t.Error(err)
		}
	}
	if first != 1 {
		t.Errorf("%d were first", first)
	}
}

// A connection that says nothing, or too much, ends without touching the API.
func TestServe_HeaderTooLarge(t *testing.T) {
	t.Parallel()
	srv, _ := run(t, config(folder(t)))
	if got := get(t, http.DefaultClient, srv.URL()+"/v1/account", strings.Repeat("x", 64<<10)); got != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("64 KiB of header: %d", got)
	}
}
