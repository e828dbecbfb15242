package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// secondKey is one that the Go client makes, so that Terraform sees no change of
// its own key.
type secondKey struct {
	id string
	caller
}

// secondName is what people call it.
const secondName = "nightly-report"

func (t *tour) makeSecond(ctx context.Context) error {
	in := api.CreateAPIKey{Name: secondName, Scopes: t.platform.second}
	if t.platform.password {
		in.Secret = api.NewSecret(t.newPassword())
	}
	issued, err := t.client.APIKeys.Create(ctx, in)
	if err != nil {
		return fmt.Errorf("creating the second key: %w", err)
	}
	t.secrets.add(issued.Secret.Reveal())
	t.second = secondKey{id: issued.ID, caller: caller{username: issued.Username, secret: issued.Secret.Reveal()}}
	if !in.Secret.IsZero() {
		t.second.secret = in.Secret.Reveal()
	}
	t.narrator.say("the Go client makes another %s, %s, for the steps that need no Terraform", t.platform.noun(), secondName)
	return nil
}

// useSecond asks whether the second key is good for what it is used for.
func (t *tour) useSecond(ctx context.Context, want int) error {
	if _, err := t.expect(ctx, want, t.platform.secondUse(), t.second.caller); err != nil {
		return fmt.Errorf("with the second key: %w", err)
	}
	return nil
}

func (t *tour) editSecond(ctx context.Context) error {
	p := t.platform
	if p.added == "" {
		// It is a choice that this key does not have, whatever it asks for.
		_, err := t.client.APIKeys.Update(ctx, t.second.id, api.UpdateAPIKey{Scopes: []string{"inbound"}})
		if err := t.tellRefusal("changing the scopes", err); err != nil {
			return err
		}
		return t.useSecond(ctx, http.StatusNoContent)
	}
	if err := t.useSecond(ctx, http.StatusForbidden); err != nil {
		return err
	}
	if err := t.giveSecond(ctx, append(slices.Clone(p.second), p.added)); err != nil {
		return err
	}
	if err := t.useSecond(ctx, http.StatusNoContent); err != nil {
		return err
	}
	t.narrator.say("403 for %s; it is added to the key's scopes, the secret stays: 204", p.added)
	return nil
}

// giveSecond sets the scopes of the second key.
func (t *tour) giveSecond(ctx context.Context, scopes []string) error {
	if _, err := t.client.APIKeys.Update(ctx, t.second.id, api.UpdateAPIKey{Scopes: scopes}); err != nil {
		return fmt.Errorf("changing the scopes: %w", err)
	}
	return nil
}

func (t *tour) turnSecond(ctx context.Context) error {
	off, on := false, true
	_, err := t.client.APIKeys.Update(ctx, t.second.id, api.UpdateAPIKey{Enabled: &off})
	if !t.platform.disable {
		return t.tellRefusal("turning the key off", err)
	}
	if err != nil {
		return fmt.Errorf("turning the key off: %w", err)
	}
	if err := t.useSecond(ctx, http.StatusUnauthorized); err != nil {
		return err
	}
	if _, err := t.client.APIKeys.Update(ctx, t.second.id, api.UpdateAPIKey{Enabled: &on}); err != nil {
		return fmt.Errorf("turning the key on: %w", err)
	}
	if err := t.useSecond(ctx, http.StatusNoContent); err != nil {
		return err
	}
	t.narrator.say("401 while it is turned off, 204 once it is on again")
	return nil
}

// expireSecond waits for the next whole second but one: times of a key are in whole
// seconds, and one in the past is refused.
func (t *tour) expireSecond(ctx context.Context) error {
	at := time.Now().Add(2 * time.Second).Truncate(time.Second)
	_, err := t.client.APIKeys.Update(ctx, t.second.id, api.UpdateAPIKey{ExpiresAt: api.SetTime(&at)})
	if !t.platform.expiry {
		return t.tellRefusal("setting expires_at", err)
	}
	if err != nil {
		return fmt.Errorf("setting expires_at: %w", err)
	}
	if err := t.useSecond(ctx, http.StatusNoContent); err != nil {
		return err
	}
	select {
	case <-time.After(time.Until(at.Add(50 * time.Millisecond))):
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if err := t.useSecond(ctx, http.StatusUnauthorized); err != nil {
		return err
	}
	issued, err := t.client.APIKeys.Rotate(ctx, t.second.id, api.RotateAPIKey{ExpiresAt: api.SetTime(nil)})
	if err != nil {
		return fmt.Errorf("renewing the key: %w", err)
	}
	t.secrets.add(issued.Secret.Reveal())
	t.second.secret = issued.Secret.Reveal()
	if err := t.useSecond(ctx, http.StatusNoContent); err != nil {
		return err
	}
	t.narrator.say("204 until its expires_at, 401 from then on; a rotation renews it: 204")
	return nil
}

func (t *tour) deleteSecond(ctx context.Context) error {
	if err := t.client.APIKeys.Delete(ctx, t.second.id); err != nil {
		return fmt.Errorf("deleting the second key: %w", err)
	}
	if err := t.useSecond(ctx, http.StatusUnauthorized); err != nil {
		return err
	}
	t.narrator.say("%s is deleted by the Go client: 401", secondName)
	return nil
}
