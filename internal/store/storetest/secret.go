package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

func (d *db) subject(digests ...[]byte) keyring.Subject {
	d.t.Helper()
	return read(d, func(r keyring.Reader) (keyring.Subject, error) { return r.Subject(d.t.Context(), digests) })
}

func (d *db) noSubject(what string, digests ...[]byte) {
	d.t.Helper()
	absent(d, what, func(r keyring.Reader) (keyring.Subject, error) { return r.Subject(d.t.Context(), digests) })
}

// ownerSecret is the first secret of an owner credential.
func ownerSecret(account, holder string) keyring.StoredSecret {
	s := stored(account, holder, 1)
	s.HolderKind = keyring.HolderOwner
	return s
}

func testSubject(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1", "acct_2")
	key := apikey("acct_1", "key_1", 1)
	key.ExpiresAt, key.PreviousSecretEndsAt, key.SecretVersion, key.Enabled = ptr(at(900)), ptr(at(800)), 2, false
	key.Description, key.Scopes = "", []string{}
	d.insert(key, apikey("acct_1", "key_2", 1))
	d.update("acct_2", func(w keyring.Writer) error { return w.InsertOwner(ctx, owner("acct_2", "own_1")) })
	first, second, other, mine := stored("acct_1", "key_1", 1), stored("acct_1", "key_1", 2), stored("acct_1", "key_2", 1), ownerSecret("acct_2", "own_1")
	first.EndsAt, second.PepperVersion = ptr(at(800)), 2
	d.insertSecrets(first, second, other)
	d.insertSecrets(mine)

	keySubject := func(s keyring.StoredSecret, k keyring.APIKey) keyring.Subject {
		return keyring.Subject{Secret: s, Account: account("acct_1"), APIKey: &k}
	}
	same(t, d.subject(first.Digest), keySubject(first, key))
	same(t, d.subject(second.Digest), keySubject(second, key))
	same(t, d.subject(other.Digest), keySubject(other, apikey("acct_1", "key_2", 1)))
	same(t, d.subject(mine.Digest), keyring.Subject{Secret: mine, Account: account("acct_2"), Owner: ptr(owner("acct_2", "own_1"))})

	unknown := digest("unknown")
	same(t, d.subject(unknown, second.Digest), keySubject(second, key)) // a digest for each pepper, one of which fits
	same(t, d.subject(second.Digest, unknown, digest("too")), keySubject(second, key))
	d.noSubject("unknown", unknown)
	d.noSubject("several unknown", unknown, digest("too"))
	d.noSubject("no digest")
	d.noSubject("empty digest", []byte{})
	d.noSubject("start of a digest", first.Digest[:31])
	d.noSubject("fingerprint", first.Fingerprint)

	// The subject is as it is now, not as it was when the secret was made.
	d.update("acct_1", func(w keyring.Writer) error { return w.SetStanding(ctx, "acct_1", api.StandingSuspended) })
	key.Name, key.Enabled, key.Revision = "renamed", true, 2
	d.update("acct_1", func(w keyring.Writer) error { return w.UpdateAPIKey(ctx, key) })
	want := keySubject(second, key)
	want.Account.Standing = api.StandingSuspended
	same(t, d.subject(second.Digest), want)
}

func testSecretDuplicates(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1")
	d.insert(apikey("acct_1", "key_1", 1), apikey("acct_1", "key_2", 1))
	d.update("acct_1", func(w keyring.Writer) error { return w.InsertOwner(ctx, owner("acct_1", "own_1")) })
	one := stored("acct_1", "key_1", 1)
	d.insertSecrets(one)
	for what, holder := range map[string]keyring.StoredSecret{
		"same key": stored("acct_1", "key_1", 2), "another key": stored("acct_1", "key_2", 1), "an owner": ownerSecret("acct_1", "own_1"),
	} {
		holder.Digest = one.Digest
		t.Log("the same digest for " + what)
		d.refused(keyring.ErrDuplicate, "acct_1", func(w keyring.Writer) error { return w.InsertSecret(ctx, holder) })
	}
	again := one
	again.Digest = digest("another")
	d.refused(keyring.ErrDuplicate, "acct_1", func(w keyring.Writer) error { return w.InsertSecret(ctx, again) })
	d.noSubject("second secret of one version", again.Digest)
	if got := d.subject(one.Digest); got.APIKey == nil || got.APIKey.ID != "key_1" {
		t.Errorf("the secret belongs to %+v", got.APIKey)
	}
	for what, s := range map[string]keyring.StoredSecret{"key": stored("acct_1", "key_9", 1), "owner": ownerSecret("acct_1", "own_9")} {
		if err := d.Update(ctx, "acct_1", func(w keyring.Writer) error { return w.InsertSecret(ctx, s) }); err == nil {
			t.Errorf("inserted a secret for an unknown %s", what)
		}
		d.noSubject("secret of an unknown "+what, s.Digest)
	}
}

func testEndSecret(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1")
	d.insert(apikey("acct_1", "key_1", 1), apikey("acct_1", "key_2", 1))
	d.update("acct_1", func(w keyring.Writer) error { return w.InsertOwner(ctx, owner("acct_1", "own_1")) })
	d.insertSecrets(stored("acct_1", "key_1", 1), stored("acct_1", "key_1", 2), stored("acct_1", "key_2", 1), ownerSecret("acct_1", "own_1"))
	ends := func(s keyring.StoredSecret) *time.Time { return d.subject(s.Digest).Secret.EndsAt }
	d.update("acct_1", func(w keyring.Writer) error { return w.EndSecret(ctx, "key_1", 1, at(5)) })
	same(t, ends(stored("acct_1", "key_1", 1)), ptr(at(5)))
	for _, s := range []keyring.StoredSecret{stored("acct_1", "key_1", 2), stored("acct_1", "key_2", 1), ownerSecret("acct_1", "own_1")} {
		same(t, ends(s), (*time.Time)(nil))
	}
	d.update("acct_1", func(w keyring.Writer) error { return w.EndSecret(ctx, "key_1", 1, at(3)) })
	d.update("acct_1", func(w keyring.Writer) error { return w.EndSecret(ctx, "own_1", 1, at(4)) })
	same(t, ends(stored("acct_1", "key_1", 1)), ptr(at(3)))
	same(t, ends(ownerSecret("acct_1", "own_1")), ptr(at(4)))
	d.refused(keyring.ErrNotFound, "acct_1", func(w keyring.Writer) error { return w.EndSecret(ctx, "key_1", 3, at(5)) })
	d.refused(keyring.ErrNotFound, "acct_1", func(w keyring.Writer) error { return w.EndSecret(ctx, "key_9", 1, at(5)) })
}

func testDeleteSecretsBefore(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1")
	d.insert(apikey("acct_1", "key_1", 1), apikey("acct_1", "key_2", 1))
	d.insertSecrets(stored("acct_1", "key_1", 1), stored("acct_1", "key_1", 2), stored("acct_1", "key_1", 3), stored("acct_1", "key_2", 1))
	d.update("acct_1", func(w keyring.Writer) error { return w.DeleteSecretsBefore(ctx, "key_1", 1) }) // none is lower
	d.subject(stored("acct_1", "key_1", 1).Digest)
	d.update("acct_1", func(w keyring.Writer) error { return w.DeleteSecretsBefore(ctx, "key_1", 3) })
	d.noSubject("version 1", stored("acct_1", "key_1", 1).Digest)
	d.noSubject("version 2", stored("acct_1", "key_1", 2).Digest)
	d.subject(stored("acct_1", "key_1", 3).Digest)
	d.subject(stored("acct_1", "key_2", 1).Digest)
	d.update("acct_1", func(w keyring.Writer) error { return w.DeleteSecretsBefore(ctx, "key_9", 3) })
}

func testPepperVersions(t *testing.T, d *db) {
	ctx := t.Context()
	versions := func() []int {
		return read(d, func(r keyring.Reader) ([]int, error) { return r.PepperVersions(ctx) })
	}
	same(t, versions(), []int{})
	d.seed("acct_1", "acct_2")
	d.insert(apikey("acct_1", "key_1", 1), apikey("acct_2", "key_2", 1))
	for i, pepper := range []int{3, 1, 10, 3, 1} {
		s := stored("acct_1", "key_1", i+1)
		s.PepperVersion = pepper
		d.insertSecrets(s)
	}
	last := stored("acct_2", "key_2", 1)
	last.PepperVersion = 2
	d.insertSecrets(last)
	same(t, versions(), []int{1, 2, 3, 10})
	for i, pepper := range []int{5, 3, 0, 5, 12} { // of passwords, which are some of those of secrets and some more
		id := fmt.Sprintf("key_user_%d", i)
		d.insert(user("acct_2", id, id))
		p := password("acct_2", id)
		p.PepperVersion = pepper
		d.setPassword(p)
	}
	same(t, versions(), []int{0, 1, 2, 3, 5, 10, 12})
	for i := range 5 {
		d.update("acct_2", func(w keyring.Writer) error { return w.DeleteAPIKey(ctx, "acct_2", fmt.Sprintf("key_user_%d", i)) })
	}
	same(t, versions(), []int{1, 2, 3, 10})
	d.update("acct_1", func(w keyring.Writer) error { return w.DeleteAPIKey(ctx, "acct_1", "key_1") })
	same(t, versions(), []int{2})
}

func testSpentSecrets(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1")
	d.insert(apikey("acct_1", "key_1", 1), apikey("acct_1", "key_2", 1))
	d.update("acct_1", func(w keyring.Writer) error {
		if err := w.InsertSubaccount(ctx, subaccount("acct_1", "sub_1", 1)); err != nil {
			return err
		}
		child := apikey("acct_1", "key_3", 1)
		child.Subaccount = "sub_1"
		if err := w.InsertAPIKey(ctx, child); err != nil {
			return err
		}
		return w.InsertOwner(ctx, owner("acct_1", "own_1"))
	})
	first, second := stored("acct_1", "key_1", 1), stored("acct_1", "key_1", 2)
	whole, child, mine := stored("acct_1", "key_2", 1), stored("acct_1", "key_3", 1), ownerSecret("acct_1", "own_1")
	d.insertSecrets(first, second, whole, child)
	d.insertSecrets(mine)
	known := func(what string, s keyring.StoredSecret) {
		t.Helper()
		again := stored("acct_1", "key_9", 1)
		again.Fingerprint, again.Digest, again.PepperVersion = s.Fingerprint, digest("again "+what), 7
		d.refused(keyring.ErrDuplicate, "acct_1", func(w keyring.Writer) error {
			if err := w.InsertAPIKey(ctx, apikey("acct_1", "key_9", 1)); err != nil {
				return err
			}
			return w.InsertSecret(ctx, again)
		})
	}
	all := map[string]keyring.StoredSecret{"older": first, "current": second, "of another key": whole, "of a sub-account": child, "an owner's": mine}
	for what, s := range all {
		known(what+", while it is there", s)
	}
	d.update("acct_1", func(w keyring.Writer) error { return w.EndSecret(ctx, "key_1", 1, at(10)) })
	known("ended and still there", first)
	d.update("acct_1", func(w keyring.Writer) error { return w.DeleteSecretsBefore(ctx, "key_1", 2) })
	known("removed by a rotation", first)
	d.update("acct_1", func(w keyring.Writer) error { return w.DeleteAPIKey(ctx, "acct_1", "key_2") })
	d.update("acct_1", func(w keyring.Writer) error { return w.DeleteSubaccount(ctx, "acct_1", "sub_1") })
	d.update("acct_1", func(w keyring.Writer) error { return w.DeleteOwner(ctx, "acct_1", "own_1") })
	for what, s := range all {
		known(what+", in the end", s)
	}
	// In another account, to the same holder and under the same digest it is no other.
	d.seed("acct_2")
	d.insert(apikey("acct_2", "key_2", 1))
	theirs := whole
	theirs.Account = "acct_2"
	d.refused(keyring.ErrDuplicate, "acct_2", func(w keyring.Writer) error { return w.InsertSecret(ctx, theirs) })
	d.noSubject("a spent secret", whole.Digest)
}
