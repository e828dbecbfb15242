package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

// How long a sub-account that is to go waits for the next of its keys to go, and how often
// it looks.
const (
	keysGoWithin = 5 * time.Second
	looksForKeys = 300 * time.Millisecond
)

// remove deletes a sub-account. Terraform destroys it at the same time as its keys where
// none of them refers to it, and the service refuses that while there is one. So a refusal
// counts only when no key has gone for a while: what it says changes with each.
func (r *subaccountResource) remove(ctx context.Context, handle string, withKeys bool) error {
	var said string
	var since time.Time
	for {
		err := r.backend.Subaccounts().Delete(ctx, handle, withKeys)
		failed, ok := errors.AsType[*backend.Error](err)
		if !ok || failed.Fields["delete_apikeys"] == "" {
			return err
		}
		if now := failed.Message + failed.Fields["delete_apikeys"]; now != said {
			said, since = now, time.Now()
		}
		if time.Since(since) > keysGoWithin {
			told := *failed
			told.Message += " For that, set delete_apikeys_on_destroy to true and apply it before the destroy. " +
				"Keys that Terraform manages go first where they refer to the sub-account, by subaccount = postern_subaccount.NAME.handle."
			return &told
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for its keys to go: %w", context.Cause(ctx))
		case <-time.After(looksForKeys):
		}
	}
}
