package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/go-resty/resty/v2"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/outside"
)

// transport sends one request and reads its answer. It is the only part that
// knows resty. Retries are not its business: resty's own would print URLs and
// sleep without a seam, so they stay off and retry.go has the only ones.
type transport struct {
	resty      *resty.Client
	http       *http.Client
	base       string
	timeout    time.Duration
	credential api.Secret
}

// request is one call on its way out.
type request struct {
	method string
	path   string // escaped
	query  url.Values
	header map[string]string
	body   []byte // JSON; nil for none
}

// answer is what came back, whatever its status.
type answer struct {
	status int
	header http.Header
	body   []byte
	excess string // which bound the body goes beyond, so that it is cut off; empty for none
}

func newTransport(base *url.URL, credential string, s settings) (*transport, error) {
	rt := s.roundTripper
	if rt != nil && s.roots != nil {
		return nil, errors.New("CA certificates and a transport are both given: set the CA certificates in the transport")
	}
	if rt == nil {
		rt = defaultRoundTripper(s.roots)
	}
	hc := &http.Client{
		Transport: rt,
		// Wherever a redirect points to must not see the credential.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	rc := resty.NewWithClient(hc) // New would add a cookie jar
	rc.SetLogger(silent{}).SetDisableWarn(true)
	rc.SetHeader("User-Agent", s.userAgent).SetHeader("Accept", "application/json, application/problem+json")
	return &transport{
		resty: rc, http: hc, base: base.String(), timeout: s.timeout,
		credential: api.NewSecret(credential),
	}, nil
}

func defaultRoundTripper(roots *x509.CertPool) *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    10 * time.Second,
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           100,
		MaxIdleConnsPerHost:    32, // Terraform works on 10 resources at a time, and may be told to on more
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
}

// send makes one attempt. An error means that no complete answer came.
func (t *transport) send(ctx context.Context, r request) (*answer, error) {
	attempt, cancel := context.WithTimeout(ctx, t.timeout)
	defer cancel()
	a, err := t.exchange(attempt, r)
	if err != nil && ctx.Err() == nil && attempt.Err() != nil {
		return nil, &timeoutError{t.timeout}
	}
	return a, err
}

func (t *transport) exchange(ctx context.Context, r request) (*answer, error) {
	req := t.resty.R().SetContext(ctx).SetDoNotParseResponse(true).
		SetHeaders(r.header).SetHeader(api.HeaderAPIKey, t.credential.Reveal()).
		SetQueryParamsFromValues(r.query)
	if r.body != nil {
		req.SetHeader("Content-Type", "application/json").SetBody(r.body)
	}
	res, err := req.Execute(r.method, t.base+r.path)
	if err != nil {
		// An url.Error repeats the URL, query and all.
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			err = wrapped.Err
		}
		return nil, err
	}
	body := res.RawBody()
	defer body.Close()
	a := &answer{status: res.StatusCode(), header: res.Header()}
	most := outside.MostErrorAnswer
	if a.ok() {
		most = outside.MostAnswer
	}
	var excess *outside.Excess
	switch a.body, err = outside.Read(body, most); {
	case errors.As(err, &excess):
		a.excess = excess.Error()
	case err != nil && a.ok(): // half an error body is no loss: the status says enough
		return nil, err
	}
	return a, nil
}

func (t *transport) close() { t.http.CloseIdleConnections() }

func (a *answer) ok() bool { return a.status >= 200 && a.status <= 299 }

// timeoutError is the end of one attempt. It is not context.DeadlineExceeded:
// that would look as if the caller's own context had run out.
type timeoutError struct{ after time.Duration }

func (e *timeoutError) Error() string { return fmt.Sprintf("no complete answer within %v", e.after) }

// Unwrap makes it an os.ErrDeadlineExceeded.
func (e *timeoutError) Unwrap() error { return os.ErrDeadlineExceeded }

// silent keeps resty from writing to stderr, which is not ours.
type silent struct{}

func (silent) Errorf(string, ...any) {}
func (silent) Warnf(string, ...any)  {}
func (silent) Debugf(string, ...any) {}
