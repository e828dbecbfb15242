// Package claims keeps who gets which name in one run of the provider, where no two things
// have the same one. It asks nobody anything; the provider tells it what Terraform asks for.
//
// What it has to live with, read in the sources of Terraform 1.11 to 1.15 and OpenTofu 1.12:
//
//   - A plan asks about one instance at a time, in any order, and about as many at once as its
//     -parallelism, which nobody tells. So a name that a key has may be given up by that key
//     in this same run, and the question about that key still be to come; or it may be a key
//     that no question will ever be about. Registry.Settle waits to tell the two apart.
//   - An apply runs in a process of its own, and plans each instance once more right before it
//     applies it. Nothing of the approved plan reaches that second plan or the apply but what
//     the state holds: neither the planned private state, which is made anew (only a destroy
//     gets the approved one), nor the planned values. So whether a key gives its name up
//     cannot be carried from the plan to the apply, and the apply must get along without it:
//     it never touches the key that still has the name (see provider/names_apply.go).
//   - No call says whether it belongs to a plan or to an apply. Other calls do: a refresh is
//     only in a plan, and an apply only in an apply.
package claims

import (
	"context"
	"slices"
	"time"
)

// The kinds of things that have names.
const (
	APIKey     = "apikey"
	Subaccount = "subaccount"
	Scope      = "scope"
)

// Seat is a name where only one thing has it.
type Seat struct{ Kind, Place, Name string }

// Wish is the name that a thing is to have after the run.
type Wish struct {
	Seat
	ID       string // of the thing; empty for a new one
	Replaces string // the id of the one that a new one replaces; empty for none
}

// Claimant is who gets a name.
type Claimant struct {
	ID string // empty for a new one
}

type thing struct{ kind, place, id string }

// seen is what this run knows of a thing that is in the state.
type seen struct {
	planned bool
	gone    bool  // it was planned to go
	seat    *Seat // what it gets, when planned; nil for nothing, or nothing that is known
}

// Registry is what one run of a configured provider knows. It is safe for concurrent use.
type Registry struct {
	traffic *Traffic
	from    [kinds]int // the calls before this run: a process can serve several, one after the other
	things  map[thing]seen
	claims  map[Seat]Claimant
	waiters []*waiter
}

// waiter is a call that waits in Settle.
type waiter struct{ isNew bool }

// New returns the registry of a run that begins now.
func New(t *Traffic) *Registry {
	t.mu.Lock()
	defer t.mu.Unlock()
	return &Registry{traffic: t, from: t.begun, things: map[thing]seen{}, claims: map[Seat]Claimant{}}
}

// Saw notes that the refresh of this run has found a thing of the state.
func (r *Registry) Saw(kind, place, id string) {
	r.traffic.mu.Lock()
	defer r.traffic.mu.Unlock()
	key := thing{kind, place, id}
	if _, known := r.things[key]; !known {
		r.things[key] = seen{}
		r.traffic.wake()
	}
}

// Leaves notes that a thing of the state goes away in this run, or gets a name that is not
// known yet.
func (r *Registry) Leaves(kind, place, id string) {
	r.traffic.mu.Lock()
	defer r.traffic.mu.Unlock()
	key := thing{kind, place, id}
	r.vacate(key)
	r.things[key] = seen{planned: true, gone: true}
}

// vacate takes from a thing what it has claimed; the lock is held.
func (r *Registry) vacate(key thing) {
	if seat := r.things[key].seat; seat != nil && r.claims[*seat].ID == key.id {
		delete(r.claims, *seat)
	}
	r.things[key] = seen{planned: true}
	r.traffic.wake()
}

// Claim notes what name a thing is planned to have. When another one of this run was planned
// to have it before, that one is returned, and keeps it.
func (r *Registry) Claim(w Wish) (other Claimant, taken bool) {
	r.traffic.mu.Lock()
	defer r.traffic.mu.Unlock()
	if w.Replaces != "" {
		r.vacate(thing{w.Kind, w.Place, w.Replaces})
	}
	if w.ID != "" {
		r.vacate(thing{w.Kind, w.Place, w.ID})
	}
	if other, taken = r.claims[w.Seat]; taken {
		return other, true
	}
	r.claims[w.Seat] = Claimant{ID: w.ID}
	if w.ID != "" {
		r.things[thing{w.Kind, w.Place, w.ID}] = seen{planned: true, seat: &w.Seat}
	}
	r.traffic.wake()
	return Claimant{}, false
}

// Made notes that a new thing is there now, under the name that it was planned to have: what is
// planned for it after this is no claim of another one.
func (r *Registry) Made(seat Seat, id string) {
	r.traffic.mu.Lock()
	defer r.traffic.mu.Unlock()
	if by, taken := r.claims[seat]; taken && by.ID == "" {
		r.claims[seat] = Claimant{ID: id}
		r.things[thing{seat.Kind, seat.Place, id}] = seen{planned: true, seat: &seat}
	}
}

// Claimed returns who gets a name, of those that this run has planned.
func (r *Registry) Claimed(seat Seat) (by Claimant, taken bool) {
	r.traffic.mu.Lock()
	defer r.traffic.mu.Unlock()
	by, taken = r.claims[seat]
	return by, taken
}

// Planned reports whether this run has planned a thing that is in the state, and whether it
// goes away.
func (r *Registry) Planned(kind, place, id string) (planned, gone bool) {
	r.traffic.mu.Lock()
	defer r.traffic.mu.Unlock()
	known := r.things[thing{kind, place, id}]
	return known.planned, known.gone
}

// Knows reports whether this run has asked about a thing. It waits for that, at most so long.
func (r *Registry) Knows(ctx context.Context, kind, place, id string, most time.Duration) bool {
	t := r.traffic
	t.mu.Lock()
	defer t.mu.Unlock()
	for until := time.Now().Add(most); ; {
		_, known := r.things[thing{kind, place, id}]
		if left := time.Until(until); known || left <= 0 || t.pause(ctx, left) != nil {
			return known
		}
	}
}

// Applying reports whether this is known to be an apply.
func (r *Registry) Applying() bool {
	r.traffic.mu.Lock()
	defer r.traffic.mu.Unlock()
	return r.has(Apply)
}

// has reports whether this run has seen a call of that kind; the lock is held.
func (r *Registry) has(call Call) bool { return r.traffic.begun[call] > r.from[call] }

// Settle says what becomes of a wish for a name that the service says another thing has: the
// holder. It waits until that can be told, and costs nothing where no name is taken. It ends
// with the context's error when that ends.
func (r *Registry) Settle(ctx context.Context, w Wish, holder string) (Verdict, error) {
	t := r.traffic
	t.mu.Lock()
	defer t.mu.Unlock()
	if verdict, _ := judge(r.view(w, holder, nil)); verdict != undecided {
		return verdict, nil
	}
	me := &waiter{isNew: w.ID == ""}
	r.waiters = append(r.waiters, me)
	t.waiting++
	t.wake()
	defer func() {
		r.waiters = slices.DeleteFunc(r.waiters, func(one *waiter) bool { return one == me })
		t.waiting--
		t.wake()
	}()
	for {
		verdict, again := judge(r.view(w, holder, me))
		if verdict != undecided {
			return verdict, nil
		}
		if err := t.pause(ctx, again); err != nil {
			return undecided, err
		}
	}
}
