package httpapi

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

const (
	// readyFor is how long a look at the storage answers /readyz, which anybody may
	// ask as often as they like.
	readyFor = time.Second
	// readyWithin bounds one look. A storage that takes longer is not ready.
	readyWithin = 5 * time.Second
)

// readiness looks at the storage, once a moment and for all who ask at the same time.
type readiness struct {
	keyring *keyring.Keyring
	log     *slog.Logger
	flight  singleflight.Group

	mu     sync.Mutex
	looked time.Time
	space  keyring.Space
	err    error
}

// check says whether the storage can be read and written, and how much room it has. A
// caller who leaves does not end the look of the others.
func (r *readiness) check(ctx context.Context) (keyring.Space, error) {
	done := r.flight.DoChan("", func() (any, error) {
		r.look(context.WithoutCancel(ctx))
		return nil, nil //nolint:nilnil // what was seen is kept in r
	})
	select {
	case <-ctx.Done():
		return keyring.SpaceEnough, ctx.Err()
	case <-done:
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.space, r.err
}

func (r *readiness) look(ctx context.Context) {
	r.mu.Lock()
	fresh := !r.looked.IsZero() && time.Since(r.looked) < readyFor
	r.mu.Unlock()
	if fresh {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	err := r.keyring.Ping(ctx)
	space := keyring.SpaceEnough
	if err == nil {
		space, err = r.keyring.Space()
	}
	if err != nil {
		r.log.Warn("not ready", "cause", keyring.Cause(err))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.looked, r.space, r.err = time.Now(), space, err
}
