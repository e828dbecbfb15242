package keyring_test

import (
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

func TestSubaccount_ItsKeysAreFoundInTheirOwnPlaceOnly(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	one, two := a.sub("one"), a.sub("two")
	owner := a.asOwner()
	own, first, second1 := a.key(newKey("ci", "read")), one.key(newKey("ci", "read")), two.key(newKey("ci", "read")) // names are unique in each place
	if own.Subaccount != "" || own.Handle != "" || first.Subaccount != one.ID || first.Handle != "one" {
		t.Errorf("the keys are in %q and %q", own.Handle, first.Handle)
	}
	for place, there := range map[string]keyring.IssuedAPIKey{"": own, "one": first, "two": second1} {
		who := owner.In(place)
		got, err := w.APIKey(ctx, who, there.ID)
		same(t, "in "+place, got, there.APIKeyView)
		if err != nil {
			t.Error(err)
		}
		_, err = w.CreateAPIKey(ctx, who, newKey("ci", "read"), "")
		refusedAs(t, "the name again in "+place, err, api.CodeNameTaken, "name")
		same(t, "the list of "+place, w.names(who), []string{"ci"})
		for _, k := range []keyring.IssuedAPIKey{own, first, second1} {
			if k.ID == there.ID {
				continue
			}
			for what, err := range map[string]error{
				"read": second(w.APIKey(ctx, who, k.ID)), "delete": w.DeleteAPIKey(ctx, who, k.ID, nil),
				"update": second(w.UpdateAPIKey(ctx, who, k.ID, keyring.APIKeyChange{Name: ptr("x")}, nil)),
				"rotate": second(w.RotateAPIKey(ctx, who, k.ID, keyring.Rotation{}, nil, "")),
				"usage":  second(w.APIKeyUsage(ctx, who, k.ID, 1)),
			} {
				refusedAs(t, what+" from "+place, err, api.CodeNotFound)
			}
		}
	}
	if v := a.verdict("of a sub-account", first.Secret, api.VerifyValid, "read"); v.Handle != "one" || v.APIKey.Subaccount != one.ID {
		t.Errorf("the verification names %q", v.Handle)
	}
	if v, err := w.UpdateAPIKey(ctx, owner.In("one"), first.ID, keyring.APIKeyChange{Name: ptr("cd")}, nil); err != nil || v.Handle != "one" {
		t.Errorf("update: %q, %v", v.Handle, err)
	}
	rotated, err := w.RotateAPIKey(ctx, owner.In("one"), first.ID, keyring.Rotation{}, nil, "")
	if err != nil || rotated.Handle != "one" {
		t.Errorf("rotate: %q, %v", rotated.Handle, err)
	}
	a.verdict("rotated", first.Secret, api.VerifyInvalid)
	a.verdict("rotated", rotated.Secret, api.VerifyValid, "read")
	if err := w.DeleteAPIKey(ctx, owner.In("one"), first.ID, nil); err != nil {
		t.Error(err)
	}
	a.verdict("deleted", rotated.Secret, api.VerifyInvalid)
	// The same Idempotency-Key in another place is another request.
	made, err := w.CreateAPIKey(ctx, owner.In("one"), newKey("again", "read"), once)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.CreateAPIKey(ctx, owner.In("two"), newKey("again", "read"), once)
	refusedAs(t, "in another place", err, api.CodeIdempotencyKeyReused, api.HeaderIdempotencyKey)
	rolled, err := w.RotateAPIKey(ctx, owner.In("one"), made.ID, keyring.Rotation{}, nil, twice)
	if err != nil {
		t.Fatal(err)
	}
	repeated, err := w.RotateAPIKey(ctx, owner.In("one"), made.ID, keyring.Rotation{}, nil, twice)
	if err != nil {
		t.Fatal(err)
	}
	sameAnswer(t, "rotation", repeated, rolled)
	_, err = w.RotateAPIKey(ctx, owner, made.ID, keyring.Rotation{}, nil, twice)
	refusedAs(t, "rotation in another place", err, api.CodeIdempotencyKeyReused, api.HeaderIdempotencyKey)
}

func TestRule4_EachPlaceCountsItsOwnKeys(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, small(t))
	a := w.tenant("small", "")
	one, two := a.sub("one"), a.sub("two")
	names := []string{"a", "b", "c"}
	for _, name := range names {
		a.key(newKey(name, "send"))
		one.key(newKey(name, "send"))
	}
	for place, words := range map[string]string{"": "The account has 3 API keys and its limit is 3", "one": "The sub-account has 3 API keys and its limit is 3"} {
		_, err := w.CreateAPIKey(ctx, a.asOwner().In(place), newKey("d", "send"), "")
		refusedAs(t, "in "+place, err, api.CodeLimitReached)
		contains(t, err, words)
	}
	two.key(newKey("d", "send"))
	v, err := w.Account(ctx, a.asOwner())
	if err != nil || v.APIKeys != 3 || *v.Limit != 3 {
		t.Errorf("the account shows %d of %v, %v", v.APIKeys, v.Limit, err)
	}
	// A limit of its own below the platform's; keys beyond it stay.
	if v := one.change(keyring.SubaccountChange{ChangeLimit: true, APIKeyLimit: ptr(2)}); v.APIKeys != 3 || *v.Limit != 2 {
		t.Errorf("the sub-account shows %d of %d", v.APIKeys, *v.Limit)
	}
	for i, name := range names {
		k, _, err := w.APIKeys(ctx, one.asParent(), keyring.APIKeyFilter{Name: name, Limit: 1})
		if err != nil || len(k) != 1 {
			t.Fatalf("%s is gone: %v", name, err)
		}
		_, err = w.CreateAPIKey(ctx, one.asParent(), newKey("one more", "send"), "")
		refusedAs(t, "beyond its own limit", err, api.CodeLimitReached)
		if i < 2 {
			if err := w.DeleteAPIKey(ctx, one.asParent(), k[0].ID, nil); err != nil {
				t.Fatal(err)
			}
		}
		if i == 1 {
			one.key(newKey("more", "send"))
		}
	}
	one.change(keyring.SubaccountChange{ChangeLimit: true})
	one.key(newKey("by the platform's again", "send"))
	two.change(keyring.SubaccountChange{ChangeLimit: true, APIKeyLimit: ptr(0)})
	_, err = w.CreateAPIKey(ctx, two.asParent(), newKey("none", "send"), "")
	refusedAs(t, "a limit of none", err, api.CodeLimitReached)
	contains(t, err, "has 1 API key and its limit is 0")
}

func TestSubaccount_SuspendedItsKeysMayDoNothing(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	one, two := a.sub("one"), a.sub("two")
	k, boss := one.key(newKey("ci", "write")), one.key(newKey("boss", "admin"))
	other := two.key(newKey("ci", "write"))
	stale := w.as(boss.Secret) // from before it was suspended
	one.change(keyring.SubaccountChange{Status: ptr(api.SubaccountSuspended)})

	v := a.verdict("suspended", k.Secret, api.VerifySubaccountSuspended, "write")
	if v.Handle != "one" || v.APIKey.ID != k.ID {
		t.Errorf("the verification is of %q, %q", v.Handle, v.APIKey.ID)
	}
	a.verdict("the sibling's", other.Secret, api.VerifyValid, "write")
	bound := w.as(boss.Secret)
	for what, err := range map[string]error{
		"list":        third(w.APIKeys(ctx, bound, keyring.APIKeyFilter{Limit: 1})),
		"create":      second(w.CreateAPIKey(ctx, stale, newKey("x", "read"), "")),
		"rotate":      second(w.RotateAPIKey(ctx, bound, k.ID, keyring.Rotation{}, nil, "")),
		"usage":       second(w.APIKeyUsage(ctx, bound, k.ID, 1)),
		"subaccount":  second(w.Subaccount(ctx, bound, "one")),
		"subaccounts": third(w.Subaccounts(ctx, bound, keyring.SubaccountFilter{Limit: 1})),
		"scopes":      second(w.Scopes(ctx, bound)),
		"scope":       second(w.Scope(ctx, bound, "read")),
		"shapes":      third(w.Shapes(ctx, bound)),
		"audit":       third(w.AuditEvents(ctx, bound, keyring.AuditFilter{Limit: 1})),
		"activate":    second(w.UpdateSubaccount(ctx, stale, "one", keyring.SubaccountChange{Status: ptr(api.SubaccountActive)}, nil)),
	} {
		refusedAs(t, what, err, api.CodeAccountStanding)
		contains(t, err, "The sub-account is suspended")
	}
	if _, err := w.Account(ctx, bound); err != nil {
		t.Errorf("its account: %v", err)
	}
	// It may ask, and hears why nothing works.
	asked, err := w.Verify(ctx, bound, keyring.Presented{Secret: k.Secret}, []string{"read"})
	if err != nil || asked.Code != api.VerifySubaccountSuspended {
		t.Errorf("its own question: %q, %v", asked.Code, err)
	}
	// The parent manages its keys all the same.
	rotated, err := w.RotateAPIKey(ctx, one.asParent(), k.ID, keyring.Rotation{}, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	one.key(newKey("made while it was suspended", "read"))
	a.verdict("rotated", rotated.Secret, api.VerifySubaccountSuspended)
	a.standing(api.StandingPastDue)
	a.verdict("the parent's standing wins", rotated.Secret, api.VerifyAccountStanding)
	a.standing(api.StandingOpen)
	if _, err := w.UpdateAPIKey(ctx, one.asParent(), k.ID, keyring.APIKeyChange{Enabled: ptr(false)}, nil); err != nil {
		t.Error(err)
	}
	a.verdict("turned off before suspended", rotated.Secret, api.VerifyInactive)
	one.change(keyring.SubaccountChange{Status: ptr(api.SubaccountActive)})
	if _, err := w.UpdateAPIKey(ctx, w.as(boss.Secret), k.ID, keyring.APIKeyChange{Enabled: ptr(true)}, nil); err != nil {
		t.Errorf("active again: %v", err)
	}
	a.verdict("active again", rotated.Secret, api.VerifyValid, "write")
	born, err := w.CreateSubaccount(ctx, a.asOwner(), keyring.NewSubaccount{Handle: "three", Name: "x", Status: api.SubaccountSuspended})
	if err != nil || born.Status != api.SubaccountSuspended {
		t.Errorf("born suspended: %+v, %v", born, err)
	}
}

func TestSubaccount_DeletedItsKeysNeverWorkAgain(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	one, two := a.sub("one"), a.sub("two")
	kept, own := two.key(newKey("ci", "read")), a.key(newKey("ci", "read"))
	k := one.key(newKey("ci", "read"))
	late := newKey("late", "read")
	late.ExpiresAt = in(time.Hour)
	one.key(late)
	w.clock.advance(time.Second) // the message names the oldest
	bossKey := one.key(newKey("boss", "admin"))
	boss := w.as(bossKey.Secret)
	for i := range 4 {
		one.key(newKey(string(rune('a'+i)), "read"))
	}
	err := w.DeleteSubaccount(ctx, a.asOwner(), "one", false, nil)
	refusedAs(t, "with keys", err, api.CodeInUse, "delete_apikeys")
	contains(t, err, "has 7 API keys", `("`, "and 2 more") // which five are named is by their ids, as all were made in one second
	a.verdict("refused", k.Secret, api.VerifyValid, "read")
	e, err := a.one("delete", func() error { return w.DeleteSubaccount(ctx, a.asOwner(), "one", true, nil) })
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the record", detail(t, e), map[string]any{"handle": "one", "name": "Child", "apikeys": 7.})
	a.verdict("deleted", k.Secret, api.VerifyInvalid)
	_, err = w.Authenticate(ctx, bossKey.Secret, origin)
	refusedAs(t, "its caller", err, api.CodeInvalidCredential)
	_, err = w.CreateAPIKey(ctx, boss, newKey("x", "read"), "")
	refusedAs(t, "its caller from before", err, api.CodeInvalidCredential)
	_, err = w.CreateAPIKey(ctx, one.asParent(), newKey("x", "read"), "")
	refusedAs(t, "its place", err, api.CodeNotFound)

	again := a.sub("one")
	if again.ID == one.ID {
		t.Error("the new one has the id of the old one")
	}
	same(t, "the new one's keys", w.names(again.asParent()), []string{})
	_, err = w.APIKey(ctx, again.asParent(), k.ID)
	refusedAs(t, "in the new one", err, api.CodeNotFound)
	_, err = w.CreateAPIKey(ctx, boss, newKey("x", "read"), "")
	refusedAs(t, "its caller from before", err, api.CodeInvalidCredential)
	a.verdict("with a new one of the handle", k.Secret, api.VerifyInvalid)
	again.key(newKey("ci", "read"))
	a.verdict("the sibling's", kept.Secret, api.VerifyValid)
	a.verdict("the account's own", own.Secret, api.VerifyValid)
	w.openAgain()
	a.verdict("after a restart", k.Secret, api.VerifyInvalid)
	a.chain()
}
