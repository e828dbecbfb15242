package sqlite

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// before makes a database as a program left it that knew the schema up to that
// version.
func before(t *testing.T, version int64, statements ...string) string {
	t.Helper()
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "postern.db")
	if err := os.WriteFile(path, nil, fileMode); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open(driverName, dsn(path, writeSettings))
	if err != nil {
		t.Fatal(err)
	}
	p, err := migrations(db)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(ctx, version); err != nil {
		t.Fatal(err)
	}
	for _, one := range statements {
		if _, err := db.ExecContext(ctx, one); err != nil {
			t.Fatalf("%s: %v", one, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestDataFromBeforeSubaccountsIsReadAsItWas(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	path := before(
		t, 3,
		`INSERT INTO accounts VALUES ('acct_1', 'Shop', 'postern', 'pro', 'open', 1000000)`,
		`INSERT INTO owners VALUES ('own_1', 'acct_1', 'ptn_owner_ab...', 1000000, 'CI', '["audit:read"]')`,
		`INSERT INTO apikeys VALUES ('key_1', 'acct_1', 'ci', 'Deploys', '["read"]', 1, 9000000, 'ptn_key_ab...', 2, 3000000, 4000000, 2000000, 3000000, 5)`,
		`INSERT INTO apikeys VALUES ('key_2', 'acct_1', 'ci', '', '[]', 0, NULL, '', 1, 1000000, NULL, 1000000, 1000000, 1)`,
		`INSERT INTO secrets VALUES (x'01', 1, x'02', 'key_1', NULL, 2, 3000000, NULL)`,
		`INSERT INTO secrets VALUES (x'03', 1, x'04', NULL, 'own_1', 1, 1000000, NULL)`,
		`INSERT INTO audit_events VALUES ('acct_1', 1, 1000001, 'operator', '', '', '', 'account.create', 'acct_1', 'allowed', '', x'7b7d', NULL, x'05')`,
	)
	s, err := Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })

	second := func(n int64) time.Time { return time.Unix(n, 0).UTC() }
	expires, ends := second(9), second(4)
	account := keyring.Account{ID: "acct_1", Name: "Shop", Platform: "postern", Plan: "pro", Standing: "open", CreatedAt: second(1)}
	owner := keyring.Owner{ID: "own_1", Account: "acct_1", Name: "CI", Rights: []string{"audit:read"}, SecretHint: "ptn_owner_ab...", CreatedAt: second(1)}
	key := keyring.APIKey{
		ID: "key_1", Account: "acct_1", Name: "ci", Description: "Deploys", Scopes: []string{"read"}, Enabled: true, ExpiresAt: &expires,
		SecretHint: "ptn_key_ab...", SecretVersion: 2, SecretCreatedAt: second(3), PreviousSecretEndsAt: &ends,
		CreatedAt: second(2), UpdatedAt: second(3), Revision: 5,
	}
	older := keyring.APIKey{
		ID: "key_2", Account: "acct_1", Name: "ci", Scopes: []string{}, SecretVersion: 1,
		SecretCreatedAt: second(1), CreatedAt: second(1), UpdatedAt: second(1), Revision: 1,
	}
	event := keyring.AuditEvent{
		Account: "acct_1", Seq: 1, At: second(1).Add(time.Microsecond), ActorKind: "operator", Action: "account.create", Target: "acct_1",
		Outcome: "allowed", Detail: []byte("{}"), Hash: []byte{5},
	}
	same := func(what string, want any) func(got any, err error) {
		return func(got any, err error) {
			t.Helper()
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("%s: %v, want -, got +:\n%s", what, err, diff)
			}
		}
	}
	err = s.Update(ctx, "acct_1", func(w keyring.Writer) error {
		of := func(digest byte) (any, error) { return w.Subject(ctx, [][]byte{{digest}}) }
		same("the key's secret", keyring.Subject{
			Secret:  keyring.StoredSecret{Digest: []byte{1}, PepperVersion: 1, Fingerprint: []byte{2}, Account: "acct_1", HolderKind: keyring.HolderAPIKey, Holder: "key_1", Version: 2, CreatedAt: second(3)},
			Account: account, APIKey: &key,
		})(of(1))
		same("the owner's secret", keyring.Subject{
			Secret:  keyring.StoredSecret{Digest: []byte{3}, PepperVersion: 1, Fingerprint: []byte{4}, Account: "acct_1", HolderKind: keyring.HolderOwner, Holder: "own_1", Version: 1, CreatedAt: second(1)},
			Account: account, Owner: &owner,
		})(of(3))
		all, _, err := w.APIKeys(ctx, keyring.APIKeyQuery{Account: "acct_1", Limit: 9})
		same("the keys", []keyring.APIKey{older, key})(all, err)
		named, err := w.APIKeyNamed(ctx, "acct_1", "", "ci")
		same("the oldest of a name", older)(named, err)
		n, err := w.CountAPIKeys(ctx, "acct_1", "")
		same("how many keys", 2)(n, err)
		head, err := w.AuditHead(ctx, "acct_1")
		same("the trail", event)(head, err)

		// And what is new goes beside what was there.
		return errors.Join(
			w.InsertSubaccount(ctx, keyring.Subaccount{ID: "sub_1", Account: "acct_1", Handle: "shop"}),
			w.InsertAPIKey(ctx, keyring.APIKey{ID: "key_3", Account: "acct_1", Subaccount: "sub_1"}),
			w.SetPassword(ctx, keyring.StoredPassword{Account: "acct_1", APIKey: "key_1"}),
			w.AddUsage(ctx, "acct_1", []keyring.UsageCount{{APIKey: "key_2"}}),
			w.InsertCustomScope(ctx, keyring.CustomScope{Account: "acct_1", Name: "shop:read"}),
			w.DeleteSubaccount(ctx, "acct_1", "sub_1"),
		)
	})
	if err != nil {
		t.Error(err)
	}
}

// A secret that a rotation has ended at once is deleted, one in its overlap stays, and a
// secret that two holders have is no obstacle.
func TestDataFromBeforeSpentCredentialsLosesWhatHasEnded(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	key := func(id string) string {
		return `INSERT INTO apikeys VALUES ('` + id + `', 'acct_1', '` + id + `', '', '["read"]', 1, NULL, '', 2, 3000000, 4000000, 1000000, 3000000, 2, NULL, NULL, 0, NULL)`
	}
	s, err := Open(ctx, before(
		t, 9,
		`INSERT INTO accounts VALUES ('acct_1', 'Shop', 'postern', '', 'open', 1000000, 0)`, key("key_1"), key("key_2"),
		`INSERT INTO secrets VALUES (x'01', 1, x'11', 'key_1', NULL, 1, 1000000, 3000000)`,
		`INSERT INTO secrets VALUES (x'02', 1, x'12', 'key_1', NULL, 2, 3000000, NULL)`,
		`INSERT INTO secrets VALUES (x'03', 1, x'13', 'key_2', NULL, 1, 1000000, 4000000)`,
		`INSERT INTO secrets VALUES (x'04', 2, x'12', 'key_2', NULL, 2, 3000000, NULL)`,
	))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	for digest, want := range map[byte]error{1: keyring.ErrNotFound, 2: nil, 3: nil, 4: nil} {
		err := s.View(ctx, func(r keyring.Reader) error {
			_, err := r.Subject(ctx, [][]byte{{digest}})
			return err
		})
		if !errors.Is(err, want) {
			t.Errorf("secret %d: %v, want %v", digest, err, want)
		}
	}
	err = s.Update(ctx, "acct_1", func(w keyring.Writer) error {
		return w.InsertSecret(ctx, keyring.StoredSecret{Digest: []byte{5}, Fingerprint: []byte{0x11}, Account: "acct_1", HolderKind: keyring.HolderAPIKey, Holder: "key_1", Version: 3})
	})
	if !errors.Is(err, keyring.ErrDuplicate) {
		t.Errorf("what has ended comes again: %v", err)
	}
}
