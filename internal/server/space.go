package server

import (
	"context"
	"log/slog"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// watchEvery is how often a server looks how much room its storage has. The first look
// makes the reserve of a new data folder.
const watchEvery = 5 * time.Second

// spaceWatch logs each change of how much room the storage has.
type spaceWatch struct {
	keyring *keyring.Keyring
	every   time.Duration
	log     *slog.Logger
}

func (s spaceWatch) run(ctx context.Context) {
	again := time.NewTicker(s.every)
	defer again.Stop()
	last, failed := keyring.SpaceEnough, ""
	for {
		space, err := s.keyring.Space()
		switch {
		case err != nil && keyring.Cause(err) != failed:
			failed = keyring.Cause(err)
			s.log.Error("the storage's room is not known", "cause", failed)
		case err == nil && space != last:
			s.report(space)
			last = space
		}
		if err == nil {
			failed = ""
		}
		select {
		case <-ctx.Done():
			return
		case <-again.C:
		}
	}
}

func (s spaceWatch) report(space keyring.Space) {
	switch space {
	case keyring.SpaceFull:
		s.log.Error("the storage is full: only writes that take power away go through, such as revocations; free space on the disk of the data folder")
	case keyring.SpaceNearlyFull:
		s.log.Warn("the storage is nearly full; free space on the disk of the data folder")
	case keyring.SpaceEnough:
		s.log.Info("the storage has room again")
	}
}
