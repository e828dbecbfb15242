// Package vendor is the HTTP that the drivers of vendors' APIs share: JSON calls
// with retries, pacing, bounds, and errors that show no secret. A driver brings
// the paths, the headers and the shape of the service's error answers.
//
// It is net/http with a loop of its own around it: what may be sent again depends
// on the method, on how far the request got and on the service's own clock, which
// ready-made retrying clients ask about one at a time and not together.
package vendor

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/time/rate"
)

const (
	defaultTimeout    = 30 * time.Second
	defaultMaxRetries = 5
	mostRetries       = 20
	defaultPerSecond  = 10
	defaultBurst      = 20
	mostCredential    = 512 // bytes
)

// Settings say which service a Caller speaks to, as whom and how.
type Settings struct {
	Service  string // its name for people, such as "SendGrid"
	Endpoint string // https, or http to this machine only; paths are added to it
	// Credential is what Header holds, by itself: no error shows it, and callers
	// of one host that have the same one share their pace.
	Credential    string
	Header        map[string]string // of every request, the credential's among them
	UserAgent     string
	CACertificate string        // PEM; empty for the system's authorities
	Timeout       time.Duration // of one attempt; 0 for 30 s
	MaxRetries    *int          // 0 to 20; nil for 5
	PerSecond     float64       // requests a second, once a burst of twice as many is over; 0 for 10
	// Secrets finds what looks like a secret of this service, to take it out of
	// texts that the service sent. Nil for none.
	Secrets *regexp.Regexp
	// Read finds what an answer says to be wrong: nothing where the body is no
	// error answer of this service. It also sees the bodies of answers that claim
	// success. Nil for a service whose errors have no body worth reading.
	Read func(body []byte) []Saying
}

// Saying is one thing that an error answer says.
type Saying struct {
	Field string // the service's name for what it is about; empty for none
	Text  string
	Code  string // the service's; empty for none
}

// Caller calls one service with one credential. It is safe for concurrent use.
type Caller struct {
	service    string
	base       *url.URL
	http       *http.Client
	timeout    time.Duration
	maxRetries int
	pace       *pace
	read       func([]byte) []Saying
	secrets    *regexp.Regexp
	// Functions, because no dump of a caller shows what a function holds.
	header     func() map[string]string
	credential func() string

	// Seams for tests, which must not wait.
	sleep  sleeper
	now    func() time.Time
	jitter func(most time.Duration) time.Duration

	mu     sync.Mutex
	served time.Time // what the service's clock showed with its last answer
	seen   time.Time // when that was, by this machine's monotonic clock
}

// New makes a caller. It calls nothing. Its errors name the setting that is wrong,
// and never repeat one: any of them could hold a credential in the wrong place.
func New(in Settings) (*Caller, error) {
	base, err := address(in.Endpoint)
	if err != nil {
		return nil, err
	}
	if err := checkCredential(in.Credential); err != nil {
		return nil, err
	}
	retries := defaultMaxRetries
	if in.MaxRetries != nil {
		retries = *in.MaxRetries
	}
	if retries < 0 || retries > mostRetries {
		return nil, fmt.Errorf("max_retries must be 0 to %d, it is %d", mostRetries, retries)
	}
	if in.Timeout < 0 {
		return nil, errors.New("the timeout must not be negative")
	}
	if in.Timeout == 0 {
		in.Timeout = defaultTimeout
	}
	perSecond, burst := rate.Limit(defaultPerSecond), defaultBurst
	if in.PerSecond > 0 {
		perSecond, burst = rate.Limit(in.PerSecond), max(1, int(2*in.PerSecond))
	}
	transport, err := roundTripper(in.CACertificate)
	if err != nil {
		return nil, err
	}
	if in.Read == nil {
		in.Read = func([]byte) []Saying { return nil }
	}
	header := map[string]string{"Accept": "application/json", "User-Agent": in.UserAgent}
	for name, value := range in.Header {
		header[name] = value
	}
	return &Caller{
		service: in.Service, base: base, timeout: in.Timeout, maxRetries: retries, read: in.Read, secrets: in.Secrets,
		http: &http.Client{
			Transport: transport,
			// Wherever a redirect points to must not see the credential, and no
			// API of ours has a use for one.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		header: func() map[string]string { return header }, credential: func() string { return in.Credential },
		pace:  paceOf(base.Scheme+"://"+base.Host, in.Credential, perSecond, burst),
		sleep: Sleep, now: time.Now, jitter: jitter,
	}, nil
}

// CloseIdleConnections closes the connections that no call is using.
func (c *Caller) CloseIdleConnections() { c.http.CloseIdleConnections() }

// Host is the service's, for errors; with its port where the address has one.
func (c *Caller) Host() string { return c.base.Host }

// String names the service's address, and no credential.
func (c *Caller) String() string { return "caller of " + c.base.String() }

// GoString is String, for %#v.
func (c *Caller) GoString() string { return "<" + c.String() + ">" }

func address(raw string) (*url.URL, error) {
	const example = `give one such as "https://api.example.com"`
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return nil, errors.New("the endpoint cannot be read; " + example)
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("the endpoint must begin with https://; " + example)
	case u.User != nil:
		return nil, errors.New("the endpoint must not hold a user name or password; the credential is given apart")
	case u.Hostname() == "":
		return nil, errors.New("the endpoint names no host; " + example)
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(raw, "#"):
		return nil, errors.New(`the endpoint must not hold a query or a fragment, the parts after "?" and "#"`)
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return nil, fmt.Errorf("the endpoint is plain http, and %s is not this machine: the credential would travel in clear; use https", u.Hostname())
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host, Path: strings.TrimRight(u.Path, "/")}, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func checkCredential(credential string) error {
	switch {
	case credential == "":
		return errors.New("the credential is empty")
	case len(credential) > mostCredential:
		return fmt.Errorf("the credential is %d bytes long; at most %d are possible", len(credential), mostCredential)
	case !visible(credential) || strings.Contains(credential, " "):
		return errors.New("the credential must hold visible ASCII characters only, without spaces and line breaks")
	}
	return nil
}

// sendable reports whether a header can have that value: beside ASCII, bytes of UTF-8 (RFC
// 9110, 5.5), as names with accents have them.
func sendable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}

// visible reports whether a text is of ASCII characters that can be seen, and spaces.
func visible(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
}

func roundTripper(ca string) (*http.Transport, error) {
	var roots *x509.CertPool
	if ca != "" {
		roots = x509.NewCertPool()
		if !roots.AppendCertsFromPEM([]byte(ca)) {
			return nil, errors.New("the CA certificate is not PEM: it must hold a block that begins with -----BEGIN CERTIFICATE-----")
		}
	}
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    10 * time.Second,
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           32,
		MaxIdleConnsPerHost:    16, // Terraform works on 10 resources at a time
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}, nil
}
