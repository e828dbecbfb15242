package server

import (
	"context"
	"log/slog"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// flushEvery is how often counts of use are written. It is what a crash may lose, so
// the guide and api.APIKeyUsage name it too.
const flushEvery = 5 * time.Second

// flushing writes how keys were used and what was denied, until ctx ends. What fails is logged and kept
// for the next time.
type flushing struct {
	keyring *keyring.Keyring
	every   time.Duration
	log     *slog.Logger

	countsFail, denialsFail seldom
}

func (f *flushing) run(ctx context.Context) {
	again := time.NewTicker(f.every)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-again.C:
			f.flush(ctx)
			f.record(ctx, false)
		}
	}
}

// last writes all that is still only counted, at a stop.
func (f *flushing) last(ctx context.Context) {
	f.record(ctx, true)
	f.flush(ctx)
}

// record records the denials that were only counted so far: those whose time has come, or
// all.
func (f *flushing) record(ctx context.Context, all bool) {
	err := f.keyring.FlushDenials(ctx, all)
	if err == nil {
		f.denialsFail.clear()
	} else if ctx.Err() == nil && f.denialsFail.isDue(time.Now()) {
		f.log.Error("denials not recorded; they are kept for the next time", "cause", err.Error())
	}
}

// flush writes what was counted since the last time.
func (f *flushing) flush(ctx context.Context) {
	dropped, err := f.keyring.FlushUsage(ctx)
	if dropped > 0 {
		f.log.Error("counts of use given up, as the storage took none for too long", "uses", dropped)
	}
	if err == nil {
		f.countsFail.clear()
	} else if ctx.Err() == nil && f.countsFail.isDue(time.Now()) {
		f.log.Error("counts of use not written; they are kept for the next time", "cause", err.Error())
	}
}
