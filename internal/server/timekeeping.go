package server

import (
	"context"
	"log/slog"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// recordEvery is how often a server looks whether the time is to be recorded. After a
// crash, and with a clock that is set back, what ended within it may work again.
const recordEvery = 5 * time.Second

// sweepEvery is how often secrets whose overlap is over are deleted.
const sweepEvery = time.Minute

// timekeeping records the newest time that is known, and deletes what has ended by it.
// What fails is logged and tried again the next time.
type timekeeping struct {
	keyring *keyring.Keyring
	log     *slog.Logger
}

// run goes on until ctx ends.
func (t timekeeping) run(ctx context.Context) {
	record, sweep := time.NewTicker(recordEvery), time.NewTicker(sweepEvery)
	defer record.Stop()
	defer sweep.Stop()
	t.sweep(ctx)
	for {
		select {
		case <-ctx.Done():
			return
		case <-record.C:
			if t.keyring.NeedsRecordTime() {
				t.record(ctx)
			}
		case <-sweep.C:
			t.sweep(ctx)
		}
	}
}

func (t timekeeping) record(ctx context.Context) {
	if err := t.keyring.RecordTime(ctx); err != nil && ctx.Err() == nil {
		t.log.Error("the time could not be recorded; it is tried again", "cause", keyring.Cause(err))
	}
}

func (t timekeeping) sweep(ctx context.Context) {
	n, err := t.keyring.SweepSecrets(ctx)
	if n > 0 {
		t.log.Info("secrets deleted whose overlap is over", "secrets", n)
	}
	if err != nil && ctx.Err() == nil {
		t.log.Error("secrets whose overlap is over could not be deleted; they do not work, and it is tried again", "cause", keyring.Cause(err))
	}
}
