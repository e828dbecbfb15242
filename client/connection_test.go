package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// broken is a transport that fails instead of sending.
type broken func(*http.Request) error

func (b broken) RoundTrip(r *http.Request) (*http.Response, error) { return nil, b(r) }

// waiting returns a client that counts its waits.
func waiting(t *testing.T, url string, opts ...Option) (*Client, *[]time.Duration) {
	t.Helper()
	s := &script{t: t}
	c, err := New(url, testCredential, append([]Option{s.seams, WithMaxRetries(2)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c, &s.waits
}

func TestConnection_causes(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		cause     error
		want      string
		again     bool
		uncertain bool
	}{
		"unknown host":   {&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "h", IsNotFound: true}}, "there is no such host", false, false},
		"name server":    {&net.OpError{Op: "dial", Err: &net.DNSError{Err: "server misbehaving", Name: "h"}}, "its name cannot be looked up: server misbehaving", true, false},
		"refused":        {&net.OpError{Op: "dial", Err: errors.New("connect: connection refused")}, "cannot connect: connect: connection refused", true, false},
		"proxy":          {&net.OpError{Op: "proxyconnect", Err: &net.OpError{Op: "dial", Err: &net.DNSError{IsNotFound: true}}}, "the proxy on the way cannot be reached", true, false},
		"reset":          {&net.OpError{Op: "read", Err: errors.New("reset by " + testSecret)}, "the connection broke before", true, true},
		"end":            {io.EOF, "the connection broke before", true, true},
		"half":           {io.ErrUnexpectedEOF, "the connection broke before", true, true},
		"timeout":        {os.ErrDeadlineExceeded, "it took too long", true, true},
		"host's name":    {&tls.CertificateVerificationError{Err: x509.HostnameError{Certificate: &x509.Certificate{DNSNames: []string{"a.example"}}, Host: "b.example"}}, "its certificate is not trusted: x509: certificate is valid for a.example, not b.example", false, false},
		"no TLS":         {http.ErrSchemeMismatch, "it does not speak TLS", false, false},
		"alert":          {&net.OpError{Op: "remote error", Err: errors.New("tls: certificate required")}, "it refuses the TLS connection: tls: certificate required", false, true},
		"something else": {errors.New("HTTP said " + testSecret), "the connection broke, or what came back is not HTTP", true, true},
		"with the URL":   {&url.Error{Op: "Get", URL: "https://h/?x=" + testSecret, Err: io.EOF}, "the connection broke before", true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for op, o := range operations() {
				c, waits := waiting(t, "https://keys.example.com", WithTransport(broken(func(*http.Request) error { return tt.cause })))
				err := o.call(t.Context(), c)
				var e *ConnectionError
				if !errors.As(err, &e) || !errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), "no answer from keys.example.com: "+tt.want) {
					t.Fatalf("%s: %v", op, err)
				}
				if !errors.Is(err, tt.cause) && name != "with the URL" {
					t.Errorf("%s: errors.Is does not find the cause", op)
				}
				if again := len(*waits) == 2; again != tt.again {
					t.Errorf("%s: waited %v", op, *waits)
				}
				if got, want := errors.Is(err, ErrUncertain), tt.uncertain && isWrite(op); got != want {
					t.Errorf("%s: uncertain %v, want %v", op, got, want)
				}
				noSecrets(t, err)
			}
		})
	}
}

func TestConnection_refused(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(nil)
	s.Close()
	c, waits := waiting(t, s.URL)
	_, err := c.APIKeys.GetByName(t.Context(), "n")
	if !errors.Is(err, ErrUnreachable) || len(*waits) != 2 || !strings.Contains(err.Error(), "GET /v1/apikeys: no answer from "+strings.TrimPrefix(s.URL, "http://")+": cannot connect: ") {
		t.Errorf("%v after %v", err, *waits)
	}
	noSecrets(t, err)
	var withURL *url.Error
	if errors.As(err, &withURL) {
		t.Errorf("lets out the URL with its query: %v", withURL)
	}
}

// An attempt has a time of its own; the caller's context is not over when that is.
func TestConnection_timeout(t *testing.T) {
	t.Parallel()
	hang := broken(func(r *http.Request) error { <-r.Context().Done(); return r.Context().Err() })
	c, waits := waiting(t, "https://host", WithTransport(hang), WithTimeout(time.Nanosecond))
	_, err := c.Account.Get(t.Context())
	var timeout net.Error
	if !errors.Is(err, ErrUnreachable) || !errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &timeout) || len(*waits) != 2 {
		t.Errorf("%v after %v", err, *waits)
	}
	if !strings.Contains(err.Error(), "no complete answer within 1ns; after 3 attempts") {
		t.Error(err)
	}
}

func TestConnection_TLS(t *testing.T) {
	t.Parallel()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		reveal(200, testKey("key_1"))(w)
	}))
	s.EnableHTTP2 = true
	s.Config.ErrorLog = quietLog()
	s.StartTLS()
	t.Cleanup(s.Close)
	own := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())

	get := func(opts ...Option) ([]time.Duration, error) {
		c, waits := waiting(t, s.URL, opts...)
		defer c.CloseIdleConnections()
		_, err := c.APIKeys.Get(t.Context(), "key_1")
		return *waits, err
	}
	if _, err := get(WithCACertificate(own)); err != nil {
		t.Error(err)
	}
	if _, err := get(WithRootCAs(pool)); err != nil {
		t.Error(err)
	}
	if _, err := get(WithTransport(s.Client().Transport)); err != nil {
		t.Error(err)
	}
	for _, opts := range [][]Option{nil, {WithRootCAs(x509.NewCertPool())}} {
		waits, err := get(opts...)
		var authority x509.UnknownAuthorityError
		if !errors.Is(err, ErrUnreachable) || !errors.As(err, &authority) || len(waits) != 0 || !strings.Contains(err.Error(), "its certificate is not trusted") {
			t.Errorf("%v after %v", err, waits)
		}
	}
}

func TestConnection_TLS_to_a_plain_server(t *testing.T) {
	t.Parallel()
	s := httptest.NewUnstartedServer(nil)
	s.Config.ErrorLog = quietLog()
	s.Start()
	t.Cleanup(s.Close)
	c, waits := waiting(t, strings.Replace(s.URL, "http://", "https://", 1))
	_, err := c.Account.Get(t.Context())
	if err == nil || !strings.Contains(err.Error(), "it does not speak TLS") || !slices.Equal(*waits, nil) {
		t.Errorf("%v after %v", err, *waits)
	}
}

// A program's own tests may make errors of ours.
func TestConnectionError_zero(t *testing.T) {
	t.Parallel()
	var timeout net.Error
	err := error(&ConnectionError{Method: "GET", Path: "/v1/account", Host: "h"})
	if !errors.Is(err, ErrUnreachable) || errors.Is(err, ErrUncertain) || errors.Is(err, io.EOF) || errors.As(err, &timeout) {
		t.Error(err)
	}
}

// The real sleep and jitter, without the seams.
func TestSleep(t *testing.T) {
	t.Parallel()
	if err := sleep(t.Context(), 0); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := sleep(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	seen := map[time.Duration]bool{}
	for range 100 {
		d := jitter(time.Second)
		if d < 0 || d > time.Second {
			t.Errorf("jitter of %v", d)
		}
		seen[d] = true
	}
	if len(seen) < 50 {
		t.Errorf("%d different waits of 100", len(seen))
	}
}
