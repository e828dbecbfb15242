package vendor

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"

	"github.com/postern-dev/terraform-provider-postern/internal/outside"
)

// answer is what came back, whatever its status.
type answer struct {
	status int
	header http.Header
	body   []byte
	excess string // which bound the body goes beyond, so that it is cut off; empty for none
}

// exchange sends a call once. Its error means that no complete answer came.
func (c *Caller) exchange(ctx context.Context, call Call, body []byte) (*answer, *Error) {
	attempt, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	var sent atomic.Bool // from the moment there is a connection, to be on the safe side
	attempt = httptrace.WithClientTrace(attempt, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { sent.Store(true) }})
	a, err := c.roundTrip(attempt, call, body)
	if err == nil {
		return a, nil
	}
	e := c.newError(call)
	e.maybeDone = sent.Load() && call.Method != http.MethodGet
	if over := ctx.Err(); over != nil {
		e.causes, e.why = []error{over}, "the call was given up before its answer came"
		return nil, e
	}
	var again bool
	if e.why, again = explain(err); attempt.Err() != nil {
		e.why, again = fmt.Sprintf("no complete answer within %v", c.timeout), true
	}
	e.causes = []error{errUnreachable}
	e.again = again && (call.idempotent() || !sent.Load())
	return nil, e
}

func (c *Caller) roundTrip(ctx context.Context, call Call, body []byte) (*answer, error) {
	var reader io.Reader
	if body != nil {
		reader = bytes.NewReader(body)
	}
	address := c.base.String() + call.Path
	if len(call.Query) > 0 {
		address += "?" + call.Query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, call.Method, address, reader)
	if err != nil {
		return nil, errBadRequest
	}
	for name, value := range c.header() {
		req.Header.Set(name, value)
	}
	for name, value := range call.Header {
		req.Header.Set(name, value)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	most := outside.MostSmallAnswer
	switch {
	case res.StatusCode >= http.StatusBadRequest:
		most = outside.MostErrorAnswer
	case call.List:
		most = outside.MostAnswer
	}
	a := &answer{status: res.StatusCode, header: res.Header}
	var excess *outside.Excess
	switch a.body, err = outside.Read(res.Body, most); {
	case errors.As(err, &excess):
		a.excess = excess.Error()
	case err != nil:
		return nil, err
	}
	return a, nil
}

// errBadRequest is a path that no request can have.
var errBadRequest = errors.New("not a request")

// explain puts a connection's failure into words, and says whether another attempt
// may fare better. Texts of causes are used only where they can hold nothing but
// names and addresses.
func explain(err error) (why string, again bool) {
	var (
		dns       *net.DNSError
		op        *net.OpError
		authority x509.UnknownAuthorityError
		untrusted *tls.CertificateVerificationError
		noTLS     tls.RecordHeaderError
		alert     tls.AlertError
	)
	switch {
	case errors.Is(err, errBadRequest):
		return "the request cannot be written; check the endpoint and the id", false
	case errors.As(err, &op) && op.Op == "proxyconnect":
		return "the proxy on the way cannot be reached", true
	case errors.As(err, &dns) && dns.IsNotFound:
		return "there is no such host", false
	case errors.As(err, &dns):
		return "its name cannot be looked up", true
	case errors.As(err, &authority):
		return "its certificate is not trusted: no known authority signed it; give a private authority's certificate as the CA certificate", false
	case errors.As(err, &untrusted):
		return "its certificate is not trusted: " + untrusted.Err.Error(), false
	case errors.Is(err, http.ErrSchemeMismatch), errors.As(err, &noTLS):
		return "it does not speak TLS; check the endpoint and its port", false
	case errors.As(err, &alert), errors.As(err, &op) && op.Op == "remote error":
		return "it refuses the TLS connection", false
	case errors.As(err, &op) && op.Op == "dial":
		return "cannot connect: " + op.Err.Error(), true
	}
	return "the connection broke before the answer was complete", true
}
