package sqlite_test

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/store/sqlite"
)

// raw is a connection past the store, for what the store would never do.
func raw(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func execute(t *testing.T, path string, statements ...string) {
	t.Helper()
	db := raw(t, path)
	for _, one := range statements {
		if _, err := db.ExecContext(t.Context(), one); err != nil {
			t.Fatalf("%s: %v", one, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// folder is all that lies beside a database, by name.
func folder(t *testing.T, path string) map[string]string {
	t.Helper()
	files := map[string]string{}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(filepath.Dir(path), e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(text)
	}
	return files
}

func TestOpenRefusesAndLeavesTheFileAsItIs(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		prepare func(t *testing.T, path string)
		want    []string
	}{
		"not a database": {func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte(strings.Repeat("not a database\n", 100)), 0o600); err != nil {
				t.Fatal(err)
			}
		}, []string{"the file is not an SQLite database", "name another path"}},
		"another program's": {func(t *testing.T, path string) { execute(t, path, `CREATE TABLE moz_places (id INTEGER)`) },
			[]string{"the database of another program", "name another path"}},
		"another program's in WAL": {func(t *testing.T, path string) {
			execute(t, path, `PRAGMA journal_mode = wal`, `CREATE TABLE moz_places (id INTEGER)`)
		}, []string{"the database of another program"}},
		"another program's with a hot journal": {func(t *testing.T, path string) {
			execute(t, path, `CREATE TABLE moz_places (id INTEGER)`)
			// A journal of one page, as a kill in the middle of a write leaves it.
			page, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			journal := make([]byte, 512, 512+8+4096)
			copy(journal, []byte{0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7})
			binary.BigEndian.PutUint32(journal[8:], 1)
			binary.BigEndian.PutUint32(journal[16:], uint32(len(page)/4096))
			binary.BigEndian.PutUint32(journal[20:], 512)
			binary.BigEndian.PutUint32(journal[24:], 4096)
			journal = binary.BigEndian.AppendUint32(journal, 1)
			journal = append(journal, page[:4096]...)
			journal = binary.BigEndian.AppendUint32(journal, 0)
			if err := os.WriteFile(path+"-journal", journal, 0o600); err != nil {
				t.Fatal(err)
			}
		}, []string{"a program that is not this one was stopped in the middle of a write"}},
		"newer schema": {func(t *testing.T, path string) {
			if err := open(t, path).Close(); err != nil {
				t.Fatal(err)
			}
			execute(t, path, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (4711, 1)`)
		}, []string{"schema has version 4711", "knows versions up to ", "use the newer postern"}},
		"damaged": {func(t *testing.T, path string) {
			if err := open(t, path).Close(); err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for i := 100; i < 4096; i++ { // the schema's page, but not the file's header
				text[i] = 0xa5
			}
			if err := os.WriteFile(path, text, 0o600); err != nil {
				t.Fatal(err)
			}
		}, []string{"the database is damaged", "restore a backup"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "postern.db")
			tc.prepare(t, path)
			before := folder(t, path)
			_, err := sqlite.Open(t.Context(), path)
			if err == nil {
				t.Fatal("opened")
			}
			for _, want := range append(tc.want, "opening store "+path+": ") {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q lacks %q", err, want)
				}
			}
			after := folder(t, path)
			for name := range after {
				// The -shm file is scratch memory of whoever reads, and holds nothing.
				if before[name] != after[name] && !strings.HasSuffix(name, "-shm") {
					t.Errorf("%s has changed, from %d bytes to %d", name, len(before[name]), len(after[name]))
				}
			}
		})
	}
}

// TestOpenEndsAFirstStartThatWasKilled has what a kill leaves between the first write of a
// new database and its end, which a connection that only reads cannot look into.
func TestOpenEndsAFirstStartThatWasKilled(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "postern.db")
	execute(t, path, `PRAGMA user_version = 1`) // one page without a table
	journal := make([]byte, 512)
	copy(journal, []byte{0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7}) // of a database that had no page
	binary.BigEndian.PutUint32(journal[20:], 512)
	binary.BigEndian.PutUint32(journal[24:], 4096)
	if err := os.WriteFile(path+"-journal", journal, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := open(t, path).Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestOpenNamesAPathThatCannotBe(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for path, want := range map[string]string{
		filepath.Join(dir, "none", "postern.db"): "its folder does not exist; create " + filepath.Join(dir, "none"),
		dir:                                      "it is no regular file",
		"":                                       "the path is empty",
		filepath.Join(dir, strings.Repeat("x", 300)): "the file cannot be made",
	} {
		if _, err := sqlite.Open(t.Context(), path); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "opening store "+path) {
			t.Errorf("%q: got %v, want %q", path, err, want)
		}
	}
}

func TestOpenTakesAPathOfAnyCharacters(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"a b.db", "q?mode=memory&x=1", "100%41.db", "#frag", "ø 鍵.db", ":memory:", "semi;colon", "plus+.db"} {
		path := filepath.Join(dir, name)
		s := open(t, path)
		if err := s.Ping(t.Context()); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		if info, err := os.Stat(path); err != nil || info.Size() == 0 {
			t.Errorf("%q: the database is not in its file: %v", name, err)
		}
	}
}

func TestOpenAgainAndAtOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "postern.db")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			s, err := sqlite.Open(t.Context(), path)
			if err != nil {
				t.Error(err)
				return
			}
			if err := errors.Join(s.Ping(t.Context()), s.Close()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	var versions []int
	rows, err := raw(t, path).QueryContext(t.Context(), `SELECT version_id FROM goose_db_version ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var v int
		if err := rows.Scan(&v); err != nil {
			t.Fatal(err)
		}
		versions = append(versions, v)
	}
	if err := rows.Err(); err != nil || len(versions) < 2 || !slices.IsSorted(versions) || len(slices.Compact(slices.Clone(versions))) != len(versions) {
		t.Errorf("the migrations ran as %v, %v, want each once and in order", versions, err)
	}
}

func TestOpenEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := sqlite.Open(ctx, filepath.Join(t.TempDir(), "postern.db")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestUpdateWaitsForAnotherProcessUpToItsContext(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "postern.db")
	s := open(t, path)
	other, err := raw(t, path).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.ExecContext(t.Context(), `BEGIN IMMEDIATE`); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		done <- s.Update(ctx, "acct_1", func(keyring.Writer) error { return errors.New("fn ran under another's lock") })
	}()
	if err := s.View(t.Context(), func(r keyring.Reader) error { _, err := r.Accounts(t.Context()); return err }); err != nil {
		t.Errorf("a reader does not wait for a writer: %v", err)
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := other.ExecContext(t.Context(), `ROLLBACK`); err != nil {
		t.Fatal(err)
	}
	if err := s.Update(t.Context(), "acct_1", func(keyring.Writer) error { return nil }); err != nil {
		t.Errorf("after the lock is free: %v", err)
	}
}

func TestCloseWaitsForTransactions(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "postern.db"))
	inside, closed := make(chan struct{}), make(chan error)
	viewed := make(chan error)
	go func() {
		viewed <- s.View(t.Context(), func(r keyring.Reader) error {
			close(inside)
			for s.Ping(t.Context()) == nil { // until Close has begun
			}
			select {
			case err := <-closed:
				return fmt.Errorf("closed under a transaction: %w", err)
			default:
			}
			_, err := r.Accounts(t.Context())
			return err
		})
	}()
	<-inside
	go func() { closed <- s.Close() }()
	if err := <-viewed; err != nil {
		t.Error(err)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
}

func TestCloseLeavesTheDatabaseAndTheReserve(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "postern.db")
	s := open(t, path)
	err := errors.Join(
		s.Update(ctx, "acct_1", func(w keyring.Writer) error {
			return w.InsertAccount(ctx, keyring.Account{ID: "acct_1", Name: "looked for", Standing: "open"})
		}),
		s.Ping(ctx), s.Close(),
	)
	if err != nil {
		t.Fatal(err)
	}
	files := folder(t, path)
	delete(files, "postern.db-reserve")
	if len(files) != 1 || !strings.Contains(files["postern.db"], "looked for") {
		t.Errorf("%d files are left, and the record is in the database: %t", len(files), strings.Contains(files["postern.db"], "looked for"))
	}
}

func ExampleOpen() {
	_, err := sqlite.Open(context.Background(), "/nowhere/postern.db")
	fmt.Println(err)
	// Output: opening store /nowhere/postern.db: its folder does not exist; create /nowhere first: open /nowhere/postern.db: no such file or directory
}
