package vendor

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

// ErrLost is for a write that was sent and has no usable answer: whether it was
// carried out is not known.
var ErrLost = errors.New("the answer was lost")

var errUnreachable = backend.ErrUnreachable

// Error is a call that failed. It wraps backend.ErrForbidden for 401 and 403,
// backend.ErrUnreachable where no answer came, the context's error where the caller
// gave up, and ErrLost. What a 404 means is the driver's to say.
type Error struct {
	Service string
	Method  string
	Route   string
	Host    string
	Status  int      // 0 where no complete answer came
	Sayings []Saying // what the service says; empty where the answer is not the service's
	// Repeated means that an earlier attempt of the same call may have been carried
	// out: a DELETE that is then answered with 404 has done its work.
	Repeated bool

	why       string
	note      string
	causes    []error
	again     bool
	maybeDone bool
	after     *time.Duration
}

func (c *Caller) newError(call Call) *Error {
	return &Error{Service: c.service, Method: call.Method, Route: call.Route, Host: c.base.Host}
}

// told is the error as the caller of Do gets it.
func (e *Error) told(attempt int, unsure bool) *Error {
	if e.maybeDone || unsure && e.Status == 0 {
		e.causes = append(e.causes, ErrLost)
	}
	if attempt > 0 {
		e.note = fmt.Sprintf(" That was attempt %d.", attempt+1)
	}
	return e
}

// Error is whole sentences.
func (e *Error) Error() string {
	call := e.Method + " " + e.Route
	said := quote(e.Sayings)
	switch {
	case e.Status == 0:
		return fmt.Sprintf("No answer from %s to %s: %s.%s", e.Host, call, e.why, e.note)
	case e.why != "" && said != "":
		return fmt.Sprintf("%s answered %s with status %d and %s: %s.%s", e.Service, call, e.Status, e.why, said, e.note)
	case e.why != "":
		return fmt.Sprintf("%s answered %s with status %d and %s.%s", e.Service, call, e.Status, e.why, e.note)
	case said != "":
		return fmt.Sprintf("%s answered %s with status %d: %s.%s", e.Service, call, e.Status, said, e.note)
	}
	return fmt.Sprintf("%s answered %s with status %d (%s) and no explanation.%s", e.Service, call, e.Status, http.StatusText(e.Status), e.note)
}

// Unwrap returns what the error is about.
func (e *Error) Unwrap() []error { return e.causes }

// Says reports whether the service said something that fits.
func (e *Error) Says(fits func(Saying) bool) bool {
	for _, s := range e.Sayings {
		if fits(s) {
			return true
		}
	}
	return false
}
