package keyring_test

import (
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// stays checks a verdict now, after a restart, and long after that.
func (a *tenant) stays(what string, s secret.Secret, want string) {
	a.w.t.Helper()
	a.verdict(what, s, want)
	a.w.openAgain()
	a.verdict(what+", after a restart", s, want)
	a.w.later(365*24*time.Hour, func() { a.verdict(what+", a year later", s, want) })
}

func TestRule8_WhatIsRevokedNeverWorksAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.tenant("postern", "")
	deleted, rotated := a.key(newKey("deleted", "read")), a.key(newKey("rotated", "read"))
	a.delete(deleted.ID)
	a.stays("deleted", deleted.Secret, api.VerifyInvalid)
	a.key(newKey("deleted", "read")) // another key of that name is another key
	a.stays("deleted", deleted.Secret, api.VerifyInvalid)

	current := a.rotate(rotated.ID, keyring.Rotation{})
	a.stays("rotated", rotated.Secret, api.VerifyInvalid)
	a.stays("current", current.Secret, api.VerifyValid)
	a.rotate(rotated.ID, keyring.Rotation{Overlap: time.Hour}) // which keeps the one before, not the one before that
	a.verdict("rotated twice", rotated.Secret, api.VerifyInvalid)
	a.change(rotated.ID, keyring.APIKeyChange{Enabled: ptr(false)})
	a.change(rotated.ID, keyring.APIKeyChange{Enabled: ptr(true), ChangeExpiry: true, ExpiresAt: in(9000 * time.Hour)})
	a.verdict("rotated, turned off and on", rotated.Secret, api.VerifyInvalid)
	a.delete(rotated.ID)
	a.stays("current, deleted", current.Secret, api.VerifyInvalid)
	a.stays("never minted", w.platforms["postern"].Secret.Mint(""), api.VerifyInvalid)
}

func TestRule8_AnOverlapEndsOnTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.tenant("postern", "")
	first := a.key(newKey("ci", "read"))
	ends := in(time.Hour)
	rotated := a.rotate(first.ID, keyring.Rotation{Overlap: time.Hour})
	same(t, "the end of the overlap", rotated.PreviousSecretEndsAt, ends)
	if rotated.ID != first.ID || rotated.SecretVersion != 2 || first.SecretVersion != 1 {
		t.Errorf("the rotation made version %d of %s", rotated.SecretVersion, rotated.ID)
	}
	old := a.verdict("in the overlap", first.Secret, api.VerifyValid, "read")
	same(t, "the old secret's end", old.EndsAt, ends)
	same(t, "the new secret's end", a.verdict("new", rotated.Secret, api.VerifyValid).EndsAt, (*time.Time)(nil))
	w.clock.advance(ends.Sub(w.clock.Now()) - time.Nanosecond)
	a.verdict("just before the end", first.Secret, api.VerifyValid)
	if _, err := w.Authenticate(t.Context(), first.Secret, origin); err != nil {
		t.Errorf("just before the end: %v", err)
	}
	w.clock.advance(time.Nanosecond)
	a.stays("at the end", first.Secret, api.VerifyInvalid)
	_, err := w.Authenticate(t.Context(), first.Secret, origin)
	refusedAs(t, "at the end", err, api.CodeInvalidCredential)
	a.stays("new", rotated.Secret, api.VerifyValid)
}

func TestRule8_AtMostTwoSecretsAreEverGood(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.tenant("postern", "")
	issued := a.key(newKey("ci", "read"))
	secrets := []secret.Secret{issued.Secret}
	for range 5 {
		secrets = append(secrets, a.rotate(issued.ID, keyring.Rotation{Overlap: 720 * time.Hour}).Secret)
		for i, s := range secrets {
			want := api.VerifyInvalid
			if i >= len(secrets)-2 {
				want = api.VerifyValid
			}
			a.verdict("one of several", s, want)
		}
		w.clock.advance(time.Minute)
	}
	// A rotation without overlap ends the previous one as well.
	secrets = append(secrets, a.rotate(issued.ID, keyring.Rotation{}).Secret)
	for i, s := range secrets {
		want := api.VerifyInvalid
		if i == len(secrets)-1 {
			want = api.VerifyValid
		}
		a.stays("after the last rotation", s, want)
	}
}

func TestRule8_AnOverlapNeverOutlivesTheExpiryThatTheSecretHad(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.tenant("postern", "")
	wanted := newKey("ci", "read")
	wanted.ExpiresAt = in(time.Hour)
	first := a.key(wanted)
	second := a.rotate(first.ID, keyring.Rotation{Overlap: 24 * time.Hour, ChangeExpiry: true, ExpiresAt: in(48 * time.Hour)})
	same(t, "the end of the overlap", second.PreviousSecretEndsAt, in(time.Hour))
	same(t, "the old secret's end", a.verdict("in the overlap", first.Secret, api.VerifyValid).EndsAt, in(time.Hour))
	w.clock.advance(time.Hour)
	a.stays("past the old expiry", first.Secret, api.VerifyInvalid)
	a.verdict("renewed", second.Secret, api.VerifyValid)

	// A key that has expired is renewed without bringing its secret back,
	// whatever overlap is asked for.
	w.clock.advance(48 * time.Hour)
	a.verdict("expired", second.Secret, api.VerifyExpired)
	third := a.rotate(first.ID, keyring.Rotation{Overlap: 24 * time.Hour, ChangeExpiry: true})
	a.verdict("expired, then renewed", second.Secret, api.VerifyInvalid)
	a.stays("expired before", first.Secret, api.VerifyInvalid)
	a.stays("third", third.Secret, api.VerifyValid)
}

// TestRule8_AnswersNeverPromiseMoreTimeThanASecretHas looks at what a gateway may
// keep for later: the end of a secret is the end of its overlap or of its key,
// whichever is first, however they came about.
func TestRule8_AnswersNeverPromiseMoreTimeThanASecretHas(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.tenant("postern", "")
	first := a.key(newKey("ci", "read"))
	second := a.rotate(first.ID, keyring.Rotation{Overlap: 24 * time.Hour})
	a.change(first.ID, keyring.APIKeyChange{ChangeExpiry: true, ExpiresAt: in(time.Hour)})
	for what, s := range map[string]secret.Secret{"old": first.Secret, "new": second.Secret} {
		same(t, what, a.verdict(what, s, api.VerifyValid).EndsAt, in(time.Hour))
	}
	w.clock.advance(time.Hour)
	a.verdict("old", first.Secret, api.VerifyExpired)
	a.verdict("new", second.Secret, api.VerifyExpired)
}

func TestRule8_OverlapsThatThePlatformDoesNotHave(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a, b := w.tenant("postern", ""), w.tenant("benchmark", "")
	k, l := a.key(newKey("ci", "read")), b.key(newKey("ci", "reports:read"))
	for what, overlap := range map[string]time.Duration{
		"too long": 720*time.Hour + time.Second, "negative": -time.Second, "not whole seconds": 1500 * time.Millisecond,
	} {
		_, err := w.RotateAPIKey(ctx, a.asOwner(), k.ID, keyring.Rotation{Overlap: overlap}, nil, "")
		refusedAs(t, what, err, api.CodeValidationFailed, "overlap")
	}
	_, err := w.RotateAPIKey(ctx, b.asOwner(), l.ID, keyring.Rotation{Overlap: time.Second}, nil, "")
	refusedAs(t, "none at all", err, api.CodeUnsupported, "overlap")
	a.verdict("not rotated", k.Secret, api.VerifyValid)
	b.rotate(l.ID, keyring.Rotation{})
	b.verdict("rotated", l.Secret, api.VerifyInvalid)
	a.rotate(k.ID, keyring.Rotation{Overlap: 720 * time.Hour})
	a.verdict("the longest overlap", k.Secret, api.VerifyValid)
}
