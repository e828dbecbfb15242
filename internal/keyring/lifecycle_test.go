package keyring_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

func TestRule5_AKeyIsActiveInactiveExpiredOrDeleted(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	wanted := newKey("ci", "write")
	wanted.ExpiresAt = in(time.Hour)
	k := a.key(wanted)
	state := func(status, verdict string) {
		t.Helper()
		v, err := w.APIKey(ctx, a.asOwner(), k.ID)
		if err != nil || v.Status != status {
			t.Errorf("the status is %q, %v, want %q", v.Status, err, status)
		}
		for _, one := range []string{api.StatusActive, api.StatusInactive, api.StatusExpired} {
			page, _, err := w.APIKeys(ctx, a.asOwner(), keyring.APIKeyFilter{Status: one, Limit: 9})
			if err != nil || (len(page) == 1) != (one == status) {
				t.Errorf("the list of %s keys has %d, %v", one, len(page), err)
			}
		}
		a.verdict(status, k.Secret, verdict, "read")
		_, err = w.Authenticate(ctx, k.Secret, origin)
		if verdict == api.VerifyValid {
			if err != nil {
				t.Errorf("%s: authenticating: %v", status, err)
			}
			return
		}
		refusedAs(t, status, err, api.CodeInvalidCredential)
	}
	state(api.StatusActive, api.VerifyValid)
	a.change(k.ID, keyring.APIKeyChange{Enabled: ptr(false)})
	state(api.StatusInactive, api.VerifyInactive)
	a.change(k.ID, keyring.APIKeyChange{Enabled: ptr(true)})
	state(api.StatusActive, api.VerifyValid)
	w.clock.advance(in(time.Hour).Sub(w.clock.Now()) - time.Nanosecond)
	state(api.StatusActive, api.VerifyValid)
	w.clock.advance(time.Nanosecond) // exactly its expiry
	state(api.StatusExpired, api.VerifyExpired)
	a.change(k.ID, keyring.APIKeyChange{Enabled: ptr(false)})
	state(api.StatusExpired, api.VerifyExpired)
	a.change(k.ID, keyring.APIKeyChange{Enabled: ptr(true)}) // which does not bring it back
	state(api.StatusExpired, api.VerifyExpired)
	a.delete(k.ID)
	a.verdict("deleted", k.Secret, api.VerifyInvalid)
	_, err := w.APIKey(ctx, a.asOwner(), k.ID)
	refusedAs(t, "deleted", err, api.CodeNotFound)
	for what, err := range map[string]error{
		"delete": w.DeleteAPIKey(ctx, a.asOwner(), k.ID, nil),
		"update": second(w.UpdateAPIKey(ctx, a.asOwner(), k.ID, keyring.APIKeyChange{Name: ptr("x")}, nil)),
		"rotate": second(w.RotateAPIKey(ctx, a.asOwner(), k.ID, keyring.Rotation{}, nil, "")),
	} {
		refusedAs(t, what+" what is deleted", err, api.CodeNotFound)
	}
}

func second[T any](_ T, err error) error { return err }

func TestRule5_AnExpiredKeyComesBackByARotationOnly(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	wanted := newKey("ci", "read")
	wanted.ExpiresAt = in(time.Hour)
	k := a.key(wanted)
	w.clock.advance(2 * time.Hour)
	for what, change := range map[string]keyring.APIKeyChange{
		"later": {ChangeExpiry: true, ExpiresAt: in(9 * time.Hour)}, "never": {ChangeExpiry: true},
	} {
		_, err := w.UpdateAPIKey(ctx, a.asOwner(), k.ID, change, nil)
		refusedAs(t, what, err, api.CodeKeyExpired, "expires_at")
	}
	_, err := w.RotateAPIKey(ctx, a.asOwner(), k.ID, keyring.Rotation{}, nil, "")
	refusedAs(t, "rotate without a new expiry", err, api.CodeKeyExpired, "expires_at")
	_, err = w.RotateAPIKey(ctx, a.asOwner(), k.ID, keyring.Rotation{ChangeExpiry: true, ExpiresAt: in(time.Hour)}, nil, "")
	refusedAs(t, "rotate with a past expiry", err, api.CodeValidationFailed, "expires_at")
	a.change(k.ID, keyring.APIKeyChange{Name: ptr("renamed")}) // else it changes as any key
	renewed := a.rotate(k.ID, keyring.Rotation{ChangeExpiry: true, ExpiresAt: in(9 * time.Hour)})
	a.verdict("renewed", renewed.Secret, api.VerifyValid)
	a.verdict("before", k.Secret, api.VerifyInvalid)
	forever := a.rotate(k.ID, keyring.Rotation{ChangeExpiry: true})
	w.clock.advance(1000 * time.Hour)
	a.verdict("without expiry", forever.Secret, api.VerifyValid)
}

// TestRule5_WhatCannotBeUsedIsNotToldApart compares whole answers: not one field
// may differ between a secret that never was and one that is someone else's.
func TestRule5_WhatCannotBeUsedIsNotToldApart(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a, b, c := w.tenant("postern", ""), w.tenant("postern", ""), w.tenant("benchmark", "")
	minted := w.platforms["postern"].Secret.Mint("")
	deleted := a.key(newKey("deleted", "read"))
	a.delete(deleted.ID)
	rotated := a.key(newKey("rotated", "read"))
	a.rotate(rotated.ID, keyring.Rotation{})
	secrets := map[string]secret.Secret{
		"empty": {}, "malformed": secret.From("hello"), "wrong checksum": secret.From(minted.Reveal()[:len(minted.Reveal())-1] + "!"),
		"far too long": secret.From(strings.Repeat("x", 100_000)), "unknown": minted, "deleted": deleted.Secret, "rotated": rotated.Secret,
		"another account's": b.key(newKey("other", "read")).Secret, "another platform's": c.key(newKey("other", "reports:read")).Secret,
		"this owner's": a.owner, "another owner's": b.owner,
	}
	for what, s := range secrets {
		for _, scopes := range [][]string{nil, {"read"}} {
			if diff := cmp.Diff(keyring.Verification{Code: api.VerifyInvalid}, a.verify(s, scopes...)); diff != "" {
				t.Errorf("%s for %v: want -, got +:\n%s", what, scopes, diff)
			}
		}
	}
	off, late := newKey("off", "read"), newKey("late", "read")
	off.Enabled, late.ExpiresAt = false, in(time.Hour)
	secrets["inactive"], secrets["expired"] = a.key(off).Secret, a.key(late).Secret
	w.clock.advance(2 * time.Hour)
	_, want := w.Authenticate(ctx, minted, origin)
	for what, s := range secrets {
		if strings.HasPrefix(what, "another") || strings.HasPrefix(what, "this") {
			continue // they authenticate, each in its own account
		}
		_, err := w.Authenticate(ctx, s, origin)
		refusedAs(t, what, err, api.CodeInvalidCredential)
		if err == nil || err.Error() != want.Error() {
			t.Errorf("%s: %v, want %v", what, err, want)
		}
	}
}

func TestRule5_AMissingScopeIsNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.tenant("postern", "")
	k := a.key(newKey("ci", "write", "verify"))
	v := a.verdict("implied", k.Secret, api.VerifyValid, "read", "write")
	same(t, "verification", v, keyring.Verification{Code: api.VerifyValid, APIKey: k.APIKey, Effective: []string{"read", "verify", "write"}, Missing: []string{}})
	v = a.verdict("missing", k.Secret, api.VerifyMissingScope, "read", "subaccounts:write", "audit:read")
	same(t, "missing is what was asked for, not what it implies", v.Missing, []string{"audit:read", "subaccounts:write"})
	if body := string(w.Answer(a.asOwner(), v)); !strings.Contains(body, "audit:read") {
		t.Errorf("the gateway's answer is %s", body)
	}
	_, err := w.Verify(t.Context(), a.asOwner(), keyring.Presented{Secret: k.Secret}, []string{"raed"})
	refusedAs(t, "unknown scope", err, api.CodeValidationFailed, "scopes")
	contains(t, err, `"raed"`, `"read"`)
}

func TestRule5_AnAccountOutOfStandingIsRefused(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a, b := w.tenant("postern", ""), w.tenant("postern", "")
	k, late := a.key(newKey("ci", "admin")), newKey("late", "read")
	late.ExpiresAt = in(time.Hour)
	expired := a.key(late)
	w.clock.advance(2 * time.Hour)
	for standing, good := range map[string]bool{
		api.StandingOpen: true, api.StandingPendingCancel: true,
		api.StandingPastDue: false, api.StandingSuspended: false, api.StandingTerminated: false,
	} {
		a.standing(standing)
		if good {
			a.verdict(standing, k.Secret, api.VerifyValid, "read")
			if _, err := w.APIKey(ctx, w.as(k.Secret), k.ID); err != nil {
				t.Errorf("%s: %v", standing, err)
			}
			continue
		}
		a.verdict(standing, k.Secret, api.VerifyAccountStanding, "read")
		a.verdict(standing, expired.Secret, api.VerifyExpired) // which is so whatever the standing
		for _, who := range []keyring.Caller{a.asOwner(), w.as(k.Secret)} {
			for what, err := range map[string]error{
				"read":   second(w.APIKey(ctx, who, k.ID)),
				"list":   third(w.APIKeys(ctx, who, keyring.APIKeyFilter{Limit: 1})),
				"create": second(w.CreateAPIKey(ctx, who, newKey("more", "read"), "")),
				"update": second(w.UpdateAPIKey(ctx, who, k.ID, keyring.APIKeyChange{Name: ptr("x")}, nil)),
				"rotate": second(w.RotateAPIKey(ctx, who, k.ID, keyring.Rotation{}, nil, "")),
				"delete": w.DeleteAPIKey(ctx, who, k.ID, nil),
				"scopes": second(w.Scopes(ctx, who)),
				"scope":  second(w.Scope(ctx, who, "read")),
			} {
				refusedAs(t, standing+" "+what, err, api.CodeAccountStanding)
			}
			if v, err := w.Account(ctx, who); err != nil || v.Standing != standing {
				t.Errorf("the account shows its standing as %q, %v", v.Standing, err)
			}
		}
	}
	b.key(newKey("ci", "read")) // another account never noticed
	a.standing(api.StandingOpen)
	a.verdict("open again", k.Secret, api.VerifyValid)
	contains(t, w.SetStanding(ctx, a.ID, "closed"), `"closed" is not known`)
}

func third[T, U any](_ T, _ U, err error) error { return err }

// TestRule5_EachRightOpensItsOwnDoor holds every call against keys that have
// every right but the one it takes.
func TestRule5_EachRightOpensItsOwnDoor(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	target := a.key(newKey("target", "read"))
	everything := []string{"read", "write", "apikeys:read", "apikeys:write", "subaccounts:write", "scopes:write", "audit:read", "verify"}
	for i, tc := range []struct {
		lacks []string
		calls map[string]func(who keyring.Caller) error
	}{
		{[]string{"apikeys:read", "apikeys:write"}, map[string]func(keyring.Caller) error{
			"read": func(who keyring.Caller) error { return second(w.APIKey(ctx, who, target.ID)) },
			"list": func(who keyring.Caller) error { return third(w.APIKeys(ctx, who, keyring.APIKeyFilter{Limit: 1})) },
		}},
		{[]string{"apikeys:write"}, map[string]func(keyring.Caller) error{
			"create": func(who keyring.Caller) error { return second(w.CreateAPIKey(ctx, who, newKey("more", "read"), "")) },
			"update": func(who keyring.Caller) error {
				return second(w.UpdateAPIKey(ctx, who, target.ID, keyring.APIKeyChange{Name: ptr("x")}, nil))
			},
			"rotate": func(who keyring.Caller) error {
				return second(w.RotateAPIKey(ctx, who, target.ID, keyring.Rotation{}, nil, ""))
			},
			"delete": func(who keyring.Caller) error { return w.DeleteAPIKey(ctx, who, target.ID, nil) },
		}},
		{[]string{"verify"}, map[string]func(keyring.Caller) error{
			"verify": func(who keyring.Caller) error {
				return second(w.Verify(ctx, who, keyring.Presented{Secret: target.Secret}, nil))
			},
		}},
	} {
		var held []string
		for _, s := range everything {
			lacks := false
			for _, one := range tc.lacks {
				lacks = lacks || s == one
			}
			if !lacks {
				held = append(held, s)
			}
		}
		who := a.delegate(fmt.Sprint("caller ", i), held...)
		for what, call := range tc.calls {
			err := call(who)
			refusedAs(t, what, err, api.CodeForbidden)
			contains(t, err, "lacks the right")
		}
	}
	same(t, "the target", a.keys()["target"], target.APIKeyView)
}
