package keyring_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// usage is what the owner reads of a key.
func (a *tenant) usage(id string, days int) keyring.Usage {
	a.w.t.Helper()
	u, err := a.w.APIKeyUsage(a.w.t.Context(), a.asOwner(), id, days)
	if err != nil {
		a.w.t.Fatalf("reading the usage: %v", err)
	}
	return u
}

func (w *world) flush() {
	w.t.Helper()
	if dropped, err := w.FlushUsage(w.t.Context()); err != nil || dropped != 0 {
		w.t.Fatalf("flushing: %d dropped, %v", dropped, err)
	}
}

// uses are the counts by "day scope" or, with no day, by scope; those of 0 are left out.
func uses(counts []keyring.UsageCount) map[string]int64 {
	all := map[string]int64{}
	for _, c := range counts {
		name := c.Scope
		if !c.Day.IsZero() {
			name = c.Day.Format("01-02 ") + c.Scope
		}
		if c.Uses > 0 {
			all[name] += c.Uses
		}
	}
	return all
}

func TestUsage_CountsByKeyScopeAndDay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.tenant("postern", "")
	k, other := a.key(newKey("ci", "write", "verify")), a.key(newKey("other", "read"))
	u := a.usage(k.ID, 1)
	if !u.LastUsed.IsZero() || len(u.Days) != 0 || len(u.Scopes) != 3 {
		t.Errorf("before any use: %+v", u)
	}
	same(t, "unused", u.Unused, []string{"read", "verify", "write"})
	same(t, "observed since it was made", u.Observed.UTC(), *in(0))
	check := func(when string) {
		t.Helper()
		u := a.usage(k.ID, 2)
		same(t, when+", days", uses(u.Days), map[string]int64{"03-04 read": 2, "03-04 write": 1, "03-05 read": 1, "03-05 ": 1})
		same(t, when+", scopes", uses(u.Scopes), map[string]int64{"read": 3, "write": 1, "": 1})
		same(t, when+", unused", u.Unused, []string{"verify"})
		same(t, when+", last used", u.LastUsed, *in(25 * time.Hour))
		for _, s := range u.Scopes {
			if want := map[string]*time.Time{"read": in(24 * time.Hour), "write": in(time.Hour), "": in(25 * time.Hour), "verify": {}}[s.Scope]; !s.LastUsedAt.Equal(*want) {
				t.Errorf("%s: %q was last used at %v, want %v", when, s.Scope, s.LastUsedAt, want)
			}
		}
		for i, d := range u.Days[1:] {
			if before := u.Days[i]; d.Day.Before(before.Day) || d.Day.Equal(before.Day) && d.Scope <= before.Scope {
				t.Errorf("%s: the days are not in order: %v", when, u.Days)
			}
		}
		today := a.usage(k.ID, 1)
		same(t, when+", observed since midnight", today.Observed, today.Since)
		same(t, when+", of today", uses(today.Days), map[string]int64{"03-05 read": 1, "03-05 ": 1})
		same(t, when+", unused today", today.Unused, []string{"verify", "write"})
		same(t, when+", the other", uses(a.usage(other.ID, 2).Scopes), map[string]int64{"read": 1})
	}
	a.verdict("use", k.Secret, api.VerifyValid, "read", "read") // once, though it is named twice
	w.clock.advance(time.Hour)
	a.verdict("use", k.Secret, api.VerifyValid, "read", "write")
	a.verdict("use", other.Secret, api.VerifyValid, "read")
	a.verdict("not let in", k.Secret, api.VerifyMissingScope, "audit:read")
	w.flush()
	w.clock.advance(23 * time.Hour)
	a.verdict("use", k.Secret, api.VerifyValid, "read")
	w.clock.advance(time.Hour)
	a.verdict("use", k.Secret, api.VerifyValid)
	check("a part written")
	w.flush()
	check("all written")
	w.flush()
	check("with nothing to write")
	w.openAgain()
	check("after a restart")
	a.none("reading", func() error { a.usage(k.ID, 1); return nil })
	for _, days := range []int{0, -1, 401} {
		refusedAs(t, "days", second(w.APIKeyUsage(t.Context(), a.asOwner(), k.ID, days)), api.CodeValidationFailed, "days")
	}
	if u := a.usage(k.ID, 400); !u.Since.Equal(start.UTC().Add(25*time.Hour).Truncate(24*time.Hour).AddDate(0, 0, -399)) {
		t.Errorf("400 days begin at %v", u.Since)
	}
	refusedAs(t, "without the right", second(w.APIKeyUsage(t.Context(), a.delegate("no", "verify"), k.ID, 1)), api.CodeForbidden)
	refusedAs(t, "of none", second(w.APIKeyUsage(t.Context(), a.asOwner(), "key_00000000000000000000", 1)), api.CodeNotFound)
}

var errNoUsage = errors.New("usage cannot be written")

// noUsage is a store that takes no usage for some accounts, while it is broken. The
// requests before it in the same transaction go to the store.
type noUsage struct {
	keyring.Store
	broken atomic.Pointer[string] // the account
	during func()                 // runs within an update that fails
}

type noUsageWriter struct {
	keyring.Writer
	s *noUsage
}

func (s *noUsage) Update(ctx context.Context, account string, fn func(keyring.Writer) error) error {
	return s.Store.Update(ctx, account, func(w keyring.Writer) error { return fn(noUsageWriter{w, s}) })
}

func (w noUsageWriter) AddUsage(ctx context.Context, account string, counts []keyring.UsageCount) error {
	if broken := w.s.broken.Load(); broken != nil && *broken == account {
		if w.s.during != nil {
			w.s.during()
		}
		return errNoUsage
	}
	return w.Writer.AddUsage(ctx, account, counts)
}

func TestUsage_WhatTheStoreDoesNotTakeIsWrittenOnceLater(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, small(t))
	store := &noUsage{}
	w.wrap = func(s keyring.Store) keyring.Store { store.Store = s; return store }
	w.openAgain()
	a, b := w.tenant("small", ""), w.tenant("small", "")
	k, other := a.key(newKey("ci", "send")), b.key(newKey("ci", "send"))
	a.verdict("use", k.Secret, api.VerifyValid, "send")
	b.verdict("use", other.Secret, api.VerifyValid, "send")
	store.broken.Store(&a.ID)
	// Requests go on while the flush fails.
	store.during = func() {
		who := a.asOwner()
		v, err := w.Verify(ctx, who, keyring.Presented{Secret: k.Secret}, []string{"send"})
		if err != nil || !v.Valid() {
			t.Errorf("during the flush: %q, %v", v.Code, err)
		}
		store.during = nil
	}
	for range 3 {
		if _, err := w.FlushUsage(ctx); !errors.Is(err, errNoUsage) {
			t.Errorf("got %v", err)
		}
	}
	check := func(when string) {
		t.Helper()
		same(t, when, uses(a.usage(k.ID, 1).Scopes), map[string]int64{"send": 2})
		same(t, when+", the other account", uses(b.usage(other.ID, 1).Scopes), map[string]int64{"send": 1})
		v, err := w.Account(ctx, a.asOwner())
		if err != nil || v.Requests.Hour.Used != 2 || v.Requests.Month.Used != 2 {
			t.Errorf("%s: the requests are %+v, %v", when, v.Requests.Hour, err)
		}
	}
	check("while it fails")
	store.broken.Store(nil)
	w.flush()
	check("written")
	w.flush()
	w.openAgain()
	check("after a restart")
}

func TestUsage_AKillLosesWhatWasNotWrittenAndNoMore(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, small(t))
	a := w.tenant("small", "")
	k, gone := a.key(newKey("ci", "send")), a.key(newKey("gone", "send"))
	a.verdict("use", k.Secret, api.VerifyValid, "send")
	a.verdict("use", gone.Secret, api.VerifyValid, "send")
	w.flush()
	a.verdict("use", k.Secret, api.VerifyValid, "send")
	a.verdict("use", gone.Secret, api.VerifyValid, "send")
	a.delete(gone.ID)
	w.openAgain() // without a flush
	same(t, "after a kill", uses(a.usage(k.ID, 1).Scopes), map[string]int64{"send": 1})
	v, err := w.Account(ctx, a.asOwner())
	if err != nil || v.Requests.Hour.Used != 2 {
		t.Errorf("the requests are %+v, %v", v.Requests.Hour, err)
	}
	// What is counted for a key that goes before the flush is passed over.
	last := a.key(newKey("last", "send"))
	a.verdict("use", last.Secret, api.VerifyValid, "send")
	a.verdict("use", k.Secret, api.VerifyValid, "send")
	a.delete(last.ID)
	w.flush()
	refusedAs(t, "deleted", second(w.APIKeyUsage(ctx, a.asOwner(), last.ID, 1)), api.CodeNotFound)
	same(t, "the others", uses(a.usage(k.ID, 1).Scopes), map[string]int64{"send": 2})
	if n := w.query("SELECT count(*) FROM usage"); n != "1" {
		t.Errorf("%s counts are stored, want 1", n)
	}
}

func TestUsage_IsKeptFor400Days(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.tenant("postern", "")
	k := a.key(newKey("ci", "read"))
	for range 3 {
		a.verdict("use", k.Secret, api.VerifyValid, "read")
		w.flush()
		w.clock.advance(24 * time.Hour)
	}
	w.clock.advance(397 * 24 * time.Hour) // 400 days after the first
	w.flush()
	same(t, "on the 400th day", uses(a.usage(k.ID, 400).Days), map[string]int64{"03-05 read": 1, "03-06 read": 1})
	if n := w.query("SELECT count(*) FROM usage"); n != "3" {
		t.Errorf("%s counts are stored, want 3", n)
	}
	w.clock.advance(24 * time.Hour)
	w.flush()
	if n := w.query("SELECT count(*) FROM usage"); n != "2" {
		t.Errorf("%s counts are stored, want 2", n)
	}
	w.clock.advance(10 * 24 * time.Hour)
	w.flush()
	if u := a.usage(k.ID, 400); len(u.Days) != 0 || !u.LastUsed.IsZero() {
		t.Errorf("later there are %v", u.Days)
	}
}

func TestUsage_ManyAtOnceAreAllCounted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.tenant("postern", "")
	k, who := a.key(newKey("ci", "read")), a.asOwner()
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 25 {
				if v, err := w.Verify(t.Context(), who, keyring.Presented{Secret: k.Secret}, []string{"read"}); err != nil || !v.Valid() {
					t.Error(v.Code, err)
				}
			}
			if _, err := w.FlushUsage(t.Context()); err != nil {
				t.Error(fmt.Errorf("flush %d: %w", i, err))
			}
		})
	}
	wg.Wait()
	w.flush()
	same(t, "all", uses(a.usage(k.ID, 1).Scopes), map[string]int64{"read": 200})
}
