package vendor

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

const (
	firstWait    = 500 * time.Millisecond // doubled for each further attempt
	shortestWait = time.Second            // after a 429
	longestWait  = time.Minute            // whatever the service asks for
	spread       = 250 * time.Millisecond // of those who were told the same time
	// A reset below this is a number of seconds, not a date.
	earliestReset = 1_000_000_000
)

// sleeper waits, or returns early with the context's error.
type sleeper func(ctx context.Context, d time.Duration) error

// Sleep waits, or returns early with the context's error.
func Sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil || d <= 0 {
		return err
	}
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

// backoff is how long to wait after a failure that is no 429.
func (c *Caller) backoff(attempt int, after *time.Duration) time.Duration {
	if after != nil {
		return min(max(*after, 0), longestWait) + c.jitter(spread)
	}
	most := longestWait / 2
	if attempt < 6 {
		most = firstWait << attempt
	}
	return most/2 + c.jitter(most/2)
}

// slow holds the route back for as long as the service asks: after a 429, and after
// an answer that used up what was left.
func (c *Caller) slow(call Call, a *answer) {
	asked := c.asked(a.header)
	switch {
	case a.status == http.StatusTooManyRequests:
		wait := shortestWait
		if asked != nil {
			wait = min(max(*asked, shortestWait), longestWait)
		}
		c.pace.hold(call.Method+" "+call.Route, c.now().Add(wait+c.jitter(spread)))
	case a.header.Get("X-RateLimit-Remaining") == "0" && asked != nil && *asked > 0:
		c.pace.hold(call.Method+" "+call.Route, c.now().Add(min(*asked, longestWait)))
	}
}

// asked is how long the service asks to wait; nil where it does not say. Dates are
// the service's, and so are compared with the answer's own Date: a clock of ours
// that is wrong does not matter.
func (c *Caller) asked(header http.Header) *time.Duration {
	now, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		now = c.now()
	}
	var wait time.Duration
	if text := header.Get("Retry-After"); text != "" {
		if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
			wait = inSeconds(seconds)
			return &wait
		}
		if at, err := http.ParseTime(text); err == nil {
			wait = at.Sub(now)
			return &wait
		}
	}
	reset, err := strconv.ParseInt(header.Get("X-RateLimit-Reset"), 10, 64)
	if err != nil {
		return nil
	}
	if reset < earliestReset {
		wait = inSeconds(reset)
	} else {
		wait = inSeconds(reset - now.Unix())
	}
	return &wait
}

// inSeconds bounds a number of seconds to what a wait can be.
func inSeconds(n int64) time.Duration {
	return time.Duration(min(max(n, 0), int64(longestWait/time.Second))) * time.Second
}
