package server

import (
	"sync"
	"time"
)

// repeatEvery is how often a failure that goes on is logged again.
const repeatEvery = time.Minute

// seldom lets one line a while through, so that a failure which goes on for hours fills
// no log, which may be on the same full disk.
type seldom struct {
	mu   sync.Mutex
	next time.Time
}

// isDue reports whether the line is to be logged now.
func (s *seldom) isDue(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Before(s.next) {
		return false
	}
	s.next = now.Add(repeatEvery)
	return true
}

// clear ends the failure: the next one is logged at once.
func (s *seldom) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next = time.Time{}
}
