package storetest

import (
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

func testRecordedTime(t *testing.T, d *db) {
	ctx := t.Context()
	recorded := func() time.Time {
		return read(d, func(r keyring.Reader) (time.Time, error) { return r.RecordedTime(ctx) })
	}
	raise := func(at time.Time) {
		d.update("", func(w keyring.Writer) error { return w.RaiseRecordedTime(ctx, at) })
	}
	if !recorded().IsZero() {
		t.Errorf("a new database has recorded %s", recorded())
	}
	fine := at(5).Add(123456 * time.Microsecond)
	raise(fine)
	same(t, recorded(), fine)
	raise(at(4)) // is no step back
	same(t, recorded(), fine)
	raise(at(6))
	same(t, recorded(), at(6))
	d.update("", func(w keyring.Writer) error { return w.SetRecordedTime(ctx, at(1)) })
	same(t, recorded(), at(1))
}

func testDeleteEndedSecrets(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1", "acct_2")
	d.insert(apikey("acct_1", "key_1", 1), apikey("acct_2", "key_2", 1))
	var all []keyring.StoredSecret
	for i, account := range []string{"acct_1", "acct_2", "acct_1", "acct_1"} {
		s := stored(account, map[string]string{"acct_1": "key_1", "acct_2": "key_2"}[account], i+1)
		if i < 3 {
			s.EndsAt = ptr(at(10 * (i + 1)))
		}
		d.insertSecrets(s)
		all = append(all, s)
	}
	left := func(at time.Time, limit, removed int, stay ...int) {
		t.Helper()
		there := read(d, func(r keyring.Reader) (bool, error) { return r.HasEndedSecrets(ctx, at) })
		if there != (removed > 0) {
			t.Errorf("some have ended: %t", there)
		}
		d.update("", func(w keyring.Writer) error {
			n, err := w.DeleteEndedSecrets(ctx, at, limit)
			if n != removed {
				t.Errorf("%d were deleted, want %d", n, removed)
			}
			return err
		})
		for _, i := range stay {
			d.subject(all[i].Digest)
		}
	}
	left(at(9), 9, 0, 0, 1, 2, 3)
	left(at(20), 1, 1, 2, 3)
	left(at(20), 9, 1, 2, 3) // at its very end
	left(at(99), 9, 1, 3)
	left(at(999), 9, 0, 3)
	for _, s := range all[:3] {
		d.noSubject("ended", s.Digest)
		d.refused(keyring.ErrDuplicate, s.Account, func(w keyring.Writer) error { return w.InsertSecret(ctx, s) })
	}
}

func testDeleteSecretsReplacedAfter(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1")
	early, late := apikey("acct_1", "key_1", 10), apikey("acct_1", "key_2", 20)
	d.insert(early, late)
	d.update("acct_1", func(w keyring.Writer) error { return w.InsertOwner(ctx, owner("acct_1", "own_1")) })
	secrets := map[string]keyring.StoredSecret{}
	for _, key := range []string{"key_1", "key_2"} {
		previous, current := stored("acct_1", key, 1), stored("acct_1", key, 2)
		previous.EndsAt = ptr(at(100))
		d.insertSecrets(previous, current)
		secrets[key+" 1"], secrets[key+" 2"] = previous, current
	}
	d.insertSecrets(ownerSecret("acct_1", "own_1"))
	gone := func(after, n int) {
		t.Helper()
		d.update("", func(w keyring.Writer) error {
			got, err := w.DeleteSecretsReplacedAfter(ctx, at(after))
			if got != n {
				t.Errorf("%d were deleted, want %d", got, n)
			}
			return err
		})
	}
	gone(20, 0)
	gone(19, 1)
	d.noSubject("replaced later", secrets["key_2 1"].Digest)
	for _, name := range []string{"key_1 1", "key_1 2", "key_2 2"} {
		d.subject(secrets[name].Digest)
	}
	d.subject(ownerSecret("acct_1", "own_1").Digest)
}
