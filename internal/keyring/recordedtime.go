package keyring

import (
	"context"
	"fmt"
	"time"
)

// Time is recorded with each write, and by RecordTime where nothing is written.
const (
	// recordEvery is the least that time has moved for it to be recorded again.
	recordEvery = time.Second
	// recordAtLeast is how far the recorded time may fall behind while nothing is
	// refused because of it.
	recordAtLeast = time.Hour
)

// recordTime raises the recorded time, in a transaction that writes anyway. It returns
// what is recorded then; the zero time when that is near enough.
func (k *Keyring) recordTime(ctx context.Context, w Writer) (time.Time, error) {
	now, by := k.clock.unrecorded()
	if by < recordEvery {
		return time.Time{}, nil
	}
	if err := w.RaiseRecordedTime(ctx, now); err != nil {
		return time.Time{}, fmt.Errorf("recording the time: %w", err)
	}
	return w.RecordedTime(ctx)
}

// refusedByTime notes that something was refused because its time is over, so that the
// time is recorded soon: after a crash and a clock set back it must still be over.
func (k *Keyring) refusedByTime() { k.timeRefused.Store(true) }

// NeedsRecordTime reports whether something was refused because of time since it was
// recorded, or whether that is long ago.
func (k *Keyring) NeedsRecordTime() bool {
	_, by := k.clock.unrecorded()
	return by >= recordAtLeast || by >= recordEvery && k.timeRefused.Load()
}

// RecordTime keeps the newest time that is known in the store, from which the next start
// goes on when the machine's clock is behind it.
func (k *Keyring) RecordTime(ctx context.Context) error {
	k.timeRefused.Store(false)
	err := k.update(ctx, "", func(w Writer) error {
		w.Mark(ReplacesPower) // what is over stays over; it is one row, written over
		return nil
	})
	if err != nil {
		k.timeRefused.Store(true)
	}
	return err
}

// ClockReset is what ResetClock did.
type ClockReset struct {
	Before   time.Time // what was recorded; the zero time for none
	After    time.Time // what is recorded now
	Accounts []string  // in whose trails it is recorded, by id
}

// ResetClock records the time that the machine's clock shows now, though it is earlier
// than what was recorded. What has ended in between and was not deleted works again, so
// each account's trail tells of it. It is the operator's call. Now is the machine's
// clock.
func ResetClock(ctx context.Context, s Store, now func() time.Time) (ClockReset, error) {
	var done ClockReset
	clock, err := newClock(Config{Now: now}, time.Time{})
	if err != nil {
		return done, err
	}
	k := &Keyring{store: s, clock: clock}
	err = k.store.Update(ctx, "", func(w Writer) error {
		done = ClockReset{After: k.Now().Truncate(time.Microsecond), Accounts: []string{}}
		var err error
		if done.Before, err = w.RecordedTime(ctx); err != nil {
			return err
		}
		if err := w.SetRecordedTime(ctx, done.After); err != nil {
			return err
		}
		accounts, err := w.Accounts(ctx)
		if err != nil {
			return err
		}
		for _, a := range accounts {
			detail := map[string]any{"recorded_time": change{done.Before, done.After}}
			if err := k.record(ctx, w, operator(a.ID), event{Action: "clock.reset", Target: a.ID, Detail: detail}); err != nil {
				return err
			}
			done.Accounts = append(done.Accounts, a.ID)
		}
		return nil
	})
	if err != nil {
		return ClockReset{}, fmt.Errorf("resetting the recorded time: %w", coded(err))
	}
	return done, nil
}
