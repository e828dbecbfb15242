package keyring_test

import (
	"slices"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

func TestShape_AccessAndPresetsGiveScopes(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, builtin(t, "sendgrid")...)
	a, b := w.tenant("sendgrid", ""), w.tenant("benchmark", "")
	mail := []string{"mail.batch.create", "mail.batch.delete", "mail.batch.read", "mail.batch.update", "mail.send"}
	for i, tc := range []struct {
		a     *tenant
		names []string
		shape keyring.Shape
		want  []string
	}{
		{a, nil, keyring.Shape{Preset: "mail"}, mail},
		{a, nil, keyring.Shape{Access: map[string]string{"mail": "full"}}, mail},
		{a, nil, keyring.Shape{Access: map[string]string{"alerts": "read"}}, []string{"alerts.read"}},
		{a, []string{"alerts.read", "mail.send"}, keyring.Shape{Preset: "mail"}, append([]string{"alerts.read"}, mail...)},
		{a, []string{"stats.read"}, keyring.Shape{Access: map[string]string{"alerts": "read", "mail": "none"}, Preset: "stats"}, []string{"alerts.read", "stats.global.read", "stats.read"}},
		{b, nil, keyring.Shape{Access: map[string]string{"contacts": "full", "reports": "read"}}, []string{"contacts:read", "contacts:write", "reports:read"}},
	} {
		wanted := newKey(string(rune('a'+i)), tc.names...)
		wanted.Shape = tc.shape
		made := tc.a.key(wanted)
		same(t, "made", made.Scopes, tc.want)
		other := tc.a.key(newKey("other "+string(rune('a'+i)), made.Scopes[0]))
		changed := tc.a.change(other.ID, keyring.APIKeyChange{Scopes: tc.names, Shape: tc.shape})
		same(t, "changed", changed.Scopes, tc.want)
		tc.a.none("the same again", func() error {
			v := tc.a.change(other.ID, keyring.APIKeyChange{Shape: tc.shape, Scopes: tc.names})
			same(t, "the same again", v, changed)
			return nil
		})
		tc.a.delete(other.ID)
	}
	refusals := map[string]keyring.Shape{
		"access.mial": {Access: map[string]string{"mial": "full"}}, "access": {Access: map[string]string{"No Group": "full"}},
		"access.mail": {Access: map[string]string{"mail": "write"}}, "preset": {Preset: "mial"},
		"access.clients": {Access: map[string]string{"clients": "Full"}},
		"scopes":         {Access: map[string]string{"mail": "none"}}, // nothing is never everything
	}
	k := a.key(newKey("ci", "mail.send"))
	for field, shape := range refusals {
		wanted := newKey("x")
		wanted.Shape = shape
		_, err := w.CreateAPIKey(ctx, a.asOwner(), wanted, "")
		fields := []string{field}
		if field != "scopes" {
			fields = append(fields, "scopes") // and so it has none
		}
		refusedAs(t, "create with "+field, err, api.CodeValidationFailed, fields...)
		_, err = w.UpdateAPIKey(ctx, a.asOwner(), k.ID, keyring.APIKeyChange{Shape: shape}, nil)
		refusedAs(t, "update with "+field, err, api.CodeValidationFailed, field)
	}
	_, err := w.UpdateAPIKey(ctx, a.asOwner(), k.ID, keyring.APIKeyChange{Shape: keyring.Shape{Access: map[string]string{"mial": "full", "alerts": "all"}, Preset: "nmail"}}, nil)
	refusedAs(t, "all at once", err, api.CodeValidationFailed, "access.alerts", "access.mial", "preset")
	contains(t, err, `"mail"`)
	_, err = w.UpdateAPIKey(ctx, a.asOwner(), k.ID, keyring.APIKeyChange{Scopes: []string{"mail.send"}, Shape: keyring.Shape{Preset: "billing"}}, nil)
	refusedAs(t, "classes together", err, api.CodeValidationFailed, "scopes")
	same(t, "the key", a.keys()["ci"], k.APIKeyView)
	who := a.delegate("caller", "api_keys.create", "api_keys.update", "mail.send")
	wide := newKey("wide")
	wide.Shape.Preset = "mail"
	_, err = w.CreateAPIKey(ctx, who, wide, "")
	refusedAs(t, "more than the caller holds", err, api.CodeGrantExceedsCaller, "scopes")
	presets, groups, err := w.Shapes(ctx, who)
	if err != nil || len(presets) != 5 || len(groups) != len(w.platforms["sendgrid"].Groups) {
		t.Errorf("the shapes are %d presets, %d groups, %v", len(presets), len(groups), err)
	}
}

func TestScopes_AutomaticOnesAreShownApartAndNeverAskedFor(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, builtin(t, "sendgrid")...)
	a := w.tenant("sendgrid", "")
	added := []string{"2fa_required", "sender_verification_eligible"}
	k := a.key(newKey("ci", "mail.send"))
	same(t, "automatic", k.Automatic, added)
	same(t, "scopes", k.Scopes, []string{"mail.send"})
	same(t, "effective", k.Effective, []string{"mail.send"})
	for _, name := range w.platforms["sendgrid"].Automatic.Names {
		_, err := w.CreateAPIKey(ctx, a.asOwner(), newKey("x", "mail.send", name), "")
		refusedAs(t, "create with "+name, err, api.CodeValidationFailed, "scopes")
		contains(t, err, "is added by SendGrid itself")
		_, err = w.UpdateAPIKey(ctx, a.asOwner(), k.ID, keyring.APIKeyChange{Scopes: []string{name}}, nil)
		refusedAs(t, "update with "+name, err, api.CodeValidationFailed, "scopes")
	}
	_, err := w.Verify(ctx, a.asOwner(), keyring.Presented{Secret: k.Secret}, added[:1])
	refusedAs(t, "asked for", err, api.CodeValidationFailed, "scopes")
	v := a.verdict("verify", k.Secret, api.VerifyValid, "mail.send")
	same(t, "the verification's effective scopes", v.Effective, []string{"mail.send"})
	postern := w.tenant("postern", "")
	if got := postern.key(newKey("ci", "read")); len(got.Automatic) != 0 {
		t.Errorf("elsewhere there are %v", got.Automatic)
	}
}

func TestScopes_WhereThePlatformFixesThemNothingElseIsTaken(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, builtin(t, "mailchannels", "dotdigital")...)
	m, d := w.tenant("mailchannels", ""), w.tenant("dotdigital", "")
	one := m.sub("one")
	same(t, "left out", one.key(newKey("")).Scopes, []string{"api"})
	k := one.key(newKey("", "api"))
	same(t, "the same", k.Scopes, []string{"api"})
	_, err := w.CreateAPIKey(ctx, m.asOwner(), newKey(""), "")
	refusedAs(t, "the account's own choose", err, api.CodeValidationFailed, "scopes")
	for _, other := range [][]string{{"inbound"}, {"api", "inbound"}, {"nothing"}} {
		_, err := w.CreateAPIKey(ctx, one.asParent(), newKey("", other...), "")
		refusedAs(t, "others", err, api.CodeUnsupported, "scopes")
		contains(t, err, `exactly "api"`)
	}
	_, err = w.UpdateAPIKey(ctx, one.asParent(), k.ID, keyring.APIKeyChange{Scopes: []string{"inbound"}}, nil)
	refusedAs(t, "changed", err, api.CodeUnsupported, "scopes")
	m.none("the same", func() error {
		_, err := w.UpdateAPIKey(ctx, one.asParent(), k.ID, keyring.APIKeyChange{Scopes: []string{"api"}}, nil)
		if err != nil {
			t.Errorf("the same: %v", err)
		}
		return err
	})
	m.verdict("it holds", k.Secret, api.VerifyValid, "api")
	m.verdict("and no more", k.Secret, api.VerifyMissingScope, "inbound")
	v, err := w.Account(ctx, w.as(k.Secret))
	if err != nil || v.Rules.FixedScopes == nil || !slices.Equal(*v.Rules.FixedScopes, []string{"api"}) || v.Rules.EditScopes {
		t.Errorf("its rules are %+v, %v", v.Rules, err)
	}
	user := d.key(apiUser("ci"))
	same(t, "an API user's", user.Scopes, []string{})
	wrong := apiUser("x")
	wrong.Scopes = []string{"api"}
	_, err = w.CreateAPIKey(ctx, d.asOwner(), wrong, "")
	refusedAs(t, "an API user with scopes", err, api.CodeUnsupported, "scopes")
	contains(t, err, "have no scopes")
}

// TestSubaccount_WhatStaysIsNotJudgedAgain starts the server with a lower limit.
func TestSubaccount_WhatStaysIsNotJudgedAgain(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, small(t))
	a := w.tenant("small", "")
	one := a.sub("one")
	one.change(keyring.SubaccountChange{ChangeLimit: true, APIKeyLimit: ptr(3)})
	one.key(newKey("a", "send"))
	one.key(newKey("b", "send"))
	lower := *w.platforms["small"]
	rules := *lower.Subaccounts
	rules.KeyLimit = ptr(1)
	lower.Subaccounts = &rules
	w.platforms["small"] = &lower
	w.openAgain()
	_, err := w.CreateAPIKey(ctx, one.asParent(), newKey("c", "send"), "")
	refusedAs(t, "beyond the platform's limit", err, api.CodeLimitReached)
	contains(t, err, "its limit is 1")
	if v := one.change(keyring.SubaccountChange{Status: ptr(api.SubaccountSuspended)}); *v.Limit != 1 || *v.APIKeyLimit != 3 {
		t.Errorf("suspended, its limit is %d of %d", *v.APIKeyLimit, *v.Limit)
	}
	_, err = w.UpdateSubaccount(ctx, a.asOwner(), "one", keyring.SubaccountChange{ChangeLimit: true, APIKeyLimit: ptr(2)}, nil)
	refusedAs(t, "a limit above", err, api.CodeValidationFailed, "apikey_limit")
}
