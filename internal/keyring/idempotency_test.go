package keyring_test

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

const (
	once  = "4f1c6a52-5a0e-4d0c-9a53-1f6d3c0d7e11"
	twice = "0b7d9a7e-9b42-4c7e-8a11-7d1c9f3e5b22"
)

func sameAnswer(t *testing.T, what string, got, want keyring.IssuedAPIKey) {
	t.Helper()
	if !got.Secret.Equal(want.Secret) || got.Secret.IsZero() {
		t.Errorf("%s: the secret is not the same", what)
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(keyring.IssuedAPIKey{}, "Secret")); diff != "" {
		t.Errorf("%s: first -, repeated +:\n%s", what, diff)
	}
}

func TestIdempotency_ARepeatedCreateGetsTheFirstAnswerFor24Hours(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	wanted := newKey("ci", "write", "read")
	wanted.ExpiresAt, wanted.Description = in(100*time.Hour), "Größe"
	create := func() (keyring.IssuedAPIKey, error) { return w.CreateAPIKey(ctx, a.asOwner(), wanted, once) }
	first, err := create()
	if err != nil {
		t.Fatal(err)
	}
	for _, after := range []time.Duration{0, time.Hour, keyring.IdempotencyWindow} {
		w.clock.until(start.Add(after))
		a.none("a repetition", func() error {
			again, err := create()
			if err != nil {
				t.Fatalf("after %s: %v", after, err)
			}
			sameAnswer(t, after.String(), again, first)
			return nil
		})
	}
	wanted.Scopes = []string{"read", "write", "read"} // the same set
	again, err := create()
	if err != nil {
		t.Fatal(err)
	}
	sameAnswer(t, "the same set of scopes", again, first)
	w.openAgain()
	if again, err = create(); err != nil {
		t.Fatal(err)
	}
	sameAnswer(t, "after a restart", again, first)
	a.delete(first.ID) // the answer tells of the past
	if again, err = create(); err != nil {
		t.Fatal(err)
	}
	sameAnswer(t, "after it was deleted", again, first)
	a.verdict("after it was deleted", again.Secret, api.VerifyInvalid)
	if n := len(a.keys()); n != 0 {
		t.Errorf("there are %d keys", n)
	}
	w.clock.until(start.Add(keyring.IdempotencyWindow + time.Second))
	later, err := create()
	if err != nil {
		t.Fatal(err)
	}
	if later.ID == first.ID || later.Secret.Equal(first.Secret) {
		t.Error("the answer is kept for longer than 24 hours")
	}
	a.verdict("made anew", later.Secret, api.VerifyValid)
	a.chain()
}

// TestIdempotency_AtTheEndOfItsTime repeats a request at each second around the
// end: it gets the first answer or a new one, and never fails.
func TestIdempotency_AtTheEndOfItsTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.tenant("postern", "")
	k := a.key(newKey("ci", "read"))
	secrets, day := map[string]bool{}, time.Duration(0)
	for _, late := range []time.Duration{-time.Second, -time.Nanosecond, 0, time.Nanosecond, time.Second - 1, time.Second, 2 * time.Second} {
		for _, from := range []time.Time{start, start.Truncate(time.Second)} {
			day += 48 * time.Hour
			from = from.Add(day)
			w.clock.until(from)
			key := secret.Random("base62", 30)
			first, err := w.RotateAPIKey(t.Context(), a.asOwner(), k.ID, keyring.Rotation{}, nil, key)
			if err != nil {
				t.Fatal(err)
			}
			w.clock.until(from.Add(keyring.IdempotencyWindow + late))
			again, err := w.RotateAPIKey(t.Context(), a.asOwner(), k.ID, keyring.Rotation{}, nil, key)
			if err != nil {
				t.Fatalf("%s past 24 hours: %v", late, err)
			}
			if late < 0 && !again.Secret.Equal(first.Secret) {
				t.Errorf("%s before 24 hours the answer is a new one", -late)
			}
			if late >= time.Second && again.Secret.Equal(first.Secret) {
				t.Errorf("%s past 24 hours the answer is the first one", late)
			}
			secrets[again.Secret.Reveal()] = true
		}
	}
	if len(secrets) != 14 {
		t.Errorf("%d different secrets, want 14", len(secrets))
	}
}

func TestIdempotency_ARepeatedRotationGetsTheFirstAnswer(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	k := a.key(newKey("ci", "read"))
	rotate := func(in keyring.Rotation, ifMatch *int64) (keyring.IssuedAPIKey, error) {
		return w.RotateAPIKey(ctx, a.asOwner(), k.ID, in, ifMatch, once)
	}
	first, err := rotate(keyring.Rotation{Overlap: time.Hour}, ptr(int64(1)))
	if err != nil {
		t.Fatal(err)
	}
	// The revision has moved on by the first one itself, and that is no reason
	// to refuse its repetition.
	again, err := rotate(keyring.Rotation{Overlap: time.Hour}, ptr(int64(1)))
	if err != nil {
		t.Fatal(err)
	}
	sameAnswer(t, "rotation", again, first)
	if v := a.keys()["ci"].SecretVersion; v != 2 {
		t.Errorf("the secret's version is %d, want 2", v)
	}
	a.verdict("in the overlap", k.Secret, api.VerifyValid)
	for what, call := range map[string]func() error{
		"overlap": func() error { return second(rotate(keyring.Rotation{Overlap: 2 * time.Hour}, ptr(int64(1)))) },
		"expiry": func() error {
			return second(rotate(keyring.Rotation{Overlap: time.Hour, ChangeExpiry: true}, ptr(int64(1))))
		},
		"revision":  func() error { return second(rotate(keyring.Rotation{Overlap: time.Hour}, nil)) },
		"operation": func() error { return second(w.CreateAPIKey(ctx, a.asOwner(), newKey("x", "read"), once)) },
		"key": func() error {
			other := a.keys()["other"]
			return second(w.RotateAPIKey(ctx, a.asOwner(), other.ID, keyring.Rotation{Overlap: time.Hour}, ptr(int64(1)), once))
		},
	} {
		if what == "key" {
			a.key(newKey("other", "read"))
		}
		refusedAs(t, "another "+what, call(), api.CodeIdempotencyKeyReused, api.HeaderIdempotencyKey)
	}
}

func TestIdempotency_AnotherRequestUnderTheSameKeyIsRefused(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	first, err := w.CreateAPIKey(ctx, a.asOwner(), newKey("ci", "read"), once)
	if err != nil {
		t.Fatal(err)
	}
	off, late := newKey("ci", "read"), newKey("ci", "read")
	off.Enabled, late.ExpiresAt = false, in(time.Hour)
	described := newKey("ci", "read")
	described.Description = "x"
	for what, wanted := range map[string]keyring.NewAPIKey{
		"name": newKey("cd", "read"), "scopes": newKey("ci", "write"), "enabled": off, "expiry": late, "description": described,
	} {
		_, err := w.CreateAPIKey(ctx, a.asOwner(), wanted, once)
		refusedAs(t, "another "+what, err, api.CodeIdempotencyKeyReused, api.HeaderIdempotencyKey)
	}
	same(t, "the keys", a.keys(), map[string]keyring.APIKeyView{"ci": first.APIKeyView})
	// A request that was refused has no answer to keep: corrected, it goes
	// through under the same key.
	_, err = w.CreateAPIKey(ctx, a.asOwner(), newKey("cd", "raed"), twice)
	refusedAs(t, "misspelt", err, api.CodeValidationFailed, "scopes")
	if _, err := w.CreateAPIKey(ctx, a.asOwner(), newKey("cd", "read"), twice); err != nil {
		t.Errorf("corrected: %v", err)
	}
	for _, bad := range []string{"short", "with a space in it", "with\x00a NUL, 16 long", strings.Repeat("x", 129)} {
		_, err := w.CreateAPIKey(ctx, a.asOwner(), newKey("ce", "read"), bad)
		refusedAs(t, bad, err, api.CodeValidationFailed, api.HeaderIdempotencyKey)
	}
}

func TestIdempotency_AnotherCredentialNeverGetsTheAnswer(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a, b := w.tenant("postern", ""), w.tenant("postern", "")
	caller := a.key(newKey("caller", "apikeys:write", "read"))
	callers := []keyring.Caller{a.asOwner(), w.as(caller.Secret), a.delegate("other", "apikeys:write", "read"), b.asOwner()}
	callers = append(callers, w.as(a.rotate(caller.ID, keyring.Rotation{Overlap: time.Hour}).Secret)) // the same key with a new secret
	seen := map[string]bool{}
	for i, who := range callers {
		wanted := newKey("made", "read")
		wanted.Name += string(rune('a' + i))
		issued, err := w.CreateAPIKey(ctx, who, wanted, once)
		if err != nil {
			t.Fatal(err)
		}
		if seen[issued.Secret.Reveal()] {
			t.Error("a caller got the secret of another one's key")
		}
		seen[issued.Secret.Reveal()] = true
	}
	// Nor does a caller that has lost the right to ask.
	who := callers[2]
	a.change(who.ID, keyring.APIKeyChange{Scopes: []string{"read"}})
	again := newKey("madec", "read")
	_, err := w.CreateAPIKey(ctx, who, again, once)
	refusedAs(t, "without the right", err, api.CodeForbidden)
}

func TestIdempotency_OfManyAtOnceOneMakesTheKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.tenant("postern", "")
	who := a.asOwner()
	answers := make([]keyring.IssuedAPIKey, 16)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() {
			var err error
			if answers[i], err = w.CreateAPIKey(t.Context(), who, newKey("ci", "read"), once); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, one := range answers {
		sameAnswer(t, "at once", one, answers[0])
	}
	if n := len(a.keys()); n != 1 {
		t.Errorf("there are %d keys, want 1", n)
	}
	if n := len(a.events()); n != 2 {
		t.Errorf("there are %d records, want 2", n)
	}
}

// TestIdempotency_OldAnswersAreClearedOut looks into the database: what nobody
// may ask for any more is not kept, even sealed.
func TestIdempotency_OldAnswersAreClearedOut(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	if _, err := w.CreateAPIKey(ctx, a.asOwner(), newKey("ci", "read"), once); err != nil {
		t.Fatal(err)
	}
	seal, err := secret.NewSeal(a.owner, once)
	if err != nil {
		t.Fatal(err)
	}
	kept := func() (found keyring.IdempotencyRecord, err error) {
		err = w.store.View(ctx, func(r keyring.Reader) (err error) {
			found, err = r.IdempotencyRecord(ctx, a.ID, seal.Digest([]byte("id")))
			return err
		})
		return found, err
	}
	record, err := kept()
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := seal.Open(record.Answer); err != nil || !bytes.Contains(plain, []byte("ptn_key_")) {
		t.Errorf("the answer does not open with what the caller sent: %v", err)
	}
	w.clock.advance(keyring.IdempotencyWindow + time.Second)
	if _, err := w.CreateAPIKey(ctx, a.asOwner(), newKey("cd", "read"), twice); err != nil {
		t.Fatal(err)
	}
	if _, err := kept(); err == nil {
		t.Error("the answer is still there")
	}
}
