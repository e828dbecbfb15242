package httpapi

import (
	"sync"
	"time"
)

// warnings bounds what the log says of faults that callers can repeat: each kind once a
// minute for an address, and of all at most so many. The metrics count every one.
type warnings struct {
	mu    sync.Mutex
	since time.Time
	said  map[[2]string]bool
}

const (
	warnEvery = time.Minute
	mostWarns = 20
)

// due reports whether a warning of this kind about this address is to be logged now.
func (w *warnings) due(kind, address string, now time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.said == nil || now.Sub(w.since) >= warnEvery {
		w.since, w.said = now, map[[2]string]bool{}
	}
	one := [2]string{kind, address}
	if w.said[one] || len(w.said) >= mostWarns {
		return false
	}
	w.said[one] = true
	return true
}
