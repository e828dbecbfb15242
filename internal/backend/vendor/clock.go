package vendor

import (
	"net/http"
	"time"
)

// tick notes the service's clock.
func (c *Caller) tick(header http.Header) {
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.served, c.seen = date, time.Now()
}

// Now is the service's clock, in UTC and to the second: what the last answer showed,
// and the time since then. It is false before the first answer.
func (c *Caller) Now() (time.Time, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.served.IsZero() {
		return time.Time{}, false
	}
	return c.served.Add(time.Since(c.seen)).UTC().Truncate(time.Second), true
}
