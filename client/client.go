package client

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// Client talks to one account of one Postern server. It is safe for concurrent
// use; make one and share it, so that its connections are shared too.
type Client struct {
	// APIKeys makes, reads, changes, rotates and deletes API keys of the account.
	// For those of a sub-account see SubaccountService.APIKeys.
	APIKeys *APIKeyService
	// Subaccounts makes, reads, changes and deletes sub-accounts.
	Subaccounts *SubaccountService
	// Scopes reads the catalogue that keys choose their scopes from, and defines
	// scopes where the platform lets the account do so.
	Scopes *ScopeService
	// Account reads the account that the credential belongs to.
	Account *AccountService
	// Verify asks whether a secret is good for some scopes.
	Verify *VerifyService
	// AuditEvents reads what was done in the account, and what was denied.
	AuditEvents *AuditEventService

	core *core
}

// New returns a client for the server at baseURL, such as
// "https://keys.example.com" or, behind a proxy that adds a path,
// "https://example.com/postern". The paths of the API, which begin with /v1,
// are added to it.
//
// Plain http is refused unless the host is this machine, because the credential
// would travel readable by all; see WithInsecureHTTP.
//
// The credential is an owner credential or the secret of an API key: 1 to 256
// visible ASCII characters. It goes to this server only, in a header, and no
// error, log or print of the client shows it.
//
// New makes no call: whether the credential is good shows with the first one.
// Client.Account.Get is a cheap one.
func New(baseURL, credential string, opts ...Option) (*Client, error) {
	s := defaultSettings()
	for _, opt := range opts {
		if opt == nil {
			return nil, errors.New("making a client: an option is nil; leave it out")
		}
		if err := opt(&s); err != nil {
			return nil, fmt.Errorf("making a client: %w", err)
		}
	}
	base, err := checkURL(baseURL, s.insecureHTTP)
	if err != nil {
		return nil, fmt.Errorf("making a client: %w", err)
	}
	if err := checkCredential(credential); err != nil {
		return nil, fmt.Errorf("making a client: %w", err)
	}
	t, err := newTransport(base, credential, s)
	if err != nil {
		return nil, fmt.Errorf("making a client: %w", err)
	}
	c := &core{
		send: t.send, close: t.close, url: base, maxRetries: s.maxRetries,
		sleep: s.sleep, jitter: s.jitter, now: s.now,
		redact: redactor(credential),
	}
	return &Client{
		APIKeys: &APIKeyService{core: c, path: pathAPIKeys}, Subaccounts: &SubaccountService{c}, Scopes: &ScopeService{c},
		Account: &AccountService{c}, Verify: &VerifyService{c}, AuditEvents: &AuditEventService{c},
		core: c,
	}, nil
}

// String returns the server's URL. It shows no credential.
func (c *Client) String() string {
	if c == nil || c.core == nil {
		return "client of no server"
	}
	return "client of " + c.core.url.String()
}

// GoString is String, for %#v.
func (c *Client) GoString() string { return "<" + c.String() + ">" }

// CloseIdleConnections closes the connections that no call is using. The client
// stays good for further calls.
func (c *Client) CloseIdleConnections() {
	if c != nil && c.core != nil {
		c.core.close()
	}
}

// checkURL never repeats the URL in an error: a password could be in any part of
// one that is written wrongly.
func checkURL(raw string, insecureHTTP bool) (*url.URL, error) {
	const example = `give one such as "https://keys.example.com"`
	if raw == "" {
		return nil, errors.New("the server's URL is empty; " + example)
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return nil, errors.New("the server's URL cannot be read; " + example)
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, errors.New("the server's URL must begin with https:// or http://; " + example)
	case u.User != nil:
		return nil, errors.New("the server's URL must not hold a user name or password; the credential is given apart")
	case u.Hostname() == "":
		return nil, errors.New("the server's URL names no host; " + example)
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(raw, "#"):
		return nil, errors.New(`the server's URL must not hold a query or a fragment, the parts after "?" and "#"`)
	case u.Scheme == "http" && !insecureHTTP && !isLoopback(u.Hostname()):
		return nil, fmt.Errorf("the server's URL is plain http, and %s is not this machine: the credential would travel in clear; "+
			"use https, or WithInsecureHTTP if nobody else can read that network", u.Hostname())
	}
	base := &url.URL{Scheme: u.Scheme, Host: u.Host, Path: strings.TrimRight(u.Path, "/")}
	base.RawPath = strings.TrimRight(u.RawPath, "/")
	return base, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// checkCredential never repeats the credential.
func checkCredential(credential string) error {
	const most = 256
	switch {
	case credential == "":
		return errors.New("the credential is empty")
	case strings.TrimSpace(credential) != credential:
		return errors.New("the credential begins or ends with a space or a line break; take that away")
	case len(credential) > most:
		return fmt.Errorf("the credential is %d characters long; at most %d are possible", len(credential), most)
	case !isVisibleASCII(credential):
		return errors.New("the credential must hold visible ASCII characters only")
	}
	return nil
}

func isVisibleASCII(text string) bool {
	for _, r := range text {
		if r <= ' ' || r > '~' {
			return false
		}
	}
	return true
}
