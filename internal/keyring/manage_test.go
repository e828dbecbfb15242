package keyring_test

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

func TestUpdate_AChangeOfNothingWritesNothing(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	wanted := newKey("ci", "read", "write")
	wanted.Description, wanted.ExpiresAt = "Deploys.", in(time.Hour)
	k := a.key(wanted)
	w.clock.advance(time.Minute)
	for what, change := range map[string]keyring.APIKeyChange{
		"nothing": {}, "the same name": {Name: ptr("ci")}, "the same description": {Description: ptr("Deploys.")}, "the same switch": {Enabled: ptr(true)},
		"the same scopes, unsorted and twice": {Scopes: []string{"write", "read", "write"}},
		"the same expiry, elsewhere":          {ChangeExpiry: true, ExpiresAt: ptr(in(time.Hour).In(time.FixedZone("west", -3600)))},
	} {
		a.none(what, func() error {
			v, err := w.UpdateAPIKey(ctx, a.asOwner(), k.ID, change, ptr(int64(1)))
			if err != nil {
				t.Errorf("%s: %v", what, err)
			}
			same(t, what, v, k.APIKeyView)
			return nil
		})
	}
	same(t, "stored", a.keys()["ci"], k.APIKeyView)
	after := a.change(k.ID, keyring.APIKeyChange{Description: ptr("")})
	if after.Revision != 2 || !after.UpdatedAt.Equal(*in(time.Minute)) || !after.CreatedAt.Equal(*in(0)) {
		t.Errorf("a change made revision %d, updated at %s", after.Revision, after.UpdatedAt)
	}
}

func TestUpdate_ARevisionThatHasPassedIsRefused(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	k := a.key(newKey("ci", "read"))
	current := a.change(k.ID, keyring.APIKeyChange{Name: ptr("cd")})
	for _, revision := range []int64{0, 1, 3, -1} {
		for what, err := range map[string]error{
			"update": second(w.UpdateAPIKey(ctx, a.asOwner(), k.ID, keyring.APIKeyChange{Name: ptr("x")}, &revision)),
			"rotate": second(w.RotateAPIKey(ctx, a.asOwner(), k.ID, keyring.Rotation{}, &revision, "")),
			"delete": w.DeleteAPIKey(ctx, a.asOwner(), k.ID, &revision),
		} {
			refusedAs(t, fmt.Sprint(what, " at ", revision), err, api.CodeStaleRevision)
		}
	}
	same(t, "the key", a.keys()["cd"], current)
	a.verdict("its secret", k.Secret, api.VerifyValid)
	rotated, err := w.RotateAPIKey(ctx, a.asOwner(), k.ID, keyring.Rotation{}, ptr(int64(2)), "")
	if err != nil || rotated.Revision != 3 {
		t.Errorf("rotate at 2: revision %d, %v", rotated.Revision, err)
	}
	if err := w.DeleteAPIKey(ctx, a.asOwner(), k.ID, ptr(int64(3))); err != nil {
		t.Errorf("delete at 3: %v", err)
	}
}

func TestUpdate_AllFaultsOfARequestAtOnce(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, parsed(t))
	a, plain := w.tenant("postern", ""), w.tenant("parsed", "")
	bad := keyring.NewAPIKey{Name: " x", Description: "\n", Scopes: []string{"raed"}, ExpiresAt: in(-time.Second)}
	_, err := w.CreateAPIKey(ctx, a.asOwner(), bad, "")
	refusedAs(t, "create", err, api.CodeValidationFailed, "name", "description", "scopes", "expires_at")
	k := a.key(newKey("ci", "read"))
	_, err = w.UpdateAPIKey(ctx, a.asOwner(), k.ID, keyring.APIKeyChange{
		Name: ptr(""), Description: ptr(strings.Repeat("x", 501)), Scopes: []string{}, ChangeExpiry: true, ExpiresAt: in(0),
	}, nil)
	refusedAs(t, "update", err, api.CodeValidationFailed, "name", "description", "scopes", "expires_at")
	for what, at := range map[string]*time.Time{
		"not whole seconds": ptr(in(time.Hour).Add(time.Nanosecond)), "now": in(0), "in 101 years": in(101 * 366 * 24 * time.Hour),
	} {
		wanted := newKey("late", "read")
		wanted.ExpiresAt = at
		_, err := w.CreateAPIKey(ctx, a.asOwner(), wanted, "")
		refusedAs(t, what, err, api.CodeValidationFailed, "expires_at")
	}
	// What the platform's keys do not have.
	late, off := newKey("late", "keys"), newKey("off", "keys")
	late.ExpiresAt, off.Enabled = in(time.Hour), false
	_, err = w.CreateAPIKey(ctx, plain.asOwner(), late, "")
	refusedAs(t, "expiry", err, api.CodeUnsupported, "expires_at")
	_, err = w.CreateAPIKey(ctx, plain.asOwner(), off, "")
	refusedAs(t, "disabled", err, api.CodeUnsupported, "enabled")
	p := plain.key(newKey("plain", "keys"))
	_, err = w.UpdateAPIKey(ctx, plain.asOwner(), p.ID, keyring.APIKeyChange{Enabled: ptr(false)}, nil)
	refusedAs(t, "turn off", err, api.CodeUnsupported, "enabled")
	_, err = w.UpdateAPIKey(ctx, plain.asOwner(), p.ID, keyring.APIKeyChange{ChangeExpiry: true, ExpiresAt: in(time.Hour)}, nil)
	refusedAs(t, "expire", err, api.CodeUnsupported, "expires_at")
	_, err = w.RotateAPIKey(ctx, plain.asOwner(), p.ID, keyring.Rotation{ChangeExpiry: true, ExpiresAt: in(time.Hour)}, nil, "")
	refusedAs(t, "expire by a rotation", err, api.CodeUnsupported, "expires_at")
}

func TestList_PagesHoldEachKeyOnce(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a, other := w.tenant("postern", ""), w.tenant("postern", "")
	other.key(newKey("other", "read"))
	var want []string
	for i := range 25 {
		want = append(want, a.key(newKey(fmt.Sprintf("key %02d", i), "read")).Name)
		if i%10 == 9 {
			w.clock.advance(time.Second) // ten in each second
		}
	}
	for _, size := range []int{1, 7, 24, 25, 26, api.MaxPageSize} {
		var got []string
		in := keyring.APIKeyFilter{Limit: size}
		for pages := 1; ; pages++ {
			page, next, err := w.APIKeys(ctx, a.asOwner(), in)
			if err != nil || len(page) > size {
				t.Fatalf("a page of %d has %d keys: %v", size, len(page), err)
			}
			for _, k := range page {
				got = append(got, k.Name)
			}
			if in.Cursor = next; next == "" {
				if most := (25 + size - 1) / size; pages != most {
					t.Errorf("%d keys took %d pages of %d, want %d", 25, pages, size, most)
				}
				break
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("pages of %d hold %v", size, got)
		}
	}
}

func TestList_FiltersThatCannotBe(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	a.key(newKey("ci", "read"))
	encoded := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	for _, cursor := range []string{"x", "made up", "====", encoded("x"), encoded(`"x"`), encoded(`{"CreatedAt":"yesterday"}`), encoded(`{"CreatedAt":5}`), encoded(`[]`)} {
		_, _, err := w.APIKeys(ctx, a.asOwner(), keyring.APIKeyFilter{Cursor: cursor, Limit: 1})
		refusedAs(t, cursor, err, api.CodeValidationFailed, "cursor")
	}
	many := make([]string, api.MaxPageSize+1)
	for field, in := range map[string]keyring.APIKeyFilter{"limit": {}, "ids": {IDs: many, Limit: 1}, "status": {Status: "late", Limit: 1}} {
		_, _, err := w.APIKeys(ctx, a.asOwner(), in)
		refusedAs(t, field, err, api.CodeValidationFailed, field)
	}
	for _, limit := range []int{-1, 0, api.MaxPageSize + 1} {
		_, _, err := w.APIKeys(ctx, a.asOwner(), keyring.APIKeyFilter{Limit: limit})
		refusedAs(t, "limit", err, api.CodeValidationFailed, "limit")
	}
	// A cursor of another account is a place in one's own list, and no more.
	b := w.tenant("postern", "")
	b.key(newKey("b1", "read"))
	b.key(newKey("b2", "read"))
	_, next, err := w.APIKeys(ctx, b.asOwner(), keyring.APIKeyFilter{Limit: 1})
	if err != nil || next == "" {
		t.Fatalf("no cursor: %v", err)
	}
	page, _, err := w.APIKeys(ctx, a.asOwner(), keyring.APIKeyFilter{Cursor: next, Limit: 9})
	if err != nil {
		t.Error(err)
	}
	for _, k := range page {
		if k.Account != a.ID {
			t.Errorf("a list shows a key of account %s", k.Account)
		}
	}
}
