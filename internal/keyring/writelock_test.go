package keyring_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/platform"
)

// held takes the write lock, as a writer does that has to do much, until the test calls
// what it returns.
func (w *world) held() (release func()) {
	w.t.Helper()
	taken, done := make(chan struct{}), make(chan struct{})
	ended := make(chan error, 1)
	go func() {
		ended <- w.store.Update(context.Background(), "", func(keyring.Writer) error {
			close(taken)
			<-done
			return nil
		})
	}()
	<-taken
	return func() {
		close(done)
		if err := <-ended; err != nil {
			w.t.Error(err)
		}
	}
}

// misspelt are as many scopes as a request may hold, all unknown and as long as can be.
func misspelt() []string {
	var names []string
	for i := range 500 {
		names = append(names, fmt.Sprintf("%s-%03d", strings.Repeat("contactss:raed", 7), i))
	}
	return names
}

func TestFaults_ARefusalNeverWaitsForTheWriteLock(t *testing.T) {
	t.Parallel()
	mail, err := platform.Builtin("mailchannels")
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, mail)
	a, m := w.tenant("postern", ""), w.tenant("mailchannels", "")
	parent := m.asOwner()
	k := a.key(newKey("ci", "read"))
	a.key(newKey("cd", "read"))
	define := func(name string, implies ...string) {
		t.Helper()
		if _, err := w.CreateScope(t.Context(), a.asOwner(), keyring.NewScope{Name: name, Implies: implies}); err != nil {
			t.Fatal(err)
		}
	}
	define("crm:read")
	define("crm:write", "crm:read")
	who := a.asOwner()
	sub, err := w.CreateSubaccount(t.Context(), parent, keyring.NewSubaccount{Handle: "child1", Name: "One"})
	if err != nil {
		t.Fatal(err)
	}
	stale := ptr(int64(99))
	const once = "4f1c6a52-5a0e-4d0c-9a53-1f6d3c0d7e11"
	first, err := w.CreateAPIKey(t.Context(), who, newKey("once", "read"), once)
	if err != nil {
		t.Fatal(err)
	}

	// Whoever waits for the lock fails by this context, with another error.
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	defer w.held()()
	type call func() error
	create := func(in keyring.NewAPIKey) call {
		return func() error { return second(w.CreateAPIKey(ctx, who, in, "")) }
	}
	change := func(in keyring.APIKeyChange, ifMatch *int64) call {
		return func() error { return second(w.UpdateAPIKey(ctx, who, k.ID, in, ifMatch)) }
	}
	scope := func(in keyring.NewScope) call { return func() error { return second(w.CreateScope(ctx, who, in)) } }
	rescope := func(implies ...string) call {
		return func() error {
			return second(w.UpdateScope(ctx, who, "crm:read", keyring.CustomScopeChange{Implies: &implies}, nil))
		}
	}
	for what, tc := range map[string]struct {
		call call
		code api.Code
	}{
		"create: unknown scopes": {create(newKey("x", misspelt()...)), api.CodeValidationFailed},
		"create: a bad name":     {create(newKey("\x00", "read")), api.CodeValidationFailed},
		"create: a name taken":   {create(newKey("ci", "read")), api.CodeNameTaken},
		"update: unknown scopes": {change(keyring.APIKeyChange{Scopes: misspelt()}, nil), api.CodeValidationFailed},
		"update: a name taken":   {change(keyring.APIKeyChange{Name: ptr("cd")}, nil), api.CodeNameTaken},
		"update: stale":          {change(keyring.APIKeyChange{Name: ptr("x")}, stale), api.CodeStaleRevision},
		"update: not there": {func() error {
			return second(w.UpdateAPIKey(ctx, who, "key_00000000000000000000", keyring.APIKeyChange{}, nil))
		}, api.CodeNotFound},
		"rotate: stale":          {func() error { return second(w.RotateAPIKey(ctx, who, k.ID, keyring.Rotation{}, stale, "")) }, api.CodeStaleRevision},
		"rotate: overlap":        {func() error { return second(w.RotateAPIKey(ctx, who, k.ID, keyring.Rotation{Overlap: -1}, nil, "")) }, api.CodeValidationFailed},
		"delete: stale":          {func() error { return w.DeleteAPIKey(ctx, who, k.ID, stale) }, api.CodeStaleRevision},
		"unlock: no passwords":   {func() error { return second(w.UnlockAPIKey(ctx, who, k.ID)) }, api.CodeUnsupported},
		"scope: unknown implied": {scope(keyring.NewScope{Name: "x:y", Implies: misspelt()}), api.CodeValidationFailed},
		"scope: a name taken":    {scope(keyring.NewScope{Name: "crm:read"}), api.CodeNameTaken},
		"rescope: unknown":       {rescope(misspelt()...), api.CodeValidationFailed},
		"rescope: a cycle":       {rescope("crm:write"), api.CodeValidationFailed},
		"scope: delete used":     {func() error { return w.DeleteScope(ctx, who, "crm:read", nil) }, api.CodeInUse},
		"scope: delete built-in": {func() error { return w.DeleteScope(ctx, who, "read", nil) }, api.CodeScopeBuiltin},
		"sub-account: taken": {func() error {
			return second(w.CreateSubaccount(ctx, parent, keyring.NewSubaccount{Handle: sub.Handle, Name: "Two"}))
		}, api.CodeHandleTaken},
		"sub-account: bad handle": {func() error {
			return second(w.CreateSubaccount(ctx, parent, keyring.NewSubaccount{Handle: "!", Name: "Two"}))
		}, api.CodeValidationFailed},
		"sub-account: stale": {func() error {
			return second(w.UpdateSubaccount(ctx, parent, sub.Handle, keyring.SubaccountChange{Name: ptr("x")}, stale))
		}, api.CodeStaleRevision},
		"sub-account: not there": {func() error { return w.DeleteSubaccount(ctx, parent, "nobody", false, nil) }, api.CodeNotFound},
	} {
		var e *keyring.Error
		if err := tc.call(); !errors.As(err, &e) || e.Code != tc.code {
			t.Errorf("%s: got %v, want the code %s", what, err, tc.code)
		} else if n := strings.Count(e.Error(), "the nearest is"); n > 5 || len(e.Error()) > 2000 {
			t.Errorf("%s: %d suggestions in %d bytes", what, n, len(e.Error()))
		}
	}
	// Nor does what writes nothing.
	if err := change(keyring.APIKeyChange{Name: ptr("ci")}, nil)(); err != nil {
		t.Errorf("a change that changes nothing: %v", err)
	}
	if again, err := w.CreateAPIKey(ctx, who, newKey("once", "read"), once); err != nil || again.Secret.Reveal() != first.Secret.Reveal() {
		t.Errorf("a repeated request: %v", err)
	}
	if _, err := w.Verify(ctx, who, keyring.Presented{Secret: k.Secret}, misspelt()); err == nil || strings.Count(err.Error(), "the nearest is") > 5 {
		t.Errorf("verify: %.200v", err)
	}
}

// What passes the checks before the lock and is no longer so under it is refused all the
// same.
func TestWrite_IsDecidedAgainUnderTheLock(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.tenant("postern", "")
	who := a.asOwner()
	release := w.held()
	const many = 8
	ended := make(chan error, many)
	for range many {
		go func() { ended <- second(w.CreateAPIKey(t.Context(), who, newKey("one", "read"), "")) }()
	}
	time.Sleep(200 * time.Millisecond) // lets them all pass the first checks; the test holds without
	release()
	made := 0
	for range many {
		if err := <-ended; err == nil {
			made++
		} else {
			refusedAs(t, "another of the same name", err, api.CodeNameTaken, "name")
		}
	}
	if made != 1 || len(a.keys()) != 1 {
		t.Errorf("%d were made", made)
	}
	a.chain()
}

// A scope that changes while a write waits for the lock begins the write anew.
func TestWrite_WithScopesThatChangeMeanwhile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.tenant("postern", "")
	who := a.asOwner()
	const many = 10
	ended := make(chan error, 2*many)
	release := w.held()
	for i := range many {
		go func() { ended <- second(w.CreateScope(t.Context(), who, keyring.NewScope{Name: fmt.Sprint("s", i)})) }()
		go func() { ended <- second(w.CreateAPIKey(t.Context(), who, newKey(fmt.Sprint("k", i), "read"), "")) }()
	}
	time.Sleep(200 * time.Millisecond) // as above
	release()
	for range 2 * many {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	if who = a.asOwner(); who.Account.ScopesRevision != many || len(a.keys()) != many {
		t.Errorf("%d scopes, %d keys", who.Account.ScopesRevision, len(a.keys()))
	}
	a.chain()
}
