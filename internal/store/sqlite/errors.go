package sqlite

import (
	"database/sql"
	"errors"
	"fmt"

	driver "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// errClosed is the answer to every call after Close.
var errClosed = fmt.Errorf("%w: the store is closed", keyring.ErrUnavailable)

// resultCode returns SQLite's extended result code, or 0 when err is none of
// SQLite's errors.
func resultCode(err error) int {
	var e *driver.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}

// primary returns the primary result code within an extended one.
func primary(code int) int { return code & 0xff }

// coded wraps the domain's error that the result code stands for. The text of an
// error never decides anything.
func coded(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return keyring.ErrNotFound
	}
	if errors.Is(err, sql.ErrConnDone) {
		return fmt.Errorf("%w: %w", keyring.ErrUnavailable, err)
	}
	code := resultCode(err)
	switch code {
	case codes.SQLITE_CONSTRAINT_UNIQUE, codes.SQLITE_CONSTRAINT_PRIMARYKEY:
		return fmt.Errorf("%w: %w", keyring.ErrDuplicate, err)
	case codes.SQLITE_CONSTRAINT_FOREIGNKEY: // what it belongs to is not there
		return fmt.Errorf("%w: %w", keyring.ErrNotFound, err)
	}
	switch primary(code) {
	case codes.SQLITE_FULL:
		return fmt.Errorf("%w: %w", keyring.ErrFull, err)
	case codes.SQLITE_BUSY, codes.SQLITE_LOCKED, codes.SQLITE_IOERR, codes.SQLITE_CANTOPEN,
		codes.SQLITE_READONLY, codes.SQLITE_PROTOCOL: // the last two: what a file system does that fails under a running server
		return fmt.Errorf("%w: %w", keyring.ErrUnavailable, err)
	case codes.SQLITE_CORRUPT, codes.SQLITE_NOTADB:
		return fmt.Errorf("%w: the database is damaged; restore a backup: %w", keyring.ErrUnavailable, err)
	}
	return err
}

// isDamage reports whether SQLite found the database damaged.
func isDamage(err error) bool {
	code := primary(resultCode(err))
	return code == codes.SQLITE_CORRUPT || code == codes.SQLITE_NOTADB
}

// mayBeFull reports whether SQLite has met a failure that a full disk or a used-up
// quota gives, and that other things give as well.
func mayBeFull(err error) bool {
	code := resultCode(err)
	switch primary(code) {
	case codes.SQLITE_FULL, codes.SQLITE_CANTOPEN:
		return !errors.Is(err, keyring.ErrFull)
	}
	switch code {
	case codes.SQLITE_IOERR_WRITE, codes.SQLITE_IOERR_FSYNC, codes.SQLITE_IOERR_TRUNCATE, codes.SQLITE_IOERR_SHMSIZE, codes.SQLITE_IOERR_SHMOPEN, codes.SQLITE_IOERR_SHMMAP:
		return true
	}
	return false
}

// endsTransaction reports whether SQLite may have rolled back the whole
// transaction on its own because of err. What is written after that would be
// committed one statement at a time, so the transaction must go no further.
func endsTransaction(err error) bool {
	code := primary(resultCode(err))
	return code != 0 && code != codes.SQLITE_CONSTRAINT
}
