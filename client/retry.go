package client

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	firstWait = 500 * time.Millisecond // doubled for each further attempt
	longWait  = 30 * time.Second       // where the doubling ends
	// longestRetryAfter is the longest wait that a server may ask for. Beyond
	// it, a person should learn about the wait instead of sitting through it.
	longestRetryAfter = 5 * time.Minute
)

// core runs operations: it sends, tries again and tells what went wrong.
//
// Almost every operation may be tried again after an answer was lost, each for a
// reason of its own: reads and verify change nothing; keys are created and rotated
// under an Idempotency-Key; what else is created has a name that the caller chose,
// and is refused the second time; an update sets absolute values; a delete of what
// is gone leaves it gone. What a repeated write then means is told by uncertain.
// The exception is marked once.
type core struct {
	send       func(context.Context, request) (*answer, error)
	close      func()
	url        *url.URL
	maxRetries int
	sleep      func(context.Context, time.Duration) error
	jitter     func(most time.Duration) time.Duration
	now        func() time.Time
	redact     func(string) string
}

// failure is an attempt that did not succeed.
type failure struct {
	err   error // *Error or *ConnectionError
	again bool  // another attempt may fare better
	// lost is true when the server may have done what it was asked.
	lost  bool
	after *time.Duration // what the server asks to wait
}

// do runs one operation to its end. Its error is an *Error, a *ConnectionError,
// one of a context, or for a request not worth sending an ErrValidation.
func (c *core) do(ctx context.Context, o operation) (*answer, error) {
	switch {
	case c == nil:
		return nil, errNotMade
	case ctx == nil:
		return nil, o.invalid("the context is nil")
	}
	r, err := o.request()
	if err != nil {
		return nil, err
	}
	lost := false // in any attempt so far
	for attempt := 0; ; attempt++ {
		a, failed := c.attempt(ctx, o, r)
		if failed == nil {
			return a, nil
		}
		lost = lost || failed.lost
		story := history{attempts: attempt + 1, uncertain: lost && o.write, earlier: !failed.lost}
		if !failed.again || attempt >= c.maxRetries || o.once && lost {
			return nil, story.tell(failed.err)
		}
		wait, note := c.wait(ctx, attempt, failed.after)
		if note != "" {
			story.note = note
			return nil, story.tell(failed.err)
		}
		if err := c.sleep(ctx, wait); err != nil {
			return nil, fmt.Errorf("%w while waiting to try again after: %w", err, story.tell(failed.err))
		}
	}
}

// errNotMade is a call of a client or a service that New did not make.
var errNotMade = errors.New("this client was not made by client.New; nothing was sent")

// errNotSent is an attempt that its context forbade from the start.
var errNotSent = errors.New("nothing was sent")

func (c *core) attempt(ctx context.Context, o operation, r request) (*answer, *failure) {
	if ctx.Err() != nil {
		return nil, c.noAnswer(ctx, o, errNotSent)
	}
	a, err := c.send(ctx, r)
	switch {
	case err != nil:
		return nil, c.noAnswer(ctx, o, err)
	case a.ok():
		return a, nil
	}
	f := &failure{err: c.refused(o, a), lost: a.status >= 500 && !nothingDone(a.status)}
	switch a.status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		f.again = true
		f.after = retryAfter(a.header, c.now())
	}
	var e *Error
	if f.after != nil && errors.As(f.err, &e) {
		e.RetryAfter = *f.after
	}
	return nil, f
}

// nothingDone reports whether a server error promises that nothing was changed.
func nothingDone(status int) bool {
	return status == http.StatusNotImplemented || status == http.StatusInsufficientStorage
}

// wait is how long to wait before the next attempt. A note says why waiting is
// out of the question: then the failure is the caller's at once, instead of
// after a sleep that cannot end well.
func (c *core) wait(ctx context.Context, attempt int, after *time.Duration) (time.Duration, string) {
	most := longWait
	if attempt < 6 { // 500 ms, 1, 2, 4, 8, 16 s; no overflow
		most = firstWait << attempt
	}
	wait := c.jitter(most)
	if after != nil {
		if *after > longestRetryAfter {
			return 0, fmt.Sprintf("the server asks to wait %v, and a call waits %v at most", *after, longestRetryAfter)
		}
		// The jitter stays on top, or all who were told the same time would
		// come back together.
		wait += *after
	}
	deadline, ok := ctx.Deadline()
	if !ok || !c.now().Add(wait).After(deadline) {
		return wait, ""
	}
	if after != nil {
		return 0, fmt.Sprintf("the server asks to wait %v, and this call's context ends before that", *after)
	}
	return 0, "this call's context ends before another attempt is due"
}

// retryAfter reads Retry-After, in seconds or as an HTTP date; nil where there is
// none that can be read. A date is the server's: the answer's own Date is what to
// compare it with, and the local clock only a makeshift.
func retryAfter(header http.Header, now time.Time) *time.Duration {
	text := header.Get("Retry-After")
	var wait time.Duration
	seconds, err := strconv.ParseInt(text, 10, 64)
	switch {
	case strings.HasPrefix(text, "-"):
		return nil
	case errors.Is(err, strconv.ErrRange) || err == nil && seconds > math.MaxInt64/int64(time.Second):
		wait = math.MaxInt64 - math.MaxInt64%time.Second
	case err == nil:
		wait = time.Duration(seconds) * time.Second
	default:
		at, err := http.ParseTime(text)
		if err != nil {
			return nil
		}
		if date, err := http.ParseTime(header.Get("Date")); err == nil {
			now = date
		}
		wait = max(0, at.Sub(now))
	}
	return &wait
}
