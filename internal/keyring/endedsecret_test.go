package keyring_test

import (
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// storedSecrets counts what is kept of a tenant's secrets, by looking each of them up.
func (w *world) storedSecrets(all ...secret.Secret) int {
	w.t.Helper()
	n := 0
	for _, s := range all {
		err := w.store.View(w.t.Context(), func(r keyring.Reader) error {
			for _, pepper := range w.peppers {
				digest := pepper.Digest(s)
				if _, err := r.Subject(w.t.Context(), [][]byte{digest[:]}); err == nil {
					n++
				}
			}
			return nil
		})
		if err != nil {
			w.t.Fatal(err)
		}
	}
	return n
}

// What ends at once is deleted and not dated: no clock brings it back.
func TestRotation_WhatEndsAtOnceIsDeleted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.tenant("postern", "")
	k := a.key(newKey("at once", "read"))
	next := a.rotate(k.ID, keyring.Rotation{})
	same(t, "it says when it ended", next.PreviousSecretEndsAt, &next.SecretCreatedAt)
	e := a.key(expiring("expired", time.Hour))
	late := a.key(expiring("reaches its expiry", 2*time.Hour))
	w.clock.advance(time.Hour)
	renewed := a.rotate(e.ID, keyring.Rotation{Overlap: time.Hour, ChangeExpiry: true})
	same(t, "it ended with its key's expiry", renewed.PreviousSecretEndsAt, e.ExpiresAt)
	a.rotate(late.ID, keyring.Rotation{ChangeExpiry: true, ExpiresAt: in(3 * time.Hour), Overlap: time.Hour})
	if n := w.storedSecrets(k.Secret, e.Secret); n != 0 {
		t.Errorf("%d ended secrets are still there", n)
	}
	a.verdict("in its overlap", late.Secret, api.VerifyValid, "read")
	in := newKey("again", "read")
	in.Secret = k.Secret
	_, err := w.CreateAPIKey(t.Context(), a.asOwner(), in, "")
	refusedAs(t, "chosen once more", err, api.CodeValidationFailed, "secret")
}

// expiring asks for a key that expires so long after start.
func expiring(name string, after time.Duration, scopes ...string) keyring.NewAPIKey {
	key := newKey(name, append([]string{"read"}, scopes...)...)
	key.ExpiresAt = in(after)
	return key
}
