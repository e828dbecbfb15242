package main

import (
	"context"
	"net/http"
	"slices"
	"strings"
)

// restart ends the server and starts it anew on the same folder and address.
func (t *tour) restart(ctx context.Context) error {
	if err := t.server.stop(); err != nil {
		return err
	}
	t.pastLog = slices.Concat(t.pastLog, t.server.log.Bytes())
	listen := strings.TrimPrefix(t.server.endpoint, "http://")
	var err error
	if t.server, err = startServer(ctx, t.program, t.dataDir(), listen); err != nil {
		return err
	}
	if _, err := t.expect(ctx, http.StatusNoContent, t.platform.granted, t.key.caller()); err != nil {
		return err
	}
	t.narrator.say("the server was asked to end, and started anew: still 204")
	return nil
}
