package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// nextRelease is the variable whose change asks for a new secret.
const nextRelease = "-var=release=2"

// These are the steps of a key that gets a new secret under its id.

func (t *tour) planRotation(ctx context.Context) error {
	if t.platform.password {
		t.choosePassword()
	}
	if _, err := t.tools.plan(ctx, nextRelease); err != nil {
		return err
	}
	c, err := t.tools.planned(ctx)
	if err != nil {
		return err
	}
	switch {
	case !c.is("update"):
		return fmt.Errorf("the plan does not change the key in place, it says %v", c.Actions)
	case c.After.ID != t.key.ID:
		return errors.New("the plan does not keep the key's id")
	case c.Before.SecretVersion != 1 || c.After.SecretVersion != 2:
		return fmt.Errorf("the plan says secret_version %d -> %d and not 1 -> 2", c.Before.SecretVersion, c.After.SecretVersion)
	case !strings.Contains(c.After.RotationReason, "release"):
		return fmt.Errorf("the plan gives the reason %q, which does not name what changed", c.After.RotationReason)
	}
	t.narrator.say("after a change, release = 2: secret_version 1 -> 2 in place, the id stays")
	t.narrator.say("rotation_reason: %s", c.After.RotationReason)
	return nil
}

func (t *tour) applyRotation(ctx context.Context) error {
	before := t.key
	if err := t.apply(ctx); err != nil {
		return err
	}
	switch {
	case t.key.ID != before.ID || t.key.Username != before.Username:
		return errors.New("the key's id or its username has changed")
	case t.key.SecretVersion != 2:
		return fmt.Errorf("the key has secret_version %d and not 2", t.key.SecretVersion)
	case t.key.Secret == before.Secret:
		return errors.New("the secret is still the old one")
	}
	t.old = before.caller()
	t.narrator.say("the same %s %s, secret_version 2 (%s)", t.platform.noun(), t.key.ID, t.key.mark())
	return nil
}

func (t *tour) useBoth(ctx context.Context) error {
	p := t.platform
	if _, err := t.expect(ctx, http.StatusNoContent, p.granted, t.key.caller()); err != nil {
		return fmt.Errorf("with the new secret: %w", err)
	}
	t.narrator.say("204 with the new %s", p.proof())
	ends, err := time.Parse(time.RFC3339, t.key.PreviousSecretExpiresAt)
	if err != nil {
		return fmt.Errorf("the state does not say when the old secret ends: %w", err)
	}
	if !p.hasOverlap() {
		if _, err := t.expect(ctx, http.StatusUnauthorized, p.granted, t.old); err != nil {
			return fmt.Errorf("with the old secret: %w", err)
		}
		t.narrator.say("401 with the old %s: this platform has no overlap, it ended at %s", p.proof(), ends.Format(time.RFC3339))
		return nil
	}
	if _, err := t.expect(ctx, http.StatusNoContent, p.granted, t.old); err != nil {
		return fmt.Errorf("with the old secret, in its overlap: %w", err)
	}
	known, err := t.gateway.ends(ctx, t.old.secret)
	if err != nil {
		return err
	}
	if !known.Equal(ends) || !ends.After(time.Now()) {
		return fmt.Errorf("the server says that the old secret ends at %s, the state says %s", known, ends)
	}
	t.narrator.say("204 with the old secret too, in its overlap until %s", ends.Format(time.RFC3339))
	return nil
}
