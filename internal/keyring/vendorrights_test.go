package keyring_test

import (
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// TestMailChannels_AnAccountsKeyManagesSubaccountsAndNotItsOwnPlace has the keys of the
// account for its owner alone, and those of a sub-account for nobody in it.
func TestMailChannels_AnAccountsKeyManagesSubaccountsAndNotItsOwnPlace(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, builtin(t, "mailchannels")...)
	a := w.tenant("mailchannels", "")
	parent, inbound := a.delegate("", "api"), a.delegate("", "inbound")
	own := a.key(newKey("own", "api"))
	if _, err := w.CreateSubaccount(ctx, parent, keyring.NewSubaccount{Handle: "one", Name: "x"}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.UpdateSubaccount(ctx, parent, "one", keyring.SubaccountChange{ChangeLimit: true, APIKeyLimit: ptr(3)}, nil); err != nil {
		t.Error(err)
	}
	same(t, "the sub-accounts", w.handles(parent, keyring.SubaccountFilter{}), []string{"one"})
	made, err := w.CreateAPIKey(ctx, parent.In("one"), newKey(""), "")
	if err != nil {
		t.Fatal(err)
	}
	same(t, "its scopes", made.Scopes, []string{"api"})
	same(t, "the sub-account's keys", w.names(parent.In("one")), []string{""})
	bound := w.as(made.Secret)
	calls := func(who keyring.Caller, id string) map[string]error {
		return map[string]error{
			"list": third(w.APIKeys(ctx, who, keyring.APIKeyFilter{Limit: 1})), "read": second(w.APIKey(ctx, who, id)),
			"create": second(w.CreateAPIKey(ctx, who, newKey(""), "")), "delete": w.DeleteAPIKey(ctx, who, id, nil),
			"update": second(w.UpdateAPIKey(ctx, who, id, keyring.APIKeyChange{Name: ptr("x")}, nil)), "usage": second(w.APIKeyUsage(ctx, who, id, 1)),
		}
	}
	for name, who := range map[string]keyring.Caller{"parent": parent, "bound": bound, "bound by its handle": bound.In("one")} {
		id := own.ID
		if name != "parent" {
			id = made.ID
		}
		for what, err := range calls(who, id) {
			refusedAs(t, name+", "+what, err, api.CodeForbidden)
			contains(t, err, "MailChannels", "owner credential")
		}
	}
	for what, err := range calls(inbound, own.ID) {
		refusedAs(t, "without the scope, "+what, err, api.CodeForbidden)
	}
	refusedAs(t, "without the scope", second(w.CreateSubaccount(ctx, inbound, keyring.NewSubaccount{Name: "x"})), api.CodeForbidden)
	if got, err := w.APIKey(ctx, a.asOwner(), own.ID); err != nil || got.Name != "own" {
		t.Errorf("the owner: %v", err)
	}
	// A key without inbound makes keys for sending all the same, as these hold api.
	_, err = w.CreateAPIKey(ctx, inbound.In("one"), newKey(""), "")
	refusedAs(t, "inbound", err, api.CodeForbidden)
	if err := w.DeleteAPIKey(ctx, parent.In("one"), made.ID, nil); err != nil {
		t.Error(err)
	}
	if err := w.DeleteSubaccount(ctx, parent, "one", false, nil); err != nil {
		t.Error(err)
	}
}

func TestSendGrid_EachScopeOpensItsOwnDoor(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, builtin(t, "sendgrid")...)
	a := w.tenant("sendgrid", "")
	a.sub("one")
	k := a.key(newKey("target", "mail.send"))
	keys := map[string]func(keyring.Caller) error{
		"api_keys.create": func(who keyring.Caller) error { return second(w.CreateAPIKey(ctx, who, newKey("x", "mail.send"), "")) },
		"api_keys.read":   func(who keyring.Caller) error { return second(w.APIKey(ctx, who, k.ID)) },
		"api_keys.update": func(who keyring.Caller) error {
			return second(w.UpdateAPIKey(ctx, who, k.ID, keyring.APIKeyChange{Name: ptr("y")}, nil))
		},
		"api_keys.delete": func(who keyring.Caller) error {
			return w.DeleteAPIKey(ctx, who, a.key(newKey("gone", "mail.send")).ID, nil)
		},
		"subusers.create": func(who keyring.Caller) error {
			return second(w.CreateSubaccount(ctx, who, keyring.NewSubaccount{Handle: "new", Name: "x"}))
		},
		"subusers.read": func(who keyring.Caller) error {
			return third(w.Subaccounts(ctx, who, keyring.SubaccountFilter{Limit: 1}))
		},
		"subusers.update": func(who keyring.Caller) error {
			return second(w.UpdateSubaccount(ctx, who, "one", keyring.SubaccountChange{Name: ptr("y")}, nil))
		},
		"subusers.delete": func(who keyring.Caller) error { return w.DeleteSubaccount(ctx, who, "new", false, nil) },
	}
	for _, has := range []string{
		"subusers.create", "subusers.read", "subusers.update", "subusers.delete", "api_keys.create", "api_keys.read", "api_keys.update", "api_keys.delete",
	} {
		who := a.delegate(has, has, "mail.send")
		for door, call := range keys {
			err := call(who)
			if door == has && err != nil {
				t.Errorf("%s does not open its door: %v", has, err)
			}
			if door != has {
				refusedAs(t, has+" at "+door, err, api.CodeForbidden)
			}
		}
	}
	who := a.delegate("in a sub-account", "api_keys.create", "mail.send").In("one")
	made, err := w.CreateAPIKey(ctx, who, newKey("x", "mail.send"), "")
	if err != nil {
		t.Fatal(err)
	}
	refusedAs(t, "and deletes", w.DeleteAPIKey(ctx, who, made.ID, nil), api.CodeForbidden)
}
