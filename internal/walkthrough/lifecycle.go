package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// nextRelease is the variable whose change asks for a rotation.
const nextRelease = "-var=release=2"

// These are the steps of the key's life.

func (t *tour) planCreate(ctx context.Context) error {
	if _, err := t.tools.plan(ctx); err != nil {
		return err
	}
	c, err := t.tools.planned(ctx)
	if err != nil {
		return err
	}
	want := []string{t.platform.implied, t.platform.granted}
	slices.Sort(want)
	switch {
	case !c.is("create"):
		return fmt.Errorf("the plan does not create the key, it says %v", c.Actions)
	case !slices.Equal(c.After.Scopes, []string{t.platform.granted}):
		return fmt.Errorf("the plan asks for %v and not for %s", c.After.Scopes, t.platform.granted)
	case !slices.Equal(c.After.EffectiveScopes, want):
		return fmt.Errorf("the plan says that the key grants %v and not %v", c.After.EffectiveScopes, want)
	case c.After.SecretVersion != 1:
		return fmt.Errorf("the plan says secret_version %d and not 1", c.After.SecretVersion)
	}
	t.narrator.say("one new key: it asks for %s and really grants %s", t.platform.granted, strings.Join(want, " and "))
	return nil
}

func (t *tour) applyCreate(ctx context.Context) error {
	if err := t.apply(ctx); err != nil {
		return err
	}
	if t.key.SecretVersion != 1 {
		return fmt.Errorf("the new key has secret_version %d and not 1", t.key.SecretVersion)
	}
	t.narrator.say("key %s, secret_version 1 (%s)", t.key.ID, t.key.SecretHint)
	return nil
}

// apply applies the saved plan and reads the key from the state.
func (t *tour) apply(ctx context.Context) error {
	if err := t.tools.apply(ctx); err != nil {
		return err
	}
	key, err := t.tools.key(ctx)
	if err != nil {
		return err
	}
	if key.ID == "" || key.Secret == "" {
		return errors.New("the state holds no id or no secret of the key")
	}
	t.secrets.add(key.Secret)
	t.key = key
	return nil
}

func (t *tour) useFirst(ctx context.Context) error {
	p := t.platform
	if err := t.expect(ctx, http.StatusNoContent, p.granted, t.key.Secret); err != nil {
		return err
	}
	t.narrator.say("204 for %s, which it was given", p.granted)
	if err := t.expect(ctx, http.StatusNoContent, p.implied, t.key.Secret); err != nil {
		return err
	}
	t.narrator.say("204 for %s, which %s implies", p.implied, p.granted)
	status, body, err := t.gateway.ask(ctx, p.lacking, t.key.Secret)
	if err != nil {
		return err
	}
	if status != http.StatusForbidden || !strings.Contains(body, p.lacking) {
		return fmt.Errorf("the answer for %s is %d %s and not a 403 that names it", p.lacking, status, body)
	}
	t.narrator.say("403 for %s, which it was not given:", p.lacking)
	t.narrator.say("    %s", body)
	return nil
}

// expect asks the gateway's question and fails on any other answer.
func (t *tour) expect(ctx context.Context, want int, scope, secret string) error {
	status, body, err := t.gateway.ask(ctx, scope, secret)
	if err != nil {
		return err
	}
	if status != want {
		return fmt.Errorf("the answer for %s is %d and not %d: %s", scope, status, want, body)
	}
	return nil
}

// searchSecrets shows where secrets are, and where they are not.
func (t *tour) searchSecrets(context.Context) error {
	files, err := t.secrets.below(t.dataDir())
	if err != nil {
		return err
	}
	if n := t.secrets.in(t.server.log.Bytes()); n > 0 {
		return fmt.Errorf("%d secrets are in the server's log", n)
	}
	t.narrator.say("no credential is in the server's %d files, and none in its log", files)
	state, err := os.ReadFile(filepath.Join(t.tools.dir, "terraform.tfstate"))
	if err != nil {
		return fmt.Errorf("reading the state: %w", err)
	}
	if !bytes.Contains(state, []byte(t.key.Secret)) || t.secrets.in(state) != 1 {
		return errors.New("the state holds other secrets than the key's own, or not that one")
	}
	t.narrator.say("the state holds the key's secret in clear text: treat the state as a secret")
	return nil
}

func (t *tour) planNothing(ctx context.Context) error { return t.empty(ctx) }

func (t *tour) planNothingAgain(ctx context.Context) error { return t.empty(ctx, nextRelease) }

// empty expects a plan without changes.
func (t *tour) empty(ctx context.Context, args ...string) error {
	changes, err := t.tools.plan(ctx, args...)
	if err != nil {
		return err
	}
	if changes {
		return errors.New("the plan right after the apply is not empty")
	}
	t.narrator.say("once more, right after the apply: no changes")
	return nil
}

func (t *tour) planRotation(ctx context.Context) error {
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
	case t.key.ID != before.ID:
		return errors.New("the key's id has changed")
	case t.key.SecretVersion != 2:
		return fmt.Errorf("the key has secret_version %d and not 2", t.key.SecretVersion)
	case t.key.Secret == before.Secret:
		return errors.New("the secret is still the old one")
	}
	t.oldSecret = before.Secret
	t.narrator.say("the same key %s, secret_version 2 (%s)", t.key.ID, t.key.SecretHint)
	return nil
}

func (t *tour) useBoth(ctx context.Context) error {
	p := t.platform
	if err := t.expect(ctx, http.StatusNoContent, p.granted, t.key.Secret); err != nil {
		return fmt.Errorf("with the new secret: %w", err)
	}
	t.narrator.say("204 with the new secret")
	ends, err := time.Parse(time.RFC3339, t.key.PreviousSecretExpiresAt)
	if err != nil {
		return fmt.Errorf("the state does not say when the old secret ends: %w", err)
	}
	if !p.hasOverlap() {
		if err := t.expect(ctx, http.StatusUnauthorized, p.granted, t.oldSecret); err != nil {
			return fmt.Errorf("with the old secret: %w", err)
		}
		t.narrator.say("401 with the old secret: this platform has no overlap, it ended at %s", ends.Format(time.RFC3339))
		return nil
	}
	if err := t.expect(ctx, http.StatusNoContent, p.granted, t.oldSecret); err != nil {
		return fmt.Errorf("with the old secret, in its overlap: %w", err)
	}
	known, err := t.gateway.ends(ctx, t.oldSecret)
	if err != nil {
		return err
	}
	if !known.Equal(ends) || !ends.After(time.Now()) {
		return fmt.Errorf("the server says that the old secret ends at %s, the state says %s", known, ends)
	}
	t.narrator.say("204 with the old secret too, in its overlap until %s", ends.Format(time.RFC3339))
	return nil
}

func (t *tour) destroy(ctx context.Context) error {
	c := command{args: []string{"destroy", "-auto-approve", "-input=false", "-no-color"}}
	if _, err := t.tools.run(ctx, c, 0); err != nil {
		return err
	}
	t.narrator.say("the key is deleted")
	return nil
}

func (t *tour) useNone(ctx context.Context) error {
	for _, secret := range []string{t.key.Secret, t.oldSecret} {
		if err := t.expect(ctx, http.StatusUnauthorized, t.platform.granted, secret); err != nil {
			return fmt.Errorf("after the destroy: %w", err)
		}
	}
	t.narrator.say("401 with the new secret, 401 with the old one")
	return nil
}
