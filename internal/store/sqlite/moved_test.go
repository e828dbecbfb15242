package sqlite_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/faults"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/store/sqlite"
)

func insertOne(t *testing.T, s *sqlite.Store, i int) error {
	t.Helper()
	return s.Update(t.Context(), "acct_1", func(w keyring.Writer) error { return w.InsertAPIKey(t.Context(), someKey(i)) })
}

func withAccount(t *testing.T, path string) *sqlite.Store {
	t.Helper()
	s := open(t, path)
	err := s.Update(t.Context(), "acct_1", func(w keyring.Writer) error {
		return w.InsertAccount(t.Context(), keyring.Account{ID: "acct_1", Platform: "postern", Standing: "open"})
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func count(t *testing.T, s *sqlite.Store) (n int, err error) {
	t.Helper()
	err = s.View(t.Context(), func(r keyring.Reader) (err error) {
		n, err = r.CountAPIKeys(t.Context(), "acct_1", "")
		return err
	})
	return n, err
}

// TestFaults_NothingIsAcknowledgedOnceTheFilesAreGone takes away, one after the other, all
// that a running store keeps on the disk.
func TestFaults_NothingIsAcknowledgedOnceTheFilesAreGone(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		hurt   func(t *testing.T, dir string) error
		undo   func(t *testing.T, dir string) error // nil where only a restart helps
		advice string
	}{
		"the folder is renamed": {
			func(_ *testing.T, dir string) error { return os.Rename(dir, dir+".away") },
			func(_ *testing.T, dir string) error { return os.Rename(dir+".away", dir) }, "put it back",
		},
		"the database is renamed": {
			func(_ *testing.T, dir string) error {
				return os.Rename(filepath.Join(dir, "postern.db"), filepath.Join(dir, "away"))
			},
			func(_ *testing.T, dir string) error {
				return os.Rename(filepath.Join(dir, "away"), filepath.Join(dir, "postern.db"))
			}, "put it back",
		},
		"the folder is removed":        {func(_ *testing.T, dir string) error { return os.RemoveAll(dir) }, nil, "was removed or renamed"},
		"the log is removed":           {func(_ *testing.T, dir string) error { return os.Remove(filepath.Join(dir, "postern.db-wal")) }, nil, "start it again"},
		"the shared memory is removed": {func(_ *testing.T, dir string) error { return os.Remove(filepath.Join(dir, "postern.db-shm")) }, nil, "start it again"},
		"the folder is replaced by another": {func(t *testing.T, dir string) error {
			err := errors.Join(os.Rename(dir, dir+".away"), os.Mkdir(dir, 0o700))
			withAccount(t, filepath.Join(dir, "postern.db"))
			return err
		}, nil, "restart the server"},
		"a copy takes the place of the database": {func(_ *testing.T, dir string) error {
			path := filepath.Join(dir, "postern.db")
			text, err := os.ReadFile(path)
			return errors.Join(err, os.WriteFile(path+".copy", text, 0o600), os.Rename(path+".copy", path))
		}, nil, "restart the server"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "data")
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, "postern.db")
			s := withAccount(t, path)
			if err := errors.Join(insertOne(t, s, 1), s.Ping(t.Context())); err != nil {
				t.Fatal(err)
			}
			if err := tc.hurt(t, dir); err != nil {
				t.Fatal(err)
			}
			for i := range 3 {
				err := insertOne(t, s, 2+i)
				if !errors.Is(err, keyring.ErrUnavailable) || !strings.Contains(err.Error(), tc.advice) {
					t.Errorf("a write is answered with %v, want %q", err, tc.advice)
				}
			}
			if _, err := count(t, s); !errors.Is(err, keyring.ErrUnavailable) {
				t.Errorf("a read is answered with %v", err)
			}
			if err := s.Ping(t.Context()); !errors.Is(err, keyring.ErrUnavailable) {
				t.Errorf("readiness: %v", err)
			}
			if tc.undo == nil {
				return
			}
			if err := tc.undo(t, dir); err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(insertOne(t, s, 9), s.Ping(t.Context())); err != nil {
				t.Errorf("after it is back: %v", err)
			}
			if n, err := count(t, s); err != nil || n != 2 {
				t.Errorf("after it is back there are %d keys, %v, want those two that were acknowledged", n, err)
			}
		})
	}
}

// TestFaults_AStopSavesWhatOnlyTheRemovedLogHolds is the advice that the store gives.
func TestFaults_AStopSavesWhatOnlyTheRemovedLogHolds(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "postern.db")
	s := withAccount(t, path)
	for i := range 10 {
		if err := insertOne(t, s, i); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.Remove(path+"-wal"), s.Close()); err != nil {
		t.Fatal(err)
	}
	if n, err := count(t, open(t, path)); err != nil || n != 10 {
		t.Errorf("%d keys are left, %v, want 10", n, err)
	}
}

// TestFaults_WhatIsAcknowledgedIsWhereTheNextStartLooks renames the folder at any moment
// under a writer.
func TestFaults_WhatIsAcknowledgedIsWhereTheNextStartLooks(t *testing.T) {
	t.Parallel()
	for range faults.Rounds(t, 10) {
		outer := t.TempDir()
		dir := filepath.Join(outer, "data")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		s := withAccount(t, filepath.Join(dir, "postern.db"))
		begun, done := make(chan struct{}), make(chan int)
		go func() {
			acknowledged := 0
			for ; insertOne(t, s, acknowledged) == nil; acknowledged++ {
				if acknowledged == 3 {
					close(begun)
				}
			}
			done <- acknowledged
		}()
		<-begun
		if err := os.Rename(dir, dir+".away"); err != nil {
			t.Fatal(err)
		}
		acknowledged := <-done
		if err := os.Rename(dir+".away", dir); err != nil {
			t.Fatal(err)
		}
		n, err := count(t, s)
		// The one write that was under way may be there without a word.
		if err != nil || n < acknowledged || n > acknowledged+1 {
			t.Errorf("%d were acknowledged and %d are there, %v", acknowledged, n, err)
		}
	}
}
