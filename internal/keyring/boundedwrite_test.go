package keyring_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// watchedStore notes what is done under the write lock, where every other account waits.
type watchedStore struct {
	keyring.Store
	t       *testing.T
	place   keyring.Subaccount // whose keys are counted
	most    int                // of its keys that one transaction has deleted
	writes  int
	counted int // how often the holders of scopes were counted
	before  func(write int) error
}

type watchedWriter struct {
	keyring.Writer
	s *watchedStore
}

func (w watchedWriter) APIKeysGiven(ctx context.Context, account string, scopes []string, limit int) ([]keyring.APIKey, int, error) {
	w.s.counted++
	return w.Writer.APIKeysGiven(ctx, account, scopes, limit)
}

func (s *watchedStore) Update(ctx context.Context, account string, fn func(keyring.Writer) error) error {
	if s.before != nil {
		if err := s.before(s.writes); err != nil {
			return err
		}
	}
	s.writes++
	return s.Store.Update(ctx, account, func(w keyring.Writer) error {
		had, err := w.CountAPIKeys(ctx, s.place.Account, s.place.ID)
		if err != nil {
			return err
		}
		if err := fn(watchedWriter{w, s}); err != nil {
			return err
		}
		has, err := w.CountAPIKeys(ctx, s.place.Account, s.place.ID)
		s.most = max(s.most, had-has)
		return err
	})
}

// watch puts a watchedStore between the keyring and its store.
func (w *world) watch(place keyring.Subaccount) *watchedStore {
	w.t.Helper()
	s := &watchedStore{t: w.t, place: place}
	w.wrap = func(store keyring.Store) keyring.Store { s.Store = store; return s }
	w.openAgain()
	return s
}

// manyKeys is more than one transaction deletes.
const manyKeys = 250

// crowded is a sub-account with many keys, and one of them.
func (a *tenant) crowded(handle string) (keyring.Subaccount, keyring.IssuedAPIKey) {
	a.w.t.Helper()
	sub := a.sub(handle)
	for i := range manyKeys - 1 {
		sub.key(newKey(fmt.Sprint("key ", i), "read"))
	}
	newest := sub.key(newKey("newest", "read"))
	v, err := a.w.Subaccount(a.w.t.Context(), a.asOwner(), handle)
	if err != nil {
		a.w.t.Fatal(err)
	}
	return v.Subaccount, newest
}

func TestFaults_ASubaccountOfManyKeysIsDeletedInShortTransactions(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	place, newest := a.crowded("crowd")
	left := a.key(newKey("left", "read"))
	s := w.watch(place)
	errStop := errors.New("the disk is gone")
	s.before = func(write int) error {
		if write == 1 {
			return errStop
		}
		return nil
	}
	if err := w.DeleteSubaccount(ctx, a.asOwner(), "crowd", true, ptr(place.Revision)); !errors.Is(err, errStop) {
		t.Fatalf("cut short: %v", err)
	}
	v, err := w.Verify(ctx, a.asOwner(), keyring.Presented{Secret: newest.Secret}, nil)
	if err != nil || v.Code != api.VerifySubaccountSuspended {
		t.Errorf("a key of a deletion that was cut short is %s, %v", v.Code, err)
	}
	s.before = nil
	if err := w.DeleteSubaccount(ctx, a.asOwner(), "crowd", true, nil); err != nil {
		t.Fatal(err)
	}
	if s.most == 0 || s.most > 100 {
		t.Errorf("one transaction has deleted %d keys", s.most)
	}
	if v, err = w.Verify(ctx, a.asOwner(), keyring.Presented{Secret: newest.Secret}, nil); err != nil || v.Code != api.VerifyInvalid {
		t.Errorf("a deleted key is %s, %v", v.Code, err)
	}
	if v, err = w.Verify(ctx, a.asOwner(), keyring.Presented{Secret: left.Secret}, nil); err != nil || v.Code != api.VerifyValid {
		t.Errorf("a key of the account is %s, %v", v.Code, err)
	}
	refusedAs(t, "deleted", second(w.Subaccount(ctx, a.asOwner(), "crowd")), api.CodeNotFound)
	deleted := 0
	for _, e := range a.events() {
		if e.Action == "subaccount.delete" {
			n, _ := detail(t, e)["apikeys"].(float64)
			deleted += int(n)
		}
	}
	if deleted != manyKeys {
		t.Errorf("the trail tells of %d keys that were deleted, want %d", deleted, manyKeys)
	}
	a.chain()
}

// A sub-account that somebody else deletes and makes anew between two transactions is
// another one.
func TestSubaccountDelete_LeavesANewOneOfTheSameHandle(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	place, _ := a.crowded("crowd")
	s := w.watch(place)
	s.before = func(write int) error {
		if write != 1 {
			return nil
		}
		s.before = nil
		if err := w.DeleteSubaccount(ctx, a.asOwner(), "crowd", true, nil); err != nil {
			return err
		}
		return second(w.CreateSubaccount(ctx, a.asOwner(), keyring.NewSubaccount{Handle: "crowd", Name: "new"}))
	}
	if err := w.DeleteSubaccount(ctx, a.asOwner(), "crowd", true, nil); err != nil {
		t.Fatal(err)
	}
	v, err := w.Subaccount(ctx, a.asOwner(), "crowd")
	if err != nil || v.ID == place.ID || v.Status != api.SubaccountActive {
		t.Errorf("the new one is %+v, %v", v.Subaccount, err)
	}
}

func TestFaults_TheHoldersOfAScopeAreNotCountedUnderTheWriteLock(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	for _, in := range []keyring.NewScope{{Name: "base"}, {Name: "more", Implies: []string{"base"}}, {Name: "unused"}} {
		if _, err := w.CreateScope(ctx, a.asOwner(), in); err != nil {
			t.Fatal(err)
		}
	}
	a.key(newKey("one", "base", "more"))
	a.key(newKey("two", "more"))
	s := w.watch(keyring.Subaccount{})
	out, err := w.UpdateScope(ctx, a.asOwner(), "base", keyring.CustomScopeChange{Implies: &[]string{"read"}}, nil)
	if err != nil || out.APIKeys != 2 {
		t.Errorf("%d keys, %v", out.APIKeys, err)
	}
	if err := w.DeleteScope(ctx, a.asOwner(), "unused", nil); err != nil {
		t.Error(err)
	}
	if s.writes < 2 || s.counted > 0 {
		t.Errorf("counted %d times in %d writes", s.counted, s.writes)
	}
}

func TestScopeUpdate_ACallerThatExpiresWidensNoScopeThatIsGivenMeanwhile(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	wanted := newKey("expires", "admin")
	wanted.ExpiresAt = ptr(start.UTC().Truncate(time.Second).Add(time.Hour))
	expiring := a.key(wanted)
	if _, err := w.CreateScope(ctx, a.asOwner(), keyring.NewScope{Name: "base"}); err != nil {
		t.Fatal(err)
	}
	k := a.key(newKey("holder", "read"))
	s := w.watch(keyring.Subaccount{})
	who, err := w.Authenticate(ctx, expiring.Secret, origin)
	if err != nil {
		t.Fatal(err)
	}
	owner := a.asOwner()
	s.before = func(int) error { // between the two decisions
		s.before = nil
		return second(w.UpdateAPIKey(ctx, owner, k.ID, keyring.APIKeyChange{Scopes: []string{"base"}}, nil))
	}
	widen := keyring.CustomScopeChange{Implies: &[]string{"write"}}
	refusedAs(t, "widened", second(w.UpdateScope(ctx, who, "base", widen, nil)), api.CodeGrantExceedsCaller, "implies")
}
