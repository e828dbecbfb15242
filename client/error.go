package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/outside"
)

// What errors.Is finds in the errors of this package. Those with a status hold for
// every answer with it, a proxy's included.
var (
	// ErrUnauthorized: 401, the credential is missing, unknown, deleted, turned
	// off or expired.
	ErrUnauthorized = errors.New("unauthorized")
	// ErrForbidden: 403, the credential is good but may not do this.
	ErrForbidden = errors.New("forbidden")
	// ErrConflict: 409, or an idempotency key that came with another request.
	ErrConflict = errors.New("conflict")
	// ErrStale: 412, what is written to is no longer at the revision given to
	// IfMatch.
	ErrStale = errors.New("stale")
	// ErrValidation: 400, 413, 415 or 422, the request is wrong; see Error.Fields.
	// Also a request that the client did not send because no server could
	// understand it.
	ErrValidation = errors.New("not valid")
	// ErrRateLimited: 429 at every attempt; see Error.RetryAfter.
	ErrRateLimited = errors.New("rate limited")
	// ErrUnavailable: 502, 503 or 504 at every attempt.
	ErrUnavailable = errors.New("unavailable")
	// ErrNotFound: the management API says that there is no such thing. Any
	// other 404, such as one of a proxy or of another program at that URL, is
	// not ErrNotFound: nobody should forget a key because of it.
	ErrNotFound = errors.New("not found")
	// ErrUnexpectedAnswer: an answer that the management API does not give: a
	// redirect, or a success whose body cannot be read or lacks something.
	ErrUnexpectedAnswer = errors.New("unexpected answer")
	// ErrUnreachable: no complete answer at the last attempt; see ConnectionError.
	ErrUnreachable = errors.New("unreachable")
	// ErrUncertain: a write failed, yet it may have taken effect: at one of its
	// attempts the answer was lost, or was one that does not rule it out, such as
	// a 500. The *Error or *ConnectionError behind it says which.
	ErrUncertain = errors.New("outcome unknown")
)

// Error is an answer of the server that is not the one asked for. It holds no
// credential, secret, header, query or body; texts of the server are cleaned of
// control characters and bounded.
type Error struct {
	Status    int              // HTTP status
	Code      api.Code         // what failed; empty when the answer is not the management API's
	Message   string           // what happened and what to do, for a person
	RequestID string           // names the request in the server's log; may be empty
	Fields    []api.FieldError // the fields of the request at fault; may be empty
	Method    string           // of the request, such as GET
	Path      string           // of the request, as a template such as /v1/apikeys/{id}
	// RetryAfter is how long the server asks to wait; 0 when it does not say.
	RetryAfter time.Duration

	unexpected bool
	past       history
}

// Error returns one line with all that is known.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: %d", e.Method, e.Path, e.Status)
	if e.Code != "" {
		fmt.Fprintf(&b, " %s", e.Code)
	}
	fmt.Fprintf(&b, ": %s", strings.TrimSuffix(e.Message, "."))
	for _, f := range e.Fields {
		fmt.Fprintf(&b, "; %s: %s", f.Field, strings.TrimSuffix(f.Message, "."))
	}
	b.WriteString(e.past.text())
	if e.RequestID != "" {
		fmt.Fprintf(&b, " (request %s)", e.RequestID)
	}
	return b.String()
}

// Is reports whether target is the sentinel of this kind of failure.
func (e *Error) Is(target error) bool {
	switch target {
	case ErrUncertain:
		return e.past.uncertain
	case ErrUnexpectedAnswer:
		return e.unexpected
	case ErrNotFound:
		return e.Status == http.StatusNotFound && e.Code == api.CodeNotFound
	}
	switch e.Status {
	case http.StatusUnauthorized:
		return target == ErrUnauthorized
	case http.StatusForbidden:
		return target == ErrForbidden
	case http.StatusConflict:
		return target == ErrConflict
	case http.StatusPreconditionFailed:
		return target == ErrStale
	case http.StatusUnprocessableEntity:
		if e.Code == api.CodeIdempotencyKeyReused {
			return target == ErrConflict
		}
		return target == ErrValidation
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType:
		return target == ErrValidation
	case http.StatusTooManyRequests:
		return target == ErrRateLimited
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return target == ErrUnavailable
	}
	return false
}

// history is what happened before the last attempt failed.
type history struct {
	attempts  int
	uncertain bool // a write may have taken effect
	earlier   bool // and that would be an earlier attempt's doing, not the last one's
	note      string
}

func (h history) text() string {
	text := ""
	if h.note != "" {
		text += "; " + h.note
	}
	switch {
	case h.uncertain && h.earlier:
		text += "; but an earlier attempt, whose answer was lost, may have taken effect: read again before going on"
	case h.uncertain:
		text += "; it may have taken effect all the same: read again before going on"
	}
	if h.attempts > 1 {
		text += fmt.Sprintf("; after %d attempts", h.attempts)
	}
	return text
}

// tell adds the history to an error.
func (h history) tell(err error) error {
	switch e := err.(type) { //nolint:errorlint // ours, made a moment ago and not wrapped
	case *Error:
		e.past = h
	case *ConnectionError:
		e.past = h
	}
	return err
}

// mostFields is the most fields that one error tells of. A request has 9 at most, and
// its lists count as many as they have faults.
const mostFields = 50

// refused turns an answer that is no success into an error.
func (c *core) refused(o operation, a *answer) *Error {
	clean := o.cleaner(c.redact)
	e := &Error{Status: a.status, Method: o.method, Path: o.path, RequestID: requestID(a, clean)}
	var p api.Problem
	switch {
	case a.status >= 300 && a.status <= 399:
		e.unexpected = true
		e.Message = clean(redirectMessage(c.url, a), 1000)
	case a.excess == "" && json.Unmarshal(a.body, &p) == nil && p.Code != "":
		if e.RequestID == "" {
			e.RequestID = clean(p.RequestID, 100)
		}
		e.Code = api.Code(clean(string(p.Code), 100))
		e.Message = clean(p.Detail, 1000)
		if e.Message == "" {
			e.Message = statusText(a.status)
		}
		for _, f := range p.Errors[:min(len(p.Errors), mostFields)] {
			e.Fields = append(e.Fields, api.FieldError{Field: clean(f.Field, 200), Message: clean(f.Message, 1000)})
		}
	default:
		e.Message = fmt.Sprintf("%s, %s and not an error of the management API; is the URL right, or is there a proxy in between?", statusText(a.status), kind(a))
	}
	return e
}

// unexpected is the error of a success that is none.
func (c *core) unexpected(o operation, a *answer, why string) error {
	e := &Error{Status: a.status, Method: o.method, Path: o.path, RequestID: requestID(a, o.cleaner(c.redact)), unexpected: true}
	e.Message = "the answer " + why + "; is the URL that of a management API, and of a release that fits this client?"
	e.past.uncertain = o.write
	return e
}

func requestID(a *answer, clean func(string, int) string) string {
	return clean(a.header.Get(api.HeaderRequestID), 100)
}

// redirectMessage names where a redirect points to, but for path and query: they
// could repeat what the request held.
func redirectMessage(base *url.URL, a *answer) string {
	target := ""
	if u, err := base.Parse(a.header.Get("Location")); err == nil && u.Host != "" && a.header.Get("Location") != "" {
		target = " to " + u.Scheme + "://" + u.Host
	}
	return "the server answers with a redirect" + target +
		", which is never followed because the credential would travel with it; give the client the URL that answers by itself"
}

func statusText(status int) string {
	if text := http.StatusText(status); text != "" {
		return strings.ToLower(text)
	}
	return "a status without a name"
}

// kind says what a body is, without a word of it.
func kind(a *answer) string {
	if len(a.body) == 0 {
		return "with an empty body"
	}
	// Only names that we know: a header of a stranger can hold anything.
	what := "with a body of an unknown kind"
	media, _, _ := mime.ParseMediaType(a.header.Get("Content-Type"))
	switch media {
	case "text/html", "text/plain", "text/xml", "application/xml", "application/json", "application/problem+json":
		what = "with a body of " + media
	}
	if a.excess != "" {
		what += " that " + a.excess
	}
	return what
}

// redactor takes secrets out of texts that are not ours. What is too short to be
// a secret stays: taking it out would only garble the text.
func redactor(secrets ...string) func(string) string {
	var pairs []string
	for _, s := range secrets {
		if len(s) >= 8 {
			pairs = append(pairs, s, "[redacted]")
		}
	}
	return strings.NewReplacer(pairs...).Replace
}

// cleaner makes a text of the server fit for an error: no secrets, no control or
// invisible characters, which could fool a terminal, and not endless.
func (o operation) cleaner(redact func(string) string) func(text string, most int) string {
	own := redactor(o.secrets...)
	return func(text string, most int) string { return outside.Line(own(redact(text)), most) }
}

// isGone reports whether a delete found nothing after an attempt whose answer was
// lost: then that attempt, or someone else, has deleted it.
func isGone(err error) bool { return errors.Is(err, ErrNotFound) && errors.Is(err, ErrUncertain) }

// isOurs reports whether a create was refused because there is such a thing already,
// after an attempt whose answer was lost: then that attempt may have made it.
func isOurs(err error, taken api.Code) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == taken && errors.Is(err, ErrUncertain)
}
