package servertest

import (
	"sync"
	"time"
)

// clock is the server's clock. It stands still until it is moved, so that no test
// depends on how fast it runs.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now is the server's time.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Now is the server's time, in whole seconds and UTC at the start. It stands
// still until Advance moves it.
func (s *Server) Now() time.Time { return s.clock.Now() }

// Advance lets time pass on the server's clock. When d is negative the clock is set back,
// and the server's time stands still until the clock has caught up.
func (s *Server) Advance(d time.Duration) {
	s.clock.mu.Lock()
	defer s.clock.mu.Unlock()
	s.clock.now = s.clock.now.Add(d)
}
