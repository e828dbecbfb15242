package storetest

import (
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

func testAccountRoundTrip(t *testing.T, d *db) {
	ctx := t.Context()
	none := read(d, func(r keyring.Reader) ([]keyring.Account, error) { return r.Accounts(ctx) })
	if none == nil || len(none) != 0 {
		t.Errorf("an empty database has accounts %#v, want an empty slice", none)
	}
	a := account("acct_1")
	a.Name, a.Plan = "Größe 🗝 \"quoted\" 'twice'", ""
	b := account("acct_2")
	b.Plan, b.Standing, b.ScopesRevision = "pro", api.StandingPastDue, 1<<40
	b.CreatedAt = start.In(time.FixedZone("east", 5*3600)) // comes back in UTC
	for _, one := range []keyring.Account{b, a} {
		d.update(one.ID, func(w keyring.Writer) error { return w.InsertAccount(ctx, one) })
	}
	b.CreatedAt = start
	same(t, read(d, func(r keyring.Reader) (keyring.Account, error) { return r.Account(ctx, a.ID) }), a)
	same(t, read(d, func(r keyring.Reader) ([]keyring.Account, error) { return r.Accounts(ctx) }), []keyring.Account{a, b})
}

func testAccountNotFound(t *testing.T, d *db) {
	ctx := t.Context()
	absent(d, "unknown account", func(r keyring.Reader) (keyring.Account, error) { return r.Account(ctx, "acct_1") })
	d.seed("acct_1")
	absent(d, "empty id", func(r keyring.Reader) (keyring.Account, error) { return r.Account(ctx, "") })
	absent(d, "start of an id", func(r keyring.Reader) (keyring.Account, error) { return r.Account(ctx, "acct_") })
	d.refused(keyring.ErrNotFound, "acct_2", func(w keyring.Writer) error { return w.SetStanding(ctx, "acct_2", api.StandingSuspended) })
	if err := d.Update(ctx, "acct_2", func(w keyring.Writer) error { return w.InsertOwner(ctx, owner("acct_2", "own_1")) }); err == nil {
		t.Error("inserted an owner of an unknown account")
	}
}

func testAccountDuplicates(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1", "acct_2")
	again := account("acct_1")
	again.Name = "another"
	d.refused(keyring.ErrDuplicate, "acct_1", func(w keyring.Writer) error { return w.InsertAccount(ctx, again) })
	same(t, read(d, func(r keyring.Reader) (keyring.Account, error) { return r.Account(ctx, "acct_1") }), account("acct_1"))

	d.update("acct_1", func(w keyring.Writer) error { return w.InsertOwner(ctx, owner("acct_1", "own_1")) })
	d.refused(keyring.ErrDuplicate, "acct_1", func(w keyring.Writer) error { return w.InsertOwner(ctx, owner("acct_1", "own_1")) })
	d.refused(keyring.ErrDuplicate, "acct_2", func(w keyring.Writer) error { return w.InsertOwner(ctx, owner("acct_2", "own_1")) })
}

func testAccountCase(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_a", "acct_B", "acct_A")
	for _, id := range []string{"acct_a", "acct_A", "acct_B"} {
		same(t, read(d, func(r keyring.Reader) (keyring.Account, error) { return r.Account(ctx, id) }), account(id))
	}
	absent(d, "other case", func(r keyring.Reader) (keyring.Account, error) { return r.Account(ctx, "acct_b") })
	d.update("acct_a", func(w keyring.Writer) error { return w.SetStanding(ctx, "acct_a", api.StandingSuspended) })
	suspended := account("acct_a")
	suspended.Standing = api.StandingSuspended
	same(t, read(d, func(r keyring.Reader) ([]keyring.Account, error) { return r.Accounts(ctx) }),
		[]keyring.Account{account("acct_A"), account("acct_B"), suspended}) // by the bytes of the id
}

func testStanding(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1", "acct_2")
	for _, standing := range []string{api.StandingTerminated, api.StandingOpen, api.StandingOpen} {
		d.update("acct_1", func(w keyring.Writer) error { return w.SetStanding(ctx, "acct_1", standing) })
		want := account("acct_1")
		want.Standing = standing
		same(t, read(d, func(r keyring.Reader) (keyring.Account, error) { return r.Account(ctx, "acct_1") }), want)
	}
	same(t, read(d, func(r keyring.Reader) (keyring.Account, error) { return r.Account(ctx, "acct_2") }), account("acct_2"))
}
