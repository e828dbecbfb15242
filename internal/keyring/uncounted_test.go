package keyring_test

import (
	"fmt"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// takesNothing makes the store refuse each write, though it reads: its disk is broken or
// read-only, or another process holds its lock.
func (s *watchedStore) takesNothing() {
	s.before = func(int) error { return fmt.Errorf("%w: input/output error", keyring.ErrUnavailable) }
}

func (s *watchedStore) takesAll() { s.before = nil }

// TestFaults_AStoreThatTakesNoWriteMakesNoGuessFree has a guesser who hopes that wrong
// passwords are not counted, or are answered otherwise than right ones.
func TestFaults_AStoreThatTakesNoWriteMakesNoGuessFree(t *testing.T) {
	t.Parallel()
	w := newWorld(t, builtin(t, "dotdigital")...)
	a := w.tenant("dotdigital", "")
	k, other, third := a.key(apiUser("ci")), a.key(apiUser("other")), a.key(apiUser("third"))
	s := w.watch(keyring.Subaccount{})
	a.wrong(third.Username, lockAfter-1)
	s.takesNothing()
	a.wrong(k.Username, lockAfter-1)
	a.signs("a right one in between", k.Username, chosen, api.VerifyValid)
	a.wrong(k.Username, lockAfter)
	a.signs("the right one after too many wrong ones", k.Username, chosen, api.VerifyLocked)
	a.signs("a wrong one after them", k.Username, chosen+"x", api.VerifyLocked)
	a.signs("another user", other.Username, chosen, api.VerifyValid)
	a.wrong(other.Username, lockAfter)
	a.signs("one whose wrong passwords are stored", third.Username, chosen, api.VerifyValid)
	a.wrong(third.Username, 1)
	a.signs("one with the last of them not stored", third.Username, chosen, api.VerifyLocked)
	s.takesAll()
	e, _ := a.one("the lock is stored", func() error { a.signs("still", k.Username, chosen, api.VerifyLocked); return nil })
	if e.Action != "apikey.lock" || e.Target != k.ID {
		t.Errorf("recorded %+v", e)
	}
	if _, err := w.UnlockAPIKey(t.Context(), a.asOwner(), other.ID); err != nil {
		t.Error(err)
	}
	a.signs("one that was unlocked", other.Username, chosen, api.VerifyValid)
	w.openAgain()
	a.signs("after a restart", k.Username, chosen, api.VerifyLocked)
	a.chain()
}

func TestFaults_WhatTheStoreDidNotTakeIsAddedLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t, builtin(t, "dotdigital")...)
	a := w.tenant("dotdigital", "")
	k := a.key(apiUser("ci"))
	s := w.watch(keyring.Subaccount{})
	s.takesNothing()
	a.wrong(k.Username, lockAfter-2)
	s.takesAll()
	a.wrong(k.Username, 1)
	if got := a.user(k.ID); got.Failures != lockAfter-1 || got.LockedAt != nil {
		t.Errorf("%d wrong passwords are stored, locked at %v", got.Failures, got.LockedAt)
	}
	a.wrong(k.Username, 1)
	a.signs("the last one", k.Username, chosen, api.VerifyLocked)
}

// A new password forgets wrong ones, also those that are in memory.
func TestRotate_AnUnlockedUserHasAllGuessesAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, builtin(t, "dotdigital")...)
	a := w.tenant("dotdigital", "")
	k := a.key(apiUser("ci"))
	s := w.watch(keyring.Subaccount{})
	s.takesNothing()
	a.wrong(k.Username, lockAfter)
	s.takesAll()
	if _, err := w.RotateAPIKey(t.Context(), a.asOwner(), k.ID, keyring.Rotation{Secret: secret.From(chosen + "-2")}, nil, ""); err != nil {
		t.Fatal(err)
	}
	a.wrong(k.Username, lockAfter-1)
	a.signs("the new one", k.Username, chosen+"-2", api.VerifyValid)
}
