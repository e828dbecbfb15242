package backend

import "sync"

// Seen are the ids that a process has met in the answers of a service: a key that is made
// later is none of them. The zero value is ready. It is safe for concurrent use.
type Seen struct {
	mu  sync.Mutex
	ids map[string]bool
}

// Add remembers ids.
func (s *Seen) Add(ids ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ids == nil {
		s.ids = map[string]bool{}
	}
	for _, id := range ids {
		s.ids[id] = true
	}
}

// Remove forgets an id that was deleted, and that the service may give again.
func (s *Seen) Remove(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.ids, id)
}

// Copy returns the ids that were met so far. Who makes a key takes it before that: a list
// that somebody reads meanwhile has the new key already.
func (s *Seen) Copy() map[string]bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	ids := make(map[string]bool, len(s.ids))
	for id := range s.ids {
		ids[id] = true
	}
	return ids
}
