package postern

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client"
	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

const (
	// mostJoined is how many ids one call asks for: a longer URL may be too long
	// for a proxy.
	mostJoined = 100
	// joinWithin is how long a read waits for others to join it. Terraform asks for
	// one key at a time on each of ten workers, so the others come at once.
	joinWithin = 10 * time.Millisecond
)

// reader reads single keys of one place, which is an account or a sub-account, in
// few calls. Reads that come together join into one call by their ids. Where many are
// asked for, it reads whole pages of the list ahead; see ahead.go.
//
// A call is nobody's in particular: it goes on while one read is left that waits,
// and its failure is told to those that waited for it and to no other.
type reader struct {
	keys  *client.APIKeyService
	size  func(context.Context) (int, error) // about how many keys the place holds
	pause func()                             // lets reads join; a seam for tests

	mu      sync.Mutex
	asked   []*read // in no call by id yet
	open    int     // reads that somebody waits for
	running bool
	cancel  context.CancelFunc // of the call on its way
	calls   int                // by id, so far
	ahead   ahead
}

// read is one key that somebody waits for.
type read struct {
	id     string
	anew   bool // only what is read after it was asked for will do
	done   chan struct{}
	key    backend.APIKey
	absent bool // the list does not hold it
	// homeless is for a list that was not there itself: the place is gone, or a proxy says so.
	homeless bool
	err      error
}

func newReader(keys *client.APIKeyService, size func(context.Context) (int, error)) *reader {
	return &reader{keys: keys, size: size, pause: func() { time.Sleep(joinWithin) }}
}

// get returns a key. With anew it was read after it was asked for; else it may also
// have been read ahead, earlier in this process, provided that the process has not
// written to it since.
func (r *reader) get(ctx context.Context, id string, anew bool) (backend.APIKey, error) {
	if !joins(id) {
		key, err := r.alone(ctx, id)
		if errors.Is(err, backend.ErrNotFound) {
			err = r.confirm(ctx, id, err)
		}
		return key, err
	}
	one := r.ask(ctx, id, anew)
	select {
	case <-one.done:
	case <-ctx.Done():
		r.leave(one)
		return backend.APIKey{}, fmt.Errorf("reading an API key: %w", ctx.Err())
	}
	if !one.absent && !one.homeless {
		return one.key, one.err
	}
	// A list that misses a key must never drop it from the state.
	key, err := r.alone(ctx, id)
	if one.homeless && errors.Is(err, backend.ErrNotFound) {
		err = r.confirm(ctx, id, err)
	}
	return key, err
}

// joins reports whether the id may go into a list with others: one that the server
// would refuse, out of an import by hand, must not fail theirs.
func joins(id string) bool {
	const longest = 64
	return id != "" && len(id) <= longest && strings.Trim(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == ""
}

func (r *reader) alone(ctx context.Context, id string) (backend.APIKey, error) {
	key, err := r.keys.Get(ctx, id)
	if err != nil {
		return backend.APIKey{}, explained(err)
	}
	return converted(key), nil
}

// confirm returns the miss of a key when it proves that the key is gone: the list of its
// place answers and lacks it, or the place is gone itself. A 404 for every path below a
// place proves nothing, as whatever stands before the server can say so.
func (r *reader) confirm(ctx context.Context, id string, missing error) error {
	in := client.ListAPIKeys{Limit: 1}
	if joins(id) {
		in.IDs = []string{id}
	}
	page, err := r.keys.List(ctx, in)
	if errors.Is(err, client.ErrNotFound) {
		if _, err = r.size(ctx); errors.Is(err, client.ErrNotFound) {
			return missing // with its place
		}
		if err == nil {
			return &backend.Error{Message: fmt.Sprintf("The server says that there is no API key %q and no list of keys either, and shows the place that they belong to all the same. "+
				"Whether the key is there is not known, so nothing is dropped. Look at what stands before the server, such as a proxy, and try again.", id)}
		}
	}
	switch {
	case err != nil:
		return explained(err)
	case slices.ContainsFunc(page.Items, func(key api.APIKey) bool { return key.ID == id }):
		return &backend.Error{Message: fmt.Sprintf("The server says that there is no API key %q, and lists it all the same. Try again.", id)}
	}
	return missing
}

// ask takes the key from what was read ahead, or puts the read among those that wait
// and makes sure that somebody works on them.
func (r *reader) ask(ctx context.Context, id string, anew bool) *read {
	one := &read{id: id, anew: anew, done: make(chan struct{})}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open++
	if key, ok := r.ahead.take(id); ok && !anew {
		one.key = key
		r.finish(one)
		return one
	}
	r.asked = append(r.asked, one)
	if !r.running {
		r.running = true
		go r.run(context.WithoutCancel(ctx))
	}
	return one
}

// leave gives a read up. A call that nobody waits for any more is broken off.
func (r *reader) leave(one *read) {
	r.mu.Lock()
	defer r.mu.Unlock()
	select {
	case <-one.done:
		return // answered in this very moment
	default:
	}
	r.finish(one)
	r.asked = without(r.asked, func(other *read) bool { return other == one })
	if r.open == 0 && r.cancel != nil {
		r.cancel()
	}
}

// finish ends a read; the lock is held.
func (r *reader) finish(one *read) {
	select {
	case <-one.done:
		return // its reader has left
	default:
	}
	r.open--
	close(one.done)
}

// run makes calls until no read waits.
func (r *reader) run(ctx context.Context) {
	for {
		batch, page, more := r.next(ctx)
		if !more {
			return
		}
		call, cancel := context.WithCancel(ctx)
		r.mu.Lock()
		if r.cancel = cancel; r.open == 0 {
			cancel()
		}
		r.mu.Unlock()
		if page {
			r.readPage(call)
		} else {
			r.readByID(call, batch)
		}
		cancel()
	}
}

// next decides about the next call: the reads to ask for by id, or a page.
func (r *reader) next(ctx context.Context) (batch []*read, page, more bool) {
	if r.idle() {
		return nil, false, false
	}
	pages := r.worthPages(ctx)
	if !pages {
		r.pause()
	}
	if r.idle() { // who asked has left
		return nil, false, false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var rest []*read
	for _, one := range r.asked {
		if len(batch) < mostJoined && (one.anew || !pages) {
			batch = append(batch, one)
		} else {
			rest = append(rest, one)
		}
	}
	if len(batch) > 0 || !pages {
		r.asked = rest
		r.calls++
		return batch, false, true
	}
	r.ahead.begin()
	return nil, true, true
}

// idle ends the run when no read waits: the next one starts another.
func (r *reader) idle() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.asked) > 0 {
		return false
	}
	r.running, r.cancel = false, nil
	return true
}

// readByID reads the keys of a batch in one call.
func (r *reader) readByID(ctx context.Context, batch []*read) {
	if len(batch) == 0 {
		return // all have left; no ids at all would mean all keys
	}
	wanted := map[string]bool{}
	in := client.ListAPIKeys{Limit: api.MaxPageSize}
	for _, one := range batch {
		if !wanted[one.id] {
			wanted[one.id] = true
			in.IDs = append(in.IDs, one.id)
		}
	}
	page, err := r.keys.List(ctx, in)
	found := map[string]backend.APIKey{}
	if err == nil {
		for i := range page.Items {
			found[page.Items[i].ID] = converted(&page.Items[i])
		}
	}
	homeless := errors.Is(err, client.ErrNotFound) // each read looks once more by itself
	if homeless {
		err = nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, one := range batch {
		key, ok := found[one.id]
		one.key, one.absent, one.homeless, one.err = key, err == nil && !ok, homeless, explained(err)
		r.finish(one)
	}
}

// fail ends all reads that wait for a page with the error; the lock is held.
func (r *reader) fail(err error) {
	r.asked = without(r.asked, func(one *read) bool {
		if one.anew {
			return false
		}
		one.err = explained(err)
		r.finish(one)
		return true
	})
}

// without is the reads that drop does not report.
func without(reads []*read, drop func(*read) bool) []*read {
	var rest []*read
	for _, one := range reads {
		if !drop(one) {
			rest = append(rest, one)
		}
	}
	return rest
}

// unreachable reports whether an error says nothing about what was asked for.
func unreachable(err error) bool { return errors.Is(err, client.ErrUnreachable) }
