package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
)

// ConnectionError is a call that got no complete answer: the server could not be
// reached, was not trusted, broke off, took too long, or the caller gave up. It
// is ErrUnreachable unless the caller gave up, and then context.Canceled.
//
// errors.Is and errors.As look into its cause, and find an x509.HostnameError, a
// net.DNSError or, when an attempt took longer than WithTimeout allows, an
// os.ErrDeadlineExceeded. There is no Unwrap, because the text of a cause may
// repeat what the server sent, and whatever prints a chain of errors would print
// that too.
type ConnectionError struct {
	Method string // of the request, such as GET
	Path   string // of the request, as a template such as /v1/apikeys/{id}
	Host   string // of the server, with its port where the URL has one

	why   string
	cause func() error // a function, so that no dump shows what it returns
	past  history
}

// Error returns one line with the host and the cause in plain words.
func (e *ConnectionError) Error() string {
	return e.Method + " " + e.Path + ": no answer from " + e.Host + ": " + e.why + e.past.text()
}

// Is reports whether target is ErrUnreachable or ErrUncertain, where they hold,
// or is in the cause.
func (e *ConnectionError) Is(target error) bool {
	switch target {
	case ErrUnreachable:
		return !errors.Is(e.root(), context.Canceled)
	case ErrUncertain:
		return e.past.uncertain
	}
	return errors.Is(e.root(), target)
}

// As looks for target in the cause.
func (e *ConnectionError) As(target any) bool { return errors.As(e.root(), target) }

// root is nil in a ConnectionError that a program made by itself, for its tests.
func (e *ConnectionError) root() error {
	if e.cause == nil {
		return nil
	}
	return e.cause()
}

// noAnswer turns the error of an attempt into one that may be shown, and says
// what it means for another attempt.
func (c *core) noAnswer(ctx context.Context, o operation, err error) *failure {
	e := &ConnectionError{Method: o.method, Path: o.path, Host: c.url.Host, cause: func() error { return err }}
	f := &failure{err: e}
	if over := ctx.Err(); over != nil {
		// Whatever broke, it broke because the caller's time was over.
		e.cause, f.lost = func() error { return over }, !errors.Is(err, errNotSent)
		e.why = "the caller gave up"
		if errors.Is(over, context.DeadlineExceeded) {
			e.why = "the time that the caller gave for the call is over"
		}
		return f
	}
	e.why, f.again, f.lost = explain(err)
	e.why = o.cleaner(c.redact)(e.why, 500)
	return f
}

// explain puts a connection's failure into words, and says whether another
// attempt may fare better and whether the server may have got the request. Texts
// of causes are used only where they can hold nothing but names and addresses.
func explain(err error) (why string, again, lost bool) {
	var (
		dns       *net.DNSError
		op        *net.OpError
		untrusted *tls.CertificateVerificationError
		authority x509.UnknownAuthorityError
		noTLS     tls.RecordHeaderError
		attempt   *timeoutError
		timeout   net.Error
	)
	switch {
	case errors.As(err, &attempt):
		return attempt.Error(), true, true
	case errors.As(err, &op) && op.Op == "proxyconnect":
		return "the proxy on the way cannot be reached", true, false
	case errors.As(err, &dns) && dns.IsNotFound:
		return "there is no such host", false, false
	case errors.As(err, &dns):
		return "its name cannot be looked up: " + dns.Err, true, false
	case errors.As(err, &authority):
		return "its certificate is not trusted: no known authority signed it; a private authority's certificate can be given to the client", false, false
	case errors.As(err, &untrusted):
		return "its certificate is not trusted: " + untrusted.Err.Error(), false, false
	case errors.Is(err, http.ErrSchemeMismatch) || errors.As(err, &noTLS):
		return "it does not speak TLS; is the URL meant to begin with http://?", false, false
	case errors.As(err, &op) && op.Op == "remote error":
		return "it refuses the TLS connection: " + op.Err.Error(), false, true
	case errors.As(err, &op) && op.Op == "dial":
		return "cannot connect: " + op.Err.Error(), true, false
	case errors.As(err, &timeout) && timeout.Timeout():
		return "it took too long", true, true
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &op):
		return "the connection broke before the answer was complete", true, true
	}
	return "the connection broke, or what came back is not HTTP", true, true
}
