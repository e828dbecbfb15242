package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/postern-dev/terraform-provider-postern/client"
	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// customer is the handle of a sub-account.
const customer = "acme"

// serveCustomer shows a sub-account from its making to its removal.
func (t *tour) serveCustomer(ctx context.Context) error {
	p, subs := t.platform, t.client.Subaccounts
	_, err := subs.Create(ctx, api.CreateSubaccount{Handle: customer, Name: "Acme Shop"})
	if !p.subaccounts {
		return t.tellRefusal("making a sub-account", err)
	}
	if err != nil {
		return fmt.Errorf("making a sub-account: %w", err)
	}
	in := api.CreateAPIKey{Name: "shop", Scopes: p.scopes()}
	if p.fixedScopes {
		in.Scopes = nil
	}
	issued, err := subs.APIKeys(customer).Create(ctx, in)
	if err != nil {
		return fmt.Errorf("creating a key of the sub-account: %w", err)
	}
	t.secrets.add(issued.Secret.Reveal())
	key := caller{secret: issued.Secret.Reveal()}
	got, err := t.expect(ctx, http.StatusNoContent, p.granted, key)
	if err != nil {
		return err
	}
	if in := got.header.Get("X-Postern-Subaccount"); in != customer {
		return fmt.Errorf("the gateway hears of the sub-account %q and not of %s", in, customer)
	}
	t.narrator.say("%s, a customer, has a key of its own: 204, and the gateway hears whose it is", customer)
	if err := t.suspendCustomer(ctx, key); err != nil {
		return err
	}
	if _, err := refused(subs.Delete(ctx, customer), api.CodeInUse); err != nil {
		return fmt.Errorf("deleting a sub-account that has keys: %w", err)
	}
	if err := subs.Delete(ctx, customer, client.DeleteAPIKeys()); err != nil {
		return fmt.Errorf("deleting the sub-account: %w", err)
	}
	if _, err := t.expect(ctx, http.StatusUnauthorized, p.granted, key); err != nil {
		return err
	}
	if _, err := subs.Get(ctx, customer); !errors.Is(err, client.ErrNotFound) {
		return fmt.Errorf("the deleted sub-account is still there: %w", err)
	}
	t.narrator.say("204 once it is active again, 401 once it is deleted with its key")
	return nil
}

// suspendCustomer stops all keys of the sub-account for a moment.
func (t *tour) suspendCustomer(ctx context.Context, key caller) error {
	set := func(status string) error {
		if _, err := t.client.Subaccounts.Update(ctx, customer, api.UpdateSubaccount{Status: &status}); err != nil {
			return fmt.Errorf("making the sub-account %s: %w", status, err)
		}
		return nil
	}
	if err := set(api.SubaccountSuspended); err != nil {
		return err
	}
	got, err := t.expect(ctx, http.StatusForbidden, t.platform.granted, key)
	if err != nil {
		return err
	}
	if err := set(api.SubaccountActive); err != nil {
		return err
	}
	if _, err := t.expect(ctx, http.StatusNoContent, t.platform.granted, key); err != nil {
		return err
	}
	t.narrator.say("403 while it is suspended, in the platform's own words:")
	t.narrator.quote(got.body)
	return nil
}
