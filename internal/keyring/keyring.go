// Package keyring is the domain: accounts, API keys, their lifecycle, what may
// be granted, rotation and verification. Each rule lives here once, so that
// every surface over it, and every store under it, inherits the same ones.
//
// Each method that a caller reaches passes one gate, which allows or denies
// and leaves an audit record in the same transaction as what it allows. The
// package knows no HTTP and no SQL.
package keyring

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/password"
	"github.com/postern-dev/terraform-provider-postern/internal/platform"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// Config is what a Keyring needs. All of it must be set but the clocks and Log.
type Config struct {
	Store     Store
	Peppers   secret.Peppers
	Platforms map[string]*platform.Platform
	Now       func() time.Time // the machine's clock; time.Now when nil
	// Elapsed is how long the process has run, by a clock that nobody sets. When it is
	// nil, it is the process's own, or where Now is set, what Now shows as far as that
	// goes forward.
	Elapsed func() time.Duration
	Log     *slog.Logger // for what no caller is told and no trail holds; nothing is logged when nil
	// PepperProven reports whether the caller knows that the pepper of that version is
	// the one that the store was used with. It is asked where the store cannot tell;
	// nil for never.
	PepperProven func(version int) bool
	// AnyPlatform opens a store with accounts on platforms that are not among these.
	// Nobody can sign in to them then; what the operator does needs no rules.
	AnyPlatform bool
}

// Keyring is the domain over one store. It is safe for concurrent use.
type Keyring struct {
	store     Store
	peppers   secret.Peppers
	platforms map[string]*platform.Platform
	clock     *clock
	passwords *password.Hasher
	log       *slog.Logger

	// What is kept in memory beside the store.
	catalogues catalogues
	passed     *passed
	uncounted  *uncounted
	meter      meter
	attempts   *attempts
	denials    denials
	strangers  strangers

	timeRefused atomic.Bool // something was refused because of time, since it was recorded
}

// New checks that the configuration fits what the store holds: a secret under a
// pepper that is not there, or an account on an unknown platform, would fail
// much later and look like a wrong credential.
func New(ctx context.Context, c Config) (*Keyring, error) {
	if c.Now == nil {
		c.Now = time.Now
		if start := time.Now(); c.Elapsed == nil {
			c.Elapsed = func() time.Duration { return time.Since(start) }
		}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	k := &Keyring{store: c.Store, peppers: c.Peppers, platforms: c.Platforms, passwords: password.NewHasher(), passed: newPassed(), uncounted: newUncounted(), attempts: newAttempts(), log: c.Log}
	err := k.view(ctx, func(r Reader) error {
		versions, err := r.PepperVersions(ctx)
		if err != nil {
			return err
		}
		for _, v := range versions {
			if !c.Peppers.Has(v) {
				return fmt.Errorf("the database holds secrets under pepper version %d, which the pepper file lacks; restore the pepper file that belongs to this database", v)
			}
		}
		recorded, err := r.RecordedTime(ctx)
		if err != nil {
			return err
		}
		if k.clock, err = newClock(c, recorded); err != nil {
			return err
		}
		accounts, err := r.Accounts(ctx)
		if err != nil {
			return err
		}
		for _, a := range accounts {
			if _, err := k.platform(a); err != nil && !c.AnyPlatform {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := k.checkPeppers(ctx, c.PepperProven); err != nil {
		return nil, err
	}
	return k, nil
}

// Ping reports whether the store answers.
func (k *Keyring) Ping(ctx context.Context) error { return coded(k.store.Ping(ctx)) }

// Space says how much room the store has.
func (k *Keyring) Space() (Space, error) {
	space, err := k.store.Space()
	return space, coded(err)
}

// Now is the clock that decides what has expired, in UTC. It never runs backwards, but
// where the machine's clock went far ahead and came back.
func (k *Keyring) Now() time.Time {
	now, _ := k.clock.read()
	return now
}

// believed is second without a machine's clock that is far ahead.
func (k *Keyring) believed() time.Time {
	_, believed := k.clock.read()
	return believed.Truncate(time.Second)
}

// ClockDoubted reports whether the machine's clock went so far ahead that it is not
// believed yet, so that nothing may be destroyed by its age.
func (k *Keyring) ClockDoubted() bool { return k.clock.doubted() }

// second is Now in whole seconds, the precision of every time a key has. Whole
// seconds survive every store, JSON and HCL unchanged, so no plan ever differs
// by a fraction.
func (k *Keyring) second() time.Time { return k.Now().Truncate(time.Second) }

func (k *Keyring) platform(a Account) (*platform.Platform, error) {
	p, ok := k.platforms[a.Platform]
	if !ok {
		return nil, fmt.Errorf("account %s is on platform %q, which this server does not know; start it with that platform's --platform-file", a.ID, a.Platform)
	}
	return p, nil
}

// lookup is view for single records, which no list ever holds up.
func (k *Keyring) lookup(ctx context.Context, fn func(Reader) error) error {
	return coded(k.store.Lookup(ctx, fn))
}

func (k *Keyring) view(ctx context.Context, fn func(Reader) error) error {
	return coded(k.store.View(ctx, fn))
}

func (k *Keyring) update(ctx context.Context, account string, fn func(Writer) error) error {
	var recorded time.Time
	err := k.store.Update(ctx, account, func(w Writer) error {
		err := fn(w)
		if err == nil {
			recorded, err = k.recordTime(ctx, w)
		}
		return err
	})
	if err == nil {
		k.clock.record(recorded)
	}
	return coded(err)
}

// coded gives the store's own failures the code and the words for a caller.
func coded(err error) error {
	var already *Error
	switch {
	case err == nil, errors.As(err, &already):
		return err
	case errors.Is(err, ErrFull):
		return &Error{Code: api.CodeStorageFull, Message: "The server's storage is full. Nothing was written; free space and try again.", cause: err}
	case errors.Is(err, ErrUnavailable):
		return &Error{Code: api.CodeStorageUnavailable, Message: "The server's storage does not answer. Try again; a write that was under way may be done, so repeat it under its Idempotency-Key or look first.", cause: err}
	}
	return err
}
