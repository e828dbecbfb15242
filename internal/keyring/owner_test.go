package keyring_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/platform"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// newOwner makes one more credential of the account.
func (a *tenant) newOwner(name string, rights ...string) (keyring.Owner, secret.Secret) {
	a.w.t.Helper()
	o, minted, err := a.w.CreateOwner(a.w.t.Context(), a.ID, keyring.NewOwner{Name: name, Rights: rights})
	if err != nil {
		a.w.t.Fatalf("making an owner: %v", err)
	}
	return o, minted
}

func (a *tenant) owners() []keyring.Owner {
	a.w.t.Helper()
	all, err := a.w.Owners(a.w.t.Context(), a.ID)
	if err != nil {
		a.w.t.Fatalf("listing owners: %v", err)
	}
	return all
}

func TestOwner_EachCallLeavesOneRecordOfTheOperator(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	var o keyring.Owner
	var minted secret.Secret
	e, err := a.one("creating", func() (err error) {
		o, minted, err = w.CreateOwner(ctx, a.ID, keyring.NewOwner{Name: "gateway", Rights: []string{"verify", "audit:read", "verify"}})
		return err
	})
	if err != nil || e.Action != "owner.create" || e.Target != o.ID || e.ActorKind != "operator" {
		t.Errorf("%v: %+v", err, e)
	}
	want := map[string]any{"kind": "service", "name": "gateway", "rights": []any{"audit:read", "verify"}}
	same(t, "the detail", detail(t, e), want)
	a.none("listing", func() error { a.owners(); return nil })
	same(t, "the list", a.owners()[1:], []keyring.Owner{o})
	if !strings.HasPrefix(minted.Reveal(), "ptn_service_") || !strings.HasPrefix(o.SecretHint, "ptn_service_") || !strings.HasPrefix(o.ID, "svc_") {
		t.Errorf("%s (%s) looks like a full owner", o.ID, o.SecretHint)
	}
	e, err = a.one("revoking", func() error {
		_, err := w.RevokeOwner(ctx, o.ID, false)
		return err
	})
	if err != nil || e.Action != "owner.revoke" || e.Target != o.ID || e.ActorKind != "operator" {
		t.Errorf("%v: %+v", err, e)
	}
	want["last"] = false
	same(t, "the detail", detail(t, e), want)
	e, err = a.one("changing the standing", func() error { return w.SetStanding(ctx, a.ID, api.StandingPastDue) })
	if err != nil || e.Action != "account.set_standing" || e.ActorKind != "operator" {
		t.Errorf("%v: %+v", err, e)
	}
	a.chain()
}

func TestOwner_OneThatIsRevokedNeverWorksAgain(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	victim := a.key(newKey("victim", "read"))
	full, minted := a.newOwner("second")
	who := w.as(minted) // it has authenticated, and then it is revoked
	if _, err := w.RevokeOwner(ctx, full.ID, false); err != nil {
		t.Fatal(err)
	}
	_, err := w.CreateAPIKey(ctx, who, newKey("late", "read"), "")
	refusedAs(t, "create", err, api.CodeInvalidCredential)
	_, err = w.UpdateAPIKey(ctx, who, victim.ID, keyring.APIKeyChange{Name: ptr("late")}, nil)
	refusedAs(t, "update", err, api.CodeInvalidCredential)
	_, err = w.RotateAPIKey(ctx, who, victim.ID, keyring.Rotation{}, nil, "")
	refusedAs(t, "rotate", err, api.CodeInvalidCredential)
	refusedAs(t, "delete", w.DeleteAPIKey(ctx, who, victim.ID, nil), api.CodeInvalidCredential)
	same(t, "the victim", a.keys()["victim"], victim.APIKeyView)
	for range 2 {
		_, err = w.Authenticate(ctx, minted, origin)
		refusedAs(t, "authenticate", err, api.CodeInvalidCredential)
		w.openAgain()
	}
	_, err = w.RevokeOwner(ctx, full.ID, true)
	if !errors.Is(err, keyring.ErrNotFound) {
		t.Errorf("revoked twice: %v", err)
	}
	a.key(newKey("first owner", "read")) // the other one is as good as before
}

func TestOwner_TheLastFullOneGoesOnlyByForce(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a, b := w.tenant("postern", ""), w.tenant("postern", "")
	first := a.owners()[0]
	a.newOwner("limited", platform.Rights()...) // however many rights: it is no full one
	a.none("a refusal", func() error {
		_, err := w.RevokeOwner(ctx, first.ID, false)
		if !errors.Is(err, keyring.ErrLastOwner) {
			t.Errorf("got %v", err)
		}
		contains(t, err, first.ID+" is the last full owner credential of its account, "+a.ID, "nobody can manage the account", "postern owner-key create", "--force")
		return err
	})
	second, minted := a.newOwner("")
	if _, err := w.RevokeOwner(ctx, first.ID, false); err != nil {
		t.Errorf("with another one there: %v", err)
	}
	_, err := w.RevokeOwner(ctx, second.ID, false)
	contains(t, err, "--force")
	w.as(minted)
	e, err := a.one("by force", func() error {
		_, err := w.RevokeOwner(ctx, second.ID, true)
		return err
	})
	if err != nil || detail(t, e)["last"] != true {
		t.Errorf("%v: %+v", err, e)
	}
	if all := a.owners(); len(all) != 1 || all[0].Full() {
		t.Errorf("left are %+v", all)
	}
	third, minted := a.newOwner("back again")
	if who := w.as(minted); !who.Owner() || who.ID != third.ID || who.Account.ID != a.ID {
		t.Errorf("the new owner is %+v", who)
	}
	same(t, "the owners of the other account", len(b.owners()), 1)
}

func TestOwner_ALimitedOneHasItsRightsAndGrantsNothing(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	for _, name := range []string{"postern", "benchmark"} {
		a := w.tenant(name, "")
		scopes := w.platforms[name].Scopes.Names()[:1]
		key := a.key(newKey("victim", scopes...))
		calls := map[string]func(keyring.Caller) error{
			platform.RightVerify: func(who keyring.Caller) error {
				v, err := w.Verify(ctx, who, keyring.Presented{Secret: key.Secret}, scopes)
				if err == nil && !v.Valid() {
					t.Errorf("%s: the verdict is %s", name, v.Code)
				}
				return err
			},
			platform.RightAPIKeysRead: func(who keyring.Caller) error {
				_, err := w.APIKey(ctx, who, key.ID)
				return err
			},
		}
		for _, right := range platform.Rights() {
			_, minted := a.newOwner(right, right)
			who := w.as(minted)
			if who.Owner() || who.Kind != api.CallerService || !slices.Equal(who.Rights, []string{right}) || len(who.Effective) > 0 {
				t.Errorf("%s: the caller is %+v", right, who)
			}
			for needed, call := range calls {
				if err := call(who); needed == right && err != nil {
					t.Errorf("%s: %v", right, err)
				} else if needed != right {
					refusedAs(t, right+" asks for "+needed, err, api.CodeForbidden)
				}
			}
			grants := func(what, needed string, err error) {
				if right == needed {
					refusedAs(t, right+what, err, api.CodeGrantExceedsCaller, "scopes")
				} else {
					refusedAs(t, right+what, err, api.CodeForbidden)
				}
			}
			_, err := w.CreateAPIKey(ctx, who, newKey("more", scopes...), "")
			grants(" creates", platform.RightAPIKeysCreate, err)
			_, err = w.UpdateAPIKey(ctx, who, key.ID, keyring.APIKeyChange{Name: ptr("more")}, nil)
			grants(" updates", platform.RightAPIKeysUpdate, err)
			_, err = w.RotateAPIKey(ctx, who, key.ID, keyring.Rotation{}, nil, "")
			grants(" rotates", platform.RightAPIKeysUpdate, err)
			if v := a.verify(minted); v.Valid() {
				t.Errorf("%s: it passes for an API key", right)
			}
		}
		same(t, "the key", a.keys()["victim"], key.APIKeyView)
	}
}

func TestOwner_Refusals(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	near := a.ID[:len(a.ID)-1] + "0"
	if near == a.ID {
		near = a.ID[:len(a.ID)-1] + "1"
	}
	unknown := "acct_00000000000000000000"
	create := func(account string, in keyring.NewOwner) error {
		_, minted, err := w.CreateOwner(ctx, account, in)
		if !minted.IsZero() {
			t.Errorf("%+v mints a secret", in)
		}
		return err
	}
	revoke := func(id string) error {
		_, err := w.RevokeOwner(ctx, id, true)
		return err
	}
	list := func(account string) error {
		_, err := w.Owners(ctx, account)
		return err
	}
	for _, tc := range []struct {
		err      error
		notFound bool
		want     string
	}{
		{create(unknown, keyring.NewOwner{}), true, "there is no account " + unknown + "; known are " + a.ID},
		{create(near, keyring.NewOwner{}), true, "there is no account " + near + "; the nearest is " + a.ID},
		{create("", keyring.NewOwner{}), true, "what was given is no id of an account; known are " + a.ID},
		{create(a.ID, keyring.NewOwner{Name: "a\x00b"}), false, "name must not hold control or invisible characters"},
		{create(a.ID, keyring.NewOwner{Name: " a"}), false, "name must not begin or end with a space"},
		{create(a.ID, keyring.NewOwner{Rights: []string{}}), false, "needs at least one right, of apikeys:create, "},
		{create(a.ID, keyring.NewOwner{Rights: []string{"verify", "verfiy"}}), false, `right "verfiy" is not known; the nearest is "verify"; use one of apikeys:create, `},
		{create(a.ID, keyring.NewOwner{Rights: []string{"everything"}}), false, `right "everything" is not known; use one of `},
		{list(unknown), true, "there is no account " + unknown},
		{revoke("own_00000000000000000000"), true, "there is no owner key own_00000000000000000000; known are own_"},
		{revoke(a.ID), true, "there is no owner key " + a.ID},
		{w.SetStanding(ctx, unknown, api.StandingOpen), true, "there is no account " + unknown},
		{w.SetStanding(ctx, a.ID, "suspnded"), false, `standing "suspnded" is not known; the nearest is "suspended"; use one of open, `},
	} {
		contains(t, tc.err, tc.want)
		if errors.Is(tc.err, keyring.ErrNotFound) != tc.notFound {
			t.Errorf("%v: not found is %t", tc.err, !tc.notFound)
		}
	}
	// A secret in the wrong place is not repeated.
	for _, err := range []error{revoke(a.owner.Reveal()), create(a.owner.Reveal(), keyring.NewOwner{}), w.SetStanding(ctx, a.owner.Reveal(), api.StandingOpen)} {
		if !errors.Is(err, keyring.ErrNotFound) || strings.Contains(err.Error(), a.owner.Reveal()) {
			t.Errorf("got %v", err)
		}
	}
	if all := a.owners(); len(all) != 1 || len(a.events()) != 1 {
		t.Errorf("the refusals left %d credentials and %d records", len(all), len(a.events()))
	}
}
