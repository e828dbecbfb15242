package server

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/store/sqlite"
)

// ResetClock records what this machine's clock shows in a data folder that is there,
// though it recorded a later time. It asks for no pepper and no platform file. A server
// that runs on the folder would record its own time again: it must be stopped.
func ResetClock(ctx context.Context, dir string) (done keyring.ClockReset, err error) {
	if err := mustExist(dir); err != nil {
		return done, err
	}
	store, err := sqlite.Open(ctx, filepath.Join(dir, DatabaseFile))
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return keyring.ResetClock(ctx, store, time.Now)
}
