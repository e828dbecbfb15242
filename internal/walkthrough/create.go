package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// These are the first steps of the key's life.

func (t *tour) planCreate(ctx context.Context) error {
	if _, err := t.tools.plan(ctx); err != nil {
		return err
	}
	c, err := t.tools.planned(ctx)
	if err != nil {
		return err
	}
	p := t.platform
	want := p.scopes()
	if p.implied != "" {
		want = append(want, p.implied)
	}
	slices.Sort(want)
	switch {
	case !c.is("create"):
		return fmt.Errorf("the plan does not create the key, it says %v", c.Actions)
	case !slices.Equal(c.After.Scopes, p.scopes()):
		return fmt.Errorf("the plan asks for %v and not for %v", c.After.Scopes, p.scopes())
	case !slices.Equal(c.After.EffectiveScopes, want):
		return fmt.Errorf("the plan says that the key grants %v and not %v", c.After.EffectiveScopes, want)
	case c.After.SecretVersion != 1:
		return fmt.Errorf("the plan says secret_version %d and not 1", c.After.SecretVersion)
	}
	switch {
	case p.granted == "":
		t.narrator.say("one new %s, without scopes: on this platform it may do all that the API can", p.noun())
	case p.implied == "":
		t.narrator.say("one new %s: it asks for %s and grants just that", p.noun(), p.granted)
	default:
		t.narrator.say("one new %s: it asks for %s and really grants %s", p.noun(), p.granted, strings.Join(want, " and "))
	}
	return nil
}

func (t *tour) applyCreate(ctx context.Context) error {
	if err := t.apply(ctx); err != nil {
		return err
	}
	if t.key.SecretVersion != 1 {
		return fmt.Errorf("the new key has secret_version %d and not 1", t.key.SecretVersion)
	}
	t.narrator.say("%s %s, secret_version 1 (%s)", t.platform.noun(), t.key.ID, t.key.mark())
	return nil
}

// apply applies the saved plan and reads the key from the state.
func (t *tour) apply(ctx context.Context) error {
	if err := t.tools.apply(ctx); err != nil {
		return err
	}
	key, err := t.tools.key(ctx)
	switch {
	case err != nil:
		return err
	case key.ID == "":
		return errors.New("the state holds no id of the key")
	case t.platform.password && (key.Secret != "" || key.Username == ""):
		return errors.New("the state holds a password, or no username")
	case t.platform.password:
		key.Secret = t.password
	case key.Secret == "":
		return errors.New("the state holds no secret of the key")
	}
	t.secrets.add(key.Secret)
	t.key = key
	return nil
}

func (t *tour) useFirst(ctx context.Context) error {
	p := t.platform
	if p.granted == "" {
		return t.useWithoutScopes(ctx)
	}
	if _, err := t.expect(ctx, http.StatusNoContent, p.granted, t.key.caller()); err != nil {
		return err
	}
	t.narrator.say("204 for %s, which it was given", p.granted)
	if p.implied != "" {
		if _, err := t.expect(ctx, http.StatusNoContent, p.implied, t.key.caller()); err != nil {
			return err
		}
		t.narrator.say("204 for %s, which %s implies", p.implied, p.granted)
	}
	got, err := t.expect(ctx, http.StatusForbidden, p.lacking, t.key.caller())
	if err != nil {
		return err
	}
	if got.body != p.refusal {
		return fmt.Errorf("the answer for %s is %s and not %s", p.lacking, got.body, p.refusal)
	}
	t.narrator.say("403 for %s, which it was not given, in the platform's own words:", p.lacking)
	t.narrator.quote(got.body)
	return nil
}

// useWithoutScopes shows that who the caller is decides everything.
func (t *tour) useWithoutScopes(ctx context.Context) error {
	if _, err := t.expect(ctx, http.StatusNoContent, "", t.key.caller()); err != nil {
		return err
	}
	t.narrator.say("204 with the username and the password, by HTTP Basic")
	wrong := t.key.caller()
	wrong.secret += "x"
	got, err := t.expect(ctx, http.StatusUnauthorized, "", wrong)
	if err != nil {
		return err
	}
	if got.body != t.platform.refusal {
		return fmt.Errorf("the answer to a wrong password is %s and not %s", got.body, t.platform.refusal)
	}
	t.narrator.say("401 with a wrong password, in the platform's own words:")
	t.narrator.quote(got.body)
	return nil
}

// expect asks the gateway's question and fails on any other answer.
func (t *tour) expect(ctx context.Context, want int, scope string, c caller) (answer, error) {
	got, err := t.gateway.ask(ctx, scope, c)
	if err != nil {
		return got, err
	}
	if got.status != want {
		return got, fmt.Errorf("the answer for %q is %d and not %d: %s", scope, got.status, want, got.body)
	}
	return got, nil
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
