package password

import (
	"context"
	"errors"
	"fmt"
	"testing"
)

// waits makes one that waits, and returns once it does.
func (q *queue) waits(t *testing.T, of place, order chan<- string) {
	t.Helper()
	q.mu.Lock()
	before := len(q.waiting[of.account])
	q.mu.Unlock()
	go func() {
		if err := q.enter(context.Background(), of); err == nil {
			order <- of.account
			q.leave(of)
		}
	}()
	for {
		q.mu.Lock()
		now := len(q.waiting[of.account])
		q.mu.Unlock()
		if now > before {
			return
		}
	}
}

func TestFaults_AFloodOfPasswordsCostsAnotherAccountOnePlace(t *testing.T) {
	t.Parallel()
	q := newQueue(1)
	if err := q.enter(t.Context(), place{account: "flood"}); err != nil {
		t.Fatal(err)
	}
	order := make(chan string, 2*MaxOfAccount)
	for i := range MaxOfAccount - 1 {
		q.waits(t, place{"flood", fmt.Sprint(i)}, order)
	}
	if err := q.enter(t.Context(), place{account: "flood"}); !errors.Is(err, ErrBusy) {
		t.Errorf("one more of the flood: %v", err)
	}
	for _, account := range []string{"one", "two"} {
		q.waits(t, place{account: account}, order)
	}
	q.leave(place{account: "flood"})
	var got []string
	for range MaxOfAccount + 1 {
		got = append(got, <-order)
	}
	if got[0] != "flood" || got[1] != "one" || got[2] != "two" {
		t.Errorf("the turns went to %v", got[:3])
	}
}

func TestFaults_AnAddressLeavesRoomForOthersOfItsAccount(t *testing.T) {
	t.Parallel()
	q := newQueue(1)
	order := make(chan string, MaxOfAccount)
	if err := q.enter(t.Context(), place{"a", "192.0.2.1"}); err != nil {
		t.Fatal(err)
	}
	for range MaxOfAddress - 1 {
		q.waits(t, place{"a", "192.0.2.1"}, order)
	}
	if err := q.enter(t.Context(), place{"a", "192.0.2.1"}); !errors.Is(err, ErrBusy) {
		t.Errorf("one more from the address: %v", err)
	}
	q.waits(t, place{"a", "192.0.2.2"}, order)
	q.waits(t, place{"a", ""}, order)
	q.leave(place{"a", "192.0.2.1"})
	for range MaxOfAddress + 1 {
		<-order
	}
}

func TestQueue_WhoGivesUpTakesNoTurn(t *testing.T) {
	t.Parallel()
	q := newQueue(1)
	of := place{"a", "192.0.2.1"}
	if err := q.enter(t.Context(), of); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan error)
	go func() { gone <- q.enter(ctx, of) }()
	cancel()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("it got %v", err)
	}
	q.leave(of)
	if q.free != 1 || len(q.taken) != 0 || len(q.ring) != 0 || len(q.waiting) != 0 {
		t.Errorf("what is left: %+v", q)
	}
}
