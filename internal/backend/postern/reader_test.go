package postern

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

// refresh reads one key as a refresh does, which asks for the time too.
func refresh(ctx context.Context, b *Backend, id string) error {
	key, err := b.Keys("").Refresh(ctx, id)
	if err == nil && key.ID != id {
		err = errors.New("got another key: " + key.ID)
	}
	if err == nil {
		_, err = b.Now(ctx)
	}
	return err
}

func TestReader_ARefreshCostsPages(t *testing.T) {
	t.Parallel()
	server, ids := seeded(t, 1000)
	rand.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	for _, workers := range []int{1, 10, 100} {
		server.Reset()
		b := at(t, server, server.URL)
		each(t, workers, ids, func(id string) error { return refresh(t.Context(), b, id) })
		if n := len(server.Requests()); n > 5 {
			t.Errorf("%d workers: %d calls for 1,000 keys: %v", workers, n, server.Counts())
		}
		// Those that were read by id, before the pages, are in the pages once more.
		if left := len(b.own().ahead.keys); left > 2*workers {
			t.Errorf("%d workers: %d keys are kept after they were served", workers, left)
		}
	}
}

func TestReader_TenThousandKeys(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("makes 10,000 keys")
	}
	server, ids := seeded(t, 10_000)
	rand.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	b := at(t, server, server.URL)
	each(t, 10, ids, func(id string) error { return refresh(t.Context(), b, id) })
	if n := len(server.Requests()); n > 40 {
		t.Errorf("%d calls for 10,000 keys: %v", n, server.Counts())
	}
}

// Few keys out of very many never pay for the list.
func TestReader_FewOutOfVeryMany(t *testing.T) {
	t.Parallel()
	server, ids := seeded(t, 30)
	b := at(t, server, server.URL)
	b.own().size = func(context.Context) (int, error) { return 1_000_000, nil }
	each(t, 1, ids, func(id string) error { return refresh(t.Context(), b, id) })
	for _, r := range server.Requests() {
		if r.Route == "/v1/apikeys" && !strings.Contains(r.Path, "ids=") {
			t.Errorf("a page was read: %s", r.Path)
		}
	}
}

func TestReader_ReadsThatComeTogetherJoin(t *testing.T) {
	t.Parallel()
	server, ids := seeded(t, 150)
	b := at(t, server, server.URL)
	var all sync.WaitGroup
	b.own().pause = func() { // until all have asked
		for {
			b.own().mu.Lock()
			n := b.own().open
			b.own().mu.Unlock()
			if n == len(ids) || b.own().calls > 0 {
				return
			}
		}
	}
	for _, id := range ids {
		all.Go(func() {
			if _, err := b.Keys("").Get(t.Context(), id); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := len(server.Requests()); n != 2 {
		t.Errorf("%d calls for 150 keys, want 2 of at most 100 ids: %v", n, server.Counts())
	}
}

func TestReader_AMissIsConfirmed(t *testing.T) {
	t.Parallel()
	server, ids := seeded(t, 3)
	b := at(t, server, server.URL)
	if err := at(t, server, server.URL).Keys("").Delete(t.Context(), ids[1]); err != nil {
		t.Fatal(err)
	}
	server.Reset()
	for range 2 { // first by id, then out of pages
		for i, id := range ids {
			_, err := b.Keys("").Refresh(t.Context(), id)
			if gone := errors.Is(err, backend.ErrNotFound); gone != (i == 1) || err != nil && !gone {
				t.Errorf("key %d: %v", i, err)
			}
		}
	}
	if n := server.Counts()["GET /v1/apikeys/{id}"]; n != 2 {
		t.Errorf("the missing key was confirmed %d times, want 2: %v", n, server.Counts())
	}
}

// Ids out of an import by hand may be anything.
func TestReader_AnOddIDFailsAlone(t *testing.T) {
	t.Parallel()
	server, ids := seeded(t, 2)
	b := at(t, server, server.URL)
	odd := []string{"", "a,b", strings.Repeat("x", 5000), "key/1", "ключ", "."}
	var all sync.WaitGroup
	for _, id := range slices.Concat(ids, odd) {
		all.Go(func() {
			if err := refresh(t.Context(), b, id); (err == nil) != slices.Contains(ids, id) {
				t.Errorf("%.20q: %v", id, err)
			}
		})
	}
	all.Wait()
}

func TestReader_WhoLeavesFailsNobody(t *testing.T) {
	t.Parallel()
	server, ids := seeded(t, 3)
	g := newGate(t, server)
	b := at(t, server, g.URL)
	leaving, leave := context.WithCancel(t.Context())
	var left, stayed error
	var all sync.WaitGroup
	b.own().pause = func() { // until both have asked
		for !b.own().waits(2) {
		}
	}
	all.Go(func() { _, left = b.Keys("").Refresh(leaving, ids[0]) })
	all.Go(func() { _, stayed = b.Keys("").Refresh(t.Context(), ids[1]) })
	request := <-g.arrived
	leave()
	for !b.own().waits(1) {
	}
	if request.Context().Err() != nil {
		t.Error("the call was broken off")
	}
	g.pass <- struct{}{}
	all.Wait()
	if !errors.Is(left, context.Canceled) || stayed != nil {
		t.Errorf("who left: %v; who stayed: %v", left, stayed)
	}

	// With the last who waits the call ends.
	b.own().pause = func() {}
	leaving, leave = context.WithCancel(t.Context())
	all.Go(func() { _, left = b.Keys("").Refresh(leaving, ids[2]) })
	request = <-g.arrived
	leave()
	all.Wait()
	select {
	case <-request.Context().Done():
	case <-time.After(10 * time.Second): // well below the timeout of a request
		t.Error("a call that nobody waits for goes on")
		g.pass <- struct{}{}
	}
	all.Go(func() { g.open(1) })
	if _, err := b.Keys("").Get(t.Context(), ids[2]); err != nil || !errors.Is(left, context.Canceled) {
		t.Errorf("after a call that was broken off: %v, %v", err, left)
	}
	all.Wait()
}

// waits reports whether so many reads are waited for.
func (r *reader) waits(n int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.open == n
}

func (b *Backend) describe(t *testing.T, id, text string) {
	t.Helper()
	if _, err := b.client.APIKeys.Update(t.Context(), id, api.UpdateAPIKey{Description: &text}); err != nil {
		t.Fatal(err)
	}
}
