package keyring_test

import (
	"context"
	"encoding/json"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// one runs a call and returns the one record that it leaves.
func (a *tenant) one(what string, call func() error) (keyring.AuditEvent, error) {
	a.w.t.Helper()
	a.w.sumUp()
	before := len(a.events())
	err := call()
	all := a.events()
	if len(all) != before+1 {
		a.w.t.Errorf("%s left %d records, want 1", what, len(all)-before)
		return keyring.AuditEvent{}, err
	}
	return all[before], err
}

// sumUp records what was only counted, and begins all windows of denials anew.
func (w *world) sumUp() {
	w.t.Helper()
	for range 2 { // what was counted is forgotten once it was recorded
		if err := w.FlushDenials(w.t.Context(), true); err != nil {
			w.t.Fatalf("flushing: %v", err)
		}
	}
}

// none runs a call that must leave no record.
func (a *tenant) none(what string, call func() error) {
	a.w.t.Helper()
	before := len(a.events())
	_ = call()
	if n := len(a.events()) - before; n != 0 {
		a.w.t.Errorf("%s left %d records, want none", what, n)
	}
}

func detail(t *testing.T, e keyring.AuditEvent) map[string]any {
	t.Helper()
	var d map[string]any
	if err := json.Unmarshal(e.Detail, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestRule7_EachWriteLeavesExactlyOneRecord(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	who := a.asOwner()
	if all := a.events(); len(all) != 1 || all[0].Action != "account.create" || all[0].Target != a.ID || all[0].ActorKind != "operator" {
		t.Errorf("making the account left %+v", all)
	}
	var k keyring.IssuedAPIKey
	for _, step := range []struct {
		action string
		call   func() error
		detail map[string]any
	}{
		{"apikey.create", func() (err error) {
			wanted := newKey("ci", "write")
			wanted.ExpiresAt = in(time.Hour)
			k, err = w.CreateAPIKey(ctx, who, wanted, "")
			return err
		}, map[string]any{
			"name": "ci", "description": "", "scopes": []any{"write"}, "effective_scopes": []any{"read", "write"},
			"enabled": true, "expires_at": "2026-03-04T06:06:07Z",
		}},
		{"apikey.update", func() error {
			return second(w.UpdateAPIKey(ctx, who, k.ID, keyring.APIKeyChange{
				Name: ptr("cd"), Scopes: []string{"read", "verify"}, Enabled: ptr(false), ChangeExpiry: true,
			}, nil))
		}, map[string]any{
			"name": map[string]any{"from": "ci", "to": "cd"}, "scopes": map[string]any{"from": []any{"write"}, "to": []any{"read", "verify"}},
			"gained_scopes": []any{"verify"}, "lost_scopes": []any{"write"}, "enabled": map[string]any{"from": true, "to": false},
			"expires_at": map[string]any{"from": "2026-03-04T06:06:07Z", "to": nil},
		}},
		{"apikey.rotate", func() error {
			return second(w.RotateAPIKey(ctx, who, k.ID, keyring.Rotation{Overlap: time.Minute}, nil, ""))
		}, map[string]any{"secret_version": map[string]any{"from": 1., "to": 2.}, "previous_secret_expires_at": "2026-03-04T05:07:07Z"}},
		{"apikey.delete", func() error { return w.DeleteAPIKey(ctx, who, k.ID, nil) },
			map[string]any{"name": "cd", "scopes": []any{"read", "verify"}}},
	} {
		e, err := a.one(step.action, step.call)
		if err != nil {
			t.Fatalf("%s: %v", step.action, err)
		}
		if diff := cmp.Diff(step.detail, detail(t, e)); diff != "" {
			t.Errorf("%s: want -, got +:\n%s", step.action, diff)
		}
		e.Seq, e.Detail, e.PrevHash, e.Hash = 0, nil, nil, nil
		same(t, step.action, e, keyring.AuditEvent{
			Account: a.ID, At: start.UTC().Truncate(time.Microsecond), ActorKind: api.CallerOwner, Actor: who.ID,
			RequestID: origin.RequestID, Address: origin.Address, Action: step.action, Target: k.ID, Outcome: keyring.OutcomeAllowed,
		})
	}
	e, err := a.one("standing", func() error { return w.SetStanding(ctx, a.ID, api.StandingPastDue) })
	if err != nil || e.Action != "account.set_standing" || e.ActorKind != "operator" {
		t.Errorf("setting the standing left %+v, %v", e, err)
	}
	a.chain()
}

func TestRule7_EachDeniedAttemptLeavesExactlyOneRecord(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	strong, weak := a.key(newKey("strong", "admin")), a.delegate("weak", "read")
	managing := a.key(newKey("manager", "apikeys:write")).Secret
	manager := w.as(managing)
	wanted := newKey("inactive", "read")
	wanted.Enabled = false
	inactive := a.key(wanted)
	check := func(action, target string, who keyring.Caller, want api.Code, call func() error) {
		t.Helper()
		e, err := a.one(action, call)
		var refusal *keyring.Error
		if !errors.As(err, &refusal) || refusal.Code != want {
			t.Errorf("%s: got %v, want the code %s", action, err, want)
		}
		if e.Action != action || e.Target != target || e.Outcome != keyring.OutcomeDenied || e.Code != string(want) ||
			e.ActorKind != api.CallerAPIKey || e.Actor != who.ID || e.RequestID != origin.RequestID {
			t.Errorf("%s left %+v", action, e)
		}
	}
	create := func(who keyring.Caller) func() error {
		return func() error { return second(w.CreateAPIKey(ctx, who, newKey("more", "write"), "")) }
	}
	calls := func(who keyring.Caller, want api.Code) {
		t.Helper()
		check("apikey.create", "", who, want, create(who))
		check("apikey.update", strong.ID, who, want, func() error {
			return second(w.UpdateAPIKey(ctx, who, strong.ID, keyring.APIKeyChange{Name: ptr("x")}, nil))
		})
		check("apikey.rotate", strong.ID, who, want, func() error { return second(w.RotateAPIKey(ctx, who, strong.ID, keyring.Rotation{}, nil, "")) })
	}
	calls(manager, api.CodeGrantExceedsCaller)
	reads := func(who keyring.Caller, want api.Code) {
		t.Helper()
		check("apikey.delete", strong.ID, who, want, func() error { return w.DeleteAPIKey(ctx, who, strong.ID, nil) })
		check("apikey.read", strong.ID, who, want, func() error { return second(w.APIKey(ctx, who, strong.ID)) })
		check("apikey.list", "", who, want, func() error { return third(w.APIKeys(ctx, who, keyring.APIKeyFilter{Limit: 1})) })
	}
	calls(weak, api.CodeForbidden)
	reads(weak, api.CodeForbidden)
	check("verify", "", weak, api.CodeForbidden, func() error { return second(w.Verify(ctx, weak, keyring.Presented{Secret: strong.Secret}, nil)) })
	check("authenticate", "", keyring.Caller{ID: inactive.ID}, api.CodeInvalidCredential, func() error {
		return second(w.Authenticate(ctx, inactive.Secret, origin))
	})
	a.standing(api.StandingSuspended)
	manager = w.as(managing) // reads go by what the caller was when it authenticated
	calls(manager, api.CodeAccountStanding)
	reads(manager, api.CodeAccountStanding)
	check("scope.list", "", manager, api.CodeAccountStanding, func() error { return second(w.Scopes(ctx, manager)) })
	check("scope.read", "", manager, api.CodeAccountStanding, func() error { return second(w.Scope(ctx, manager, "read")) })
	a.standing(api.StandingOpen)
	a.delete(manager.ID)
	calls(manager, api.CodeInvalidCredential)
	a.chain()
}

func TestRule7_WhatWritesNothingLeavesNoRecord(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	k := a.key(newKey("ci", "read"))
	who := a.asOwner()
	for what, call := range map[string]func() error{
		"authenticating":        func() error { return second(w.Authenticate(ctx, a.owner, origin)) },
		"an unknown credential": func() error { return second(w.Authenticate(ctx, w.platforms["postern"].Secret.Mint(""), origin)) },
		"verifying":             func() error { return second(w.Verify(ctx, who, keyring.Presented{Secret: k.Secret}, []string{"read"})) },
		"a verdict of no": func() error {
			return second(w.Verify(ctx, who, keyring.Presented{Secret: k.Secret}, []string{"write"}))
		},
		"reading": func() error { return second(w.APIKey(ctx, who, k.ID)) },
		"listing": func() error { return third(w.APIKeys(ctx, who, keyring.APIKeyFilter{Limit: 1})) },
		"an update of nothing": func() error {
			return second(w.UpdateAPIKey(ctx, who, k.ID, keyring.APIKeyChange{Name: ptr("ci")}, nil))
		},
		"an invalid request":     func() error { return second(w.CreateAPIKey(ctx, who, newKey("", "read"), "")) },
		"a name that is taken":   func() error { return second(w.CreateAPIKey(ctx, who, newKey("ci", "read"), "")) },
		"a key that is not here": func() error { return w.DeleteAPIKey(ctx, who, "key_00000000000000000000", nil) },
		"a stale revision":       func() error { return w.DeleteAPIKey(ctx, who, k.ID, ptr(int64(9))) },
	} {
		a.none(what, call)
	}
	same(t, "the key", a.keys()["ci"], k.APIKeyView)
}

var errNoAudit = errors.New("the audit trail cannot be written")

// noAudit is a store whose audit trail cannot be written while it is broken.
type noAudit struct {
	keyring.Store
	broken atomic.Bool
}

type noAuditWriter struct {
	keyring.Writer
	broken *atomic.Bool
}

func (s *noAudit) Update(ctx context.Context, account string, fn func(keyring.Writer) error) error {
	return s.Store.Update(ctx, account, func(w keyring.Writer) error { return fn(noAuditWriter{w, &s.broken}) })
}

func (w noAuditWriter) AppendAudit(ctx context.Context, e keyring.AuditEvent) error {
	if w.broken.Load() {
		return errNoAudit
	}
	return w.Writer.AppendAudit(ctx, e)
}

func TestRule7_WithoutTheRecordThereIsNoWrite(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	store := &noAudit{}
	w.wrap = func(s keyring.Store) keyring.Store { store.Store = s; return store }
	w.openAgain()
	a := w.tenant("postern", "")
	k := a.key(newKey("ci", "write"))
	who := a.asOwner()
	before, events := a.keys(), a.events()
	for what, call := range map[string]func() error{
		"account": func() error {
			return third(w.CreateAccount(ctx, keyring.NewAccount{Name: "Other", Platform: "postern"}))
		},
		"create": func() error { return second(w.CreateAPIKey(ctx, who, newKey("more", "read"), "")) },
		"create once": func() error {
			return second(w.CreateAPIKey(ctx, who, newKey("more", "read"), "4f1c6a52-5a0e-4d0c-9a53-1f6d3c0d7e11"))
		},
		"update": func() error {
			return second(w.UpdateAPIKey(ctx, who, k.ID, keyring.APIKeyChange{Name: ptr("renamed")}, nil))
		},
		"rotate":   func() error { return second(w.RotateAPIKey(ctx, who, k.ID, keyring.Rotation{}, nil, "")) },
		"delete":   func() error { return w.DeleteAPIKey(ctx, who, k.ID, nil) },
		"standing": func() error { return w.SetStanding(ctx, a.ID, api.StandingSuspended) },
	} {
		store.broken.Store(true)
		if err := call(); !errors.Is(err, errNoAudit) {
			t.Errorf("%s: got %v, want %v", what, err, errNoAudit)
		}
		store.broken.Store(false)
		same(t, what+": the keys", a.keys(), before)
		same(t, what+": the trail", a.events(), events)
		a.verdict(what, k.Secret, api.VerifyValid, "write")
		if all, err := w.Accounts(ctx); err != nil || len(all) != 1 || all[0].Standing != api.StandingOpen {
			t.Errorf("%s: the accounts are %+v, %v", what, all, err)
		}
	}
	// The very same calls go through when the trail can be written.
	if _, err := w.CreateAPIKey(ctx, who, newKey("more", "read"), "4f1c6a52-5a0e-4d0c-9a53-1f6d3c0d7e11"); err != nil {
		t.Error(err)
	}
	a.rotate(k.ID, keyring.Rotation{})
	a.delete(k.ID)
	a.chain()
}
