package storetest

import (
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

func (d *db) owners(account string) []keyring.Owner {
	d.t.Helper()
	return read(d, func(r keyring.Reader) ([]keyring.Owner, error) { return r.Owners(d.t.Context(), account) })
}

func testOwnerRoundTrip(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1", "acct_2")
	same(t, d.owners("acct_1"), []keyring.Owner{})
	full, limited, early, other := owner("acct_1", "own_B"), owner("acct_1", "own_b"), owner("acct_1", "own_c"), owner("acct_2", "own_d")
	limited.Name, limited.Rights = "Größe 🗝 \"quoted\" 'twice'", []string{"audit:read", "verify"}
	early.CreatedAt = start.Add(-time.Second).In(time.FixedZone("east", 5*3600)) // comes back in UTC
	for _, o := range []keyring.Owner{limited, full, early, other} {
		d.update(o.Account, func(w keyring.Writer) error { return w.InsertOwner(ctx, o) })
	}
	early.CreatedAt = start.Add(-time.Second)
	same(t, d.owners("acct_1"), []keyring.Owner{limited, full, early})
	for _, o := range []keyring.Owner{full, limited, early, other} {
		got := read(d, func(r keyring.Reader) (keyring.Owner, error) { return r.Owner(ctx, o.ID) })
		same(t, got, o)
		if (got.Rights == nil) != (o.Rights == nil) {
			t.Errorf("%s has the rights %#v, want %#v: nil alone means all", o.ID, got.Rights, o.Rights)
		}
		s := ownerSecret(o.Account, o.ID)
		d.insertSecrets(s)
		if got := d.subject(s.Digest).Owner; got == nil || (got.Rights == nil) != (o.Rights == nil) {
			t.Errorf("the subject of %s is %+v, want %+v", o.ID, got, o)
		}
	}
	same(t, d.owners("acct_9"), []keyring.Owner{})
	absent(d, "other case", func(r keyring.Reader) (keyring.Owner, error) { return r.Owner(ctx, "own_C") })
	absent(d, "empty id", func(r keyring.Reader) (keyring.Owner, error) { return r.Owner(ctx, "") })
}

// An empty list of rights means none. A store that took it could give it back as
// nil, which means all.
func testOwnerWithoutRights(t *testing.T, d *db) {
	d.seed("acct_1")
	none := owner("acct_1", "own_1")
	none.Rights = []string{}
	if err := d.Update(t.Context(), "acct_1", func(w keyring.Writer) error { return w.InsertOwner(t.Context(), none) }); err == nil {
		t.Error("inserted an owner with an empty list of rights")
	}
	same(t, d.owners("acct_1"), []keyring.Owner{})
}

func testOwnerDelete(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1", "acct_2")
	for _, id := range []string{"own_1", "own_2"} {
		d.update("acct_1", func(w keyring.Writer) error { return w.InsertOwner(ctx, owner("acct_1", id)) })
		d.insertSecrets(ownerSecret("acct_1", id))
	}
	d.refused(keyring.ErrNotFound, "acct_2", func(w keyring.Writer) error { return w.DeleteOwner(ctx, "acct_2", "own_1") })
	d.refused(keyring.ErrNotFound, "acct_1", func(w keyring.Writer) error { return w.DeleteOwner(ctx, "acct_1", "own_3") })
	d.update("acct_1", func(w keyring.Writer) error { return w.DeleteOwner(ctx, "acct_1", "own_1") })
	d.refused(keyring.ErrNotFound, "acct_1", func(w keyring.Writer) error { return w.DeleteOwner(ctx, "acct_1", "own_1") })
	same(t, d.owners("acct_1"), []keyring.Owner{owner("acct_1", "own_2")})
	d.noSubject("the secret of a deleted owner", ownerSecret("acct_1", "own_1").Digest)
	if got := d.subject(ownerSecret("acct_1", "own_2").Digest).Owner; got == nil || got.ID != "own_2" {
		t.Errorf("the other owner's secret belongs to %+v", got)
	}
}
