package keyring_test

import (
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// Rule 2, time included: a caller that expires gives nothing that outlives it, itself
// included, and takes away what it likes.
func TestRule2_NobodyGivesMoreTimeThanTheyHold(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	caller := a.key(expiring("caller", time.Hour, "admin"))
	who := w.as(caller.Secret)
	same(t, "the caller's expiry", who.ExpiresAt, in(time.Hour))
	sub := a.sub("one")
	beyond := map[string]*time.Time{"none": nil, "a second too late": in(time.Hour + time.Second)}
	refused := func(what string, err error) {
		t.Helper()
		refusedAs(t, what, err, api.CodeGrantExceedsCaller, "expires_at")
		contains(t, err, "2026-03-04T06:06:07Z") // the caller's own expiry
	}

	create := func(at *time.Time, as keyring.Caller) (keyring.IssuedAPIKey, error) {
		key := newKey("made by an expiring key", "read")
		key.ExpiresAt = at
		return w.CreateAPIKey(ctx, as, key, "")
	}
	for what, at := range beyond {
		_, err := create(at, who)
		refused("create with expiry "+what, err)
		_, err = create(at, who.In(sub.Handle))
		refused("create in a sub-account with expiry "+what, err)
	}
	made, err := create(in(time.Hour), who)
	if err != nil {
		t.Fatalf("as long as itself: %v", err)
	}
	forever, later := a.key(newKey("forever", "read")), a.key(expiring("later", 2*time.Hour))
	off := a.key(newKey("off", "read"))
	a.change(off.ID, keyring.APIKeyChange{Enabled: ptr(false)})

	for what, at := range beyond {
		for name, id := range map[string]string{"itself": caller.ID, "a key that it made": made.ID} {
			_, err := w.UpdateAPIKey(ctx, who, id, keyring.APIKeyChange{ChangeExpiry: true, ExpiresAt: at}, nil)
			refused("change of "+name+" to expiry "+what, err)
			_, err = w.RotateAPIKey(ctx, who, id, keyring.Rotation{ChangeExpiry: true, ExpiresAt: at}, nil, "")
			refused("rotation of "+name+" to expiry "+what, err)
		}
	}
	for name, id := range map[string]string{"forever": forever.ID, "later": later.ID} {
		_, err := w.RotateAPIKey(ctx, who, id, keyring.Rotation{Overlap: time.Hour}, nil, "")
		refused("rotation of one that lives "+name, err)
		_, err = w.UpdateAPIKey(ctx, who, id, keyring.APIKeyChange{Scopes: []string{"read", "write"}}, nil)
		refused("more scopes for one that lives "+name, err)
	}
	_, err = w.UpdateAPIKey(ctx, who, later.ID, keyring.APIKeyChange{ChangeExpiry: true}, nil)
	refused("no expiry for one that has one", err)
	_, err = w.UpdateAPIKey(ctx, who, off.ID, keyring.APIKeyChange{Enabled: ptr(true)}, nil)
	refused("enabling", err)
	a.chain()

	// What takes away is free, and so is what ends in time.
	for what, change := range map[string]keyring.APIKeyChange{
		"an earlier expiry that is later than its own": {ChangeExpiry: true, ExpiresAt: in(90 * time.Minute)}, "a name": {Name: ptr("renamed")}, "off": {Enabled: ptr(false)},
	} {
		if _, err := w.UpdateAPIKey(ctx, who, forever.ID, change, nil); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := w.UpdateAPIKey(ctx, who, off.ID, keyring.APIKeyChange{Enabled: ptr(true), ChangeExpiry: true, ExpiresAt: in(time.Hour)}, nil); err != nil {
		t.Errorf("enabling until its own end: %v", err)
	}
	if _, err := w.RotateAPIKey(ctx, who, later.ID, keyring.Rotation{ChangeExpiry: true, ExpiresAt: in(time.Hour)}, nil, ""); err != nil {
		t.Errorf("rotation until its own end: %v", err)
	}
	next, err := w.RotateAPIKey(ctx, who, caller.ID, keyring.Rotation{Overlap: time.Minute}, nil, "")
	if err != nil {
		t.Fatalf("rotation of itself: %v", err)
	}
	w.clock.advance(time.Hour)
	for what, key := range map[string]keyring.IssuedAPIKey{"caller": caller, "caller, rotated": next, "made": made} {
		if a.verify(key.Secret).Valid() {
			t.Errorf("%s outlives the caller's expiry", what)
		}
	}
}

// Widening what a scope implies gives more to whoever holds it, for as long as they live.
func TestRule2_NobodyWidensAScopeOfKeysThatOutliveThem(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	if _, err := w.CreateScope(ctx, a.asOwner(), keyring.NewScope{Name: "deploy:run", Implies: []string{"read"}}); err != nil {
		t.Fatal(err)
	}
	who := w.as(a.key(expiring("caller", time.Hour, "admin", "deploy:run")).Secret)
	a.key(newKey("forever", "deploy:run"))
	_, err := w.UpdateScope(ctx, who, "deploy:run", keyring.CustomScopeChange{Implies: &[]string{"read", "write"}}, nil)
	refusedAs(t, "widening", err, api.CodeGrantExceedsCaller, "implies")
	if _, err := w.UpdateScope(ctx, who, "deploy:run", keyring.CustomScopeChange{Implies: &[]string{}}, nil); err != nil {
		t.Errorf("narrowing: %v", err)
	}
}
