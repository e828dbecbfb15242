package provider

import (
	"context"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

// afterInterrupt is how long a request that mints a secret may go on once Terraform was
// interrupted. Terraform waits for it; who does not want to interrupts once more.
const afterInterrupt = time.Minute

// uninterrupted is ctx for a request that mints a secret. An interrupt would break it off
// when the service may have done it already: a key would be left that is in no state,
// or a secret that nobody holds. What comes before it, such as waiting out a limit, asks
// backend.Interruptible.
func uninterrupted(ctx context.Context) (context.Context, context.CancelFunc) {
	out, cancel := context.WithCancel(backend.WithInterrupt(context.WithoutCancel(ctx), ctx))
	stop := context.AfterFunc(ctx, func() {
		select {
		case <-out.Done():
		case <-time.After(afterInterrupt):
			cancel()
		}
	})
	return out, func() { stop(); cancel() }
}
