//go:build unix

package server_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/leftout"
	"github.com/postern-dev/terraform-provider-postern/internal/server"
)

// socket is a path that is short enough for a socket.
func socket(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "s") //nolint:usetesting // its path is too long
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return filepath.Join(dir, "postern.sock")
}

func askSocket(t *testing.T, path, of string) int {
	t.Helper()
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", path)
	}}
	defer transport.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://postern"+of, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode
}

func TestListen_Unix(t *testing.T) {
	t.Parallel()
	path, log := socket(t), &logged{}
	c := config(folder(t))
	c.Listen, c.Log = "unix:"+path, slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	srv, stop := run(t, c)
	if srv.URL() != "unix:"+path {
		t.Errorf("it is at %s", srv.URL())
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o660 {
		t.Errorf("%v %v", info, err)
	}
	if status := askSocket(t, path, "/v1/account"); status != http.StatusUnauthorized {
		t.Errorf("got %d", status)
	}
	log.waitFor(t, "remote=unix")
	t.Run("curl, as the guide says", func(t *testing.T) {
		curl, err := exec.LookPath("curl")
		if err != nil {
			leftout.Skip(t, "the guide's curl over a unix socket", "curl is needed")
		}
		out, err := exec.CommandContext(t.Context(), curl, "-sS", "--unix-socket", path, "http://localhost/readyz").CombinedOutput()
		if err != nil || !strings.Contains(string(out), `"ok"`) {
			t.Errorf("curl: %v %s", err, out)
		}
	})
	// A living server's socket is not taken.
	d := config(folder(t))
	d.Listen = c.Listen
	if _, err := server.New(t.Context(), d); err == nil || !strings.Contains(err.Error(), path+" is in use by another server") {
		t.Errorf("a second server: %v", err)
	}
	if status := askSocket(t, path, "/healthz"); status != http.StatusOK {
		t.Errorf("the first one answers %d", status)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(path); !os.IsNotExist(err) {
		t.Errorf("the socket stays: %v", err)
	}
}

// What a dead server leaves behind is replaced, and nothing else is.
func TestListen_UnixOfADeadServer(t *testing.T) {
	t.Parallel()
	path := socket(t)
	dead, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	living := config(folder(t))
	living.Listen = "unix:" + path
	if _, err := server.New(t.Context(), living); err == nil || !strings.Contains(err.Error(), "is in use by another server") {
		t.Errorf("a program that listens there: %v", err)
	}
	dead.SetUnlinkOnClose(false) // as when it is killed
	_ = dead.Close()
	run(t, living)
	if status := askSocket(t, path, "/healthz"); status != http.StatusOK {
		t.Errorf("got %d", status)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	for at, want := range map[string]string{
		"unix:":                  "names no socket",
		"unix:@abstract":         "names no socket",
		"unix:" + file:           file + " is there and is no socket",
		"unix:/nowhere/at/all/s": "its folder must be there",
		"unix:" + filepath.Join(filepath.Dir(path), strings.Repeat("x", 120)): "is too long for this system",
	} {
		c := config(folder(t))
		c.Listen = at
		if _, err := server.New(t.Context(), c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", at, err, want)
		}
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != "mine" {
		t.Errorf("%q %v", text, err)
	}
}

// A load balancer learns of the stop before the port is closed to it.
func TestServe_IsUnreadyBeforeThePortCloses(t *testing.T) {
	t.Parallel()
	log := &logged{}
	c := config(folder(t))
	c.ShutdownDelay, c.Log = 1<<62, slog.New(slog.NewTextHandler(log, nil)) // until the test ends it
	srv, err := server.New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	go func() { _ = srv.Serve(ctx) }()
	if got := get(t, http.DefaultClient, srv.URL()+"/readyz", ""); got != http.StatusOK {
		t.Errorf("at first /readyz answers %d", got)
	}
	stop()
	log.waitFor(t, "stopping")
	for path, want := range map[string]int{"/readyz": http.StatusServiceUnavailable, "/healthz": http.StatusOK, "/v1/account": http.StatusUnauthorized} {
		if got := get(t, http.DefaultClient, srv.URL()+path, ""); got != want {
			t.Errorf("%s answers %d, want %d", path, got, want)
		}
	}
	_ = srv.Close()
}
