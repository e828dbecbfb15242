package keyring_test

import (
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// Whoever holds a secret that leaked and was replaced gets no new one by it.
func TestOwnRotation_AReplacedSecretCannotRotateItsKey(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	place := a.sub("one")
	inPlace := w.as(a.owner).In(place.Handle)
	ofPlace, err := w.CreateAPIKey(ctx, inPlace, newKey("caller", "apikeys:write", "read"), "")
	if err != nil {
		t.Fatal(err)
	}
	for name, first := range map[string]keyring.IssuedAPIKey{"of the account": a.key(newKey("caller", "apikeys:write", "read")), "of a sub-account": ofPlace} {
		current := w.as(first.Secret)
		second, err := w.RotateAPIKey(ctx, current, first.ID, keyring.Rotation{Overlap: time.Hour}, nil, "")
		if err != nil {
			t.Fatalf("%s: the current secret does not rotate its own key: %v", name, err)
		}
		old := w.as(first.Secret)
		ends := w.Now().Truncate(time.Second).Add(time.Hour)
		same(t, "when the caller's secret ends", old.SecretEndsAt, &ends)
		for what, who := range map[string]keyring.Caller{"it": old, "it, authenticated before the rotation": current} {
			for how, in := range map[string]keyring.Rotation{
				"at once": {}, "with an overlap": {Overlap: time.Hour}, "with an expiry": {ChangeExpiry: true, ExpiresAt: &ends}, "with no expiry": {ChangeExpiry: true},
			} {
				before := len(a.events())
				_, err := w.RotateAPIKey(ctx, who, first.ID, in, nil, "")
				refusedAs(t, name+", "+what+" rotates "+how, err, api.CodeSecretReplaced)
				contains(t, err, ends.Format(time.RFC3339))
				if got := a.events(); len(got) > before && (got[before].Outcome != keyring.OutcomeDenied || got[before].Code != string(api.CodeSecretReplaced) || got[before].Actor != first.ID) {
					t.Errorf("%s: the record is %+v", name, got[before])
				}
			}
		}
		w.sumUp()
		if n := deniedRotations(a.events(), first.ID); n == 0 {
			t.Errorf("%s: no denial is in the trail", name)
		}
		a.verdict("the new secret", second.Secret, api.VerifyValid)
		changed, err := w.UpdateAPIKey(ctx, old, first.ID, keyring.APIKeyChange{Enabled: ptr(true), ChangeExpiry: true, ExpiresAt: in(1000 * time.Hour)}, nil)
		if err != nil || !changed.PreviousSecretEndsAt.Equal(ends) {
			t.Errorf("%s: a change of the key moves the end of its secret to %v, %v", name, changed.PreviousSecretEndsAt, err)
		}
		// The key itself goes on to do so, and the old secret ends with the next rotation.
		if _, err := w.RotateAPIKey(ctx, w.as(second.Secret), first.ID, keyring.Rotation{Overlap: time.Hour}, nil, ""); err != nil {
			t.Errorf("%s: the current secret: %v", name, err)
		}
		a.verdict("the one before the previous", first.Secret, api.VerifyInvalid)
	}
}

func deniedRotations(events []keyring.AuditEvent, actor string) (n int) {
	for _, e := range events {
		if e.Actor == actor && e.Outcome == keyring.OutcomeDenied && (e.Code == string(api.CodeSecretReplaced) || strings.Contains(string(e.Detail), string(api.CodeSecretReplaced))) {
			n++
		}
	}
	return n
}

// An overlap is there so that its holders go on working.
func TestOwnRotation_AReplacedSecretDoesAllElse(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	caller := a.key(newKey("caller", "apikeys:write", "read"))
	other := a.key(newKey("other", "read"))
	a.rotate(caller.ID, keyring.Rotation{Overlap: time.Hour})
	old := w.as(caller.Secret)
	if _, err := w.CreateAPIKey(ctx, old, newKey("made", "read"), ""); err != nil {
		t.Errorf("it makes no key: %v", err)
	}
	if _, err := w.RotateAPIKey(ctx, old, other.ID, keyring.Rotation{Overlap: time.Hour}, nil, ""); err != nil {
		t.Errorf("it rotates no other key: %v", err)
	}
	if _, err := w.UpdateAPIKey(ctx, old, caller.ID, keyring.APIKeyChange{Description: ptr("its own")}, nil); err != nil {
		t.Errorf("it changes no word about itself: %v", err)
	}
	if _, err := w.RotateAPIKey(ctx, a.asOwner(), caller.ID, keyring.Rotation{}, nil, ""); err != nil {
		t.Errorf("the owner, during the overlap: %v", err)
	}
}

// A rotation of one's own key whose answer was lost is asked for again with the secret that
// it replaced, and gets its answer.
func TestOwnRotation_ALostAnswerIsGivenAgain(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	caller := a.key(newKey("caller", "apikeys:write", "read"))
	asked := keyring.Rotation{Overlap: 48 * time.Hour}
	rotate := func(in keyring.Rotation, key string) (keyring.IssuedAPIKey, error) {
		return w.RotateAPIKey(ctx, w.as(caller.Secret), caller.ID, in, ptr(int64(1)), key)
	}
	first, err := rotate(asked, once)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		w.clock.advance(7 * time.Hour)
		again, err := rotate(asked, once)
		if err != nil {
			t.Fatalf("the same request under the same key: %v", err)
		}
		sameAnswer(t, "the answer", again, first)
	}
	_, err = rotate(keyring.Rotation{Overlap: time.Hour}, once)
	refusedAs(t, "another request under the same key", err, api.CodeIdempotencyKeyReused, api.HeaderIdempotencyKey)
	_, err = rotate(asked, twice)
	refusedAs(t, "the same request under another key, for the revision before", err, api.CodeStaleRevision)
	_, err = w.RotateAPIKey(ctx, w.as(caller.Secret), caller.ID, asked, ptr(int64(2)), twice)
	refusedAs(t, "another rotation", err, api.CodeSecretReplaced)
	// Nobody gets the first answer once its time is over, and no new one either.
	w.clock.advance(4 * time.Hour)
	_, err = rotate(asked, once)
	refusedAs(t, "a day later", err, api.CodeStaleRevision)
}

// Two rotations at once by the one secret: the second would hand out a new secret to whoever
// was a moment late.
func TestOwnRotation_OfTwoAtOnceOneIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.tenant("postern", "")
	caller := a.key(newKey("caller", "apikeys:write", "read"))
	who := w.as(caller.Secret)
	const n = 8
	errs := make(chan error, n)
	for range n {
		go func() {
			_, err := w.RotateAPIKey(t.Context(), who, caller.ID, keyring.Rotation{Overlap: time.Hour}, nil, "")
			errs <- err
		}()
	}
	done := 0
	for range n {
		if err := <-errs; err == nil {
			done++
		} else {
			refusedAs(t, "a second rotation", err, api.CodeSecretReplaced)
		}
	}
	if done != 1 || a.keys()["caller"].SecretVersion != 2 {
		t.Errorf("%d rotations were done, the secret is version %d", done, a.keys()["caller"].SecretVersion)
	}
}
