package server_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/server"
)

// logged is a log that a test reads while a server writes.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *logged) waitFor(t *testing.T, want string) {
	t.Helper()
	for deadline := time.Now().Add(60 * time.Second); !strings.Contains(l.String(), want); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the log never says %q:\n%s", want, l)
		}
	}
}

// trusts reports whether a handshake with the server succeeds for who trusts these.
func trusts(t *testing.T, url string, pool *x509.CertPool) bool {
	t.Helper()
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}
	defer transport.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/healthz", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := transport.RoundTrip(req)
	if err == nil {
		resp.Body.Close()
	}
	return err == nil
}

// Kubernetes puts a new folder beside the old one and swaps a link to it. A certificate
// manager does that while the server runs, and nobody sends a signal.
func TestTLS_FollowsAChangeOfTheFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	folderOf := func(name string) (string, *x509.CertPool) {
		at := filepath.Join(dir, name)
		if err := os.Mkdir(at, 0o700); err != nil {
			t.Fatal(err)
		}
		return at, writeCertificate(t, filepath.Join(at, "tls.crt"), filepath.Join(at, "tls.key"))
	}
	link := func(to string) {
		t.Helper()
		if err := os.Symlink(filepath.Base(to), filepath.Join(dir, "new")); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(dir, "new"), filepath.Join(dir, "..data")); err != nil {
			t.Fatal(err)
		}
	}
	one, first := folderOf("one")
	two, second := folderOf("two")
	bad, _ := folderOf("bad")
	_, _ = folderOf("other")
	if err := os.Rename(filepath.Join(dir, "other", "tls.key"), filepath.Join(bad, "tls.key")); err != nil {
		t.Fatal(err)
	}
	link(one)
	log := &logged{}
	c := config(folder(t))
	c.TLSCert, c.TLSKey = filepath.Join(dir, "..data", "tls.crt"), filepath.Join(dir, "..data", "tls.key")
	c.Log = slog.New(slog.NewTextHandler(log, nil))
	server.FollowCertificatesEvery(&c, 20*time.Millisecond)
	srv, _ := run(t, c)
	if !trusts(t, srv.URL(), first) || trusts(t, srv.URL(), second) {
		t.Fatal("it does not begin with the first certificate")
	}
	link(two)
	log.waitFor(t, "certificate changed")
	if trusts(t, srv.URL(), first) || !trusts(t, srv.URL(), second) {
		t.Error("it does not go on with the second certificate")
	}
	link(bad) // a key of another certificate
	log.waitFor(t, "certificate not changed, the one before stays in use")
	if err := os.RemoveAll(two); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "..data")); err != nil {
		t.Fatal(err)
	}
	log.waitFor(t, "no such file")
	if !trusts(t, srv.URL(), second) {
		t.Error("the last good certificate is not kept")
	}
	if n := strings.Count(log.String(), "does not match"); n != 1 {
		t.Errorf("a pair that does not match is told of %d times:\n%s", n, log)
	}
}

func TestTLS_RefusesAKeyThatOthersRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	writeCertificate(t, cert, key)
	if err := os.Chmod(key, 0o644); err != nil {
		t.Fatal(err)
	}
	c := config(folder(t))
	c.TLSCert, c.TLSKey = cert, key
	if _, err := server.New(t.Context(), c); err == nil || !strings.Contains(err.Error(), "the TLS key "+key+" is open to other users of this machine (mode 0644); run: chmod 600 "+key) {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(c.Data.Dir); !os.IsNotExist(err) {
		t.Errorf("a data folder is left behind: %v", err)
	}
	c.Data.InsecureFileModes = true
	srv, err := server.New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	_ = srv.Close()
}
