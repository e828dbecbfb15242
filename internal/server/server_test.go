package server_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
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

func TestListen_Refusals(t *testing.T) {
	t.Parallel()
	for at, want := range map[string]string{
		"0.0.0.0:0":          "pass --tls-cert and --tls-key, or --insecure-http",
		":0":                 "pass --tls-cert and --tls-key, or --insecure-http",
		"[::]:0":             "without TLS would send credentials in the clear",
		"192.0.2.7:0":        "without TLS would send credentials in the clear",
		"example.test:0":     "without TLS would send credentials in the clear",
		"8411":               "write it as host:port",
		"127.0.0.1:http2000": "listening on 127.0.0.1:http2000",
	} {
		dir := folder(t)
		c := config(dir)
		c.Listen = at
		srv, err := server.New(t.Context(), c)
		if err == nil {
			_ = srv.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", at, err, want)
		}
		if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s leaves a data folder behind: %v", at, err)
		}
	}
}

func TestListen_BeyondThisMachineWhenTold(t *testing.T) {
	t.Parallel()
	c := config(folder(t))
	c.Listen, c.InsecureHTTP = "0.0.0.0:0", true
	srv, err := server.New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.Close(); err != nil {
		t.Error(err)
	}
}

func TestListen_PortInUse(t *testing.T) {
	t.Parallel()
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	dir := folder(t)
	c := config(dir)
	c.Listen = taken.Addr().String()
	_, err = server.New(t.Context(), c)
	if err == nil || !strings.Contains(err.Error(), c.Listen+" is in use by another program") || !strings.Contains(err.Error(), "--listen") {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a data folder is left behind: %v", err)
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	pool := writeCertificate(t, cert, key)
	c := config(folder(t))
	c.TLSCert, c.TLSKey, c.Listen = cert, key, "0.0.0.0:0"
	srv, _ := run(t, c)
	owner := initialise(t, srv)
	_, port, err := net.SplitHostPort(strings.TrimPrefix(srv.URL(), "https://"))
	if err != nil {
		t.Fatal(err)
	}
	url := "https://127.0.0.1:" + port + "/v1/account"
	for version, ok := range map[uint16]bool{tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS10, MaxVersion: version}, ForceAttemptHTTP2: true}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set(api.HeaderAPIKey, owner)
		resp, err := transport.RoundTrip(req)
		if (err == nil) != ok {
			t.Errorf("TLS %x: %v", version, err)
		}
		if err == nil {
			if resp.StatusCode != http.StatusOK || resp.ProtoMajor != 2 {
				t.Errorf("TLS %x: %s over %s", version, resp.Status, resp.Proto)
			}
			resp.Body.Close()
		}
		transport.CloseIdleConnections()
	}
	for name, pair := range map[string][2]string{"needs both": {cert, ""}, "reading the TLS certificate": {cert, cert}, "no such file": {cert + "x", key}} {
		c := config(folder(t))
		c.TLSCert, c.TLSKey = pair[0], pair[1]
		if _, err := server.New(t.Context(), c); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
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
