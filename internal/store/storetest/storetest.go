// Package storetest is the contract of keyring.Store: an adapter is a store when
// it passes Run. It asks only what the domain relies on, so a test that fails
// here is a rule of the domain that would break there.
package storetest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// Opener opens one and the same database each time it is called, and fails the
// test when it cannot. It is called again after a Close, and also while an
// earlier store is still open, as a second process would do.
type Opener func(t *testing.T) keyring.Store

// Run checks the contract. fresh prepares a new, empty database.
func Run(t *testing.T, fresh func(t *testing.T) Opener) {
	for name, test := range map[string]func(*testing.T, *db){
		"accounts/round trip":             testAccountRoundTrip,
		"accounts/not found":              testAccountNotFound,
		"accounts/duplicates":             testAccountDuplicates,
		"accounts/case-distinct ids":      testAccountCase,
		"accounts/standing":               testStanding,
		"owners/round trip":               testOwnerRoundTrip,
		"owners/no rights":                testOwnerWithoutRights,
		"owners/delete":                   testOwnerDelete,
		"apikeys/round trip":              testAPIKeyRoundTrip,
		"apikeys/not found":               testAPIKeyNotFound,
		"apikeys/duplicates":              testAPIKeyDuplicates,
		"apikeys/case-distinct":           testAPIKeyCase,
		"apikeys/oldest of a name":        testAPIKeyNamed,
		"apikeys/update":                  testAPIKeyUpdate,
		"apikeys/stale revision":          testAPIKeyStale,
		"apikeys/delete":                  testAPIKeyDelete,
		"apikeys/other account":           testAPIKeyIsolation,
		"apikeys/text of any kind":        testAnyText,
		"apikeys/delete takes all":        testAPIKeyDeleteTakesAll,
		"apikeys/what never changes":      testAPIKeyFixed,
		"apikeys/failures":                testFailures,
		"apikeys/given":                   testGiven,
		"apikeys/scopes follow":           testScopesFollow,
		"apikeys/counts":                  testCounts,
		"apikeys/places":                  testPlaces,
		"apikeys/other account's place":   testPlaceOfAnotherAccount,
		"subaccounts/round trip":          testSubaccountRoundTrip,
		"subaccounts/not found":           testSubaccountNotFound,
		"subaccounts/duplicates":          testSubaccountDuplicates,
		"subaccounts/update":              testSubaccountUpdate,
		"subaccounts/list":                testSubaccountList,
		"subaccounts/delete":              testSubaccountDelete,
		"subaccounts/delete some keys":    testSubaccountDeleteSomeKeys,
		"custom scopes/round trip":        testCustomScopes,
		"custom scopes/update":            testCustomScopeUpdate,
		"custom scopes/revision":          testScopesRevision,
		"usage/round trip":                testUsage,
		"usage/adds up":                   testUsageAddsUp,
		"usage/requests":                  testRequests,
		"usage/delete before":             testUsageTrim,
		"passwords/api user":              testAPIUser,
		"passwords/usernames":             testUsernames,
		"passwords/set":                   testPassword,
		"list/filters":                    testFilters,
		"list/every combination":          testFilterCombinations,
		"list/pages":                      testPages,
		"list/order of making":            testOrderOfMaking,
		"list/inserts between pages":      testPagesWithInserts,
		"secrets/subject":                 testSubject,
		"secrets/what is above a key":     testSubjectAbove,
		"secrets/duplicates":              testSecretDuplicates,
		"secrets/end":                     testEndSecret,
		"secrets/delete before":           testDeleteSecretsBefore,
		"secrets/spent":                   testSpentSecrets,
		"secrets/pepper versions":         testPepperVersions,
		"secrets/delete ended":            testDeleteEndedSecrets,
		"secrets/delete replaced after":   testDeleteSecretsReplacedAfter,
		"time/recorded":                   testRecordedTime,
		"secrets/pepper checks":           testPepperChecks,
		"idempotency/round trip":          testIdempotency,
		"idempotency/delete before":       testIdempotencyDelete,
		"audit/round trip":                testAuditRoundTrip,
		"audit/sequence":                  testAuditSequence,
		"audit/pages":                     testAuditPages,
		"audit/filters":                   testAuditFilters,
		"audit/every combination":         testAuditCombinations,
		"audit/trim":                      testAuditTrim,
		"transaction/rollback on error":   testRollbackOnError,
		"transaction/rollback on panic":   testRollbackOnPanic,
		"transaction/cancelled":           testCancelled,
		"transaction/own writes":          testOwnWrites,
		"transaction/snapshot":            testSnapshot,
		"transaction/reopen":              testReopen,
		"transaction/closed":              testClosed,
		"concurrency/one account":         testWritersOfOneAccount,
		"concurrency/two accounts":        testWritersOfTwoAccounts,
		"concurrency/first write":         testFirstWriters,
		"concurrency/readers and writers": testReadersAndWriters,
		"concurrency/lists and look-ups":  testListsAndLookups,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			open := fresh(t)
			test(t, &db{t: t, open: open, Store: open(t)})
		})
	}
}

// db is the database of one test, with what every test does to it.
type db struct {
	keyring.Store
	t    *testing.T
	open Opener
}

// update writes and must succeed.
func (d *db) update(account string, fn func(keyring.Writer) error) {
	d.t.Helper()
	if err := d.Update(d.t.Context(), account, fn); err != nil {
		d.t.Fatalf("updating account %s: %v", account, err)
	}
}

// refused writes and must fail with that error.
func (d *db) refused(want error, account string, fn func(keyring.Writer) error) {
	d.t.Helper()
	if err := d.Update(d.t.Context(), account, fn); !errors.Is(err, want) {
		d.t.Errorf("got %v, want %v", err, want)
	}
}

// view reads and must succeed.
func (d *db) view(fn func(keyring.Reader) error) {
	d.t.Helper()
	if err := d.View(d.t.Context(), fn); err != nil {
		d.t.Fatalf("reading: %v", err)
	}
}

// reads are both ways to read.
func (d *db) reads() []func(context.Context, func(keyring.Reader) error) error {
	return []func(context.Context, func(keyring.Reader) error) error{d.View, d.Lookup}
}

// read is view for one record.
func read[T any](d *db, fn func(keyring.Reader) (T, error)) T {
	d.t.Helper()
	var got T
	d.view(func(r keyring.Reader) (err error) {
		got, err = fn(r)
		return err
	})
	return got
}

// absent reads and must fail with ErrNotFound.
func absent[T any](d *db, what string, fn func(keyring.Reader) (T, error)) {
	d.t.Helper()
	err := d.View(d.t.Context(), func(r keyring.Reader) error {
		_, err := fn(r)
		return err
	})
	if !errors.Is(err, keyring.ErrNotFound) {
		d.t.Errorf("%s: got %v, want %v", what, err, keyring.ErrNotFound)
	}
}

// same compares whole records. Times must be equal and in UTC as well: a local
// one would be written differently by every encoder.
func same(t *testing.T, got, want any) {
	t.Helper()
	inUTC := cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) && a.Location() == b.Location() })
	if diff := cmp.Diff(want, got, inUTC); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

// The records of the tests. start is a whole second.
var start = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

func at(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }

func ptr[T any](v T) *T { return &v }

func account(id string) keyring.Account {
	return keyring.Account{ID: id, Name: "Name of " + id, Platform: "postern", Standing: api.StandingOpen, CreatedAt: start}
}

func owner(account, id string) keyring.Owner {
	return keyring.Owner{ID: id, Account: account, SecretHint: "ptn_owner_abcd...", CreatedAt: start}
}

func apikey(account, id string, created int) keyring.APIKey {
	return keyring.APIKey{
		ID: id, Account: account, Name: "Name of " + id, Description: "Description of " + id, Scopes: []string{"read", "write"}, Enabled: true,
		SecretHint: "ptn_key_abcd...", SecretVersion: 1, SecretCreatedAt: at(created), CreatedAt: at(created), UpdatedAt: at(created), Revision: 1,
	}
}

func digest(name string) []byte {
	sum := sha256.Sum256([]byte(name))
	return sum[:]
}

// stored is a secret of an API key; its digest follows from holder and version.
func stored(account, holder string, version int) keyring.StoredSecret {
	name := fmt.Sprintf("%s %d", holder, version)
	return keyring.StoredSecret{
		Digest: digest(name), PepperVersion: 1, Fingerprint: digest("fingerprint of " + name), Account: account,
		HolderKind: keyring.HolderAPIKey, Holder: holder, Version: version, CreatedAt: start,
	}
}

// seed makes accounts.
func (d *db) seed(accounts ...string) {
	d.t.Helper()
	for _, id := range accounts {
		d.update(id, func(w keyring.Writer) error { return w.InsertAccount(d.t.Context(), account(id)) })
	}
}

// insert makes keys in their accounts.
func (d *db) insert(keys ...keyring.APIKey) {
	d.t.Helper()
	byAccount := map[string][]keyring.APIKey{}
	for _, k := range keys {
		byAccount[k.Account] = append(byAccount[k.Account], k)
	}
	for id, keys := range byAccount {
		d.update(id, func(w keyring.Writer) error {
			for _, k := range keys {
				if err := w.InsertAPIKey(d.t.Context(), k); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// insertSecrets stores secrets of one account.
func (d *db) insertSecrets(secrets ...keyring.StoredSecret) {
	d.t.Helper()
	d.update(secrets[0].Account, func(w keyring.Writer) error {
		for _, s := range secrets {
			if err := w.InsertSecret(d.t.Context(), s); err != nil {
				return err
			}
		}
		return nil
	})
}
