package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	codes "modernc.org/sqlite/lib"
)

const driverName = "sqlite"

// fileMode is for the database; SQLite gives the files that it makes beside it
// the same mode.
const fileMode = 0o600

// settings are a connection's. busy_timeout comes first, so that the others wait
// for a lock too.
type settings struct {
	mode    string // of SQLite's URI
	pragmas []string
}

var (
	inspectSettings = settings{mode: "ro", pragmas: []string{"busy_timeout(5000)", "trusted_schema(0)"}}
	readSettings    = settings{mode: "rw", pragmas: []string{"busy_timeout(5000)", "trusted_schema(0)", "query_only(1)"}}
	writeSettings   = settings{mode: "rw", pragmas: []string{
		"busy_timeout(5000)", "trusted_schema(0)", "foreign_keys(1)",
		// FULL syncs the log at each commit: a revocation must survive a
		// power cut, not only the end of the program.
		"journal_mode(WAL)", "synchronous(FULL)",
		// A burst of writes leaves no large log behind.
		"journal_size_limit(67108864)",
	}}
)

// dsn names the database with a URI, as only that lets a path hold any character.
func dsn(path string, s settings) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // a Windows drive
	}
	query := url.Values{
		"mode":       {s.mode},
		"_pragma":    s.pragmas,
		"_defensive": {"1"},
		"_dqs":       {"0"},
		"_error_rc":  {"1"}, // no text of an earlier error in a later one
	}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: query.Encode()}).String()
}

// prepareFile makes the file when there is none, so that it never has a wider
// mode than its own, not for a moment and whatever the umask is. For a file
// that is there it asks the system what SQLite would say in fewer words.
func prepareFile(path string) error {
	if path == "" {
		return errors.New("the path is empty; name a file")
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, fileMode) //nolint:gosec // the operator's own choice of a path
	switch {
	case err == nil:
		return errors.Join(f.Chmod(fileMode), f.Close())
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("its folder does not exist; create %s first: %w", filepath.Dir(path), err)
	case !errors.Is(err, fs.ErrExist):
		return fmt.Errorf("the file cannot be made; let this program's user write to %s, or choose another path: %w", filepath.Dir(path), err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("the file cannot be looked at; let this program's user into %s: %w", filepath.Dir(path), err)
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("it is no regular file (%s); name a file", info.Mode().Type())
	}
	f, err = os.OpenFile(path, os.O_RDWR, 0) //nolint:gosec // see above
	if err != nil {
		return fmt.Errorf("the file must be readable and writable for this program's user: %w", err)
	}
	return f.Close()
}

// explain says what to do about an error of SQLite at the start.
func explain(err error) error {
	code := resultCode(err)
	if code == codes.SQLITE_READONLY_ROLLBACK {
		return fmt.Errorf("a program that is not this one was stopped in the middle of a write to it; open it with that program once, or name another path: %w", err)
	}
	switch primary(code) {
	case codes.SQLITE_NOTADB:
		return fmt.Errorf("the file is not an SQLite database; name another path, or move the file away: %w", err)
	case codes.SQLITE_CORRUPT:
		return fmt.Errorf("the database is damaged; restore a backup: %w", err)
	case codes.SQLITE_READONLY, codes.SQLITE_CANTOPEN, codes.SQLITE_PERM:
		return fmt.Errorf("the database cannot be written; let this program's user write to the file and to its folder, where SQLite keeps two files beside it: %w", err)
	case codes.SQLITE_FULL:
		return fmt.Errorf("the disk is full; free space: %w", err)
	case codes.SQLITE_BUSY, codes.SQLITE_LOCKED:
		return fmt.Errorf("another program holds the database; stop it and try again: %w", err)
	case codes.SQLITE_IOERR:
		return fmt.Errorf("the disk or its file system fails; check the system's log: %w", err)
	}
	return err
}
