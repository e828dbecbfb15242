package client

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"
)

const (
	defaultTimeout    = 30 * time.Second
	defaultMaxRetries = 5
	mostRetries       = 20
	defaultUserAgent  = "postern-go-client"
)

// Option changes how a client works. New returns the error of one that is wrong.
type Option func(*settings) error

type settings struct {
	timeout      time.Duration
	userAgent    string
	maxRetries   int
	roots        *x509.CertPool
	roundTripper http.RoundTripper
	insecureHTTP bool

	// Seams for tests, which must not wait.
	sleep  func(context.Context, time.Duration) error
	jitter func(most time.Duration) time.Duration
	now    func() time.Time
}

func defaultSettings() settings {
	return settings{
		timeout: defaultTimeout, userAgent: defaultUserAgent, maxRetries: defaultMaxRetries,
		sleep: sleep, jitter: jitter, now: time.Now,
	}
}

// WithTimeout sets how long one attempt may take, from connecting to the last
// byte of the answer; the default is 30 seconds. It must be positive. A call
// makes several attempts and waits in between, so a bound for the whole call
// belongs into its context.
func WithTimeout(timeout time.Duration) Option {
	return func(s *settings) error {
		if timeout <= 0 {
			return fmt.Errorf("the timeout must be positive, it is %v; bound a whole call by its context", timeout)
		}
		s.timeout = timeout
		return nil
	}
}

// WithUserAgent sets the User-Agent that the server sees and logs: 1 to 256
// visible ASCII characters and spaces.
func WithUserAgent(userAgent string) Option {
	return func(s *settings) error {
		if strings.TrimSpace(userAgent) == "" || len(userAgent) > 256 || !isVisibleASCII(strings.ReplaceAll(userAgent, " ", "")) {
			return errors.New("the user agent must be 1 to 256 visible ASCII characters and spaces")
		}
		s.userAgent = userAgent
		return nil
	}
}

// WithMaxRetries sets how often a call is tried again after its first attempt:
// 0 to 20, where 0 turns retries off. The default is 5.
func WithMaxRetries(n int) Option {
	return func(s *settings) error {
		if n < 0 || n > mostRetries {
			return fmt.Errorf("the number of retries must be 0 to %d, it is %d", mostRetries, n)
		}
		s.maxRetries = n
		return nil
	}
}

// WithRootCAs makes the client trust servers with a certificate of these
// authorities, and of no others: the system's are left out.
func WithRootCAs(roots *x509.CertPool) Option {
	return func(s *settings) error {
		if roots == nil {
			return errors.New("the pool of CA certificates is nil")
		}
		if s.roots != nil {
			return errors.New("the CA certificates are given twice")
		}
		s.roots = roots
		return nil
	}
}

// WithCACertificate is WithRootCAs for PEM text, which may hold several
// certificates.
func WithCACertificate(pem []byte) Option {
	return func(s *settings) error {
		roots := x509.NewCertPool()
		if !roots.AppendCertsFromPEM(pem) {
			return errors.New("the CA certificate is not PEM: it must hold a block that begins with -----BEGIN CERTIFICATE-----")
		}
		return WithRootCAs(roots)(s)
	}
}

// WithTransport makes the client send its requests through rt: for client
// certificates, a proxy with rules of its own, or tracing. rt sees the
// credential. The default keeps a pool of connections, needs TLS 1.2 or newer
// and takes its proxy from the environment. It does not go together with
// WithRootCAs and WithCACertificate.
func WithTransport(rt http.RoundTripper) Option {
	return func(s *settings) error {
		if rt == nil {
			return errors.New("the transport is nil")
		}
		s.roundTripper = rt
		return nil
	}
}

// WithInsecureHTTP lets the credential travel over plain http to another
// machine, where everyone on the way can read it. It is for networks that
// encrypt by themselves, such as a service mesh.
func WithInsecureHTTP() Option {
	return func(s *settings) error {
		s.insecureHTTP = true
		return nil
	}
}

// sleep waits, or returns early with the context's error.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// jitter returns a random time from 0 to most.
func jitter(most time.Duration) time.Duration {
	return rand.N(most + 1) //nolint:gosec // it spreads load and guards nothing
}
