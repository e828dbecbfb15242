package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/postern-dev/terraform-provider-postern/client"
	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// These are the steps of a key that keeps its secret, so that a new key takes its
// place.

func (t *tour) planReplacement(ctx context.Context) error {
	_, err := t.client.APIKeys.Rotate(ctx, t.key.ID, api.RotateAPIKey{})
	why, err := refused(err, api.CodeUnsupported)
	if err != nil {
		return fmt.Errorf("rotating the key: %w", err)
	}
	t.narrator.say("a rotation is refused: %s", why)
	if _, err := t.tools.plan(ctx, nextRelease); err != nil {
		return err
	}
	c, err := t.tools.planned(ctx)
	if err != nil {
		return err
	}
	if !slices.Equal(c.Actions, []string{"create", "delete"}) {
		return fmt.Errorf("the plan does not make the new key before it deletes the old one, it says %v", c.Actions)
	}
	t.narrator.say("so after a change, release = 2: a new key, and after that the old one goes")
	return nil
}

func (t *tour) applyReplacement(ctx context.Context) error {
	before := t.key
	if err := t.apply(ctx); err != nil {
		return err
	}
	if t.key.ID == before.ID || t.key.Secret == before.Secret {
		return errors.New("the key or its secret is still the old one")
	}
	t.old = before.caller()
	made, err := t.happened(ctx, "apikey.create", t.key.ID)
	if err != nil {
		return err
	}
	gone, err := t.happened(ctx, "apikey.delete", before.ID)
	if err != nil {
		return err
	}
	if made >= gone {
		return fmt.Errorf("the new key was made by record %d, after the old one was deleted by record %d", made, gone)
	}
	t.narrator.say("key %s (%s)", t.key.ID, t.key.mark())
	t.narrator.say("the audit trail has it before the deletion of %s", before.ID)
	return nil
}

// happened finds when something was done to a key: its place in the audit trail.
func (t *tour) happened(ctx context.Context, action, id string) (int64, error) {
	page, err := t.client.AuditEvents.List(ctx, client.ListAuditEvents{Action: action, Target: id})
	if err != nil {
		return 0, fmt.Errorf("reading the audit trail: %w", err)
	}
	if len(page.Items) != 1 || page.Items[0].Outcome != api.OutcomeAllowed {
		return 0, fmt.Errorf("the audit trail has %d records of %s of %s, and not one", len(page.Items), action, id)
	}
	return page.Items[0].Seq, nil
}

func (t *tour) useReplaced(ctx context.Context) error {
	if _, err := t.expect(ctx, http.StatusNoContent, t.platform.granted, t.key.caller()); err != nil {
		return fmt.Errorf("with the new key: %w", err)
	}
	if _, err := t.expect(ctx, http.StatusUnauthorized, t.platform.granted, t.old); err != nil {
		return fmt.Errorf("with the old key: %w", err)
	}
	t.narrator.say("204 with the new key, 401 with the old one")
	return nil
}
