package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// customScope is one that the account defines.
const customScope = "invoices:send"

func (t *tour) defineScope(ctx context.Context) error {
	p := t.platform
	in := api.CreateScope{Name: customScope, Description: "Send invoices."}
	if p.openScopes {
		in.Implies = p.scopes()
	}
	_, err := t.client.Scopes.Create(ctx, in)
	if !p.openScopes {
		return t.tellRefusal("defining a scope", err)
	}
	if err != nil {
		return fmt.Errorf("defining a scope: %w", err)
	}
	before := append(slices.Clone(p.second), p.added)
	if err := t.giveSecond(ctx, append(slices.Clone(before), customScope)); err != nil {
		return err
	}
	if _, err := t.expect(ctx, http.StatusNoContent, customScope, t.second.caller); err != nil {
		return err
	}
	t.narrator.say("the account defines %s, which implies %s, and %s gets it: 204", customScope, p.granted, secondName)
	why, err := refused(t.client.Scopes.Delete(ctx, customScope), api.CodeInUse)
	if err != nil {
		return fmt.Errorf("deleting a scope in use: %w", err)
	}
	if !strings.Contains(why, secondName) {
		return fmt.Errorf("the refusal does not name the key: %s", why)
	}
	if err := t.giveSecond(ctx, before); err != nil {
		return err
	}
	if err := t.client.Scopes.Delete(ctx, customScope); err != nil {
		return fmt.Errorf("deleting the scope: %w", err)
	}
	t.narrator.say("deleting it is refused while it %s", why)
	return nil
}
