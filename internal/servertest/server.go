// Package servertest runs a real server in the test's own process: the program's
// wiring, the management API over HTTP, SQLite on disk, on a free loopback port.
// It adds what only a test needs: a clock that can be moved, faults on the way,
// a full disk, a restart, and a look at what was logged and asked.
//
//	srv := servertest.Start(t)
//	c, err := client.New(srv.URL, srv.Owner)
package servertest

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/httpapi"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/server"
	"github.com/postern-dev/terraform-provider-postern/internal/vendorapi/sendgrid"
)

// Server is a running server with one account on it. Its methods may be called
// from any goroutine, but those that stop and start it only from one.
type Server struct {
	URL   string // http://127.0.0.1: and the port; it stays the same over a Restart
	Owner string // the account's owner credential
	Dir   string // the data folder

	account string
	files   []string // of platforms
	quirks  sendgrid.Quirks
	clock   *clock
	logs    *logs
	front   *front
	running *running

	addressHeader string
	proxies       []string
}

// running is one life of the server, from a start to a stop.
type running struct {
	data *server.OpenData
	stop context.CancelFunc
	done chan error
}

type options struct {
	platform, plan string
	files          []string
	start          time.Time
	quirks         sendgrid.Quirks
	addressHeader  string
	proxies        []string
}

// Option changes how Start makes the server.
type Option func(*options)

// Platform makes the account on that platform instead of "postern".
func Platform(name string) Option { return func(o *options) { o.platform = name } }

// PlatformFile gives the server an operator's own platform file as well.
func PlatformFile(path string) Option {
	return func(o *options) { o.files = append(o.files, path) }
}

// Plan gives the account that plan instead of the platform's default.
func Plan(name string) Option { return func(o *options) { o.plan = name } }

// SendGridQuirks are what is not known for sure about SendGrid's own paths.
type SendGridQuirks = sendgrid.Quirks

// SendGrid sets how SendGrid's own paths behave.
func SendGrid(q SendGridQuirks) Option { return func(o *options) { o.quirks = q } }

// Proxies names the header that tells where a request came from, and who is believed: see
// server.Config.
func Proxies(header string, trusted ...string) Option {
	return func(o *options) { o.addressHeader, o.proxies = header, trusted }
}

// Clock starts the server's clock at that time instead of now.
func Clock(at time.Time) Option { return func(o *options) { o.start = at } }

// Start starts a server that ends with the test. It fails the test when the
// server cannot start, or does not stop cleanly.
func Start(t testing.TB, opts ...Option) *Server {
	t.Helper()
	o := options{platform: "postern", start: time.Now()}
	for _, opt := range opts {
		opt(&o)
	}
	s := &Server{
		Dir:   filepath.Join(t.TempDir(), "data"),
		files: o.files, quirks: o.quirks, addressHeader: o.addressHeader, proxies: o.proxies,
		clock: &clock{now: o.start.UTC().Truncate(time.Second)},
		logs:  &logs{},
		front: &front{},
	}
	t.Cleanup(func() {
		s.Stop(t)
		if t.Failed() {
			t.Logf("the end of the server's log:\n%s", lastLines(s.Logs(), 20))
		}
	})
	s.start(t, "127.0.0.1:0")
	account, owner, err := s.running.data.Initialise(t.Context(), keyring.NewAccount{Name: "test", Platform: o.platform, Plan: o.plan})
	if err != nil {
		t.Fatalf("making the account: %v", err)
	}
	s.account, s.Owner = account.ID, owner.Reveal()
	return s
}

func (s *Server) start(t testing.TB, listen string) {
	t.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	srv, err := server.New(ctx, server.Config{
		Data:    server.Data{Dir: s.Dir, Now: s.clock.Now, PlatformFiles: s.files},
		Listen:  listen,
		Log:     slog.New(slog.NewJSONHandler(s.logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Version: "test", SendGrid: s.quirks,
		ClientAddressHeader: s.addressHeader, TrustedProxies: s.proxies,
		Wrap: func(api *httpapi.API) http.Handler {
			s.front.serve(api)
			return s.front
		},
	})
	if err != nil {
		stop()
		t.Fatalf("starting the server: %v", err)
	}
	s.URL = srv.URL()
	s.running = &running{data: srv.Data(), stop: stop, done: make(chan error, 1)}
	go func(r *running) { r.done <- srv.Serve(ctx) }(s.running)
}

// Stop stops the server as SIGTERM does; its port then refuses connections. A
// server that is stopped already stays so.
func (s *Server) Stop(t testing.TB) {
	t.Helper()
	if s.running == nil {
		return
	}
	s.running.stop()
	if err := <-s.running.done; err != nil {
		t.Errorf("stopping the server: %v", err)
	}
	s.running = nil
}

// Restart starts the server again on the same folder and the same URL, after
// stopping it when it runs. Faults, counts, logs and the clock stay.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	s.Stop(t)
	at, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	// Between the two lives the port is anyone's; another test may hold it
	// for the length of a request.
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		free, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", at.Host)
		if err == nil {
			_ = free.Close()
			break
		}
	}
	s.start(t, at.Host)
}

// DatabaseFiles are the paths of all files in the data folder that the database
// consists of, for tests that search them for what must not be there. Stop
// the server first, or the newest pages may still be in its memory.
func (s *Server) DatabaseFiles(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(s.Dir, server.DatabaseFile+"*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no database in %s: %v", s.Dir, err)
	}
	return files
}

// live is the running server's data.
func (s *Server) live(t testing.TB) *server.OpenData {
	t.Helper()
	if s.running == nil {
		t.Fatal("the server is stopped")
	}
	return s.running.data
}

// Answer is what came back.
type Answer struct {
	Status int
	Header http.Header
	Body   string
}

// Do sends a request with the owner's credential and no retries. A body is sent as
// JSON. It fails the test only when no answer comes.
func (s *Server) Do(t testing.TB, method, path, body string) Answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set(api.HeaderAPIKey, s.Owner)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return Answer{Status: resp.StatusCode, Header: resp.Header, Body: string(text)}
}
