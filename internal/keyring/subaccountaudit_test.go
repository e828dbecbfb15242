package keyring_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

func TestRule7_EachWriteInASubaccountNamesItInItsRecord(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	owner := a.asOwner()
	var s keyring.SubaccountView
	var k keyring.IssuedAPIKey
	for _, step := range []struct {
		action string
		call   func() error
		target func() string
		detail map[string]any
	}{
		{"subaccount.create", func() (err error) {
			s, err = w.CreateSubaccount(ctx, owner, keyring.NewSubaccount{Handle: "one", Name: "One"})
			return err
		}, func() string { return s.ID }, map[string]any{"handle": "one", "name": "One", "status": "active", "apikey_limit": nil}},
		{"subaccount.update", func() error {
			return second(w.UpdateSubaccount(ctx, owner, "one", keyring.SubaccountChange{
				Name: ptr("1"), Status: ptr(api.SubaccountSuspended), ChangeLimit: true, APIKeyLimit: ptr(4),
			}, nil))
		}, func() string { return s.ID }, map[string]any{
			"handle": "one", "name": map[string]any{"from": "One", "to": "1"},
			"status": map[string]any{"from": "active", "to": "suspended"}, "apikey_limit": map[string]any{"from": nil, "to": 4.},
		}},
		{"apikey.create", func() (err error) {
			k, err = w.CreateAPIKey(ctx, owner.In("one"), newKey("ci", "read"), "")
			return err
		}, func() string { return k.ID }, nil},
		{"apikey.update", func() error {
			return second(w.UpdateAPIKey(ctx, owner.In("one"), k.ID, keyring.APIKeyChange{Name: ptr("cd")}, nil))
		}, func() string { return k.ID }, nil},
		{"apikey.rotate", func() error { return second(w.RotateAPIKey(ctx, owner.In("one"), k.ID, keyring.Rotation{}, nil, "")) }, func() string { return k.ID }, nil},
		{"apikey.delete", func() error { return w.DeleteAPIKey(ctx, owner.In("one"), k.ID, nil) }, func() string { return k.ID }, nil},
		{"subaccount.delete", func() error { return w.DeleteSubaccount(ctx, owner, "one", false, nil) },
			func() string { return s.ID }, map[string]any{"handle": "one", "name": "1", "apikeys": 0.}},
	} {
		e, err := a.one(step.action, step.call)
		if err != nil {
			t.Fatalf("%s: %v", step.action, err)
		}
		if step.detail != nil {
			if diff := cmp.Diff(step.detail, detail(t, e)); diff != "" {
				t.Errorf("%s: want -, got +:\n%s", step.action, diff)
			}
		}
		e.Seq, e.Detail, e.PrevHash, e.Hash = 0, nil, nil, nil
		same(t, step.action, e, keyring.AuditEvent{
			Account: a.ID, At: start.UTC().Truncate(time.Microsecond), ActorKind: api.CallerOwner, Actor: owner.ID, RequestID: origin.RequestID,
			Address: origin.Address, Action: step.action, Target: step.target(), Subaccount: s.ID, Outcome: keyring.OutcomeAllowed,
		})
	}
	if e, err := a.one("own", func() error { return second(w.CreateAPIKey(ctx, owner, newKey("ci", "read"), "")) }); err != nil || e.Subaccount != "" {
		t.Errorf("a key of the account itself is recorded in %q, %v", e.Subaccount, err)
	}
	a.chain()
}

func TestRule7_EachDenialInASubaccountNamesItInItsRecord(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	one := a.sub("one")
	a.sub("two")
	k, strong := one.key(newKey("ci", "read")), one.key(newKey("strong", "write"))
	parent, weak := a.delegate("parent", "apikeys:write", "read").In("one"), a.delegate("weak", "read")
	bound, boundWeak := one.delegate("bound", "apikeys:write", "read"), one.delegate("bound weak", "read")
	inOne := weak.In("one")
	for _, step := range []struct {
		what, action, target string
		call                 func() error
	}{
		{"the parent", "apikey.create", "", func() error { return second(w.CreateAPIKey(ctx, parent, newKey("x", "write"), "")) }},
		{"the parent", "apikey.rotate", strong.ID, func() error { return second(w.RotateAPIKey(ctx, parent, strong.ID, keyring.Rotation{}, nil, "")) }},
		{"the parent without the right", "apikey.delete", k.ID, func() error { return w.DeleteAPIKey(ctx, inOne, k.ID, nil) }},
		{"the parent without the right", "apikey.list", "", func() error { return third(w.APIKeys(ctx, inOne, keyring.APIKeyFilter{Limit: 1})) }},
		{"the parent without the right", "subaccount.read", "", func() error { return second(w.Subaccount(ctx, weak, "one")) }},
		{"the parent without the right", "subaccount.update", "", func() error {
			return second(w.UpdateSubaccount(ctx, weak, "one", keyring.SubaccountChange{Name: ptr("x")}, nil))
		}},
		{"the parent without the right", "subaccount.delete", "", func() error { return w.DeleteSubaccount(ctx, weak, "one", true, nil) }},
		{"a key of it", "apikey.create", "", func() error { return second(w.CreateAPIKey(ctx, bound, newKey("x", "write"), "")) }},
		{"a key of it", "apikey.read", k.ID, func() error { return second(w.APIKey(ctx, boundWeak, k.ID)) }},
		{"a key of it", "subaccount.create", "", func() error {
			return second(w.CreateSubaccount(ctx, boundWeak, keyring.NewSubaccount{Handle: "xyz", Name: "x"}))
		}},
		{"a key of it that asks for another", "apikey.list", "", func() error { return third(w.APIKeys(ctx, boundWeak.In("two"), keyring.APIKeyFilter{Limit: 1})) }},
	} {
		e, err := a.one(step.what+" "+step.action, step.call)
		if err == nil || e.Outcome != keyring.OutcomeDenied || e.Action != step.action || e.Target != step.target || e.Subaccount != one.ID {
			t.Errorf("%s, %s: recorded as %s of %s by %q in %q, want it in %q: %v", step.what, step.action, e.Outcome, e.Action, e.Target, e.Subaccount, one.ID, err)
		}
	}
	e, err := a.one("in a place that is not there", func() error { return third(w.APIKeys(ctx, weak.In("nowhere"), keyring.APIKeyFilter{Limit: 1})) })
	refusedAs(t, "in a place that is not there", err, api.CodeForbidden)
	if e.Subaccount != "" {
		t.Errorf("it is recorded in %q", e.Subaccount)
	}
	a.none("not found is no denial", func() error { return second(w.APIKey(ctx, a.asOwner().In("nowhere"), k.ID)) })
	a.chain()
}

func TestSubaccount_AWriteHoldsTheRevisionAndAChangeOfNothingWritesNothing(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	one := a.sub("one")
	owner := a.asOwner()
	rename := keyring.SubaccountChange{Name: ptr("renamed")}
	for what, err := range map[string]error{
		"update": second(w.UpdateSubaccount(ctx, owner, "one", rename, ptr(int64(2)))), "delete": w.DeleteSubaccount(ctx, owner, "one", true, ptr(int64(0))),
	} {
		refusedAs(t, what, err, api.CodeStaleRevision)
		contains(t, err, "at revision 1")
	}
	w.clock.advance(time.Minute)
	for what, in := range map[string]keyring.SubaccountChange{
		"nothing": {}, "the same": {Name: ptr("Child"), Status: ptr(api.SubaccountActive), ChangeLimit: true},
	} {
		a.none(what, func() error {
			v, err := w.UpdateSubaccount(ctx, owner, "one", in, ptr(int64(1)))
			same(t, what, v.Subaccount, one.Subaccount)
			return err
		})
	}
	one.key(newKey("ci", "read"))
	one.change(keyring.SubaccountChange{ChangeLimit: true, APIKeyLimit: ptr(5)})
	a.none("the same limit", func() error {
		v, err := w.UpdateSubaccount(ctx, owner, "one", keyring.SubaccountChange{ChangeLimit: true, APIKeyLimit: ptr(5)}, nil)
		if err != nil || v.Revision != 2 || v.APIKeys != 1 || *v.Limit != 5 {
			t.Errorf("got %+v, %v", v, err)
		}
		return err
	})
	if v := one.change(rename); v.Revision != 3 || *v.APIKeyLimit != 5 || !v.UpdatedAt.After(v.CreatedAt) {
		t.Errorf("renamed: %+v", v)
	}
}

func TestAuditEvents_ASubaccountSeesItsOwnRecordsOnly(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	one, two := a.sub("one"), a.sub("two") // records 2 and 3
	bound := one.delegate("bound", "admin")
	two.key(newKey("other", "read"))
	a.key(newKey("own", "read"))
	if _, err := w.CreateAPIKey(ctx, bound, newKey("mine", "read"), ""); err != nil { // record 7
		t.Fatal(err)
	}
	_ = second(w.CreateSubaccount(ctx, bound, keyring.NewSubaccount{Handle: "xyz", Name: "x"})) // a denial, record 8
	for what, in := range map[string]keyring.AuditFilter{"all": {}, "another's": {Subaccount: two.ID}, "its own": {Subaccount: one.ID}} {
		got, _ := w.listed(bound, in)
		same(t, what, got, "2 4 7 8")
	}
	got, _ := w.listed(bound, keyring.AuditFilter{Action: "apikey.", Outcome: keyring.OutcomeAllowed})
	same(t, "with other filters", got, "4 7")
	got, _ = w.listed(bound, keyring.AuditFilter{Target: two.ID})
	same(t, "of another's target", got, "")
	owner := a.asOwner()
	got, _ = w.listed(owner, keyring.AuditFilter{Subaccount: two.ID})
	same(t, "the parent's filter", got, "3 5")
	if all := a.events(); len(all) != 8 || slices.ContainsFunc(all[1:5], func(e keyring.AuditEvent) bool { return e.Subaccount == "" }) {
		t.Errorf("the trail has %d records", len(all))
	}
	_, _, err := w.AuditEvents(ctx, owner, keyring.AuditFilter{Subaccount: "two", Limit: 1})
	refusedAs(t, "a handle in place of an id", err, api.CodeValidationFailed, "subaccount")
	contains(t, err, "not its handle")
	_, _, err = w.AuditEvents(ctx, one.delegate("no", "read"), keyring.AuditFilter{Limit: 1})
	refusedAs(t, "without the right", err, api.CodeForbidden)
	one.delete(true)
	got, _ = w.listed(owner, keyring.AuditFilter{Subaccount: one.ID, Action: "subaccount."})
	same(t, "after it was deleted", got, fmt.Sprint("2 8 ", len(a.events())))
}
