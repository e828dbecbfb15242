package client_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-dev/terraform-provider-postern/client"
	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

// atServer is a client of a real server.
func atServer(t *testing.T, platform string) (*servertest.Server, *client.Client) {
	t.Helper()
	server := servertest.Start(t, servertest.Platform(platform))
	c, err := client.New(server.URL, server.Owner)
	if err != nil {
		t.Fatal(err)
	}
	return server, c
}

func TestReal_Subaccounts(t *testing.T) {
	t.Parallel()
	server, c := atServer(t, "mailchannels")
	ctx := t.Context()
	in := api.CreateSubaccount{Handle: "acme", Name: "Acme"}
	server.LoseAnswers(1, "POST", "/v1/subaccounts")
	sub, err := c.Subaccounts.Create(ctx, in)
	if err != nil || sub.Handle != "acme" {
		t.Fatal(sub, err)
	}
	if _, err := c.Subaccounts.Create(ctx, in); !errors.Is(err, client.ErrConflict) || errors.Is(err, client.ErrUncertain) {
		t.Errorf("twice: %v", err)
	}
	// The server takes it again all the same, so that a retry would make two.
	server.LoseAnswers(1, "POST", "/v1/subaccounts")
	if _, err := c.Subaccounts.Create(ctx, api.CreateSubaccount{Name: "Random"}); !errors.Is(err, client.ErrUncertain) {
		t.Errorf("lost without a handle: %v", err)
	}
	made := 0
	for _, err := range c.Subaccounts.All(ctx, client.ListSubaccounts{}) {
		if err != nil {
			t.Fatal(err)
		}
		made++
	}
	if made != 2 {
		t.Errorf("%d sub-accounts, want 2", made)
	}

	keys := c.Subaccounts.APIKeys("acme")
	key, err := keys.Create(ctx, api.CreateAPIKey{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"api"}, key.Scopes); diff != "" || key.Subaccount != "acme" || key.Name != "" || key.Secret.IsZero() {
		t.Errorf("%+v %s", key.APIKey, diff)
	}
	if _, err := c.APIKeys.Get(ctx, key.ID); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("the account's own keys hold it: %v", err)
	}
	if _, err := keys.Rotate(ctx, key.ID, api.RotateAPIKey{}); !errors.Is(err, client.ErrValidation) {
		t.Errorf("rotated: %v", err)
	}
	events, err := c.AuditEvents.List(ctx, client.ListAuditEvents{Subaccount: sub.ID, Outcome: api.OutcomeAllowed})
	if err != nil || len(events.Items) != 2 {
		t.Errorf("audit: %+v, %v", events, err)
	}

	status := api.SubaccountSuspended
	if sub, err = c.Subaccounts.Update(ctx, "acme", api.UpdateSubaccount{Status: &status}, client.IfMatch(sub.Revision)); err != nil || sub.Status != status {
		t.Fatal(sub, err)
	}
	v, err := c.Verify.Verify(ctx, api.VerifyRequest{Secret: key.Secret})
	if err != nil || v.Code != api.VerifySubaccountSuspended {
		t.Errorf("%+v, %v", v, err)
	}
	var e *client.Error
	if err := c.Subaccounts.Delete(ctx, "acme"); !errors.As(err, &e) || e.Code != api.CodeInUse {
		t.Errorf("with keys: %v", err)
	}
	server.LoseAnswers(1, "DELETE", "/v1/subaccounts")
	if err := c.Subaccounts.Delete(ctx, "acme", client.IfMatch(sub.Revision), client.DeleteAPIKeys()); err != nil {
		t.Error(err)
	}
	if _, err := keys.List(ctx, client.ListAPIKeys{}); !errors.Is(err, client.ErrNotFound) {
		t.Error(err)
	}
}

func TestReal_Passwords(t *testing.T) {
	t.Parallel()
	server, c := atServer(t, "dotdigital")
	ctx := t.Context()
	const first, second = `first "pass\word" 1`, "second-secret-2"
	server.LoseAnswers(1, "POST", "/v1/apikeys")
	user, err := c.APIKeys.Create(ctx, api.CreateAPIKey{Secret: api.NewSecret(first)})
	if err != nil || user.Username == "" || !user.Secret.IsZero() {
		t.Fatal(user, err)
	}
	verdict := func(password string) string {
		t.Helper()
		v, err := c.Verify.Verify(ctx, api.VerifyRequest{Username: user.Username, Secret: api.NewSecret(password)})
		if err != nil {
			t.Fatal(err)
		}
		return v.Code
	}
	if got := verdict(first); got != api.VerifyValid {
		t.Errorf("the first password is %s", got)
	}
	for range 5 {
		verdict("wrong-password-1")
	}
	locked, err := c.APIKeys.List(ctx, client.ListAPIKeys{Status: api.StatusLocked})
	if err != nil || len(locked.Items) != 1 {
		t.Errorf("%+v, %v", locked, err)
	}
	for range 2 { // the second time it is not locked any more
		if key, err := c.APIKeys.Unlock(ctx, user.ID); err != nil || key.Status != api.StatusActive {
			t.Errorf("%+v, %v", key, err)
		}
	}
	if got, err := c.APIKeys.Rotate(ctx, user.ID, api.RotateAPIKey{Secret: api.NewSecret(second)}); err != nil || got.SecretVersion != 2 || !got.Secret.IsZero() {
		t.Fatal(got, err)
	}
	if before, after := verdict(first), verdict(second); before != api.VerifyInvalid || after != api.VerifyValid {
		t.Errorf("after the rotation: %s, %s", before, after)
	}
	_, err = c.APIKeys.Create(ctx, api.CreateAPIKey{Secret: api.NewSecret("onlyletters")})
	if !errors.Is(err, client.ErrValidation) || strings.Contains(err.Error(), "onlyletters") {
		t.Error(err)
	}
}

func TestReal_Scopes_and_usage(t *testing.T) {
	t.Parallel()
	server, c := atServer(t, "postern")
	ctx := t.Context()
	server.LoseAnswers(1, "POST", "/v1/scopes")
	made, err := c.Scopes.Create(ctx, api.CreateScope{Name: "mail:send", Implies: []string{"read"}})
	if err != nil || made.Builtin || made.Revision != 1 {
		t.Fatal(made, err)
	}
	key, err := c.APIKeys.Create(ctx, api.CreateAPIKey{Name: "n", Scopes: []string{"mail:send"}})
	if err != nil {
		t.Fatal(err)
	}
	text := "Sends mail."
	changed, err := c.Scopes.Update(ctx, "mail:send", api.UpdateScope{Description: &text}, client.IfMatch(made.Revision))
	if err != nil || changed.Description != text || changed.APIKeys != 1 {
		t.Errorf("%+v, %v", changed, err)
	}
	if v, err := c.Verify.Verify(ctx, api.VerifyRequest{Secret: key.Secret, Scopes: []string{"read"}}); err != nil || !v.Valid {
		t.Errorf("%+v, %v", v, err)
	}
	usage, err := c.APIKeys.Usage(ctx, key.ID, 7)
	if err != nil || usage.LastUsedAt == nil || !cmp.Equal(usage.UnusedScopes, []string{"mail:send"}) {
		t.Errorf("%+v, %v", usage, err)
	}
	if _, err := c.APIKeys.Usage(ctx, key.ID, 1000); !errors.Is(err, client.ErrValidation) {
		t.Error(err)
	}
	var e *client.Error
	if err := c.Scopes.Delete(ctx, "mail:send"); !errors.As(err, &e) || e.Code != api.CodeInUse {
		t.Errorf("held by a key: %v", err)
	}
	if err := c.Scopes.Delete(ctx, "read"); !errors.As(err, &e) || e.Code != api.CodeScopeBuiltin {
		t.Errorf("built in: %v", err)
	}
	if err := c.APIKeys.Delete(ctx, key.ID); err != nil {
		t.Fatal(err)
	}
	server.LoseAnswers(1, "DELETE", "/v1/scopes/")
	if err := c.Scopes.Delete(ctx, "mail:send"); err != nil {
		t.Error(err)
	}
	_, sendgrid := atServer(t, "sendgrid")
	if shapes, err := sendgrid.Scopes.Shapes(ctx); err != nil || len(shapes.Groups) == 0 {
		t.Errorf("%+v, %v", shapes, err)
	}
}

// A client whose own key is rotated by itself asks again with the secret that it replaced.
func TestReal_OwnRotation(t *testing.T) {
	t.Parallel()
	server, owner := atServer(t, "postern")
	ctx := t.Context()
	made, err := owner.APIKeys.Create(ctx, api.CreateAPIKey{Name: "ci", Scopes: []string{"apikeys:write"}})
	if err != nil {
		t.Fatal(err)
	}
	old, err := client.New(server.URL, made.Secret.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	server.LoseAnswers(2, "POST", "/v1/apikeys/")
	rotated, err := old.APIKeys.Rotate(ctx, made.ID, api.RotateAPIKey{Overlap: "1h"}, client.IfMatch(made.Revision))
	if err != nil || rotated.SecretVersion != 2 || rotated.Secret.IsZero() {
		t.Fatalf("the retry gets no answer: %+v, %v", rotated, err)
	}
	a, err := old.Account.Get(ctx)
	if err != nil || a.Caller.SecretExpiresAt == nil || !a.Caller.SecretExpiresAt.Equal(*rotated.PreviousSecretExpiresAt) {
		t.Errorf("it is not told that its secret ends: %+v, %v", a, err)
	}
	var refused *client.Error
	if _, err := old.APIKeys.Rotate(ctx, made.ID, api.RotateAPIKey{Overlap: "1h"}); !errors.Is(err, client.ErrForbidden) || !errors.As(err, &refused) || refused.Code != api.CodeSecretReplaced {
		t.Errorf("the replaced secret rotates its key: %v", err)
	}
	current, err := client.New(server.URL, rotated.Secret.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	if a, err := current.Account.Get(ctx); err != nil || a.Caller.SecretExpiresAt != nil {
		t.Errorf("the current secret is said to end: %+v, %v", a, err)
	}
	if _, err := current.APIKeys.Rotate(ctx, made.ID, api.RotateAPIKey{}); err != nil {
		t.Errorf("the current secret: %v", err)
	}
}
