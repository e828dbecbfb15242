package postern

import (
	"context"
	"slices"

	"github.com/postern-dev/terraform-provider-postern/client"
	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/outside"
)

// fewestCalls are made by id before a page is worth reading.
const fewestCalls = 2

// mostPages is the most that is read ahead; what is left goes by id.
const mostPages = outside.MostListed / api.MaxPageSize

// ahead is what was read of the list before it was asked for. Terraform has at most
// its parallelism of reads under way, so that ids alone would join ten reads a call;
// a page holds 500 keys.
//
// It is for a refresh, which reads each key once and before anything is written: a
// key serves one read, and a key that the process has written to serves none.
// Whatever must see what happened meanwhile asks anew.
type ahead struct {
	keys   map[string]backend.APIKey
	from   int    // how many calls by id come before the next page; 0 while that is open
	cursor string // of the next page
	seen   map[string]bool
	whole  bool // there is no further page
	off    bool // nothing is read ahead any more
	bytes  int  // of what was read
	// What was written while a page was on its way, which may be from before it.
	dropped map[string]bool
}

func (a *ahead) take(id string) (backend.APIKey, bool) {
	key, ok := a.keys[id]
	delete(a.keys, id)
	return key, ok
}

// begin is right before a page is asked for.
func (a *ahead) begin() { a.dropped = map[string]bool{} }

// drop forgets keys that were written to; without any, all of them for good, because
// what was written shows in many, as the meaning of a scope does. It comes after
// the write, however that ended.
func (r *reader) drop(ids ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(ids) == 0 {
		r.ahead = ahead{off: true}
	}
	for _, id := range ids {
		delete(r.ahead.keys, id)
		if r.ahead.dropped != nil {
			r.ahead.dropped[id] = true
		}
	}
}

// worthPages reports whether pages of the list are read now. They are once half as
// many calls were made by id as the list has pages: so the reads of few keys out
// of very many never pay for the list, and no read costs more than three times the
// calls of the better way.
func (r *reader) worthPages(ctx context.Context) bool {
	r.mu.Lock()
	refreshed := slices.ContainsFunc(r.asked, func(one *read) bool { return !one.anew })
	possible, from := refreshed && r.calls >= fewestCalls && !r.ahead.whole && !r.ahead.off, r.ahead.from
	r.mu.Unlock()
	if !possible {
		return false
	}
	if from == 0 {
		keys, err := r.size(ctx)
		if err != nil {
			return false // the calls by id go on and say what is wrong
		}
		from = max(fewestCalls, keys/(2*api.MaxPageSize))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ahead.from == 0 {
		r.ahead.from = from
	}
	return r.calls >= r.ahead.from && !r.ahead.off
}

// readPage reads the next page of the list, for the reads that wait and for those
// that are still to come.
func (r *reader) readPage(ctx context.Context) {
	r.mu.Lock()
	cursor := r.ahead.cursor
	r.mu.Unlock()
	page, err := r.keys.List(ctx, client.ListAPIKeys{Limit: api.MaxPageSize, Cursor: cursor})
	r.mu.Lock()
	defer r.mu.Unlock()
	a := &r.ahead
	switch {
	case a.off: // meanwhile; the reads that wait go by id
	case err != nil && ctx.Err() != nil: // nobody waited for it any more
	case err != nil && unreachable(err):
		r.fail(err) // the same page is asked for again by the next read
	case err != nil:
		// The place of this page may be what is wrong, so these reads go by
		// id, and so do some more before it is tried again.
		a.from = 2*r.calls + 1
	default:
		r.keep(page)
		a.cursor = page.NextCursor
		if a.seen == nil {
			a.seen = map[string]bool{"": true} // the first page's, and the end's
		}
		// A list that comes back to a page has no end of its own, and one that is too long
		// or gives pages without keys may have none.
		a.whole = a.seen[a.cursor] || len(page.Items) == 0 || len(a.seen) > mostPages || a.bytes > outside.MostListedBytes
		a.seen[a.cursor] = true
	}
	a.dropped = nil
}

// keep serves a page to the reads that wait, and keeps the rest; the lock is held.
func (r *reader) keep(page *api.Page[api.APIKey]) {
	a := &r.ahead
	if a.keys == nil {
		a.keys = map[string]backend.APIKey{}
	}
	held := map[string]backend.APIKey{}
	for i := range page.Items {
		a.bytes += sizeOf(&page.Items[i])
		if key := converted(&page.Items[i]); !a.dropped[key.ID] {
			held[key.ID], a.keys[key.ID] = key, key
		}
	}
	r.asked = without(r.asked, func(one *read) bool {
		key, ok := held[one.id]
		if !ok || one.anew {
			return false
		}
		delete(a.keys, one.id)
		one.key = key
		r.finish(one)
		return true
	})
}
