package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"io"
	"os"

	codes "modernc.org/sqlite/lib"
)

// journalSettings let SQLite roll back what a killed program has begun, and no more.
var journalSettings = settings{mode: "rw", pragmas: []string{"busy_timeout(5000)", "trusted_schema(0)", "query_only(1)"}}

// inspectOrRecover is inspect, which only reads. A kill while the database was being made
// leaves a rollback journal, and before that is rolled back nobody can read it.
func inspectOrRecover(ctx context.Context, path string) error {
	err := inspect(ctx, path)
	if resultCode(err) != codes.SQLITE_READONLY_ROLLBACK || !mayRollBack(path) {
		return err
	}
	if err := rollBackJournal(ctx, path); err != nil {
		return err
	}
	return inspect(ctx, path)
}

func rollBackJournal(ctx context.Context, path string) (err error) {
	db, err := sql.Open(driverName, dsn(path, journalSettings))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var tables int
	return db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema`).Scan(&tables)
}

// mayRollBack reports whether the journal is of our making, as the file of another
// program stays as it is: the database bears our mark, or was empty before the write
// that the journal undoes, so that nothing of anybody's is in it.
func mayRollBack(path string) bool {
	// The places in the files are those of SQLite's file format.
	header := make([]byte, 72)
	if readStart(path, header) && binary.BigEndian.Uint32(header[68:]) == applicationID {
		return true
	}
	journal := make([]byte, 20)
	magic := []byte{0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7}
	return readStart(path+"-journal", journal) && bytes.HasPrefix(journal, magic) && binary.BigEndian.Uint32(journal[16:]) == 0
}

// readStart fills the buffer from the start of the file, and reports whether it could.
func readStart(path string, into []byte) bool {
	f, err := os.Open(path) //nolint:gosec // the operator's own choice of a path
	if err != nil {
		return false
	}
	defer f.Close()
	_, err = io.ReadFull(f, into)
	return err == nil
}
