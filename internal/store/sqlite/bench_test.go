package sqlite_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/store/sqlite"
)

const benchKeys = 10_000

func benchDigest(i int) []byte {
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(i)))
	return sum[:]
}

// filled is a database with so many keys in one account.
func filled(b *testing.B, keys int) (*sqlite.Store, string) {
	b.Helper()
	path := filepath.Join(b.TempDir(), "postern.db")
	s := open(b, path)
	ctx, now := b.Context(), time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	err := s.Update(ctx, "acct_1", func(w keyring.Writer) error {
		if err := w.InsertAccount(ctx, keyring.Account{ID: "acct_1", Name: "Bench", Platform: "postern", Standing: api.StandingOpen, CreatedAt: now}); err != nil {
			return err
		}
		for i := range keys {
			id := fmt.Sprintf("key_%020d", i)
			if err := w.InsertAPIKey(ctx, keyring.APIKey{
				ID: id, Account: "acct_1", Name: "ci-" + id, Description: "Deploys the shop.", Scopes: []string{"apikeys:read", "write"}, Enabled: true,
				SecretHint: "ptn_key_abcd...", SecretVersion: 1, SecretCreatedAt: now, CreatedAt: now, UpdatedAt: now, Revision: 1,
			}); err != nil {
				return err
			}
			if err := w.InsertSecret(ctx, keyring.StoredSecret{
				Digest: benchDigest(i), PepperVersion: 1, Fingerprint: benchDigest(-i), Account: "acct_1",
				HolderKind: keyring.HolderAPIKey, Holder: id, Version: 1, CreatedAt: now,
			}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return s, path
}

// BenchmarkSubject is the lookup of every verification, as the domain does it: in
// a View, under a context that can be cancelled. Its floor is the least that
// database/sql does on the same file: one column, by primary key, of one
// table, under a context that cannot.
func BenchmarkSubject(b *testing.B) {
	s, path := filled(b, benchKeys)
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	b.Run("floor", func(b *testing.B) {
		db, err := sql.Open("sqlite", path)
		if err != nil {
			b.Fatal(err)
		}
		defer db.Close()
		statement, err := db.PrepareContext(ctx, `SELECT version FROM secrets WHERE digest = ?`)
		if err != nil {
			b.Fatal(err)
		}
		defer statement.Close()
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			var version int
			if err := statement.QueryRowContext(context.Background(), benchDigest(i*7919%benchKeys)).Scan(&version); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("view", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			err := s.View(ctx, func(r keyring.Reader) error {
				_, err := r.Subject(ctx, [][]byte{benchDigest(i * 7919 % benchKeys)})
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}
