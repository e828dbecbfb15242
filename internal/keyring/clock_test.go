package keyring_test

import (
	"bytes"
	"log/slog"
	"math/rand"
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/faults"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

const day = 24 * time.Hour

// logged makes the world's keyrings log into a buffer, from the next start on.
func (w *world) logged() *bytes.Buffer {
	var text bytes.Buffer
	w.log = slog.New(slog.NewTextHandler(&text, nil))
	return &text
}

// TestFaults_WhatTimeHasEndedNeverWorksAgain moves the machine's clock back and forth
// around rotations and expiries, with stops and kills. A kill is a start without a
// stop; a server records the time within seconds of a refusal.
func TestFaults_WhatTimeHasEndedNeverWorksAgain(t *testing.T) {
	t.Parallel()
	rng := random(t)
	w := newWorld(t)
	a := w.tenant("postern", "")
	ended := map[string]string{} // what was refused because of time, or ended at once
	live := map[string]string{}
	for round := range faults.Rounds(t, 60) {
		switch key := newKey("key "+secret.Random("base62", 12), "read"); rng.Intn(3) {
		case 0:
			at := w.Now().Truncate(time.Second).Add(time.Duration(1+rng.Intn(7200)) * time.Second)
			key.ExpiresAt = &at
			live[a.key(key).Secret.Reveal()] = "expires"
		default:
			k := a.key(key)
			overlap := time.Duration(rng.Intn(3)*rng.Intn(3600)) * time.Second
			a.rotate(k.ID, keyring.Rotation{Overlap: overlap})
			live[k.Secret.Reveal()] = "rotated with an overlap of " + overlap.String()
		}
		w.moveClock(rng)
		for s, what := range live {
			if code := a.verify(secret.From(s)).Code; code == api.VerifyInvalid || code == api.VerifyExpired {
				ended[s] = what
				delete(live, s)
			}
		}
		if _, err := w.SweepSecrets(t.Context()); err != nil && round%2 == 0 {
			t.Fatal(err)
		}
		for s, what := range ended {
			if a.verify(secret.From(s)).Valid() {
				t.Fatalf("round %d: a secret works again that %s", round, what)
			}
		}
	}
	if len(ended) < 10 {
		t.Errorf("%d secrets were ended by time: too few to show anything", len(ended))
	}
	t.Logf("%d ended by time, %d still live", len(ended), len(live))
	a.chain()
}

// moveClock lets time pass, sets the clock back or a little forward, and starts anew.
func (w *world) moveClock(rng *rand.Rand) {
	w.t.Helper()
	within := func(d time.Duration) time.Duration { return time.Duration(rng.Int63n(int64(d))) }
	switch rng.Intn(5) {
	case 0:
		w.clock.advance(within(2 * time.Hour))
	case 1:
		w.clock.step(within(time.Hour)) // a step that is believed
	case 2:
		w.clock.step(-within(12 * time.Hour))
	case 3:
		if w.NeedsRecordTime() { // as a server does every few seconds
			if err := w.RecordTime(w.t.Context()); err != nil {
				w.t.Fatal(err)
			}
		}
		// Not so far back that a start refuses it.
		w.clock.step(max(-within(20*time.Hour), w.Now().Add(-23*time.Hour).Sub(w.clock.Now())))
		w.openAgain()
	case 4:
		w.clock.until(w.Now().Add(within(time.Hour))) // it is set right again
	}
}

func TestClock_GoesOnFromTheRecordedTimeAtAStart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	log := w.logged()
	w.openAgain()
	a := w.tenant("postern", "")
	k := a.key(newKey("ci", "read"))
	a.rotate(k.ID, keyring.Rotation{Overlap: time.Minute})
	w.clock.advance(time.Minute)
	a.verdict("its overlap is over", k.Secret, api.VerifyInvalid)
	if !w.NeedsRecordTime() {
		t.Fatal("the refusal is no reason to record the time")
	}
	if err := w.RecordTime(t.Context()); err != nil {
		t.Fatal(err)
	}
	if w.NeedsRecordTime() {
		t.Error("the time is to be recorded once more")
	}
	was := w.Now()
	w.clock.step(-23 * time.Hour)
	for range 3 {
		a.verdict("the clock is set back", k.Secret, api.VerifyInvalid)
	}
	if n := strings.Count(log.String(), "clock is behind"); n != 1 || !strings.Contains(log.String(), "behind=23h0m0s") {
		t.Errorf("a step is logged %d times:\n%s", n, log)
	}
	w.openAgain() // as after a kill
	a.verdict("and the server started anew", k.Secret, api.VerifyInvalid)
	if !w.Now().Equal(was.Truncate(time.Microsecond)) {
		t.Errorf("time goes on from %s, want %s", w.Now(), was)
	}
	w.clock.advance(time.Hour)
	if got := w.Now().Sub(was); got < time.Hour-time.Microsecond || got > time.Hour {
		t.Errorf("in an hour it went on by %s", got)
	}
}

func TestClock_TooFarBehindIsNoStart(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a, b := w.tenant("postern", ""), w.tenant("postern", "")
	k := a.key(expiring("ci", time.Hour))
	w.clock.advance(25 * time.Hour)
	a.standing(api.StandingOpen) // any write
	w.clock.step(-25 * time.Hour)
	_, err := keyring.New(ctx, w.config())
	contains(t, err, "shows 2026-03-04T05:06:07Z", "25h0m0s behind 2026-03-05T06:06:07Z", "set the clock right", "postern reset-clock")
	done, err := keyring.ResetClock(ctx, w.store, w.clock.Now)
	if err != nil || len(done.Accounts) != 2 || !done.After.Equal(start.Truncate(time.Microsecond)) || done.Before.Sub(done.After) < 25*time.Hour-time.Second {
		t.Errorf("it did %+v, %v", done, err)
	}
	w.openAgain()
	a.verdict("an operator has said that the time was wrong", k.Secret, api.VerifyValid, "read")
	for _, of := range []*tenant{a, b} {
		events := of.events()
		if e := events[len(events)-1]; e.Action != "clock.reset" || e.ActorKind != keyring.ActorOperator {
			t.Errorf("the trail ends with %+v", e)
		}
		of.chain()
	}
}

// A clock that is far ahead ends what it must, destroys nothing, and leaves no trace when
// it comes back.
func TestClock_FarAheadIsNotBelievedForADay(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	for what, move := range map[string]func(w *world, by time.Duration){
		"at a start":    func(w *world, by time.Duration) { w.clock.step(by); w.openAgain() },
		"while running": func(w *world, by time.Duration) { w.clock.step(by) },
	} {
		w := newWorld(t)
		log := w.logged()
		w.openAgain()
		a := w.tenant("postern", "")
		k := a.key(newKey("ci", "read"))
		a.verdict("used", k.Secret, api.VerifyValid, "read")
		if _, err := w.FlushUsage(ctx); err != nil {
			t.Fatal(err)
		}
		w.clock.advance(time.Second)
		three := 3 * 365 * day
		move(w, three)
		second := a.rotate(k.ID, keyring.Rotation{Overlap: time.Hour})
		if !w.ClockDoubted() || strings.Count(log.String(), "clock is far ahead") != 1 {
			t.Errorf("%s: doubted %t, and the log says\n%s", what, w.ClockDoubted(), log)
		}
		a.verdict("in its overlap, by a wrong clock", k.Secret, api.VerifyValid, "read")
		if n, more, err := w.TrimAudit(ctx, a.ID, w.Now().Add(-365*day)); n != 0 || more || err != nil {
			t.Errorf("%s: %d records trimmed, %t, %v", what, n, more, err)
		}
		if _, err := w.FlushUsage(ctx); err != nil {
			t.Fatal(err)
		}
		if n := w.query(`SELECT count(*) FROM usage`); n != "2" {
			t.Errorf("%s: %s counts are left of 2", what, n)
		}
		w.clock.step(-three) // set right again
		a.verdict("the overlap that a wrong clock gave", k.Secret, api.VerifyInvalid)
		a.verdict("the new one", second.Secret, api.VerifyValid, "read")
		if w.ClockDoubted() || w.Now().Sub(start) > time.Minute {
			t.Errorf("%s: it is %s after the clock came back", what, w.Now())
		}
		w.openAgain() // the mark of the wrong time would refuse this
		if n, err := w.SweepSecrets(ctx); n != 1 || err != nil {
			t.Errorf("%s: %d secrets swept, %v", what, n, err)
		}
		w.clock.advance(three)
		a.verdict("when that time has come", k.Secret, api.VerifyInvalid)

		w.clock.step(three) // once more, and it stays
		for range 25 {
			w.clock.advance(time.Hour)
			_ = w.Now()
		}
		if w.ClockDoubted() {
			t.Errorf("%s: after a day it is still doubted", what)
		}
		if n, _, err := w.TrimAudit(ctx, a.ID, w.Now().Add(-365*day)); n == 0 || err != nil {
			t.Errorf("%s: when it is believed %d records are trimmed, %v", what, n, err)
		}
		a.chain()
	}
}

// Two processes on one database go by the later of their times.
func TestClock_ALaterTimeOfAnotherProcessIsKnown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.tenant("postern", "")
	ahead := w.config()
	ahead.Now = func() time.Time { return w.clock.Now().Add(10 * time.Minute) }
	other, err := keyring.New(t.Context(), ahead)
	if err != nil {
		t.Fatal(err)
	}
	if err := other.SetStanding(t.Context(), a.ID, api.StandingOpen); err != nil {
		t.Fatal(err)
	}
	w.clock.advance(time.Minute)
	a.standing(api.StandingOpen)
	if got := w.Now().Sub(start); got < 10*time.Minute-time.Second {
		t.Errorf("it is %s after the start", got)
	}
}
