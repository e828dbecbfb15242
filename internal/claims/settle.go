package claims

import (
	"context"
	"time"
)

// Verdict is what becomes of a wish for a name that another thing has.
type Verdict uint8

// The verdicts.
const (
	undecided Verdict = iota
	GivesWay          // the holder gives the name up in this run, or is seen to be in it and is judged there
	Keeps             // the holder is in this run and keeps the name
	Unseen            // the holder is not in this run
	UnseenSo          // the same, where a run with a -parallelism of 1 would look the same
	Unsure            // it was not seen, and may still come: the plan goes on, and somebody should look
)

// How long nothing has to happen before it is believed that nothing is to come. Terraform
// begins the next call within milliseconds when it can; what it may wait for is an instance of
// another provider, so that the error that ends a plan takes its time.
const (
	calm  = time.Second
	still = 5 * time.Second
)

// view is what a verdict goes by.
type view struct {
	holder   fate
	applying bool // this is an apply
	planning bool // this is a plan with a refresh
	isNew    bool // the wish is that of a new thing
	alone    bool // nobody else waits
	full     bool // so many wait as were ever served at once, so that they may take all of Terraform's slots
	turn     bool // of those that wait, this one is to go on first
	quiet    bool // nothing is served but what waits
	since    time.Duration
}

// fate is what a run knows of the thing that has the name.
type fate uint8

const (
	unseen fate = iota
	met         // it is in the state, and not planned yet
	leaves
	keeps
)

// judge decides, or says how long to wait at most before it is asked again.
func judge(v view) (verdict Verdict, again time.Duration) {
	switch {
	case v.holder == keeps:
		return Keeps, 0
	case v.holder == leaves, v.applying:
		return GivesWay, 0
	case v.holder == met:
		// Terraform plans it right after its refresh, and then it meets this claim. What is
		// never planned is a tainted one, which the new one replaces.
		return GivesWay, 0
	case !v.quiet:
		return undecided, still
	case v.since < calm:
		return undecided, calm - v.since
	case !v.planning && !v.isNew:
		return Unsure, 0 // it was not refreshed: an apply, or a plan without a refresh
	case v.full && !v.alone && v.turn:
		return Unsure, 0
	case v.since < still:
		return undecided, still - v.since
	// A new thing alone: the calls are the same in the first plan of a configuration, where the
	// name is somebody else's, and in an apply that makes nothing but the successor of what has
	// the name, by create_before_destroy. The error is for the first, as names that are taken
	// are the more frequent mistake, and it refuses the second before anything is made.
	case v.full:
		return UnseenSo, 0
	}
	return Unseen, 0
}

// view is what is known now; the lock is held.
func (r *Registry) view(w Wish, holder string, me *waiter) view {
	t := r.traffic
	return view{
		holder: r.fate(w, holder), applying: r.has(Apply), planning: r.has(Read),
		isNew: w.ID == "", alone: len(r.waiters) == 1, full: t.most <= t.waiting, turn: me != nil && r.first() == me, quiet: t.serving <= t.waiting, since: time.Since(t.moved),
	}
}

// fate is what is known of the holder of a name; the lock is held.
func (r *Registry) fate(w Wish, holder string) fate {
	known, ok := r.things[thing{w.Kind, w.Place, holder}]
	switch {
	case holder == w.ID || holder == w.Replaces:
		return leaves
	case !ok:
		return unseen
	case !known.planned:
		return met
	case known.seat != nil && *known.seat == w.Seat:
		return keeps
	}
	return leaves
}

// first is who is to go on when all wait for each other. A new thing is the last: it is more
// often the one that wants what it cannot get.
func (r *Registry) first() *waiter {
	for _, one := range r.waiters {
		if !one.isNew {
			return one
		}
	}
	return r.waiters[0]
}

// pause waits for a change, at most so long; the lock is held before and after.
func (t *Traffic) pause(ctx context.Context, most time.Duration) error {
	changed := t.change()
	t.mu.Unlock()
	defer t.mu.Lock()
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-changed:
	case <-timer.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}
