package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// files are the database, its log and its shared memory, as they lie in the folder and
// as the connections have them open. The two part when somebody removes, renames or
// replaces a file under the running program: SQLite goes on with the open ones, so
// what it commits is gone for everybody else. Both sides are compared around each
// commit and before each read.
type files struct {
	database string

	mu      sync.RWMutex
	main    os.FileInfo   // the database, from Open on
	besides []os.FileInfo // the log and the shared memory; nil while no connection is open
	open    int           // connections

	good atomic.Int64 // when check was last content, in nanoseconds since made; 0 for not
	made time.Time
}

// readsTrust is how long reads take the files for theirs after a look. A look costs a
// seventh of a verification, and a commit always looks.
const readsTrust = 10 * time.Millisecond

// companions end the names of what SQLite keeps beside the database for as long as a
// connection is open.
var companions = []string{"-wal", "-shm"}

func newFiles(database string) (*files, error) {
	info, err := os.Stat(database)
	if err != nil {
		return nil, err
	}
	return &files{database: database, main: info, made: time.Now()}, nil
}

// check reports with keyring.ErrUnavailable what has become of the files.
func (f *files) check() error {
	f.mu.RLock()
	defer f.mu.RUnlock()
	now := int64(time.Since(f.made))
	err := f.compare()
	if err != nil {
		now = 0
	}
	f.good.Store(now)
	return err
}

// checkLately is check for reads: it passes over what was just looked at.
func (f *files) checkLately() error {
	if at := f.good.Load(); at > 0 && int64(time.Since(f.made))-at < int64(readsTrust) {
		return nil
	}
	return f.check()
}

// compare needs the lock.
func (f *files) compare() error {
	if err := compareFile(f.database, f.main,
		"put it back, and the server goes on by itself",
		"restart the server to work with that one"); err != nil {
		return err
	}
	const restart = "stop the server, which saves what only its log holds, and start it again"
	for i, was := range f.besides {
		if err := compareFile(f.database+companions[i], was, "put it back, or "+restart, restart); err != nil {
			return err
		}
	}
	return nil
}

// compareFile reports that a file is no longer the one that it was. The advice is for a
// file that is gone and for one that is another.
func compareFile(path string, was os.FileInfo, gone, replaced string) error {
	now, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: %s was removed or renamed under the running server; %s", keyring.ErrUnavailable, path, gone)
	case err != nil:
		return fmt.Errorf("%w: looking at %s: %w", keyring.ErrUnavailable, path, err)
	case !os.SameFile(was, now):
		return fmt.Errorf("%w: %s is another file than the one that the server has open; %s", keyring.ErrUnavailable, path, replaced)
	}
	return nil
}

// connect runs open, which opens a connection and reads through it. No connection is
// opened to other files than those that the others have: two logs under one
// shared memory would mix.
func (f *files) connect(open func() error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.compare(); err != nil {
		return err
	}
	if err := open(); err != nil {
		return err
	}
	if f.open == 0 {
		f.besides = nil
		for _, end := range companions {
			info, err := os.Stat(f.database + end)
			if err != nil {
				return fmt.Errorf("%w: looking at a file that was just opened: %w", keyring.ErrUnavailable, err)
			}
			f.besides = append(f.besides, info)
		}
	}
	if err := f.compare(); err != nil {
		return err
	}
	f.open++
	return nil
}

// disconnect runs closing, which closes a connection. With the last one SQLite removes
// the log and the shared memory.
func (f *files) disconnect(closing func() error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	err := closing()
	if f.open--; f.open == 0 {
		f.besides = nil
	}
	return err
}
