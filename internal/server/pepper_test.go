package server_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite" // to make a database look older than it is

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
	"github.com/postern-dev/terraform-provider-postern/internal/server"
)

// used is a data folder with an account, and no check file beside the database.
func used(t *testing.T) string {
	t.Helper()
	dir := folder(t)
	data, err := server.Open(t.Context(), server.Data{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := data.Initialise(t.Context(), keyring.NewAccount{Name: "x", Platform: "postern"}); err != nil {
		t.Fatal(err)
	}
	if err := data.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "pepper-check")); err != nil {
		t.Fatal(err)
	}
	return dir
}

func wrongPepper(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "wrong")
	if err := os.WriteFile(path, []byte(secret.NewPepper(1).Line()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func opensOnce(t *testing.T, d server.Data) error {
	t.Helper()
	data, err := server.Open(t.Context(), d)
	if err != nil {
		return err
	}
	return data.Close()
}

// forgetChecks makes the database one from before it held checks.
func forgetChecks(t *testing.T, dir string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, server.DatabaseFile))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), `DELETE FROM pepper_checks`); err != nil {
		t.Fatal(err)
	}
}

func refusedWith(t *testing.T, what string, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: got %v, want %q", what, err, want)
	}
}

func TestPepper_AWrongOneIsRefusedWithoutTheCheckFile(t *testing.T) {
	t.Parallel()
	dir := used(t)
	refusedWith(t, "a wrong pepper", opensOnce(t, server.Data{Dir: dir, PepperFile: wrongPepper(t)}), "does not belong to this database")
	refusedWith(t, "a wrong pepper that is accepted", opensOnce(t, server.Data{Dir: dir, PepperFile: wrongPepper(t), AcceptPepper: true}), "does not belong to this database")
	if _, err := os.Stat(filepath.Join(dir, "pepper-check")); !os.IsNotExist(err) {
		t.Errorf("the refused start has recorded its pepper: %v", err)
	}
	if err := opensOnce(t, server.Data{Dir: dir}); err != nil {
		t.Errorf("the right one: %v", err)
	}
}

func TestPepper_AnOldDatabaseGetsItsCheckFromTheFile(t *testing.T) {
	t.Parallel()
	dir := used(t)
	if err := opensOnce(t, server.Data{Dir: dir}); err != nil { // writes the check file again
		t.Fatal(err)
	}
	forgetChecks(t, dir)
	if err := opensOnce(t, server.Data{Dir: dir}); err != nil {
		t.Fatalf("with the check file: %v", err)
	}
	if err := os.Remove(filepath.Join(dir, "pepper-check")); err != nil {
		t.Fatal(err)
	}
	refusedWith(t, "a wrong pepper", opensOnce(t, server.Data{Dir: dir, PepperFile: wrongPepper(t)}), "does not belong to this database")

	forgetChecks(t, dir)
	if err := os.Remove(filepath.Join(dir, "pepper-check")); err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	refusedWith(t, "nothing proves it", opensOnce(t, server.Data{Dir: dir}), "--accept-pepper")
	if err := opensOnce(t, server.Data{Dir: dir, AcceptPepper: true}); err != nil {
		t.Errorf("the operator proves it: %v", err)
	}
	if err := opensOnce(t, server.Data{Dir: dir}); err != nil {
		t.Errorf("from then on: %v", err)
	}
}

func TestOpen_RemovesWhatKilledStartsHaveLeft(t *testing.T) {
	t.Parallel()
	dir := used(t)
	old := time.Now().Add(-time.Hour)
	left := map[string]bool{".postern-new-123": false, ".postern-probe-123": false, ".new-of-somebody-else": true, ".postern-new-just-now": true}
	for name := range left {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(name, "just-now") {
			if err := os.Chtimes(path, old, old); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := opensOnce(t, server.Data{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	for name, stays := range left {
		if _, err := os.Lstat(filepath.Join(dir, name)); os.IsNotExist(err) == stays {
			t.Errorf("%s is there: %t, want %t", name, !os.IsNotExist(err), stays)
		}
	}
}

// An empty database file is what a kill leaves before anything is written.
func TestOpen_AnEmptyDatabaseFileIsAFirstStart(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, server.DatabaseFile), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := opensOnce(t, server.Data{Dir: dir}); err != nil {
		t.Error(err)
	}
}
