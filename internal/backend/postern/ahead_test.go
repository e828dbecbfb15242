package postern

import (
	"errors"
	"net/http"
	"sync"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

// primed is a backend that has just read ahead all keys but the first three.
func primed(t *testing.T, b *Backend, ids []string) *Backend {
	t.Helper()
	for _, id := range ids[:3] {
		if _, err := b.Keys("").Refresh(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(b.own().ahead.keys); n < len(ids)-3 {
		t.Fatalf("%d keys were read ahead", n)
	}
	return b
}

func described(t *testing.T, get func() (backend.APIKey, error), want string) {
	t.Helper()
	if key, err := get(); err != nil || key.Description != want {
		t.Errorf("description %q, want %q; %v", key.Description, want, err)
	}
}

func TestAhead_AWriteOfThisProcessIsSeen(t *testing.T) {
	t.Parallel()
	server, ids := seeded(t, 8)
	b := primed(t, at(t, server, server.URL), ids)
	ctx, text := t.Context(), "new"
	if _, err := b.Keys("").Update(ctx, ids[3], backend.APIKeyChange{Description: &text}, 0); err != nil {
		t.Fatal(err)
	}
	described(t, func() (backend.APIKey, error) { return b.Keys("").Refresh(ctx, ids[3]) }, text)
	if _, err := b.Keys("").Rotate(ctx, ids[4], backend.Rotation{}, 0); err != nil {
		t.Fatal(err)
	}
	if key, err := b.Keys("").Refresh(ctx, ids[4]); err != nil || key.SecretVersion != 2 {
		t.Errorf("version %d, %v", key.SecretVersion, err)
	}
	if err := b.Keys("").Delete(ctx, ids[5]); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Keys("").Refresh(ctx, ids[5]); !errors.Is(err, backend.ErrNotFound) {
		t.Errorf("a deleted key: %v", err)
	}
	// A write whose answer was lost may have happened.
	server.LoseAnswers(1, "PATCH", "/v1/apikeys/")
	if _, err := b.Keys("").Update(ctx, ids[6], backend.APIKeyChange{Description: &text}, 0); err == nil {
		t.Fatal("no answer was lost")
	}
	described(t, func() (backend.APIKey, error) { return b.Keys("").Refresh(ctx, ids[6]) }, text)
	// The others are still there.
	server.Reset()
	described(t, func() (backend.APIKey, error) { return b.Keys("").Refresh(ctx, ids[7]) }, "")
	if n := len(server.Requests()); n != 0 {
		t.Errorf("%d calls for a key that was read ahead", n)
	}
}

func TestAhead_WhatHappensElsewhere(t *testing.T) {
	t.Parallel()
	server, ids := seeded(t, 5)
	b := primed(t, at(t, server, server.URL), ids)
	elsewhere := at(t, server, server.URL)
	elsewhere.describe(t, ids[3], "1")
	elsewhere.describe(t, ids[4], "1")
	described(t, func() (backend.APIKey, error) { return b.Keys("").Get(t.Context(), ids[3]) }, "1")
	// What was read ahead serves one read of the refresh, and the next read is anew.
	described(t, func() (backend.APIKey, error) { return b.Keys("").Refresh(t.Context(), ids[4]) }, "")
	described(t, func() (backend.APIKey, error) { return b.Keys("").Refresh(t.Context(), ids[4]) }, "1")
	// The next run sees all.
	next := primed(t, at(t, server, server.URL), ids)
	described(t, func() (backend.APIKey, error) { return next.Keys("").Refresh(t.Context(), ids[4]) }, "1")
}

func TestAhead_WhatShowsInManyKeysEndsIt(t *testing.T) {
	t.Parallel()
	server, ids := seeded(t, 5)
	b := primed(t, at(t, server, server.URL), ids)
	at(t, server, server.URL).describe(t, ids[4], "1")
	b.own().drop()
	described(t, func() (backend.APIKey, error) { return b.Keys("").Refresh(t.Context(), ids[4]) }, "1")
	if len(b.own().ahead.keys) > 0 {
		t.Error("keys are read ahead again")
	}
}

// A page that was answered before a write and arrives after it is from before it.
func TestAhead_AWriteWhileAPageIsOnItsWay(t *testing.T) {
	t.Parallel()
	for name, ids := range map[string]func(id string) []string{
		"to one key":  func(id string) []string { return []string{id} },
		"to the many": func(string) []string { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, keys := seeded(t, 4)
			g := newGate(t, server)
			b := at(t, server, g.URL)
			var all sync.WaitGroup
			all.Go(func() { g.open(2) })
			for _, id := range keys[:2] {
				if err := refresh(t.Context(), b, id); err != nil {
					t.Fatal(err)
				}
			}
			all.Wait()
			all.Go(func() {
				if err := refresh(t.Context(), b, keys[2]); err != nil {
					t.Error(err)
				}
			})
			page := <-g.arrived
			if page.URL.Query().Has("ids") {
				t.Fatal("that is no page")
			}
			at(t, server, server.URL).describe(t, keys[3], "new")
			b.own().drop(ids(keys[3])...)
			all.Go(func() {
				described(t, func() (backend.APIKey, error) { return b.Keys("").Refresh(t.Context(), keys[3]) }, "new")
			})
			for !b.own().waits(2) {
			}
			g.pass <- struct{}{}
			g.open(1) // by id
			all.Wait()
		})
	}
}

func TestAhead_APageThatFails(t *testing.T) {
	t.Parallel()
	server, ids := seeded(t, 12)
	b := at(t, server, server.URL)
	read := func(id string) error { return refresh(t.Context(), b, id) }
	each(t, 1, ids[:2], read)

	// An answer that refuses the page: the reads go by id, and it is tried again
	// some calls later.
	server.Fail(1, "GET", "/v1/apikeys", http.StatusInternalServerError, 0)
	each(t, 1, ids[2:5], read)
	if len(b.own().ahead.keys) != 0 || b.own().ahead.whole {
		t.Error("a page was read again at once")
	}

	// No answer: only who waited for it is told so, and the next asks again.
	server.Stop(t)
	if err := read(ids[5]); !errors.Is(err, backend.ErrUnreachable) {
		t.Errorf("a lost page: %v", err)
	}
	server.Restart(t)
	each(t, 1, ids[5:], read)
	if !b.own().ahead.whole {
		t.Errorf("the page was not read: %v", server.Counts())
	}
	if n := len(server.Requests()); n != 1+2+1+3+1 {
		t.Errorf("%d calls: %v", n, server.Counts())
	}
}
