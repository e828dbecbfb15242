package main

import (
	"context"
	"fmt"
	"net/http"
)

// These are the last steps.

func (t *tour) destroy(ctx context.Context) error {
	c := command{args: []string{"destroy", "-auto-approve", "-input=false", "-no-color"}}
	if _, err := t.tools.run(ctx, c, 0); err != nil {
		return err
	}
	t.narrator.say("%s destroy: the %s is deleted", t.tools.cli.Name(), t.platform.noun())
	return nil
}

func (t *tour) useNone(ctx context.Context) error {
	for _, gone := range []caller{t.key.caller(), t.old} {
		if _, err := t.expect(ctx, http.StatusUnauthorized, t.platform.granted, gone); err != nil {
			return fmt.Errorf("after the destroy: %w", err)
		}
	}
	t.narrator.say("401 with the new %s, 401 with the old one", t.platform.proof())
	return nil
}

// stop ends the server in order and looks once more for what it must not keep: most
// secrets came after the first search.
func (t *tour) stop(context.Context) error {
	if err := t.server.stop(); err != nil {
		return err
	}
	files, err := t.hidden()
	if err != nil {
		return err
	}
	t.narrator.say("the server was asked to end, and ended without an error")
	t.narrator.say("none of the %d credentials of this walk is in the server's %d files, and none in its log", len(t.secrets.known), files)
	return nil
}
