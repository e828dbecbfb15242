package servertest

import (
	"bytes"
	"sync"
)

// logs collects what the server logs.
type logs struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write adds to the log.
func (l *logs) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

// Logs is everything that the server has logged, at debug level, as lines of
// JSON.
func (s *Server) Logs() string {
	s.logs.mu.Lock()
	defer s.logs.mu.Unlock()
	return s.logs.text.String()
}
