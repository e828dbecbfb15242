package sendgrid

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

// window is how long requests are counted before the count begins anew.
const window = time.Minute

// limits count requests by account and endpoint. They are in memory only, and bounded
// by the accounts that exist: a caller is known before its request is counted.
type limits struct {
	most int // in a window

	mu    sync.Mutex
	since time.Time // when the window began
	taken map[counted]int
}

type counted struct{ account, endpoint string }

// take counts a request and reports whether it is within the limit.
func (l *limits) take(account, endpoint string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.roll(now)
	what := counted{account, endpoint}
	if l.taken[what] >= l.most {
		return false
	}
	l.taken[what]++
	return true
}

// roll forgets the counts of a window that is over. It needs the lock.
func (l *limits) roll(now time.Time) {
	if begun := now.Truncate(window); l.taken == nil || !begun.Equal(l.since) {
		l.since, l.taken = begun, map[counted]int{}
	}
}

// show sets the headers that every answer of SendGrid has: the limit, what is left of
// it, and the Unix time, in seconds, at which it is whole again. An answer to
// nobody in particular, with an empty account, shows a limit that is whole.
func (l *limits) show(h http.Header, account, endpoint string, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.roll(now)
	h.Set("X-RateLimit-Limit", strconv.Itoa(l.most))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(l.most-l.taken[counted{account, endpoint}]))
	h.Set("X-RateLimit-Reset", strconv.FormatInt(l.since.Add(window).Unix(), 10))
}
