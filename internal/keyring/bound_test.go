package keyring_test

import (
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

func TestBound_AKeyOfASubaccountWorksInThatOneOnly(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	one, two := a.sub("one"), a.sub("two")
	bound := one.delegate("boss", "admin")
	if bound.Subaccount == nil || bound.Subaccount.ID != one.ID {
		t.Fatalf("it is bound to %v", bound.Subaccount)
	}
	own, sibling := a.key(newKey("own", "read")), two.key(newKey("sibling", "read"))
	for _, place := range []string{"", "one"} {
		who := bound.In(place)
		made, err := w.CreateAPIKey(ctx, who, newKey("made in:"+place, "write"), "")
		if err != nil || made.Handle != "one" || made.Subaccount != one.ID {
			t.Errorf("create in %q: in %q, %v", place, made.Handle, err)
		}
		if got, err := w.APIKey(ctx, who, made.ID); err != nil || got.Name != made.Name {
			t.Errorf("read in %q: %v", place, err)
		}
		if _, err := w.UpdateAPIKey(ctx, who, made.ID, keyring.APIKeyChange{Scopes: []string{"read"}}, nil); err != nil {
			t.Errorf("update in %q: %v", place, err)
		}
		if _, err := w.RotateAPIKey(ctx, who, made.ID, keyring.Rotation{}, nil, ""); err != nil {
			t.Errorf("rotate in %q: %v", place, err)
		}
		if _, err := w.APIKeyUsage(ctx, who, made.ID, 1); err != nil {
			t.Errorf("usage in %q: %v", place, err)
		}
		same(t, "the list", w.names(who), []string{"boss", made.Name})
		if err := w.DeleteAPIKey(ctx, who, made.ID, nil); err != nil {
			t.Errorf("delete in %q: %v", place, err)
		}
		// What is elsewhere is as what is not there, word for word.
		const nobody = "key_00000000000000000000"
		for what, call := range map[string]func(id string) error{
			"read": func(id string) error { return second(w.APIKey(ctx, who, id)) },
			"update": func(id string) error {
				return second(w.UpdateAPIKey(ctx, who, id, keyring.APIKeyChange{Name: ptr("x")}, nil))
			},
			"rotate": func(id string) error { return second(w.RotateAPIKey(ctx, who, id, keyring.Rotation{}, nil, "")) },
			"delete": func(id string) error { return w.DeleteAPIKey(ctx, who, id, nil) },
			"usage":  func(id string) error { return second(w.APIKeyUsage(ctx, who, id, 1)) },
		} {
			for _, k := range []keyring.IssuedAPIKey{own, sibling} {
				refusedAs(t, what, call(k.ID), api.CodeNotFound)
				sameWords(t, what, call(k.ID), k.ID, call(nobody), nobody)
			}
		}
	}
	for what, call := range map[string]func(who keyring.Caller) error{
		"list":   func(who keyring.Caller) error { return third(w.APIKeys(ctx, who, keyring.APIKeyFilter{Limit: 1})) },
		"create": func(who keyring.Caller) error { return second(w.CreateAPIKey(ctx, who, newKey("x", "read"), "")) },
		"read":   func(who keyring.Caller) error { return second(w.APIKey(ctx, who, sibling.ID)) },
		"rotate": func(who keyring.Caller) error {
			return second(w.RotateAPIKey(ctx, who, sibling.ID, keyring.Rotation{}, nil, ""))
		},
		"delete": func(who keyring.Caller) error { return w.DeleteAPIKey(ctx, who, sibling.ID, nil) },
	} {
		refusedAs(t, what, call(bound.In("two")), api.CodeNotFound)
		for _, nowhere := range []string{"three", "No Handle"} {
			sameWords(t, what, call(bound.In("two")), "", call(bound.In(nowhere)), "")
		}
	}
	two.key(newKey("still there", "read"))
	a.verdict("the sibling's key", sibling.Secret, api.VerifyValid)
}

// sameWords checks that two refusals differ in the ids that were sent and in nothing
// else.
func sameWords(t *testing.T, what string, one error, oneID string, other error, otherID string) {
	t.Helper()
	blank := func(err error, id string) string {
		if err == nil {
			return "no error"
		}
		if id == "" {
			return err.Error()
		}
		return strings.ReplaceAll(err.Error(), id, "")
	}
	same(t, what, blank(one, oneID), blank(other, otherID))
}

func TestBound_ASubaccountIsSeenByItsOwnKeysOnly(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	one := a.sub("one")
	two := a.sub("two")
	one.change(keyring.SubaccountChange{ChangeLimit: true, APIKeyLimit: ptr(7)})
	bound := one.delegate("boss", "admin")
	for i := range 3 {
		two.key(newKey(string(rune('a'+i)), "read"))
		a.key(newKey(string(rune('a'+i)), "read"))
	}
	got, err := w.Subaccount(ctx, bound, "one")
	if err != nil || got.ID != one.ID || got.APIKeys != 1 || *got.Limit != 7 {
		t.Errorf("its own: %+v, %v", got, err)
	}
	errTwo, errNone := second(w.Subaccount(ctx, bound, "two")), second(w.Subaccount(ctx, bound, "three"))
	refusedAs(t, "the sibling", errTwo, api.CodeNotFound)
	same(t, "the words", errTwo.Error(), errNone.Error())
	for want, filters := range map[string][]keyring.SubaccountFilter{
		"one": {{}, {HandlePrefix: "on"}, {Status: api.SubaccountActive}, {Limit: 1}},
		"":    {{HandlePrefix: "two"}, {Status: api.SubaccountSuspended}},
	} {
		for _, in := range filters {
			list := []string{}
			if want != "" {
				list = append(list, want)
			}
			same(t, "the list", w.handles(bound, in), list)
		}
	}
	_, next, err := w.Subaccounts(ctx, a.asOwner(), keyring.SubaccountFilter{Limit: 1})
	if err != nil || next == "" {
		t.Fatal(err)
	}
	same(t, "the next page", w.handles(bound, keyring.SubaccountFilter{Cursor: next}), []string{})

	v, err := w.Account(ctx, bound)
	if err != nil || v.Name != "" || v.APIKeys != 1 || v.Limit == nil || *v.Limit != 7 || v.Subaccounts != nil {
		t.Errorf("its account shows %+v, %v", v, err)
	}
	all, err := w.Account(ctx, a.asOwner())
	if err != nil || all.Name != "Acme" || all.APIKeys != 3 || all.Limit != nil || all.Subaccounts == nil || all.Subaccounts.Used != 2 {
		t.Errorf("the account shows %+v, %v", all, err)
	}
	for what, err := range map[string]error{
		"create a sub-account":     second(w.CreateSubaccount(ctx, bound, keyring.NewSubaccount{Handle: "xyz", Name: "x"})),
		"change its own":           second(w.UpdateSubaccount(ctx, bound, "one", keyring.SubaccountChange{ChangeLimit: true}, nil)),
		"change another":           second(w.UpdateSubaccount(ctx, bound, "two", keyring.SubaccountChange{Status: ptr(api.SubaccountSuspended)}, nil)),
		"change none":              second(w.UpdateSubaccount(ctx, bound, "three", keyring.SubaccountChange{}, nil)),
		"delete its own":           w.DeleteSubaccount(ctx, bound, "one", true, nil),
		"delete another":           w.DeleteSubaccount(ctx, bound, "two", true, nil),
		"define a scope":           second(w.CreateScope(ctx, bound, keyring.NewScope{Name: "deploy"})),
		"change a scope":           second(w.UpdateScope(ctx, bound, "read", keyring.CustomScopeChange{Description: ptr("x")}, nil)),
		"delete a scope":           w.DeleteScope(ctx, bound, "read", nil),
		"define one that is there": second(w.CreateScope(ctx, bound, keyring.NewScope{Name: "read"})),
	} {
		refusedAs(t, what, err, api.CodeForbidden)
		contains(t, err, "bound to a sub-account")
	}
	// How many keys hold a scope in the whole account is not for it to know.
	if s, err := w.Scope(ctx, bound, "read"); err != nil || s.APIKeys != 0 {
		t.Errorf("the scope shows %d keys, %v", s.APIKeys, err)
	}
	if s, err := w.Scope(ctx, a.asOwner(), "read"); err != nil || s.APIKeys != 7 {
		t.Errorf("the scope shows %d keys, %v", s.APIKeys, err)
	}
	if s, err := w.Scope(ctx, a.delegate("no", "verify"), "read"); err != nil || s.APIKeys != 0 {
		t.Errorf("without the right to read keys the scope shows %d keys, %v", s.APIKeys, err)
	}
}

func TestBound_OtherPlacesSecretsAreInvalid(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a, stranger := w.tenant("postern", ""), w.tenant("postern", "")
	one, two := a.sub("one"), a.sub("two")
	mine, boss := one.key(newKey("mine", "read")), one.key(newKey("boss", "verify"))
	for what, tc := range map[string]struct {
		s    secret.Secret
		want string
	}{
		"its own": {mine.Secret, api.VerifyValid}, "the sibling's": {two.key(newKey("x", "read")).Secret, api.VerifyInvalid},
		"the account's": {a.key(newKey("x", "read")).Secret, api.VerifyInvalid}, "another account's": {stranger.key(newKey("x", "read")).Secret, api.VerifyInvalid},
		"the owner's": {a.owner, api.VerifyInvalid},
	} {
		v, err := w.Verify(ctx, w.as(boss.Secret), keyring.Presented{Secret: tc.s}, []string{"read"})
		if err != nil || v.Code != tc.want {
			t.Errorf("%s: %q, %v", what, v.Code, err)
		}
		who, v, err := w.VerifyFor(ctx, boss.Secret, origin, keyring.Presented{Secret: tc.s}, []string{"read"})
		if err != nil || v.Code != tc.want || who.ID != boss.ID || who.Subaccount == nil {
			t.Errorf("%s, in one: %q by %s, %v", what, v.Code, who.ID, err)
		}
		if tc.want == api.VerifyInvalid && (v.APIKey.ID != "" || v.Handle != "" || v.Effective != nil) {
			t.Errorf("%s: the answer tells %+v", what, v)
		}
	}
}

func TestRule2_AParentsKeyWorksInASubaccountAndGrantsWhatItHolds(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	one := a.sub("one")
	parent := a.delegate("parent", "apikeys:write", "read").In("one")
	made, err := w.CreateAPIKey(ctx, parent, newKey("made", "read"), "")
	if err != nil || made.Handle != "one" {
		t.Fatalf("create: %q, %v", made.Handle, err)
	}
	strong := one.key(newKey("strong", "write"))
	for what, err := range map[string]error{
		"create":           second(w.CreateAPIKey(ctx, parent, newKey("x", "write"), "")),
		"update":           second(w.UpdateAPIKey(ctx, parent, made.ID, keyring.APIKeyChange{Scopes: []string{"write"}}, nil)),
		"rename a strong":  second(w.UpdateAPIKey(ctx, parent, strong.ID, keyring.APIKeyChange{Name: ptr("x")}, nil)),
		"rotate a strong":  second(w.RotateAPIKey(ctx, parent, strong.ID, keyring.Rotation{}, nil, "")),
		"bound of the sub": second(w.CreateAPIKey(ctx, one.delegate("bound", "apikeys:write"), newKey("x", "read"), "")),
	} {
		refusedAs(t, what, err, api.CodeGrantExceedsCaller, "scopes")
	}
	_, minted := a.newOwner("robot", "apikeys:create", "apikeys:read", "apikeys:delete")
	robot := w.as(minted).In("one")
	_, err = w.CreateAPIKey(ctx, robot, newKey("x", "read"), "")
	refusedAs(t, "a service credential", err, api.CodeGrantExceedsCaller, "scopes")
	same(t, "its list", w.names(robot), []string{"bound", "made", "strong"})
	if err := w.DeleteAPIKey(ctx, robot, made.ID, nil); err != nil {
		t.Errorf("it deletes: %v", err)
	}
	reader := a.delegate("reader", "apikeys:read").In("one")
	same(t, "a reader's list", w.names(reader), []string{"bound", "strong"})
	_, err = w.CreateAPIKey(ctx, reader, newKey("x", "read"), "")
	refusedAs(t, "a reader", err, api.CodeForbidden)
	a.chain()
}
