package keyring_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/faults"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// turnedOff makes a key that is turned off, as one that has leaked.
func (a *tenant) turnedOff(name string) keyring.IssuedAPIKey {
	a.w.t.Helper()
	in := newKey(name, "read")
	in.Enabled = false
	return a.key(in)
}

// turnedAway authenticates with what must not work.
func (w *world) turnedAway(s secret.Secret, from keyring.Origin) {
	w.t.Helper()
	_, err := w.Authenticate(w.t.Context(), s, from)
	refusedAs(w.t, "turned away", err, api.CodeInvalidCredential)
}

// since are the records after the first n.
func (a *tenant) since(n int) []keyring.AuditEvent {
	a.w.t.Helper()
	return a.events()[n:]
}

func number(t *testing.T, v any) int {
	t.Helper()
	n, ok := v.(float64)
	if !ok {
		t.Fatalf("%v is no number", v)
	}
	return int(n)
}

// size is how many members a list or an object has; -1 of what is neither.
func size(v any) int {
	switch v := v.(type) {
	case []any:
		return len(v)
	case map[string]any:
		return len(v)
	}
	return -1
}

func TestFaults_AFloodOfDenialsWritesAFewRecords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.tenant("postern", "")
	leaked := a.turnedOff("leaked")
	before := len(a.events())
	rounds := faults.Rounds(t, 2000)
	for i := range rounds {
		w.turnedAway(leaked.Secret, keyring.Origin{RequestID: "req", Address: fmt.Sprint("192.0.2.", i%20)})
	}
	// Some of the kinds, which an address makes different, have a record of their own.
	if got := a.since(before); len(got) != 5 || got[0].Action != "authenticate" || got[0].Actor != leaked.ID || got[0].Address != "192.0.2.0" {
		t.Fatalf("the flood left %d records: %+v", len(got), got)
	}
	same(t, "the reason", detail(t, a.since(before)[0]), map[string]any{"reason": "inactive"})
	if err := w.FlushDenials(t.Context(), false); err != nil || len(a.since(before)) != 5 {
		t.Fatalf("within the window: %d records, %v", len(a.since(before)), err)
	}
	// Over ten minutes of it, one record a minute.
	for range 10 {
		w.clock.advance(time.Minute)
		if err := w.FlushDenials(t.Context(), false); err != nil {
			t.Fatal(err)
		}
		for range 100 {
			w.turnedAway(leaked.Secret, keyring.Origin{RequestID: "req", Address: "192.0.2.0"})
		}
	}
	w.sumUp()
	got := a.since(before)[5:]
	if len(got) != 11 {
		t.Fatalf("ten minutes left %d records", len(got))
	}
	total := 5
	for _, e := range got {
		if e.Action != "denial.repeat" || e.Actor != leaked.ID || e.ActorKind != api.CallerAPIKey || e.Outcome != keyring.OutcomeDenied || e.Code != string(api.CodeInvalidCredential) {
			t.Errorf("a sum is %+v", e)
		}
		total += number(t, detail(t, e)["times"])
	}
	if want := rounds + 1000; total != want {
		t.Errorf("the trail tells of %d denials, want %d", total, want)
	}
	d := detail(t, got[0])
	if size(d["addresses"]) != 16 || d["other_addresses"] == nil || d["since"] != "2026-03-04T05:06:07.123456Z" || d["until"] != d["since"] {
		t.Errorf("the first sum says %v", d)
	}
	same(t, "what was tried", d["attempts"], []any{map[string]any{
		"action": "authenticate", "code": "invalid_credential", "reason": "inactive", "times": float64(rounds - 5),
	}})
	if got[1].Address != "192.0.2.0" {
		t.Errorf("one address is shown as %q", got[1].Address)
	}
	a.chain()
}

func TestDenials_VaryingWhatIsTriedEvadesNothing(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	weak, strong := a.delegate("weak", "read"), a.key(newKey("strong", "admin"))
	before := len(a.events())
	for i := range 30 {
		id := fmt.Sprintf("key_%020d", i)
		for _, err := range []error{
			second(w.UpdateAPIKey(ctx, weak, id, keyring.APIKeyChange{Name: ptr("x")}, nil)), w.DeleteAPIKey(ctx, weak, id, nil),
			second(w.RotateAPIKey(ctx, weak, strong.ID, keyring.Rotation{}, nil, "")), second(w.APIKey(ctx, weak, id)),
			third(w.APIKeys(ctx, weak, keyring.APIKeyFilter{Limit: 1})), second(w.CreateAPIKey(ctx, weak, newKey("n", "read"), "")),
			second(w.CreateScope(ctx, weak, keyring.NewScope{Name: "a:b"})),
		} {
			refusedAs(t, "weak", err, api.CodeForbidden)
		}
	}
	w.sumUp()
	got := a.since(before)
	if len(got) != 6 || got[5].Action != "denial.repeat" {
		t.Fatalf("%d records were left", len(got))
	}
	d := detail(t, got[5])
	if d["times"] != float64(7*30-5) || size(d["attempts"]) != 7 || size(d["targets"]) != 16 || d["other_targets"] == nil {
		t.Errorf("the sum says %v", d)
	}
	other := a.delegate("other", "read")
	if e, err := a.one("another credential", func() error { return w.DeleteAPIKey(ctx, other, strong.ID, nil) }); err == nil || e.Actor != other.ID {
		t.Errorf("another credential left %+v", e)
	}
	a.chain()
}

func TestFaults_ADenialIsRecordedAlsoOfACallerThatLeft(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.tenant("postern", "")
	weak, strong := a.delegate("weak", "read"), a.key(newKey("strong", "admin"))
	gone, leave := context.WithCancel(t.Context())
	leave()
	for i := range faults.Rounds(t, 20) {
		off := a.turnedOff(fmt.Sprint("off", i))
		unknown := w.platforms["postern"].Secret.Mint("")
		e, known := a.one("a key that is turned off", func() error { return second(w.Authenticate(gone, off.Secret, origin)) })
		refusedAs(t, "turned off", known, api.CodeInvalidCredential)
		if e.Actor != off.ID {
			t.Errorf("the record is of %q", e.Actor)
		}
		_, err := w.Authenticate(gone, unknown, origin)
		if err == nil || err.Error() != known.Error() {
			t.Errorf("what nobody has is answered by %v, what is turned off by %v", err, known)
		}
		if _, err := a.one("a write", func() error { return w.DeleteAPIKey(gone, weak, strong.ID, nil) }); err == nil {
			t.Error("a weak key has deleted a strong one")
		}
		if _, err := a.one("a read", func() error { return second(w.APIKey(gone, weak, strong.ID)) }); err == nil {
			t.Error("a weak key has read a strong one")
		}
		_, err = a.one("a verification", func() error {
			_, _, err := w.VerifyFor(gone, off.Secret, origin, keyring.Presented{Secret: strong.Secret}, nil)
			return err
		})
		refusedAs(t, "verifying", err, api.CodeInvalidCredential)
	}
	a.chain()
}

// withLog opens the keyring again, with a log that the test reads and a store whose trail
// can be broken.
func (w *world) withLog() (*bytes.Buffer, *noAudit) {
	w.t.Helper()
	log, store := &bytes.Buffer{}, &noAudit{}
	w.log = slog.New(slog.NewTextHandler(log, nil))
	w.wrap = func(s keyring.Store) keyring.Store { store.Store = s; return store }
	w.openAgain()
	return log, store
}

func TestFaults_ADenialThatCannotBeRecordedIsAnsweredAndKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	log, store := w.withLog()
	a := w.tenant("postern", "")
	off := a.turnedOff("off")
	before := len(a.events())
	store.broken.Store(true)
	w.turnedAway(off.Secret, origin)
	if text := log.String(); !strings.Contains(text, "level=ERROR") || !strings.Contains(text, "a denial is not recorded yet") || strings.Contains(text, off.Secret.Reveal()) {
		t.Errorf("the log says %q", text)
	}
	w.turnedAway(off.Secret, origin)
	if err := w.FlushDenials(t.Context(), true); !errors.Is(err, errNoAudit) {
		t.Errorf("flushing a broken trail: %v", err)
	}
	w.turnedAway(off.Secret, origin)
	if n := len(a.events()); n != before {
		t.Errorf("%d records were written", n-before)
	}
	store.broken.Store(false)
	w.sumUp()
	if got := a.since(before); len(got) != 1 || detail(t, got[0])["times"] != 3. {
		t.Errorf("kept: %+v", got)
	}
	a.chain()
}

func TestFaults_ADenialWaitsForTheWriteLockForABoundedTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.tenant("postern", "")
	off := a.turnedOff("off")
	before := len(a.events())
	release := w.held()
	w.turnedAway(off.Secret, origin) // for ever, without a bound
	release()
	w.sumUp()
	if got := a.since(before); len(got) != 1 || got[0].Action != "denial.repeat" || got[0].Address != origin.Address {
		t.Errorf("it left %+v", got)
	}
}

func TestVerify_RefusalsAreSummedUpByAddressAndReason(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.tenant("postern", "")
	gateway := a.asOwner()
	good, off := a.key(newKey("good", "read")), a.turnedOff("off")
	in := newKey("late", "read")
	in.ExpiresAt = ptr(start.UTC().Truncate(time.Second).Add(time.Second))
	late := a.key(in)
	w.clock.advance(time.Second)
	before := len(a.events())
	ask := func(s secret.Secret, address, want string, scopes ...string) {
		t.Helper()
		v, err := w.Verify(t.Context(), gateway, keyring.Presented{Secret: s, Address: address}, scopes)
		if err != nil || v.Code != want {
			t.Errorf("%q: %v", v.Code, err)
		}
	}
	for range 50 {
		ask(good.Secret, "192.0.2.9", api.VerifyValid, "read")
		ask(off.Secret, "192.0.2.9", api.VerifyInactive)
		ask(late.Secret, "192.0.2.9", api.VerifyExpired)
		ask(good.Secret, "2001:db8::7", api.VerifyMissingScope, "write")
		ask(w.platforms["postern"].Secret.Mint(""), "2001:db8::8", api.VerifyInvalid)
	}
	w.clock.advance(4 * time.Minute)
	if err := w.FlushDenials(t.Context(), false); err != nil || len(a.since(before)) != 0 {
		t.Fatalf("within the window: %d records, %v", len(a.since(before)), err)
	}
	w.clock.advance(time.Minute)
	if err := w.FlushDenials(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	got := map[string]keyring.AuditEvent{}
	for _, e := range a.since(before) {
		if e.Action != "verify.refuse" || e.Actor != gateway.ID || e.Outcome != keyring.OutcomeDenied || detail(t, e)["times"] != 50. {
			t.Errorf("recorded %+v", e)
		}
		got[e.Code+" "+e.Address+" "+e.Target] = e
	}
	for _, want := range []string{
		"inactive 192.0.2.9 " + off.ID, "expired 192.0.2.9 " + late.ID, "missing_scope 2001:db8::/64 " + good.ID, "invalid 2001:db8::/64 ",
	} {
		if _, ok := got[want]; !ok || len(got) != 4 {
			t.Errorf("there is no record %q among %d", want, len(got))
		}
	}
	a.chain()
}

func TestAuthenticate_WhatNobodyHasIsLoggedByAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	log, _ := w.withLog()
	a := w.tenant("postern", "")
	before := len(a.events())
	for i := range 500 {
		w.turnedAway(secret.From(fmt.Sprint("nobody has ", i)), keyring.Origin{Address: fmt.Sprint("192.0.2.", i%50)})
	}
	for range 20 {
		w.turnedAway(secret.From("nobody"), keyring.Origin{Address: "2001:db8::1"})
	}
	if log.Len() != 0 {
		t.Errorf("within the window: %s", log)
	}
	w.clock.advance(time.Minute)
	w.sumUp()
	text := log.String()
	if n := strings.Count(text, "level=WARN"); n != 21 || !strings.Contains(text, "address=2001:db8::/64 times=20 since=2026-03-04T05:06:07Z") ||
		!strings.Contains(text, "address=others times=310") || strings.Contains(text, "nobody has 7") {
		t.Errorf("%d lines:\n%s", n, text)
	}
	if len(a.events()) != before {
		t.Error("a trail tells of what nobody has")
	}
}

// countedStore counts the transactions that write.
type countedStore struct {
	keyring.Store
	updates atomic.Int64
}

func (s *countedStore) Update(ctx context.Context, account string, fn func(keyring.Writer) error) error {
	s.updates.Add(1)
	return s.Store.Update(ctx, account, fn)
}

func TestVerify_NoRequestThatIsLetInWrites(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	store := &countedStore{}
	w.wrap = func(s keyring.Store) keyring.Store { store.Store = s; return store }
	w.openAgain()
	a := w.tenant("postern", "")
	k := a.key(newKey("ci", "read"))
	gateway := a.asOwner()
	before := store.updates.Load()
	for range 100 {
		for _, s := range []secret.Secret{k.Secret, secret.From("x")} {
			if _, err := w.Verify(t.Context(), gateway, keyring.Presented{Secret: s, Address: "192.0.2.1"}, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := store.updates.Load() - before; n != 0 {
		t.Errorf("%d writes", n)
	}
}
