package claims

import (
	"sync"
	"time"
)

// Call is a kind of call that Terraform makes.
type Call uint8

// The kinds. Terraform makes each of them on behalf of one instance, and so at most as many at
// once as its -parallelism.
const (
	Read Call = iota // refreshes or imports an instance
	Plan             // plans one
	Apply
	Look // reads a data source, or opens something ephemeral
	kinds
)

// Traffic is what a process of the provider serves. The zero value is ready. It is safe for
// concurrent use.
type Traffic struct {
	mu      sync.Mutex
	begun   [kinds]int
	serving int           // calls that are under way, those that wait here among them
	most    int           // the most that ever were
	waiting int           // calls that wait for another one, in Settle
	moved   time.Time     // when a call last began or ended
	changed chan struct{} // closed at the next change, while somebody waits
}

// Begin notes a call. The function that it returns notes its end.
func (t *Traffic) Begin(call Call) (end func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.begun[call]++
	t.serving++
	t.most = max(t.most, t.serving)
	t.move()
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.serving--
		t.move()
	}
}

// move wakes who waits, after a call has begun or ended; the lock is held.
func (t *Traffic) move() {
	t.moved = time.Now()
	t.wake()
}

// wake makes all that wait look again; the lock is held.
func (t *Traffic) wake() {
	if t.changed != nil {
		close(t.changed)
		t.changed = nil
	}
}

// change is closed at the next change; the lock is held.
func (t *Traffic) change() <-chan struct{} {
	if t.changed == nil {
		t.changed = make(chan struct{})
	}
	return t.changed
}
