package mailchannels

import (
	"context"
	"errors"
	"testing"
)

// slow is a list whose readings a test lets end one by one.
type slow struct {
	*shared[int]
	began chan context.Context
	end   chan int
}

func newSlow() *slow {
	s := &slow{began: make(chan context.Context, 10), end: make(chan int)}
	s.shared = newShared(func(ctx context.Context) (int, error) {
		s.began <- ctx
		select {
		case n := <-s.end:
			return n, nil
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	})
	return s
}

// ask gets in the background; the channel has the answer.
func (s *slow) ask(ctx context.Context, anew bool) chan int {
	out := make(chan int, 1)
	go func() {
		n, err := s.get(ctx, anew)
		if err != nil {
			n = -1
		}
		out <- n
	}()
	return out
}

// waiting returns once n readers wait in all.
func (s *slow) waiting(n int) {
	for have := -1; have != n; {
		have = 0
		s.mu.Lock()
		for _, one := range []*reading[int]{s.running, s.next} {
			if one != nil {
				have += one.waiting
			}
		}
		s.mu.Unlock()
	}
}

func TestShared_AWriteWhileTheListIsOnItsWayIsSeenByTheNextReader(t *testing.T) {
	t.Parallel()
	s := newSlow()
	first := s.ask(t.Context(), false)
	<-s.began
	s.forget()
	second := s.ask(t.Context(), false) // must not join what began before the write
	s.waiting(2)
	s.end <- 1
	<-s.began
	s.end <- 2
	if a, b := <-first, <-second; a != 1 || b != 2 {
		t.Errorf("got %d and %d", a, b)
	}
	if n, err := s.get(t.Context(), false); n != 2 || err != nil {
		t.Errorf("kept %d, %v", n, err)
	}

	s.forget()
	third := s.ask(t.Context(), false)
	<-s.began
	s.forget()
	s.end <- 3
	<-third
	fourth := s.ask(t.Context(), false)
	<-s.began // what was read before the write is not kept
	s.end <- 4
	if n := <-fourth; n != 4 {
		t.Errorf("got %d", n)
	}
}

func TestShared_WhoAsksAnewNeverGetsWhatBeganBefore(t *testing.T) {
	t.Parallel()
	s := newSlow()
	first := s.ask(t.Context(), true)
	<-s.began
	var later []chan int
	for range 5 {
		later = append(later, s.ask(t.Context(), true))
	}
	s.waiting(6)
	s.end <- 1
	<-s.began
	s.end <- 2
	if n := <-first; n != 1 {
		t.Errorf("the first got %d", n)
	}
	for _, one := range later {
		if n := <-one; n != 2 {
			t.Errorf("a later one got %d", n)
		}
	}
}

func TestShared_WhoLeavesFailsNobodyAndTheLastBreaksItOff(t *testing.T) {
	t.Parallel()
	s := newSlow()
	leaver, leave := context.WithCancel(t.Context())
	first := s.ask(leaver, false)
	<-s.began
	second := s.ask(t.Context(), false)
	s.waiting(2)
	leave()
	if n := <-first; n != -1 {
		t.Errorf("who left got %d", n)
	}
	s.end <- 7
	if n := <-second; n != 7 {
		t.Errorf("who stayed got %d", n)
	}

	s.forget()
	alone, leave := context.WithCancel(t.Context())
	third := s.ask(alone, false)
	call := <-s.began
	leave()
	<-third
	<-call.Done()
	fourth := s.ask(t.Context(), false)
	<-s.began
	s.end <- 8
	if n := <-fourth; n != 8 {
		t.Errorf("after a reading that was broken off: %d", n)
	}
	if err := call.Err(); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
