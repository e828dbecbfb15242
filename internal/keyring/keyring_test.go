package keyring_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/platform"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
	"github.com/postern-dev/terraform-provider-postern/internal/store/sqlite"
)

func TestNew_RefusesWhatDoesNotBelongToTheDatabase(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, parsed(t))
	a, b := w.tenant("postern", ""), w.tenant("parsed", "")
	a.key(newKey("ci", "read"))

	lacks := w.config()
	lacks.Peppers = secret.Peppers{secret.NewPepper(2)}
	_, err := keyring.New(ctx, lacks)
	contains(t, err, "pepper version 1", "restore the pepper file")

	unknown := w.config()
	unknown.Platforms = map[string]*platform.Platform{"postern": w.platforms["postern"]}
	_, err = keyring.New(ctx, unknown)
	contains(t, err, b.ID, `"parsed"`)

	more := w.config()
	more.Peppers = secret.Peppers{secret.NewPepper(2), w.peppers[0]}
	if _, err := keyring.New(ctx, more); err != nil {
		t.Errorf("with one more pepper: %v", err)
	}
}

func TestCreateAccount_SaysWhatThereIs(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	for want, in := range map[string]keyring.NewAccount{
		"use one of benchmark, postern":        {Name: "Acme", Platform: "postren"},
		`has no plan "gold"; use one of enter`: {Name: "Acme", Platform: "benchmark", Plan: "gold"},
		`has no plans; leave the plan out`:     {Name: "Acme", Platform: "postern", Plan: "pro"},
		"account name must not be empty":       {Platform: "postern"},
	} {
		_, s, err := w.CreateAccount(ctx, in)
		contains(t, err, want)
		if !s.IsZero() {
			t.Error("a refusal holds a secret")
		}
	}
	if all, err := w.Accounts(ctx); err != nil || len(all) != 0 {
		t.Errorf("the accounts are %v, %v", all, err)
	}
	first := keyring.NewAccount{Name: "Acme", Platform: "postern", First: true}
	if _, _, err := w.CreateAccount(ctx, first); err != nil {
		t.Errorf("the first account: %v", err)
	}
	if _, _, err := w.CreateAccount(ctx, first); !errors.Is(err, keyring.ErrNotFirst) {
		t.Errorf("the first account again: %v", err)
	}
}

// TestStorage_ItsFailuresHaveACodeOfTheirOwn has a full disk and a closed store.
func TestStorage_ItsFailuresHaveACodeOfTheirOwn(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	k, who := a.key(newKey("ci", "read")), a.asOwner()
	store, ok := w.store.(*sqlite.Store)
	if !ok {
		t.Fatal("not an SQLite store")
	}
	if err := store.LimitPages(ctx, 1); err != nil {
		t.Fatal(err)
	}
	var err error
	for i := 0; i < 1000 && err == nil; i++ {
		_, err = w.CreateAPIKey(ctx, who, newKey(fmt.Sprintf("filler-%d", i), "read"), "")
	}
	refusedAs(t, "full disk", err, api.CodeStorageFull)
	if !errors.Is(err, keyring.ErrFull) {
		t.Errorf("the cause is lost: %v", err)
	}
	if err := store.LimitPages(ctx, 0); err != nil {
		t.Fatal(err)
	}
	a.chain()
	a.verdict("after the disk was full", a.rotate(k.ID, keyring.Rotation{}).Secret, api.VerifyValid)

	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := w.CreateAPIKey(cancelled, who, newKey("late", "read"), ""); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	w.close()
	for what, err := range map[string]error{
		"ping": w.Ping(ctx), "create": second(w.CreateAPIKey(ctx, who, newKey("late", "read"), "")),
		"verify": second(w.Verify(ctx, who, keyring.Presented{Secret: k.Secret}, nil)), "authenticate": second(w.Authenticate(ctx, a.owner, origin)),
	} {
		refusedAs(t, what, err, api.CodeStorageUnavailable)
	}
}

func TestCaller_TheZeroValueMayDoNothing(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	k := a.key(newKey("ci", "read"))
	forged := keyring.Caller{Account: a.Account, Kind: api.CallerOwner, ID: "own_00000000000000000000", Rights: platform.Rights()}
	for _, who := range []keyring.Caller{{}, forged} {
		for what, err := range map[string]error{
			"create": second(w.CreateAPIKey(ctx, who, newKey("more", "read"), "")),
			"update": second(w.UpdateAPIKey(ctx, who, k.ID, keyring.APIKeyChange{Name: ptr("x")}, nil)),
			"rotate": second(w.RotateAPIKey(ctx, who, k.ID, keyring.Rotation{}, nil, "")),
			"delete": w.DeleteAPIKey(ctx, who, k.ID, nil),
		} {
			refusedAs(t, what, err, api.CodeInvalidCredential)
		}
	}
	same(t, "the key", a.keys()["ci"], k.APIKeyView)
}
