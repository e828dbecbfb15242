package sqlite_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/store/sqlite"
)

// withSecrets is a closed database with so many keys and their secrets.
func withSecrets(t *testing.T, n int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "postern.db")
	s := withAccount(t, path)
	err := s.Update(t.Context(), "acct_1", func(w keyring.Writer) error {
		for i := range n {
			if err := w.InsertAPIKey(t.Context(), someKey(i)); err != nil {
				return err
			}
			digest := secretDigest(i)
			err := w.InsertSecret(t.Context(), keyring.StoredSecret{
				Digest: digest, PepperVersion: 1, Fingerprint: digest, Account: "acct_1",
				HolderKind: keyring.HolderAPIKey, Holder: fmt.Sprintf("key_%d", i), Version: 1, CreatedAt: time.Unix(1e9, 0),
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

func secretDigest(i int) []byte {
	sum := sha256.Sum256(fmt.Append(nil, i))
	return sum[:]
}

// damage overwrites each page of a table, as a failing disk does, but for the schema's.
func damage(t *testing.T, path, table string) {
	t.Helper()
	rows, err := raw(t, path).QueryContext(t.Context(), `SELECT pageno FROM dbstat WHERE name = ?`, table)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var pages []int64
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			t.Fatal(err)
		}
		pages = append(pages, n)
	}
	if err := rows.Err(); err != nil || len(pages) == 0 {
		t.Fatalf("%s has %d pages, %v", table, len(pages), err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, n := range pages {
		if _, err := f.WriteAt([]byte(strings.Repeat("\xa5", 4096)), (n-1)*4096); err != nil {
			t.Fatal(err)
		}
	}
}

// TestFaults_ADamagedPageIsNotReady damages what a verification reads, one table or
// index each time.
func TestFaults_ADamagedPageIsNotReady(t *testing.T) {
	t.Parallel()
	for _, table := range []string{"secrets", "apikeys", "accounts"} {
		t.Run(table, func(t *testing.T) {
			t.Parallel()
			path := withSecrets(t, 200)
			damage(t, path, table)
			s, err := sqlite.Open(t.Context(), path)
			if err != nil {
				return // refused at the start, which is as good
			}
			defer s.Close()
			err = s.Ping(t.Context())
			if !errors.Is(err, keyring.ErrUnavailable) || !strings.Contains(err.Error(), "damaged; restore a backup") {
				t.Errorf("readiness: %v", err)
			}
			err = s.Lookup(t.Context(), func(r keyring.Reader) error {
				_, err := r.Subject(t.Context(), [][]byte{secretDigest(7)})
				return err
			})
			if !errors.Is(err, keyring.ErrUnavailable) || !strings.Contains(err.Error(), "damaged; restore a backup") {
				t.Errorf("a look-up: %v", err)
			}
		})
	}
}

// TestFaults_DamageThatOneRequestMeetsIsNotReady has one bad page of hundreds, which a
// sample hardly ever meets.
func TestFaults_DamageThatOneRequestMeetsIsNotReady(t *testing.T) {
	t.Parallel()
	path := withSecrets(t, 200)
	s := open(t, path)
	if err := s.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	damage(t, path, "audit_events")
	err := s.View(t.Context(), func(r keyring.Reader) error {
		_, _, err := r.AuditEvents(t.Context(), keyring.AuditQuery{Account: "acct_1", Limit: 1})
		return err
	})
	if !errors.Is(err, keyring.ErrUnavailable) {
		t.Fatalf("a list: %v", err)
	}
	if err := s.Ping(t.Context()); err == nil || !strings.Contains(err.Error(), "a request has met damage") {
		t.Errorf("readiness: %v", err)
	}
}

// TestPing_WritesNowAndThen shows that readiness proves a commit, and takes the commits of
// requests for proof.
func TestPing_WritesNowAndThen(t *testing.T) {
	t.Parallel()
	path := withSecrets(t, 1)
	s := open(t, path)
	written := func() (at int64) {
		t.Helper()
		if err := raw(t, path).QueryRowContext(t.Context(), `SELECT coalesce(max(at), 0) FROM write_probe`).Scan(&at); err != nil {
			t.Fatal(err)
		}
		return at
	}
	for range 3 {
		if err := s.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if written() == 0 {
		t.Error("readiness wrote nothing")
	}
	first := written()
	for range 100 {
		if err := s.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if written() != first {
		t.Error("readiness writes each time")
	}
}
