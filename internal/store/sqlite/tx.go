package sqlite

import (
	"context"
	"errors"
	"fmt"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// reader is a transaction that reads.
type reader struct {
	c *conn
	// reach is how many entries of an index a list looks at for one page.
	reach int
	// failed is the first error that may have ended the transaction.
	failed error
}

// writer is a transaction that writes as well.
type writer struct {
	reader
	urgency keyring.Urgency
	wrote   bool // whether it has changed anything
}

// Mark says what the transaction is allowed when the disk is full.
func (w *writer) Mark(u keyring.Urgency) { w.urgency = max(w.urgency, u) }

// View runs fn on the snapshot that its first read sees.
func (s *Store) View(ctx context.Context, fn func(keyring.Reader) error) error {
	return s.read(ctx, s.lists, func(r *reader) error { return fn(r) })
}

// Lookup is View on connections that no list holds.
func (s *Store) Lookup(ctx context.Context, fn func(keyring.Reader) error) error {
	return s.read(ctx, s.lookups, func(r *reader) error { return fn(r) })
}

func (s *Store) read(ctx context.Context, from *pool, fn func(*reader) error) error {
	// A database that was put in place of ours may hold revocations that ours lacks.
	if err := s.files.checkLately(); err != nil {
		return err
	}
	c, err := from.get(ctx)
	if err != nil {
		return coded(err)
	}
	r := &reader{c: c, reach: s.reach}
	usable := false
	defer func() { from.put(c, usable) }()
	if _, err := c.run(context.WithoutCancel(ctx), "BEGIN"); err != nil {
		return coded(err)
	}
	// Deferred, so that a panic in fn leaves no snapshot open.
	defer func() { usable = c.rollback(ctx) }()
	defer func() { s.health.note(r.failed) }()
	return fn(r)
}

// Update runs fn in a transaction, one at a time in this process by the one
// writing connection, and among processes by SQLite's lock, which BEGIN
// IMMEDIATE takes before anything is read. The account does not matter: SQLite
// has one writer for all of them.
func (s *Store) Update(ctx context.Context, _ string, fn func(keyring.Writer) error) error {
	for try := 0; ; try++ {
		urgency, err := s.update(ctx, fn)
		if err != nil && mayBeFull(err) && s.reserve.isDiskFull() {
			err = fmt.Errorf("%w: %w", keyring.ErrFull, err)
		}
		if !errors.Is(err, keyring.ErrFull) {
			return err
		}
		if urgency == keyring.Ordinary {
			if !errors.Is(err, errKeptBack) {
				s.reserve.note(false)
			}
			return err
		}
		if more, moreErr := s.makeRoom(ctx, urgency, try); !more {
			return errors.Join(err, moreErr)
		}
	}
}

// makeRoom makes room on a full disk for a write that takes power away, and reports
// whether there may be some now: first by folding the log into the database, so that
// the log is written from its start again, then from the space kept back.
func (s *Store) makeRoom(ctx context.Context, urgency keyring.Urgency, try int) (bool, error) {
	if try > 0 {
		if more, err := s.reserve.giveUp(urgency); !more {
			return false, err
		}
	}
	c, err := s.writers.get(ctx)
	if err != nil {
		return false, coded(err)
	}
	if err := s.limit(ctx, c); err != nil {
		s.writers.put(c, false)
		return false, coded(err)
	}
	// It does what it can: a reader, or the full disk, may keep it from the rest.
	_, _ = c.ExecContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)")
	s.writers.put(c, true)
	return true, nil
}

func (s *Store) update(ctx context.Context, fn func(keyring.Writer) error) (keyring.Urgency, error) {
	c, err := s.writers.get(ctx)
	if err != nil {
		return keyring.Ordinary, coded(err)
	}
	w := &writer{reader: reader{c: c, reach: s.reach}}
	usable, committed := false, false
	defer func() { s.writers.put(c, usable) }()
	if _, err := c.run(ctx, "BEGIN IMMEDIATE"); err != nil {
		// A cancelled wait may have won the lock in the last moment.
		usable = c.rollback(ctx)
		return keyring.Ordinary, coded(err)
	}
	defer func() { usable = committed || c.rollback(ctx) }()
	defer func() { s.health.note(w.failed) }()
	if err := fn(w); err != nil {
		return w.urgency, err
	}
	if w.failed != nil {
		return w.urgency, w.failed // whatever fn made of it: the writes before it are gone
	}
	if err := s.files.check(); err != nil {
		return w.urgency, err
	}
	if w.wrote && w.urgency == keyring.Ordinary {
		if err := s.reserve.checkOrdinary(); err != nil {
			return w.urgency, err
		}
	}
	if err := ctx.Err(); err != nil {
		return w.urgency, err
	}
	// From here on a cancellation comes too late: a commit that is
	// interrupted would leave the caller not knowing what holds.
	if _, err := c.run(context.WithoutCancel(ctx), "COMMIT"); err != nil {
		w.failed = coded(err)
		return w.urgency, fmt.Errorf("committing: %w", w.failed)
	}
	committed = true
	// Only this check is proof: up to the commit the files may have been taken away.
	if err := s.files.check(); err != nil {
		return keyring.Ordinary, err
	}
	if w.wrote {
		s.health.committed()
		if w.urgency == keyring.Ordinary {
			s.reserve.note(true)
		}
	}
	return w.urgency, nil
}

// check stands before each statement.
func (r *reader) check(ctx context.Context) error {
	if r.failed != nil {
		return r.failed
	}
	return ctx.Err()
}

// fault gives a statement's error its domain code, and remembers one that may
// have ended the transaction.
func (r *reader) fault(err error) error {
	if err == nil {
		return nil
	}
	found := coded(err)
	if endsTransaction(err) {
		r.failed = found
	}
	return found
}

// one reads a single row: it returns what scans it. The context is looked at
// before and not during the read: that takes microseconds, and to watch a
// context takes more.
func (r *reader) one(ctx context.Context, query string, args ...any) func(into ...any) error {
	return func(into ...any) error {
		if err := r.check(ctx); err != nil {
			return err
		}
		ctx := context.WithoutCancel(ctx)
		s, err := r.c.prepare(ctx, query) //nolint:sqlclosecheck // it stays prepared for the connection's life; forget closes it
		if err != nil {
			return r.fault(err)
		}
		return r.fault(s.QueryRowContext(ctx, args...).Scan(into...))
	}
}

// each reads rows, up to where ctx ends.
func (r *reader) each(ctx context.Context, query string, args []any, row func(scan func(...any) error) error) error {
	if err := r.check(ctx); err != nil {
		return err
	}
	s, err := r.c.prepare(ctx, query) //nolint:sqlclosecheck // it stays prepared for the connection's life; forget closes it
	if err != nil {
		return r.fault(err)
	}
	rows, err := s.QueryContext(ctx, args...)
	if err != nil {
		return r.fault(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return r.fault(rows.Err())
}

// change executes a statement and returns how many rows it changed. It is never
// interrupted: SQLite would roll back all of the transaction.
func (w *writer) change(ctx context.Context, query string, args ...any) (int64, error) {
	if err := w.check(ctx); err != nil {
		return 0, err
	}
	w.wrote = true
	n, err := w.c.run(context.WithoutCancel(ctx), query, args...)
	return n, w.fault(err)
}

// must is change for a statement that has to find something.
func (w *writer) must(ctx context.Context, query string, args ...any) error {
	n, err := w.change(ctx, query, args...)
	if err == nil && n == 0 {
		return keyring.ErrNotFound
	}
	return err
}
