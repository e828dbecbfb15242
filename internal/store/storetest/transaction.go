package storetest

import (
	"context"
	"errors"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

func testRollbackOnError(t *testing.T, d *db) {
	ctx := t.Context()
	d.background()
	undo := errors.New("undo")
	err := d.Update(ctx, "acct_1", func(w keyring.Writer) error {
		if err := everything(ctx, w); err != nil {
			t.Errorf("writing: %v", err)
		}
		return undo
	})
	if err != undo { //nolint:errorlint // it must come back as it is: the domain's errors hold what the caller is told
		t.Errorf("got %v, want %v", err, undo)
	}
	d.untouched(d.Store)
	for _, view := range d.reads() {
		if err := view(ctx, func(keyring.Reader) error { return undo }); err != undo { //nolint:errorlint // see above
			t.Errorf("got %v, want %v", err, undo)
		}
	}
	// And all of it holds when nothing is undone, so the test tells the two apart.
	d.update("acct_1", func(w keyring.Writer) error { return everything(ctx, w) })
	if got := d.apikey("acct_1", "key_1"); got.Name != "changed" {
		t.Errorf("the key is named %q, want %q", got.Name, "changed")
	}
}

func testRollbackOnPanic(t *testing.T, d *db) {
	ctx := t.Context()
	d.background()
	panicking := func(run func()) (got any) {
		defer func() { got = recover() }()
		run()
		return nil
	}
	if got := panicking(func() {
		_ = d.Update(ctx, "acct_1", func(w keyring.Writer) error {
			if err := everything(ctx, w); err != nil {
				t.Errorf("writing: %v", err)
			}
			panic("undo")
		})
	}); got != "undo" {
		t.Errorf("recovered %v, want the panic of fn", got)
	}
	d.untouched(d.Store)
	for range 50 { // more than any pool has connections
		panicking(func() { _ = d.View(ctx, func(keyring.Reader) error { panic("lost") }) })
		panicking(func() { _ = d.Lookup(ctx, func(keyring.Reader) error { panic("lost") }) })
	}
	d.untouched(d.Store)
	d.update("acct_1", func(w keyring.Writer) error { return everything(ctx, w) })
}

func testCancelled(t *testing.T, d *db) {
	d.background()
	early, cancel := context.WithCancel(t.Context())
	cancel()
	ran := false
	if err := d.Update(early, "acct_1", func(keyring.Writer) error { ran = true; return nil }); !errors.Is(err, context.Canceled) || ran {
		t.Errorf("cancelled before it began: got %v, fn ran: %t", err, ran)
	}
	for _, view := range d.reads() {
		if err := view(early, func(keyring.Reader) error { ran = true; return nil }); !errors.Is(err, context.Canceled) || ran {
			t.Errorf("cancelled before it began: got %v, fn ran: %t", err, ran)
		}
	}

	late, cancel := context.WithCancel(t.Context())
	err := d.Update(late, "acct_1", func(w keyring.Writer) error {
		if err := everything(late, w); err != nil {
			t.Errorf("writing: %v", err)
		}
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before the commit: got %v", err)
	}
	d.untouched(d.Store)

	between, cancel := context.WithCancel(t.Context())
	err = d.Update(between, "acct_1", func(w keyring.Writer) error {
		if err := w.SetStanding(between, "acct_1", api.StandingSuspended); err != nil {
			t.Errorf("writing: %v", err)
		}
		cancel()
		if err := w.SetStanding(between, "acct_1", api.StandingTerminated); !errors.Is(err, context.Canceled) {
			t.Errorf("writing after the end: got %v", err)
		}
		return nil // and if fn passes over it, the end still holds
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled between two writes: got %v", err)
	}
	d.untouched(d.Store)
	d.update("acct_1", func(w keyring.Writer) error { return everything(t.Context(), w) })
}

func testOwnWrites(t *testing.T, d *db) {
	ctx := t.Context()
	d.background()
	d.update("acct_1", func(w keyring.Writer) error {
		if err := everything(ctx, w); err != nil {
			return err
		}
		if n, err := w.CountAPIKeys(ctx, "acct_1", ""); err != nil || n != 2 {
			t.Errorf("fn counts %d keys, %v, want 2", n, err)
		}
		if k, err := w.APIKey(ctx, "acct_1", "key_1"); err != nil || k.Name != "changed" {
			t.Errorf("fn reads the key's name as %q, %v", k.Name, err)
		}
		if head, err := w.AuditHead(ctx, "acct_1"); err != nil || head.Seq != 2 {
			t.Errorf("fn sees the head %d, %v, want 2", head.Seq, err)
		}
		if _, err := w.Subject(ctx, [][]byte{stored("acct_1", "key_2", 1).Digest}); !errors.Is(err, keyring.ErrNotFound) {
			t.Errorf("fn sees the secret of a key that it deleted: %v", err)
		}
		d.untouched(d.Store) // nobody else sees any of it yet, nor waits for it
		return nil
	})
}

func testSnapshot(t *testing.T, d *db) {
	ctx := t.Context()
	d.background()
	both := d.reads()
	err := both[0](ctx, func(one keyring.Reader) error {
		return both[1](ctx, func(other keyring.Reader) error { return d.twoSnapshots(one, other) })
	})
	if err != nil {
		t.Errorf("reading: %v", err)
	}
	if got := d.apikey("acct_1", "key_1"); got.Name != "changed" {
		t.Errorf("the next View reads the name %q, want %q", got.Name, "changed")
	}
}

// twoSnapshots reads, changes everything, and reads once more.
func (d *db) twoSnapshots(readers ...keyring.Reader) error {
	ctx, t := d.t.Context(), d.t
	before := apikey("acct_1", "key_1", 1)
	for _, r := range readers {
		first, err := r.APIKey(ctx, "acct_1", "key_1")
		if err != nil {
			return err
		}
		same(t, first, before)
	}
	d.update("acct_1", func(w keyring.Writer) error { return everything(ctx, w) })
	for _, r := range readers {
		after, err := r.APIKey(ctx, "acct_1", "key_1")
		if err != nil {
			return err
		}
		same(t, after, before)
		if n, err := r.CountAPIKeys(ctx, "acct_1", ""); err != nil || n != 2 {
			t.Errorf("counts %d keys, %v, want 2", n, err)
		}
		if _, err := r.APIKey(ctx, "acct_1", "key_3"); !errors.Is(err, keyring.ErrNotFound) {
			t.Errorf("sees a key that was made after the first read: %v", err)
		}
		if head, err := r.AuditHead(ctx, "acct_1"); err != nil || head.Seq != 1 {
			t.Errorf("sees the head %d, %v, want 1", head.Seq, err)
		}
	}
	return nil
}

func testReopen(t *testing.T, d *db) {
	ctx := t.Context()
	d.background()
	second := d.open(t) // while the first is open
	d.untouched(second)
	d.update("acct_1", func(w keyring.Writer) error { return w.SetStanding(ctx, "acct_1", api.StandingSuspended) })
	seen := read(&db{t: t, Store: second}, func(r keyring.Reader) (keyring.Account, error) { return r.Account(ctx, "acct_1") })
	if seen.Standing != api.StandingSuspended {
		t.Errorf("a second store reads the standing %q after the first has changed it", seen.Standing)
	}
	d.update("acct_1", func(w keyring.Writer) error { return w.SetStanding(ctx, "acct_1", api.StandingOpen) })
	for _, s := range []keyring.Store{d.Store, second} {
		if err := s.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	}
	d.untouched(d.open(t))
}

func testClosed(t *testing.T, d *db) {
	ctx := t.Context()
	d.background()
	if err := d.Ping(ctx); err != nil {
		t.Errorf("ping: %v", err)
	}
	if err := d.Close(); err != nil {
		t.Errorf("closing: %v", err)
	}
	for what, err := range map[string]error{
		"ping":   d.Ping(ctx),
		"view":   d.View(ctx, func(keyring.Reader) error { t.Error("fn ran"); return nil }),
		"lookup": d.Lookup(ctx, func(keyring.Reader) error { t.Error("fn ran"); return nil }),
		"update": d.Update(ctx, "acct_1", func(keyring.Writer) error { t.Error("fn ran"); return nil }),
	} {
		if !errors.Is(err, keyring.ErrUnavailable) {
			t.Errorf("%s after Close: got %v, want %v", what, err, keyring.ErrUnavailable)
		}
	}
	if err := d.Close(); err != nil {
		t.Errorf("closing again: %v", err)
	}
}
