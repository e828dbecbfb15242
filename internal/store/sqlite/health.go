package sqlite

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

const (
	// damageHolds is how long a store that met damage says that it is damaged. Most
	// look-ups miss a single damaged page.
	damageHolds = time.Minute
	// commitProves is how long a commit shows that commits are possible. It bounds
	// what Ping writes.
	commitProves = 5 * time.Second
)

// health is what requests have shown about the database.
type health struct {
	damaged atomic.Pointer[damage]
	wroteAt atomic.Pointer[time.Time]
}

type damage struct {
	at    time.Time
	cause error
}

// note remembers damage.
func (h *health) note(err error) {
	if isDamage(err) {
		h.damaged.Store(&damage{time.Now(), err})
	}
}

func (h *health) committed() {
	now := time.Now()
	h.wroteAt.Store(&now)
}

// Ping looks up a credential that is there, another each time, through the tables and
// indexes of a verification, and commits a write when none was committed lately. A
// full disk is no failure: see Space.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.read(ctx, s.lookups, func(r *reader) error { return r.sample(ctx) }); err != nil {
		return fmt.Errorf("looking up a credential: %w", err)
	}
	if d := s.health.damaged.Load(); d != nil && time.Since(d.at) < damageHolds {
		return fmt.Errorf("a request has met damage: %w", d.cause)
	}
	if last := s.health.wroteAt.Load(); last != nil && time.Since(*last) < commitProves {
		return nil
	}
	err := s.Update(ctx, "", func(w keyring.Writer) error {
		own, ok := w.(*writer)
		if !ok {
			return fmt.Errorf("a transaction of this store is a %T", w)
		}
		_, err := own.change(ctx, `INSERT INTO write_probe (id, at) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET at = excluded.at`, micros(time.Now()))
		return err
	})
	if errors.Is(err, keyring.ErrFull) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("writing: %w", err)
	}
	return nil
}

// sample looks up the secret and the API user that come next after a random one, as
// verifications of both kinds do.
func (r *reader) sample(ctx context.Context) error {
	from := make([]byte, 32)
	rand.Read(from) // never fails: the runtime stops the program instead
	var digest []byte
	switch err := r.one(ctx, `SELECT digest FROM secrets WHERE digest >= ? ORDER BY digest LIMIT 1`, from)(&digest); {
	case errors.Is(err, keyring.ErrNotFound):
		digest = from // none after it: the look-up goes down to where it would be
	case err != nil:
		return err
	}
	if _, err := r.Subject(ctx, [][]byte{digest}); err != nil && !errors.Is(err, keyring.ErrNotFound) {
		return err
	}
	name := rand.Text()[:1]
	switch err := r.one(ctx, `SELECT username FROM apikeys WHERE username >= ? ORDER BY username LIMIT 1`, name)(&name); {
	case errors.Is(err, keyring.ErrNotFound):
	case err != nil:
		return err
	}
	if _, err := r.APIUser(ctx, name); err != nil && !errors.Is(err, keyring.ErrNotFound) {
		return err
	}
	return nil
}

// Space says how much room the disk of the database has, as of a moment ago.
func (s *Store) Space() (keyring.Space, error) { return s.reserve.space() }
