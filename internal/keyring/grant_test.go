package keyring_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

func TestRule2_NobodyCreatesAKeyThatHoldsMoreThanThemselves(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.tenant("postern", "")
	for i, tc := range []struct {
		has, wants []string
		missing    string // empty when it is allowed
	}{
		{[]string{"apikeys:write", "read"}, []string{"read"}, ""},
		{[]string{"apikeys:write", "read"}, []string{"apikeys:write", "read"}, ""},
		{[]string{"apikeys:write", "read"}, []string{"apikeys:read"}, ""},                              // implied by what it has
		{[]string{"apikeys:write", "write"}, []string{"read"}, ""},                                     // too
		{[]string{"admin"}, []string{"admin", "audit:read", "read", "subaccounts:read", "verify"}, ""}, // all of it
		{[]string{"apikeys:write", "read"}, []string{"write"}, `"write"`},                              // what it has is implied, the rest is not
		{[]string{"apikeys:write", "read"}, []string{"read", "verify", "audit:read"}, `"audit:read", "verify"`},
		{[]string{"apikeys:write", "write"}, []string{"subaccounts:write"}, `"subaccounts:read", "subaccounts:write"`}, // with what it implies
		{[]string{"apikeys:write"}, []string{"admin"}, `"admin", "audit:read", "read", "scopes:write", "subaccounts:read", "subaccounts:write", "verify", "write"`},
	} {
		who := a.delegate(fmt.Sprint("caller ", i), tc.has...)
		name := fmt.Sprint("wanted ", i)
		issued, err := w.CreateAPIKey(t.Context(), who, newKey(name, tc.wants...), "")
		if tc.missing == "" {
			if err != nil {
				t.Errorf("%v creates %v: %v", tc.has, tc.wants, err)
			}
			continue
		}
		refusedAs(t, name, err, api.CodeGrantExceedsCaller, "scopes")
		contains(t, err, "does not hold "+tc.missing)
		if _, there := a.keys()[name]; there || !issued.Secret.IsZero() {
			t.Errorf("%v created %v all the same", tc.has, tc.wants)
		}
	}
}

func TestRule2_NobodyChangesOrRotatesAKeyThatHoldsMoreThanThemselves(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	who := a.delegate("caller", "apikeys:write", "read")
	strong, weak := a.key(newKey("strong", "write")), a.key(newKey("weak", "read"))
	for what, change := range map[string]keyring.APIKeyChange{
		"rename":                  {Name: ptr("renamed")},
		"describe":                {Description: ptr("described")},
		"turn off":                {Enabled: ptr(false)},
		"expire":                  {ChangeExpiry: true, ExpiresAt: in(time.Hour)},
		"narrow to what it holds": {Scopes: []string{"read"}}, // it would still be able to take a stronger key away
		"widen":                   {Scopes: []string{"admin"}},
	} {
		_, err := w.UpdateAPIKey(ctx, who, strong.ID, change, nil)
		refusedAs(t, what, err, api.CodeGrantExceedsCaller, "scopes")
	}
	_, err := w.UpdateAPIKey(ctx, who, weak.ID, keyring.APIKeyChange{Scopes: []string{"read", "write"}}, nil)
	refusedAs(t, "widen a weak key", err, api.CodeGrantExceedsCaller, "scopes")
	contains(t, err, `"write"`)
	_, err = w.RotateAPIKey(ctx, who, strong.ID, keyring.Rotation{}, nil, "")
	refusedAs(t, "rotate", err, api.CodeGrantExceedsCaller, "scopes")
	_, err = w.UpdateAPIKey(ctx, who, who.ID, keyring.APIKeyChange{Scopes: []string{"admin"}}, nil)
	refusedAs(t, "widen itself", err, api.CodeGrantExceedsCaller, "scopes")
	same(t, "the strong key", a.keys()["strong"], strong.APIKeyView)
	same(t, "the weak key", a.keys()["weak"], weak.APIKeyView)
	a.verdict("the strong key's secret", strong.Secret, api.VerifyValid, "write")

	if _, err := w.UpdateAPIKey(ctx, who, weak.ID, keyring.APIKeyChange{Name: ptr("renamed"), Scopes: []string{"apikeys:read"}}, nil); err != nil {
		t.Errorf("change a weaker key: %v", err)
	}
	if _, err := w.RotateAPIKey(ctx, who, weak.ID, keyring.Rotation{}, nil, ""); err != nil {
		t.Errorf("rotate a weaker key: %v", err)
	}
	if _, err := w.RotateAPIKey(ctx, who, who.ID, keyring.Rotation{}, nil, ""); err != nil {
		t.Errorf("rotate itself: %v", err)
	}
}

// TestRule2_WhatWasTakenAwaySinceCountsNoMore uses a caller that authenticated
// when it still held more.
func TestRule2_WhatWasTakenAwaySinceCountsNoMore(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	victim := a.key(newKey("victim", "write"))
	who := a.delegate("caller", "apikeys:write", "write")
	attempts := func(want api.Code, fields ...string) {
		t.Helper()
		_, err := w.CreateAPIKey(ctx, who, newKey("late", "write"), "")
		refusedAs(t, "create", err, want, fields...)
		_, err = w.UpdateAPIKey(ctx, who, victim.ID, keyring.APIKeyChange{Name: ptr("late")}, nil)
		refusedAs(t, "update", err, want, fields...)
		_, err = w.RotateAPIKey(ctx, who, victim.ID, keyring.Rotation{}, nil, "")
		refusedAs(t, "rotate", err, want, fields...)
	}
	a.change(who.ID, keyring.APIKeyChange{Scopes: []string{"apikeys:write", "read"}})
	attempts(api.CodeGrantExceedsCaller, "scopes")
	a.change(who.ID, keyring.APIKeyChange{Scopes: []string{"read", "write"}})
	attempts(api.CodeForbidden)
	refusedAs(t, "delete", w.DeleteAPIKey(ctx, who, victim.ID, nil), api.CodeForbidden)
	a.change(who.ID, keyring.APIKeyChange{Scopes: []string{"admin"}, Enabled: ptr(false)})
	attempts(api.CodeInvalidCredential)
	a.change(who.ID, keyring.APIKeyChange{Enabled: ptr(true)})
	a.rotate(who.ID, keyring.Rotation{}) // it holds the secret from before
	attempts(api.CodeInvalidCredential)
	a.delete(who.ID)
	attempts(api.CodeInvalidCredential)
	refusedAs(t, "delete", w.DeleteAPIKey(ctx, who, victim.ID, nil), api.CodeInvalidCredential)
	same(t, "the victim", a.keys()["victim"], victim.APIKeyView)
}

func TestRule2_AnOwnerHoldsEverything(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.tenant("postern", "")
	issued := a.key(newKey("all", w.platforms["postern"].Scopes.Names()...))
	a.change(issued.ID, keyring.APIKeyChange{Scopes: []string{"admin"}})
	a.rotate(issued.ID, keyring.Rotation{})
}

// holder is what the test of random sequences believes of a key.
type holder struct {
	issued    keyring.IssuedAPIKey
	effective []string
	root      []string // what the first of its creators held
}

// TestRule2_NoSequenceOfCallsLetsAKeyExceedItsCreators lets keys that were given
// the right to manage keys do so, at random. Each must be allowed exactly what
// it holds, and no key may ever hold what no creator of its line did.
func TestRule2_NoSequenceOfCallsLetsAKeyExceedItsCreators(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	rng := random(t)
	w := newWorld(t)
	catalogue := w.platforms["postern"].Scopes
	names := catalogue.Names()
	holds := func(has, wants []string) bool { return len(scope.Added(has, wants)) == 0 }
	for range 12 {
		a := w.tenant("postern", "")
		var all []*holder
		count, allowed, denied := 0, 0, 0
		add := func(issued keyring.IssuedAPIKey, root []string) {
			effective := catalogue.Effective(issued.Scopes)
			if root == nil {
				root = effective
			}
			all = append(all, &holder{issued: issued, effective: effective, root: root})
		}
		name := func() string { count++; return fmt.Sprint("key ", count) }
		pick := func() []string {
			var some []string
			for range 1 + rng.Intn(3) {
				some = append(some, names[rng.Intn(len(names))])
			}
			return some
		}
		for _, roots := range [][]string{
			{"apikeys:write", "read"}, {"apikeys:write", "write"}, {"apikeys:write", "verify", "audit:read"}, {"apikeys:write", "subaccounts:write"},
		} {
			add(a.key(newKey(name(), roots...)), nil)
		}
		for range 50 {
			actor, target := all[rng.Intn(len(all))], all[rng.Intn(len(all))]
			who := w.as(actor.issued.Secret)
			manages := slices.Contains(actor.effective, "apikeys:write")
			var err error
			ok := manages
			operation := []string{"create", "create", "update", "rotate", "delete"}[rng.Intn(5)]
			switch operation {
			case "create":
				wants := pick()
				ok = ok && holds(actor.effective, catalogue.Effective(wants))
				var issued keyring.IssuedAPIKey
				if issued, err = w.CreateAPIKey(ctx, who, newKey(name(), wants...), ""); err == nil {
					add(issued, actor.root)
				}
			case "update":
				wants := scope.Normal(pick())
				ok = ok && (slices.Equal(wants, target.issued.Scopes) || holds(actor.effective, catalogue.Effective(append(wants, target.issued.Scopes...))))
				var v keyring.APIKeyView
				if v, err = w.UpdateAPIKey(ctx, who, target.issued.ID, keyring.APIKeyChange{Scopes: wants}, nil); err == nil {
					target.issued.APIKeyView, target.effective = v, v.Effective
					if !holds(target.root, v.Effective) {
						target.root = actor.root // it has moved into the actor's line
					}
				}
			case "rotate":
				ok = ok && holds(actor.effective, target.effective)
				var issued keyring.IssuedAPIKey
				if issued, err = w.RotateAPIKey(ctx, who, target.issued.ID, keyring.Rotation{}, nil, ""); err == nil {
					target.issued = issued
				}
			case "delete":
				if len(all) == 1 || !manages {
					continue
				}
				if err = w.DeleteAPIKey(ctx, who, target.issued.ID, nil); err == nil {
					all = slices.DeleteFunc(all, func(h *holder) bool { return h == target })
				}
			}
			switch {
			case ok && err == nil:
				allowed++
			case ok:
				t.Fatalf("%s by %v of %v: %v", operation, actor.effective, target.effective, err)
			case !manages:
				denied++
				refusedAs(t, operation, err, api.CodeForbidden)
			default:
				denied++
				refusedAs(t, operation, err, api.CodeGrantExceedsCaller, "scopes")
			}
		}
		if allowed == 0 || denied == 0 {
			t.Errorf("%d calls were allowed and %d denied: the sequence shows nothing", allowed, denied)
		}
		believed := map[string][]string{}
		for _, h := range all {
			believed[h.issued.Name] = h.effective
			if !holds(h.root, h.effective) {
				t.Errorf("a key holds %v, its line of creators only %v", h.effective, h.root)
			}
			a.verdict(strings.Join(h.effective, " "), h.issued.Secret, api.VerifyValid, h.effective...)
		}
		stored := map[string][]string{}
		for _, k := range a.keys() {
			stored[k.Name] = k.Effective
			if slices.Contains(k.Effective, "admin") || slices.Contains(k.Effective, "scopes:write") {
				t.Errorf("a key holds %v, which none of the first ones did", k.Effective)
			}
		}
		if diff := cmp.Diff(believed, stored); diff != "" {
			t.Errorf("believed -, stored +:\n%s", diff)
		}
		a.chain()
	}
}
