package mailchannels

import (
	"context"
	"fmt"
	"sync"
)

// shared is a list that many read at once, as Terraform's workers do: those who come
// together share one reading of it. What was read is kept for those who do not need
// it anew, until it is forgotten.
//
// A reading is nobody's in particular: it goes on while one is left who waits.
type shared[T any] struct {
	load func(context.Context) (T, error)

	mu      sync.Mutex
	running *reading[T]
	next    *reading[T] // begins when running ends
	kept    *T
	epoch   int // one more for each forget
}

// reading is one time that the list is read.
type reading[T any] struct {
	run     func()
	cancel  context.CancelFunc
	done    chan struct{}
	waiting int
	epoch   int // of its begin
	value   T
	err     error
}

func newShared[T any](load func(context.Context) (T, error)) *shared[T] {
	return &shared[T]{load: load}
}

// get returns the list; with anew, as it was read after it was asked for.
func (s *shared[T]) get(ctx context.Context, anew bool) (T, error) {
	s.mu.Lock()
	if !anew && s.kept != nil {
		defer s.mu.Unlock()
		return *s.kept, nil
	}
	one := s.join(ctx, anew)
	s.mu.Unlock()
	select {
	case <-one.done:
		return one.value, one.err
	case <-ctx.Done():
		s.leave(one)
		var none T
		return none, fmt.Errorf("reading a list: %w", ctx.Err())
	}
}

// forget makes the next get read the list anew. It comes after a write, however that
// ended; a reading that is on its way may be from before it.
func (s *shared[T]) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = nil
	s.epoch++
}

// join finds the reading to wait for; the lock is held.
func (s *shared[T]) join(ctx context.Context, anew bool) *reading[T] {
	if now := s.running; !anew && now != nil && now.epoch == s.epoch && now.waiting > 0 {
		now.waiting++
		return now
	}
	if s.next == nil {
		call, cancel := context.WithCancel(context.WithoutCancel(ctx)) //nolint:gosec // read and leave call it
		one := &reading[T]{cancel: cancel, done: make(chan struct{})}
		one.run = func() { s.read(call, one) }
		s.next = one
	}
	one := s.next
	one.waiting++
	if s.running == nil {
		s.begin()
	}
	return one
}

// begin starts the next reading; the lock is held.
func (s *shared[T]) begin() {
	s.running, s.next = s.next, nil
	if s.running != nil {
		s.running.epoch = s.epoch
		go s.running.run()
	}
}

func (s *shared[T]) read(ctx context.Context, one *reading[T]) {
	value, err := s.load(ctx)
	one.cancel()
	s.mu.Lock()
	defer s.mu.Unlock()
	one.value, one.err = value, err
	if err == nil && one.epoch == s.epoch {
		s.kept = &value
	}
	s.begin()
	close(one.done)
}

// leave gives a reading up. One that nobody waits for is broken off.
func (s *shared[T]) leave(one *reading[T]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if one.waiting--; one.waiting > 0 {
		return
	}
	one.cancel()
	if s.next == one {
		s.next = nil
	}
}
