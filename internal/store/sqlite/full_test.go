package sqlite_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

func someKey(i int) keyring.APIKey {
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	return keyring.APIKey{
		ID: fmt.Sprintf("key_%d", i), Account: "acct_1", Name: "ci", Description: strings.Repeat("x", 500), Scopes: []string{"read"}, Enabled: true,
		SecretVersion: 1, SecretCreatedAt: now, CreatedAt: now, UpdatedAt: now, Revision: 1,
	}
}

// TestFullDiskIsToldApartAndWritesNothing meets SQLite's own SQLITE_FULL, which
// rolls the transaction back by itself: what fn writes after that must not
// slip in one statement at a time.
func TestFullDiskIsToldApartAndWritesNothing(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "postern.db")
	s := open(t, path)
	err := s.Update(ctx, "acct_1", func(w keyring.Writer) error {
		return w.InsertAccount(ctx, keyring.Account{ID: "acct_1", Platform: "postern", Standing: api.StandingOpen})
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.LimitPages(ctx, 1); err != nil {
		t.Fatal(err)
	}
	for _, passOver := range []bool{false, true} {
		err := s.Update(ctx, "acct_1", func(w keyring.Writer) error {
			var full error
			for i := 0; full == nil; i++ {
				if i == 10_000 {
					return errors.New("the database never gets full")
				}
				full = w.InsertAPIKey(ctx, someKey(i))
			}
			if !errors.Is(full, keyring.ErrFull) {
				t.Errorf("writing: got %v", full)
			}
			if err := w.SetStanding(ctx, "acct_1", api.StandingSuspended); !errors.Is(err, keyring.ErrFull) {
				t.Errorf("a write after the end of the transaction: got %v", err)
			}
			if _, err := w.CountAPIKeys(ctx, "acct_1", ""); !errors.Is(err, keyring.ErrFull) {
				t.Errorf("a read after the end of the transaction: got %v", err)
			}
			if passOver {
				return nil
			}
			return full
		})
		if !errors.Is(err, keyring.ErrFull) {
			t.Errorf("fn passes over it: %t: got %v", passOver, err)
		}
	}
	nothing := func() {
		t.Helper()
		err := s.View(ctx, func(r keyring.Reader) error {
			if n, err := r.CountAPIKeys(ctx, "acct_1", ""); err != nil || n != 0 {
				t.Errorf("%d keys were written, %v", n, err)
			}
			if a, err := r.Account(ctx, "acct_1"); err != nil || a.Standing != api.StandingOpen {
				t.Errorf("the standing is %q, %v", a.Standing, err)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	nothing()
	if err := s.LimitPages(ctx, 0); err != nil {
		t.Fatal(err)
	}
	nothing()
	err = s.Update(ctx, "acct_1", func(w keyring.Writer) error {
		for i := range 200 {
			if err := w.InsertAPIKey(ctx, someKey(i)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Errorf("after the disk has room again: %v", err)
	}
	var sound string
	if err := raw(t, path).QueryRowContext(ctx, `PRAGMA integrity_check`).Scan(&sound); err != nil || sound != "ok" {
		t.Errorf("the database is %q, %v", sound, err)
	}
}
