package keyring_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// TestRule9_NoErrorRepeatsASecretThatWasSentAsAHandleOrAScope mixes up the fields of
// requests about sub-accounts, scopes and users.
func TestRule9_NoErrorRepeatsASecretThatWasSentAsAHandleOrAScope(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, builtin(t, "sendgrid", "dotdigital")...)
	a, g, d := w.tenant("postern", ""), w.tenant("sendgrid", ""), w.tenant("dotdigital", "")
	s := a.key(newKey("ci", "read")).Secret
	fits := secret.From(strings.ToLower(s.Reveal())) // as a handle of the platform
	find := needles{}
	find.add("a key's", s)
	find.add("a small key's", fits)
	who, weak, sg, dd := a.asOwner(), a.delegate("weak", "read"), g.asOwner(), d.asOwner()
	_ = a.sub(strings.Repeat("x", 20))
	before, text := len(a.events()), s.Reveal()
	for what, err := range map[string]error{
		"handle":            second(w.Subaccount(ctx, who, text)),
		"small handle":      second(w.Subaccount(ctx, who, fits.Reveal())),
		"new handle":        second(w.CreateSubaccount(ctx, who, keyring.NewSubaccount{Handle: text, Name: "x"})),
		"status":            second(w.CreateSubaccount(ctx, who, keyring.NewSubaccount{Handle: "abc", Name: "x", Status: text})),
		"status to list":    third(w.Subaccounts(ctx, who, keyring.SubaccountFilter{Status: text, Limit: 1})),
		"cursor":            third(w.Subaccounts(ctx, who, keyring.SubaccountFilter{Cursor: text, Limit: 1})),
		"place":             third(w.APIKeys(ctx, who.In(fits.Reveal()), keyring.APIKeyFilter{Limit: 1})),
		"key in a place":    second(w.APIKey(ctx, who.In(strings.Repeat("x", 20)), text)),
		"denied in a place": second(w.CreateAPIKey(ctx, weak.In(fits.Reveal()), newKey("x", "read"), "")),
		"denied handle":     w.DeleteSubaccount(ctx, weak, text, true, nil),
		"scope":             second(w.UpdateScope(ctx, who, text, keyring.CustomScopeChange{}, nil)),
		"delete scope":      w.DeleteScope(ctx, who, text, nil),
		"new scope":         second(w.CreateScope(ctx, who, keyring.NewScope{Name: text})),
		"denied scope":      w.DeleteScope(ctx, weak, text, nil),
		"audit's place":     third(w.AuditEvents(ctx, who, keyring.AuditFilter{Subaccount: text, Limit: 1})),
		"group":             second(w.CreateAPIKey(ctx, sg, keyring.NewAPIKey{Name: "x", Enabled: true, Shape: keyring.Shape{Access: map[string]string{text: "full"}}}, "")),
		"level":             second(w.CreateAPIKey(ctx, sg, keyring.NewAPIKey{Name: "x", Enabled: true, Shape: keyring.Shape{Access: map[string]string{"mail": text}}}, "")),
		"preset":            second(w.CreateAPIKey(ctx, sg, keyring.NewAPIKey{Name: "x", Enabled: true, Shape: keyring.Shape{Preset: text}}, "")),
		"unlock":            second(w.UnlockAPIKey(ctx, dd, text)),
		"usage":             second(w.APIKeyUsage(ctx, who, text, 1)),
		"address":           second(w.Verify(ctx, who, keyring.Presented{Secret: s, Address: text}, nil)),
	} {
		var refusal *keyring.Error
		if !errors.As(err, &refusal) {
			t.Errorf("%s: got %v", what, err)
		}
		if found := find.in(printed(t, err) + fmt.Sprint(err)); len(found) > 0 {
			t.Errorf("%s: the error holds %s secret", what, found[0])
		}
	}
	if n := len(a.events()) - before; n != 3 {
		t.Errorf("%d denials were recorded, want 3", n)
	}
	if found := find.in(printed(t, a.events(), g.events(), d.events())); len(found) > 0 {
		t.Errorf("the trail holds %s secret", found[0])
	}
	for name, bytes := range w.files() {
		if found := find.in(bytes); len(found) > 0 {
			t.Errorf("%s holds %s secret", name, found[0])
		}
	}
}
