package keyring_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// wrong signs in with wrong passwords, one after the other.
func (a *tenant) wrong(username string, times int) {
	a.w.t.Helper()
	for range times {
		a.signs("wrong", username, chosen+"x", api.VerifyInvalid)
	}
}

func (a *tenant) user(id string) keyring.APIKeyView {
	a.w.t.Helper()
	v, err := a.w.APIKey(a.w.t.Context(), a.asOwner(), id)
	if err != nil {
		a.w.t.Fatal(err)
	}
	return v
}

// lockAfter is what the built-in platform says.
const lockAfter = 5

func TestAPIUser_WrongPasswordsLockIt(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, builtin(t, "dotdigital")...)
	a := w.tenant("dotdigital", "")
	k, other := a.key(apiUser("ci")), a.key(apiUser("other"))
	a.none("fewer than lock it", func() error { a.wrong(k.Username, lockAfter-1); return nil })
	if got := a.user(k.ID); got.Failures != lockAfter-1 || got.LockedAt != nil || got.Revision != 1 {
		t.Errorf("after %d: %+v", lockAfter-1, got.APIKey)
	}
	a.signs("a right one in between", k.Username, chosen, api.VerifyValid)
	if got := a.user(k.ID); got.Failures != 0 {
		t.Errorf("a right password leaves %d failures", got.Failures)
	}
	a.wrong(k.Username, lockAfter-1)
	a.signs("a right one that is remembered", k.Username, chosen, api.VerifyValid)
	a.wrong(k.Username, lockAfter-1)
	w.openAgain() // what was counted stays
	e, _ := a.one("the lock", func() error { a.wrong(k.Username, 1); return nil })
	same(t, "its detail", detail(t, e), map[string]any{"username": k.Username, "wrong_passwords": 5.})
	if e.Action != "apikey.lock" || e.Target != k.ID || e.Actor != a.asOwner().ID || e.Outcome != keyring.OutcomeAllowed {
		t.Errorf("the record is %s of %s by %s", e.Action, e.Target, e.Actor)
	}
	a.none("what comes after", func() error {
		for what, password := range map[string]string{"right": chosen, "wrong": chosen + "x", "wrong again": chosen + "y"} {
			if v := a.signs("locked, "+what, k.Username, password, api.VerifyLocked); v.APIKey.ID != k.ID {
				t.Errorf("it is %s", v.APIKey.ID)
			}
		}
		return nil
	})
	got := a.user(k.ID)
	if got.Status != api.StatusLocked || got.LockedAt == nil || !got.LockedAt.Equal(*in(0)) || got.Failures != lockAfter || got.Revision != 1 {
		t.Errorf("locked: %s, %+v", got.Status, got.APIKey)
	}
	listed, _, err := w.APIKeys(ctx, a.asOwner(), keyring.APIKeyFilter{Status: api.StatusLocked, Limit: 10})
	if err != nil || len(listed) != 1 || listed[0].ID != k.ID {
		t.Errorf("%d are listed as locked, %v", len(listed), err)
	}
	a.signs("another user", other.Username, chosen, api.VerifyValid)
	w.openAgain()
	hash := w.query("SELECT hash FROM passwords WHERE apikey = '" + k.ID + "'")
	w.tamper("UPDATE passwords SET hash = 'damaged' WHERE apikey = '" + k.ID + "'") // which shows when it is tried
	a.signs("no password is tried", k.Username, chosen, api.VerifyLocked)
	w.tamper("UPDATE passwords SET hash = '" + hash + "' WHERE apikey = '" + k.ID + "'")
	a.signs("after a restart", k.Username, chosen, api.VerifyLocked)

	w.clock.advance(time.Minute)
	e, err = a.one("unlock", func() error { return second(w.UnlockAPIKey(ctx, a.asOwner(), k.ID)) })
	if err != nil || e.Action != "apikey.unlock" || e.Target != k.ID {
		t.Errorf("recorded as %s of %s, %v", e.Action, e.Target, err)
	}
	same(t, "the record", detail(t, e), map[string]any{"locked_at": map[string]any{"from": in(0).Format(time.RFC3339), "to": nil}})
	a.signs("unlocked", k.Username, chosen, api.VerifyValid)
	a.wrong(k.Username, 2)
	e, err = a.one("unlock what is not locked yet", func() error {
		v, err := w.UnlockAPIKey(ctx, a.asOwner(), k.ID)
		if err != nil || v.Status != api.StatusActive || v.Failures != 0 {
			t.Errorf("got %s, %d failures, %v", v.Status, v.Failures, err)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the record", detail(t, e), map[string]any{"wrong_passwords": map[string]any{"from": 2., "to": 0.}})
	a.none("unlock what has nothing to forget", func() error { return second(w.UnlockAPIKey(ctx, a.asOwner(), k.ID)) })
	a.wrong(k.Username, lockAfter-1)
	a.signs("counted anew after it", k.Username, chosen, api.VerifyValid)
	refusedAs(t, "unlock none", second(w.UnlockAPIKey(ctx, a.asOwner(), "key_00000000000000000000")), api.CodeNotFound)
	_, minted := a.newOwner("reader", "apikeys:read")
	refusedAs(t, "unlock without the right", second(w.UnlockAPIKey(ctx, w.as(minted), k.ID)), api.CodeForbidden)
	p := w.tenant("postern", "")
	refusedAs(t, "where nothing locks", second(w.UnlockAPIKey(ctx, p.asOwner(), p.key(newKey("ci", "read")).ID)), api.CodeUnsupported)
	a.chain()
}

func TestAPIUser_ANewPasswordEndsALock(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, builtin(t, "dotdigital")...)
	a := w.tenant("dotdigital", "")
	k := a.key(apiUser("ci"))
	a.wrong(k.Username, lockAfter)
	a.change(k.ID, keyring.APIKeyChange{Name: ptr("renamed")}) // leaves the lock
	a.change(k.ID, keyring.APIKeyChange{Enabled: ptr(false)})
	a.signs("turned off and locked", k.Username, chosen, api.VerifyInactive)
	a.change(k.ID, keyring.APIKeyChange{Enabled: ptr(true)})
	a.signs("locked still", k.Username, chosen, api.VerifyLocked)
	rotated, err := w.RotateAPIKey(ctx, a.asOwner(), k.ID, keyring.Rotation{Secret: secret.From(chosen + "-2")}, nil, "")
	if err != nil || rotated.Status != api.StatusActive || rotated.Failures != 0 || rotated.LockedAt != nil {
		t.Errorf("rotated: %s, %+v, %v", rotated.Status, rotated.APIKey, err)
	}
	same(t, "as it is read", a.user(k.ID), rotated.APIKeyView)
	a.signs("the old password", k.Username, chosen, api.VerifyInvalid)
	a.signs("the new one", k.Username, chosen+"-2", api.VerifyValid)
}

func TestAPIUser_ManyWrongPasswordsAtOnceLockItOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, builtin(t, "dotdigital")...)
	a := w.tenant("dotdigital", "")
	k := a.key(apiUser("ci"))
	who, before := a.asOwner(), len(a.events())
	var wg sync.WaitGroup
	for i := range 3 * lockAfter {
		wg.Go(func() {
			v, err := w.Verify(t.Context(), who, keyring.Presented{Username: k.Username, Secret: secret.From(fmt.Sprint(chosen, "x", i))}, nil)
			if err != nil || v.Code != api.VerifyInvalid && v.Code != api.VerifyLocked {
				t.Errorf("%q, %v", v.Code, err)
			}
		})
	}
	wg.Wait()
	if got := a.user(k.ID); got.Failures != lockAfter || got.Status != api.StatusLocked {
		t.Errorf("%d failures, %s", got.Failures, got.Status)
	}
	if n := len(a.events()) - before; n != 1 {
		t.Errorf("there are %d records, want 1", n)
	}
}

// TestAPIUser_APasswordThatCameBeforeTheLockLearnsNothingAfterIt has the lock come
// while a password is tried, as in a flood of guesses at once.
func TestAPIUser_APasswordThatCameBeforeTheLockLearnsNothingAfterIt(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, builtin(t, "dotdigital")...)
	store := &between{}
	w.wrap = func(s keyring.Store) keyring.Store { store.Store = s; return store }
	w.openAgain()
	a := w.tenant("dotdigital", "")
	known, k := a.key(apiUser("known")), a.key(apiUser("ci"))
	a.signs("remembered", known.Username, chosen, api.VerifyValid)
	who := a.asOwner()
	locked := in(0)
	fresh := a.key(apiUser("fresh"))
	for what, tc := range map[string]struct {
		user, id, password string
		failures           int // as they were read
	}{
		"right": {k.Username, k.ID, chosen, lockAfter - 1}, "wrong": {k.Username, k.ID, chosen + "x", lockAfter - 1},
		"right and remembered": {known.Username, known.ID, chosen, lockAfter - 1}, "right after none": {fresh.Username, fresh.ID, chosen, 0},
	} {
		lock := func(failures int, at *time.Time) {
			err := store.Update(ctx, a.ID, func(w keyring.Writer) error { return w.SetFailures(ctx, a.ID, tc.id, failures, at) })
			if err != nil {
				t.Error(err)
			}
		}
		lock(tc.failures, nil)
		store.after = func() {
			store.after = nil
			lock(lockAfter, locked)
		}
		v, err := w.Verify(ctx, who, keyring.Presented{Username: tc.user, Secret: secret.From(tc.password)}, nil)
		if err != nil || v.Code != api.VerifyLocked {
			t.Errorf("%s: the verdict is %q, want %q: %v", what, v.Code, api.VerifyLocked, err)
		}
		if got := a.user(tc.id); got.LockedAt == nil || got.Failures != lockAfter {
			t.Errorf("%s: it left %d failures, locked at %v", what, got.Failures, got.LockedAt)
		}
	}
}

// TestAPIUser_InASubaccountTheLockIsInItsRecords has the account's gateway ask.
func TestAPIUser_InASubaccountTheLockIsInItsRecords(t *testing.T) {
	t.Parallel()
	w := newWorld(t, file(t, usersFile))
	a := w.tenant("users", "")
	one := a.sub("one")
	k := one.key(apiUser(""))
	e, _ := a.one("the lock", func() error { a.wrong(k.Username, 2); return nil })
	if e.Action != "apikey.lock" || e.Subaccount != one.ID {
		t.Errorf("%s is recorded in %q, want %q", e.Action, e.Subaccount, one.ID)
	}
	one.change(keyring.SubaccountChange{Status: ptr(api.SubaccountSuspended)})
	a.signs("suspended and locked", k.Username, chosen, api.VerifyLocked)
	one.delete(true)
	a.signs("deleted with its sub-account", k.Username, chosen, api.VerifyInvalid)
}

const usersFile = `
	platform "users" {
		title = "Users"
		password {
			username_prefix = "u-"
			username_suffix = "@users"
			min_length      = 8
			lock_after      = 2
		}
		keys {
			name_required = false
			unique_names  = false
			edit_scopes   = false
			expiry        = false
			disable       = true
			rotate        = true
			max_overlap   = "0s"
			fixed_scopes  = []
		}
		subaccounts {
			handle       = "[a-z]{3,20}"
			handle_words = "3 to 20 lower case letters"
		}
		answers {
			invalid          = "\"no\""
			inactive         = "\"off\""
			expired          = "\"late\""
			locked           = "\"no\""
			account_standing = "\"closed\""
		}
	}`
