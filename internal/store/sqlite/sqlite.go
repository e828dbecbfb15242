// Package sqlite keeps the domain's records in one SQLite file. It is written
// through one connection and read through several; what Update acknowledges is
// on the disk. Several processes may open the same file on one machine.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// Store is a keyring.Store in one SQLite file.
type Store struct {
	path    string
	files   *files
	reserve *reserve
	health  health
	lookups *pool // for single records only, so that no list is ever before one of them
	lists   *pool
	writers *pool // of one connection
	reach   int   // of a page of a list
}

var _ keyring.Store = (*Store)(nil)

// Open opens the database at path, makes it when there is none, and brings its
// schema up to date. The folder must exist. The database is readable by its
// owner only; whoever opens a file of another program, or of a newer version
// of this one, gets an error and the file stays as it is.
func Open(ctx context.Context, path string) (*Store, error) {
	s, err := open(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("opening store %s: %w", path, err)
	}
	return s, nil
}

func open(ctx context.Context, path string) (*Store, error) {
	if err := prepareFile(path); err != nil {
		return nil, err
	}
	r := newReserve(path)
	for {
		s, err := openFile(ctx, path, r)
		if err == nil || !mayBeFull(err) || !r.isDiskFull() {
			return s, explain(err)
		}
		// SQLite itself needs a little space to open a database, and on a full disk
		// the database must be opened to revoke anything.
		if gave, gaveErr := r.giveUp(keyring.TakesPower); !gave {
			return nil, errors.Join(fmt.Errorf("%w: the disk is full; free space: %w", keyring.ErrFull, err), gaveErr)
		}
	}
}

func openFile(ctx context.Context, path string, r *reserve) (*Store, error) {
	if err := patiently(ctx, func() error { return inspectOrRecover(ctx, path) }); err != nil {
		return nil, err
	}
	opened, err := newFiles(path)
	if err != nil {
		return nil, err
	}
	writing, err := sql.Open(driverName, dsn(path, writeSettings))
	if err != nil {
		return nil, err
	}
	if err := patiently(ctx, func() error { return migrate(ctx, writing) }); err != nil {
		return nil, errors.Join(err, writing.Close())
	}
	looking, err := sql.Open(driverName, dsn(path, readSettings))
	if err != nil {
		return nil, errors.Join(err, writing.Close())
	}
	listing, err := sql.Open(driverName, dsn(path, readSettings))
	if err != nil {
		return nil, errors.Join(err, looking.Close(), writing.Close())
	}
	s := &Store{
		path: path, files: opened, reserve: r, writers: newPool(writing, 1, opened),
		lookups: newPool(looking, lookupConnections(), opened), lists: newPool(listing, listConnections(), opened), reach: pageReach,
	}
	s.writers.opened = s.limit
	// The first connection of the pool holds the files that were just brought up to
	// date, and from here on the two are compared.
	c, err := s.writers.get(ctx)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.writers.put(c, true)
	return s, nil
}

// lookupConnections is how many look-ups run at a time: reading is work for a
// processor as long as the pages are in memory, and waits for a disk when not.
func lookupConnections() int { return max(4, 2*runtime.GOMAXPROCS(0)) }

// listConnections is how many lists run at a time: no more than leave half of the
// processors to all else, but two, so that one long list does not hold up all others.
func listConnections() int { return max(2, runtime.GOMAXPROCS(0)/2) }

// Close waits for every transaction in progress and closes the database. Calls
// after it answer keyring.ErrUnavailable.
func (s *Store) Close() error {
	if err := errors.Join(s.lookups.close(), s.lists.close(), s.writers.close()); err != nil {
		return fmt.Errorf("closing store %s: %w", s.path, err)
	}
	return nil
}

// LimitPages keeps the database from growing past n pages, or past what it has
// when that is more; 0 lifts the limit. A write that needs more fails as it
// does on a full disk, by SQLite's own SQLITE_FULL, and that is what it is
// for: tests meet a full disk without filling one. Behind the limit lies a reserve
// of pages as behind a full disk the space that is kept back. The limit is not stored.
func (s *Store) LimitPages(ctx context.Context, n int) error {
	c, err := s.writers.get(ctx)
	if err != nil {
		return coded(err)
	}
	if n > 0 {
		var have int
		if err := c.QueryRowContext(ctx, "PRAGMA page_count").Scan(&have); err != nil {
			s.writers.put(c, false)
			return coded(err)
		}
		n = max(n, have)
	}
	s.reserve.limit(n)
	err = s.limit(ctx, c)
	s.writers.put(c, err == nil)
	return coded(err)
}

// limit puts the limit on a connection: SQLite keeps it there only.
func (s *Store) limit(ctx context.Context, c *conn) error {
	n := int64(s.reserve.pageLimit())
	if n <= 0 {
		n = 0xfffffffe // SQLite's own limit
	}
	_, err := c.ExecContext(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", n))
	return err
}
