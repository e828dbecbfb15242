package server

import (
	"context"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// serveLockFile is locked while a server runs on the data folder. The lock ends with its
// process, however that ends; the file stays.
const serveLockFile = "serve.lock"

// neighbourEvery is how often a second server looks whether the first one is gone.
const neighbourEvery = 10 * time.Second

// CountsDouble is what is not true any more when two servers run on one data folder.
const CountsDouble = "request limits and the blocks after wrong keys are counted by each server for itself, so a caller gets them once from each"

// neighbour finds out whether another server runs on the data folder. It keeps no one
// from serving: keys, revocations and records are right with several.
type neighbour struct {
	lock *flock.Flock
	met  bool // another server ran here at the start
	log  *slog.Logger
}

// meetNeighbour looks for another server and says so in the log. Where a file system has
// no locks, it says that it cannot know: that is no reason not to serve.
func meetNeighbour(d Data, log *slog.Logger) *neighbour {
	n := &neighbour{lock: flock.New(filepath.Join(d.Dir, serveLockFile), flock.SetPermissions(fileMode)), log: log}
	alone, err := n.lock.TryLock()
	switch {
	case err != nil:
		log.Warn("cannot tell whether another server runs on this data folder", "data_dir", d.Dir, "cause", err.Error())
	case !alone:
		n.met = true
		log.Warn("another server runs on this data folder: "+CountsDouble, "data_dir", d.Dir)
	}
	return n
}

// run takes the lock over from a server that has ended, so that the next one to start is
// told of this one.
func (n *neighbour) run(ctx context.Context) {
	if !n.met {
		return
	}
	again := time.NewTicker(neighbourEvery)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-again.C:
		}
		if got, err := n.lock.TryLock(); got && err == nil {
			n.log.Info("the other server on this data folder has ended")
			return
		}
	}
}

// Close gives up the lock.
func (n *neighbour) Close() error { return n.lock.Close() }
