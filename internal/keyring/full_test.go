package keyring_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/store/sqlite"
)

// fillDisk leaves room for no ordinary write: the records of this one are the smallest.
func (a *tenant) fillDisk() {
	a.w.t.Helper()
	store, ok := a.w.store.(*sqlite.Store)
	if !ok {
		a.w.t.Fatal("not an SQLite store")
	}
	if err := store.LimitPages(a.w.t.Context(), 1); err != nil {
		a.w.t.Fatal(err)
	}
	for range 10_000 {
		err := a.w.SetStanding(a.w.t.Context(), a.ID, api.StandingOpen)
		if errors.Is(err, keyring.ErrFull) {
			return
		}
		if err != nil {
			a.w.t.Fatal(err)
		}
	}
	a.w.t.Fatal("the disk does not fill")
}

// TestFaults_AFullDiskStopsWhatGivesAndNothingThatTakesAway goes through all that changes
// what a credential may do. The chain of the audit trail shows that each has its record.
func TestFaults_AFullDiskStopsWhatGivesAndNothingThatTakesAway(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, builtin(t, "sendgrid")...)
	a := w.tenant("postern", "")
	off, wide, late, leaked, rotated := a.key(newKey("off", "read")), a.key(newKey("wide", "read", "write")), a.key(newKey("late", "read")), a.key(newKey("leaked", "read")), a.key(newKey("rotated", "read"))
	disabled := a.key(keyring.NewAPIKey{Name: "disabled", Scopes: []string{"read"}})
	if _, err := w.CreateScope(ctx, a.asOwner(), keyring.NewScope{Name: "deploy", Implies: []string{"read", "write"}}); err != nil {
		t.Fatal(err)
	}
	deploys := a.key(newKey("deploys", "deploy"))
	spare, credential, err := w.CreateOwner(ctx, a.ID, keyring.NewOwner{})
	if err != nil {
		t.Fatal(err)
	}
	parent := w.tenant("sendgrid", "")
	one := parent.sub("one")
	parent.sub("two")
	ofOne := one.key(newKey("of-one", "mail.send"))
	who, above := a.asOwner(), parent.asOwner()
	a.fillDisk()

	change := func(id string, in keyring.APIKeyChange) error { return second(w.UpdateAPIKey(ctx, who, id, in, nil)) }
	status := func(handle, status string) error {
		return second(w.UpdateSubaccount(ctx, above, handle, keyring.SubaccountChange{Status: &status}, nil))
	}
	for what, err := range map[string]error{
		"create":       second(w.CreateAPIKey(ctx, who, newKey("more", "read"), "")),
		"enable":       change(disabled.ID, keyring.APIKeyChange{Enabled: ptr(true)}),
		"widen":        change(off.ID, keyring.APIKeyChange{Scopes: []string{"read", "write"}}),
		"rename":       change(off.ID, keyring.APIKeyChange{Name: ptr("renamed")}),
		"sub-account":  second(w.CreateSubaccount(ctx, above, keyring.NewSubaccount{Handle: "three", Name: "x"})),
		"owner":        third(w.CreateOwner(ctx, a.ID, keyring.NewOwner{})),
		"account":      third(w.CreateAccount(ctx, keyring.NewAccount{Name: "x", Platform: "postern"})),
		"custom scope": second(w.CreateScope(ctx, who, keyring.NewScope{Name: "more", Implies: []string{"read"}})),
	} {
		refusedAs(t, what, err, api.CodeStorageFull)
	}
	for _, one := range []struct {
		what string
		do   func() error
	}{
		{"disable", func() error { return change(off.ID, keyring.APIKeyChange{Enabled: ptr(false)}) }},
		{"narrow", func() error { return change(wide.ID, keyring.APIKeyChange{Scopes: []string{"read"}}) }},
		{"expire earlier", func() error {
			return change(late.ID, keyring.APIKeyChange{ChangeExpiry: true, ExpiresAt: in(time.Hour)})
		}},
		{"narrow a custom scope", func() error {
			return second(w.UpdateScope(ctx, who, "deploy", keyring.CustomScopeChange{Implies: &[]string{"read"}}, nil))
		}},
		{"rotate", func() error {
			return second(w.RotateAPIKey(ctx, who, rotated.ID, keyring.Rotation{}, nil, "once-and-for-all-1"))
		}},
		{"delete", func() error { return w.DeleteAPIKey(ctx, who, leaked.ID, nil) }},
		{"revoke an owner", func() error { return second(w.RevokeOwner(ctx, spare.ID, false)) }},
		{"suspend a sub-account", func() error { return status("one", api.SubaccountSuspended) }},
		{"delete a sub-account", func() error { return w.DeleteSubaccount(ctx, above, "two", true, nil) }},
		{"set the standing", func() error { return w.SetStanding(ctx, parent.ID, api.StandingSuspended) }},
	} {
		if err := one.do(); err != nil {
			t.Errorf("%s on a full disk: %v", one.what, err)
		}
	}
	for what, s := range map[string]keyring.IssuedAPIKey{"disabled": off, "deleted": leaked, "rotated": rotated} {
		if v := a.verify(s.Secret, "read"); v.Valid() {
			t.Errorf("what was %s on a full disk is %q", what, v.Code)
		}
	}
	for what, s := range map[string]keyring.IssuedAPIKey{"narrowed": wide, "narrowed by its scope": deploys} {
		if v := a.verify(s.Secret, "write"); v.Valid() {
			t.Errorf("what was %s on a full disk is %q", what, v.Code)
		}
	}
	if v := parent.verify(ofOne.Secret, "mail.send"); v.Valid() {
		t.Errorf("a key of a suspended sub-account is %q", v.Code)
	}
	if _, err := w.Authenticate(ctx, credential, origin); err == nil {
		t.Error("a revoked owner is let in")
	}
	a.chain()
	parent.chain()
}

// TestFaults_AFullDiskMakesNoGuessOfAPasswordFree has a guesser who hopes that wrong
// passwords are not counted while nothing can be written.
func TestFaults_AFullDiskMakesNoGuessOfAPasswordFree(t *testing.T) {
	t.Parallel()
	w := newWorld(t, builtin(t, "dotdigital")...)
	a := w.tenant("dotdigital", "")
	k := a.key(apiUser("ci"))
	a.fillDisk()
	a.wrong(k.Username, lockAfter-1)
	a.signs("a right one on a full disk", k.Username, chosen, api.VerifyValid)
	a.wrong(k.Username, lockAfter)
	a.signs("locked on a full disk", k.Username, chosen, api.VerifyLocked)
	a.chain()
}

// TestFaults_RotationsOnAFullDiskLeaveRoomForDeletions has a holder of a key that rotates
// for as long as it is let.
func TestFaults_RotationsOnAFullDiskLeaveRoomForDeletions(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	var keys []keyring.IssuedAPIKey
	for i := range 20 {
		keys = append(keys, a.key(newKey(fmt.Sprint("key ", i), "read")))
	}
	who := a.asOwner()
	a.fillDisk()
	rotations := 0
	for ; rotations < 20_000; rotations++ {
		if _, err := w.RotateAPIKey(ctx, who, keys[0].ID, keyring.Rotation{}, nil, fmt.Sprintf("once-and-for-all-%d", rotations)); err != nil {
			refusedAs(t, "the last rotation", err, api.CodeStorageFull)
			break
		}
	}
	t.Logf("%d rotations went through", rotations)
	for _, k := range keys {
		if err := w.DeleteAPIKey(ctx, who, k.ID, nil); err != nil {
			t.Fatalf("a deletion after %d rotations: %v", rotations, err)
		}
	}
	a.chain()
}
