package keyring_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

// define makes a scope as the owner does.
func (a *tenant) define(name string, implies ...string) keyring.ScopeChange {
	a.w.t.Helper()
	s, err := a.w.CreateScope(a.w.t.Context(), a.asOwner(), keyring.NewScope{Name: name, Implies: implies})
	if err != nil {
		a.w.t.Fatalf("defining %s: %v", name, err)
	}
	return s
}

// imply changes what a scope implies, as the owner does.
func (a *tenant) imply(name string, implies ...string) keyring.ScopeChange {
	a.w.t.Helper()
	s, err := a.w.UpdateScope(a.w.t.Context(), a.asOwner(), name, keyring.CustomScopeChange{Implies: &implies}, nil)
	if err != nil {
		a.w.t.Fatalf("changing %s: %v", name, err)
	}
	return s
}

func TestCustomScope_IsMadeReadChangedAndDeleted(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a, other := w.tenant("postern", ""), w.tenant("postern", "")
	made, err := w.CreateScope(ctx, a.asOwner(), keyring.NewScope{
		Name: "deploy", Description: "Deploy.", Group: "ops", Implies: []string{"write", "verify", "write"},
	})
	if err != nil {
		t.Fatal(err)
	}
	now := start.UTC().Truncate(time.Second)
	want := keyring.ScopeChange{ScopeView: keyring.ScopeView{
		Scope:     scope.Scope{Name: "deploy", Description: "Deploy.", Group: "ops", Class: "general", Implies: []string{"verify", "write"}},
		Effective: []string{"deploy", "read", "verify", "write"}, CreatedAt: &now, UpdatedAt: &now, Revision: 1,
	}}
	same(t, "made", made, want)
	got, err := w.Scope(ctx, a.asOwner(), "deploy")
	same(t, "read", got, want)
	if err != nil {
		t.Error(err)
	}
	if plain := a.define("plain"); plain.Group != "custom" || plain.Class != "general" || len(plain.Implies) != 0 || plain.Builtin {
		t.Errorf("with nothing but a name: %+v", plain)
	}
	listed := func(a *tenant) map[string]keyring.ScopeView {
		all, err := w.Scopes(ctx, a.asOwner())
		if err != nil {
			t.Error(err)
		}
		found := map[string]keyring.ScopeView{}
		for _, s := range all {
			found[s.Name] = s
		}
		return found
	}
	builtin := len(w.platforms["postern"].Scopes.Names())
	if all := listed(a); len(all) != builtin+2 || all["deploy"].Builtin || !all["read"].Builtin || all["deploy"].Group != "ops" {
		t.Errorf("the catalogue has %d scopes: %+v", len(all), all["deploy"])
	}
	if all := listed(other); len(all) != builtin {
		t.Errorf("another account's catalogue has %d scopes", len(all))
	}
	refusedAs(t, "of another account", second(w.Scope(ctx, other.asOwner(), "deploy")), api.CodeNotFound)
	_, err = w.CreateAPIKey(ctx, other.asOwner(), newKey("x", "deploy"), "")
	refusedAs(t, "a key of another account", err, api.CodeValidationFailed, "scopes")

	w.clock.advance(time.Minute)
	later := now.Add(time.Minute)
	want.Description, want.Group, want.Implies, want.Effective = "", "custom", []string{"read"}, []string{"deploy", "read"}
	want.UpdatedAt, want.Revision = &later, 2
	changed, err := w.UpdateScope(ctx, a.asOwner(), "deploy", keyring.CustomScopeChange{
		Description: ptr(""), Group: ptr(""), Implies: &[]string{"read", "read"},
	}, ptr(int64(1)))
	same(t, "changed", changed, want)
	if err != nil {
		t.Error(err)
	}
	for what, in := range map[string]keyring.CustomScopeChange{
		"nothing": {}, "the same": {Description: ptr(""), Group: ptr("custom"), Implies: &[]string{"read"}},
	} {
		a.none(what, func() error {
			v, err := w.UpdateScope(ctx, a.asOwner(), "deploy", in, ptr(int64(2)))
			same(t, what, v, want)
			return err
		})
	}
	for what, err := range map[string]error{
		"update": second(w.UpdateScope(ctx, a.asOwner(), "deploy", keyring.CustomScopeChange{Group: ptr("x")}, ptr(int64(1)))),
		"delete": w.DeleteScope(ctx, a.asOwner(), "deploy", ptr(int64(1))),
	} {
		refusedAs(t, what, err, api.CodeStaleRevision)
		contains(t, err, "at revision 2")
	}
	if err := w.DeleteScope(ctx, a.asOwner(), "deploy", ptr(int64(2))); err != nil {
		t.Error(err)
	}
	refusedAs(t, "deleted", second(w.Scope(ctx, a.asOwner(), "deploy")), api.CodeNotFound)
	refusedAs(t, "deleted twice", w.DeleteScope(ctx, a.asOwner(), "deploy", nil), api.CodeNotFound)
	a.define("deploy")
	a.chain()
}

func TestCustomScope_WhatMayNotBeIsRefused(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, append(builtin(t, "sendgrid"), open(t))...)
	closed := w.tenant("sendgrid", "")
	_, err := w.CreateScope(ctx, closed.asOwner(), keyring.NewScope{Name: "deploy"})
	refusedAs(t, "on a closed platform", err, api.CodeUnsupported)
	refusedAs(t, "on a closed platform", w.DeleteScope(ctx, closed.asOwner(), "mail.send", nil), api.CodeScopeBuiltin)

	a := w.tenant("open", "")
	a.define("taken")
	owner := a.asOwner()
	for name, want := range map[string]api.Code{
		"": api.CodeValidationFailed, "Has space": api.CodeValidationFailed, strings.Repeat("x", 200): api.CodeValidationFailed,
		"mail:read": api.CodeNameTaken, "taken": api.CodeNameTaken, "added": api.CodeNameTaken,
	} {
		_, err := w.CreateScope(ctx, owner, keyring.NewScope{Name: name})
		refusedAs(t, name, err, want, "name")
		if want == api.CodeValidationFailed && name != "" && strings.Contains(err.Error(), name) {
			t.Errorf("the error repeats the name: %v", err)
		}
	}
	_, err = w.CreateScope(ctx, owner, keyring.NewScope{Name: "x", Description: strings.Repeat("x", 501), Group: strings.Repeat("x", 101), Class: "a\x00"})
	refusedAs(t, "its texts", err, api.CodeValidationFailed, "description", "group", "class")
	_, err = w.CreateScope(ctx, owner, keyring.NewScope{Name: "x", Implies: many(501)})
	refusedAs(t, "too many", err, api.CodeValidationFailed, "implies")
	_, err = w.CreateScope(ctx, owner, keyring.NewScope{Name: "x", Implies: []string{"mail:raed", "tekan"}})
	refusedAs(t, "unknown", err, api.CodeValidationFailed, "implies", "implies")
	contains(t, err, `"mail:read"`, `"taken"`)
	for class, implies := range map[string]string{"": "billing:read", "billing": "mail:read"} {
		_, err := w.CreateScope(ctx, owner, keyring.NewScope{Name: "x", Class: class, Implies: []string{implies}})
		refusedAs(t, "of two classes", err, api.CodeValidationFailed, "implies")
		contains(t, err, "never mix classes")
	}
	bills, err := w.CreateScope(ctx, owner, keyring.NewScope{Name: "bills", Class: "billing", Implies: []string{"billing:read"}})
	if err != nil || bills.Class != "billing" {
		t.Errorf("of one class: %+v, %v", bills, err)
	}
	_, err = w.UpdateScope(ctx, owner, "taken", keyring.CustomScopeChange{Implies: &[]string{"bills"}}, nil)
	refusedAs(t, "of two classes", err, api.CodeValidationFailed, "implies")
	_, err = w.CreateAPIKey(ctx, owner, newKey("x", "taken", "bills"), "")
	refusedAs(t, "a key of two classes", err, api.CodeValidationFailed, "scopes")

	for what, err := range map[string]error{
		"update": second(w.UpdateScope(ctx, owner, "mail:read", keyring.CustomScopeChange{Description: ptr("x")}, nil)),
		"delete": w.DeleteScope(ctx, owner, "mail:read", nil),
	} {
		refusedAs(t, what, err, api.CodeScopeBuiltin)
	}
	for what, err := range map[string]error{
		"update": second(w.UpdateScope(ctx, owner, "tekan", keyring.CustomScopeChange{Description: ptr("x")}, nil)), "delete": w.DeleteScope(ctx, owner, "tekan", nil),
	} {
		refusedAs(t, what, err, api.CodeNotFound)
		contains(t, err, `"taken"`)
	}
	refusedAs(t, "no name", w.DeleteScope(ctx, owner, "no name", nil), api.CodeNotFound)
	a.chain()
}

func many(n int) []string {
	var names []string
	for i := range n {
		names = append(names, fmt.Sprint("scope:", i))
	}
	return names
}

func TestCustomScope_NoneLeadsBackToItself(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	_, err := w.CreateScope(ctx, a.asOwner(), keyring.NewScope{Name: "self", Implies: []string{"self"}})
	refusedAs(t, "itself", err, api.CodeValidationFailed, "implies")
	a.define("one")
	a.define("two", "one", "read")
	a.define("three", "two")
	a.define("above", "three")
	for what, implies := range map[string][]string{"itself": {"one"}, "directly": {"read", "two"}, "through two": {"three"}, "from above": {"above"}} {
		_, err := w.UpdateScope(ctx, a.asOwner(), "one", keyring.CustomScopeChange{Implies: &implies}, nil)
		refusedAs(t, what, err, api.CodeValidationFailed, "implies")
		contains(t, err, "must not lead back", "one -> ")
	}
	same(t, "what it still is", a.imply("two", "one").Effective, []string{"one", "two"})
	same(t, "above", a.imply("above", "three").Effective, []string{"above", "one", "three", "two"})
}

func TestCustomScope_InUseItStays(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	one := a.sub("one")
	a.define("deploy")
	a.define("lead", "deploy")
	a.define("chief", "deploy", "lead")
	own, child := a.key(newKey("own", "deploy")), one.key(newKey("of a sub-account", "deploy", "read"))
	a.key(newKey("by implication", "lead"))
	err := w.DeleteScope(ctx, a.asOwner(), "deploy", nil)
	refusedAs(t, "delete", err, api.CodeInUse, "name", "name")
	contains(t, err, "2 API keys", own.ID, child.ID, `implied by "chief", "lead"`)
	a.delete(own.ID)
	err = w.DeleteScope(ctx, a.asOwner(), "deploy", nil)
	refusedAs(t, "delete", err, api.CodeInUse, "name", "name")
	contains(t, err, "1 API key:", child.ID)
	one.delete(true)
	err = w.DeleteScope(ctx, a.asOwner(), "deploy", nil)
	refusedAs(t, "delete", err, api.CodeInUse, "name")
	a.imply("lead")
	a.imply("chief", "lead")
	e, err := a.one("delete", func() error { return w.DeleteScope(ctx, a.asOwner(), "deploy", nil) })
	if err != nil || e.Action != "scope.delete" || e.Target != "deploy" {
		t.Errorf("recorded as %s of %s: %v", e.Action, e.Target, err)
	}
	same(t, "the record", detail(t, e), map[string]any{"description": "", "group": "custom", "class": "general", "implies": []any{}})
	for i := range 7 {
		a.key(newKey(fmt.Sprint("key ", i), "chief"))
	}
	contains(t, w.DeleteScope(ctx, a.asOwner(), "chief", nil), "7 API keys", "and 2 more")
}

// openFile is a platform where accounts define scopes, with two classes and automatic
// scopes.
const openFile = `
	platform "open" {
		title       = "Open"
		open_scopes = true
		secret {
			prefix   = "opn_"
			alphabet = "base62"
			length   = 43
		}
		keys {
			unique_names = true
			edit_scopes  = true
			expiry       = true
			disable      = true
			rotate       = true
			max_overlap  = "0s"
		}
		scope "mail:read" {
			group       = "mail"
			description = "Read."
		}
		scope "billing:read" {
			group       = "billing"
			class       = "billing"
			description = "Bills."
		}
		//more
		automatic_scopes {
			names = ["added", "perhaps"]
			added = ["added"]
		}
		answers {
			invalid          = "\"no\""
			inactive         = "\"off\""
			expired          = "\"late\""
			account_standing = "\"closed\""
			missing_scope    = "\"lacks {scope}\""
		}
	}`
