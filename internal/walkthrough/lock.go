package main

import (
	"context"
	"fmt"
	"net/http"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// lockAfter is how many wrong passwords lock an API user.
const lockAfter = 5

// lockSecond guesses at the second key's password until that is locked.
func (t *tour) lockSecond(ctx context.Context) error {
	if !t.platform.password {
		_, err := t.client.APIKeys.Unlock(ctx, t.second.id)
		return t.tellRefusal("unlocking the key", err)
	}
	wrong := t.second.caller
	wrong.secret += "x"
	for range lockAfter {
		if err := t.status(ctx, api.StatusActive); err != nil {
			return err
		}
		if _, err := t.expect(ctx, http.StatusUnauthorized, "", wrong); err != nil {
			return err
		}
	}
	if err := t.status(ctx, api.StatusLocked); err != nil {
		return err
	}
	if err := t.useSecond(ctx, http.StatusUnauthorized); err != nil {
		return err
	}
	t.narrator.say("%d wrong passwords lock it: 401 with the right one, too", lockAfter)
	if _, err := t.client.APIKeys.Unlock(ctx, t.second.id); err != nil {
		return fmt.Errorf("unlocking: %w", err)
	}
	if err := t.useSecond(ctx, http.StatusNoContent); err != nil {
		return err
	}
	t.narrator.say("after an unlock: 204")
	return nil
}

// status expects the second key to be in this state.
func (t *tour) status(ctx context.Context, want string) error {
	key, err := t.client.APIKeys.Get(ctx, t.second.id)
	if err != nil {
		return fmt.Errorf("reading the second key: %w", err)
	}
	if key.Status != want {
		return fmt.Errorf("the second key is %s and not %s", key.Status, want)
	}
	return nil
}
