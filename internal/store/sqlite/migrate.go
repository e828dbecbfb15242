package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"
	codes "modernc.org/sqlite/lib"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// applicationID is "Pstn", the mark that the first migration puts on the file.
const applicationID = 0x5073746e

func migrations(db *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return nil, err
	}
	// The registry is for Go code to fill from anywhere; here only the files count.
	return goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
}

// latest is the schema that this program knows.
func latest(p *goose.Provider) int64 {
	all := p.ListSources()
	return all[len(all)-1].Version
}

// inspect refuses a database that this program must not touch, through a
// connection that cannot write.
func inspect(ctx context.Context, path string) (err error) {
	db, err := sql.Open(driverName, dsn(path, inspectSettings))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	p, err := migrations(db)
	if err != nil {
		return err
	}
	var ours, others, id int64
	const count = `SELECT count(*) FILTER (WHERE name = ?1), count(*) FILTER (WHERE name <> ?1 AND name NOT LIKE 'sqlite\_%' ESCAPE '\') FROM sqlite_schema WHERE type = 'table'`
	if err := db.QueryRowContext(ctx, count, goose.DefaultTablename).Scan(&ours, &others); err != nil {
		return err
	}
	if err := db.QueryRowContext(ctx, `PRAGMA application_id`).Scan(&id); err != nil {
		return err
	}
	if others > 0 && id != applicationID {
		return errors.New("it is the database of another program; name another path")
	}
	if ours == 0 {
		return nil
	}
	have, err := version(ctx, db)
	if err != nil {
		return err
	}
	if have > latest(p) {
		return fmt.Errorf("its schema has version %d and this program knows versions up to %d; use the newer postern that has written it. Nothing was changed", have, latest(p))
	}
	return nil
}

// version is the schema of a database, 0 before the first migration.
func version(ctx context.Context, db *sql.DB) (int64, error) {
	var v int64
	err := db.QueryRowContext(ctx, `SELECT coalesce(max(version_id), 0) FROM `+goose.DefaultTablename+` WHERE is_applied`).Scan(&v)
	return v, err
}

// patiently repeats what found the database busy. SQLite's own busy timeout does not
// cover all of a start: the change to a write-ahead log, and a read that turns into
// a write after another process wrote, fail at once.
func patiently(ctx context.Context, do func() error) error {
	const pause, patience = 20 * time.Millisecond, 5 * time.Second
	for started := time.Now(); ; {
		err := do()
		if code := primary(resultCode(err)); code != codes.SQLITE_BUSY && code != codes.SQLITE_LOCKED || time.Since(started) > patience {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
	}
}

// migrate brings the schema up to date. Of two processes that start on one file
// at the same time, one finds that the other was faster: what it wanted to do
// fails, and is done.
func migrate(ctx context.Context, db *sql.DB) error {
	db.SetMaxOpenConns(1)
	var mode string
	if err := db.QueryRowContext(ctx, `PRAGMA journal_mode`).Scan(&mode); err != nil {
		return err
	}
	if mode != "wal" {
		return fmt.Errorf("its file system cannot hold SQLite's write-ahead log (the journal mode stays %q); use a local disk", mode)
	}
	p, err := migrations(db)
	if err != nil {
		return err
	}
	for before := int64(-1); ; {
		_, failed := p.Up(ctx)
		if failed == nil {
			return nil
		}
		now, err := version(ctx, db)
		if err != nil || now == before {
			return fmt.Errorf("migrating the schema: %w", failed)
		}
		before = now
	}
}
