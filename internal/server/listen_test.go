package server_test

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/server"
)

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
