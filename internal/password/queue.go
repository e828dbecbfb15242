package password

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// ErrBusy is the answer when too many passwords of one account, or of one address that
// calls it, wait to be hashed.
var ErrBusy = errors.New("too many passwords wait to be hashed")

// How many passwords may wait or be hashed at a time, of one account and of one address
// in it. An account waits for others, too, but never behind more than one of each.
const (
	MaxOfAccount = 64
	MaxOfAddress = 8
)

// queue hands out turns. Accounts take turns one after another, so that a flood in one of
// them costs the others no more than one place.
type queue struct {
	mu      sync.Mutex
	free    int
	ring    []string             // the accounts that wait, next first
	waiting map[string][]*waiter // by account, first come, first served
	taken   map[place]int        // how many wait or are hashed
}

// place is an account, or an address in it.
type place struct{ account, address string }

type waiter struct{ turn chan struct{} }

func newQueue(turns int) *queue {
	return &queue{free: turns, waiting: map[string][]*waiter{}, taken: map[place]int{}}
}

// enter waits for a turn. With a nil error, leave must follow.
func (q *queue) enter(ctx context.Context, of place) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	q.mu.Lock()
	if q.taken[place{account: of.account}] >= MaxOfAccount || of.address != "" && q.taken[of] >= MaxOfAddress {
		q.mu.Unlock()
		return ErrBusy
	}
	q.count(of, 1)
	if q.free > 0 {
		q.free--
		q.mu.Unlock()
		return nil
	}
	w := &waiter{turn: make(chan struct{})}
	if len(q.waiting[of.account]) == 0 {
		q.ring = append(q.ring, of.account)
	}
	q.waiting[of.account] = append(q.waiting[of.account], w)
	q.mu.Unlock()
	select {
	case <-w.turn:
		return nil
	case <-ctx.Done():
		q.giveUp(of, w)
		return ctx.Err()
	}
}

// leave gives the turn to the next account that waits.
func (q *queue) leave(of place) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.count(of, -1)
	if len(q.ring) == 0 {
		q.free++
		return
	}
	account := q.ring[0]
	q.ring = q.ring[1:]
	next := q.waiting[account][0]
	q.remove(account, next)
	if len(q.waiting[account]) > 0 {
		q.ring = append(q.ring, account)
	}
	close(next.turn)
}

// giveUp takes back one that waits. When its turn has come meanwhile, the next one has it.
func (q *queue) giveUp(of place, w *waiter) {
	q.mu.Lock()
	if slices.Contains(q.waiting[of.account], w) {
		q.remove(of.account, w)
		if len(q.waiting[of.account]) == 0 {
			q.ring = slices.DeleteFunc(q.ring, func(account string) bool { return account == of.account })
		}
		q.count(of, -1)
		q.mu.Unlock()
		return
	}
	q.mu.Unlock()
	q.leave(of)
}

// remove needs the lock.
func (q *queue) remove(account string, w *waiter) {
	left := slices.DeleteFunc(q.waiting[account], func(other *waiter) bool { return other == w })
	if q.waiting[account] = left; len(left) == 0 {
		delete(q.waiting, account)
	}
}

// count needs the lock.
func (q *queue) count(of place, n int) {
	places := []place{{account: of.account}}
	if of.address != "" {
		places = append(places, of)
	}
	for _, p := range places {
		if q.taken[p] += n; q.taken[p] == 0 {
			delete(q.taken, p)
		}
	}
}
