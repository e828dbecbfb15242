package keyring_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

func TestSubaccount_IsMadeReadChangedAndDeleted(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, builtin(t, "sendgrid", "mailchannels")...)
	for platform, limit := range map[string]*int{"postern": nil, "sendgrid": ptr(100), "mailchannels": ptr(100)} {
		a, other := w.tenant(platform, ""), w.tenant(platform, "")
		made, err := w.CreateSubaccount(ctx, a.asOwner(), keyring.NewSubaccount{Handle: "first1", Name: "First"})
		if err != nil {
			t.Fatal(err)
		}
		now := w.clock.Now().UTC().Truncate(time.Second)
		want := keyring.SubaccountView{Subaccount: keyring.Subaccount{
			ID: made.ID, Account: a.ID, Handle: "first1", Name: "First", Status: api.SubaccountActive, CreatedAt: now, UpdatedAt: now, Revision: 1,
		}, Limit: limit}
		same(t, platform+": made", made, want)
		got, err := w.Subaccount(ctx, a.asOwner(), "first1")
		same(t, platform+": read", got, want)
		if err != nil || !strings.HasPrefix(made.ID, "sub_") {
			t.Errorf("%s: reading %s: %v", platform, made.ID, err)
		}
		w.clock.advance(time.Minute)
		want.Name, want.Status, want.APIKeyLimit, want.Limit = "Second", api.SubaccountSuspended, ptr(3), ptr(3)
		want.UpdatedAt, want.Revision = w.clock.Now().UTC().Truncate(time.Second), 2
		changed, err := w.UpdateSubaccount(ctx, a.asOwner(), "first1", keyring.SubaccountChange{
			Name: ptr("Second"), Status: ptr(api.SubaccountSuspended), ChangeLimit: true, APIKeyLimit: ptr(3),
		}, ptr(int64(1)))
		same(t, platform+": changed", changed, want)
		if err != nil {
			t.Error(err)
		}
		got, _ = w.Subaccount(ctx, a.asOwner(), "first1")
		same(t, platform+": read again", got, want)
		_, err = w.Subaccount(ctx, other.asOwner(), "first1")
		refusedAs(t, "of another account", err, api.CodeNotFound)
		if err := w.DeleteSubaccount(ctx, a.asOwner(), "first1", false, ptr(int64(2))); err != nil {
			t.Errorf("%s: deleting: %v", platform, err)
		}
		_, err = w.Subaccount(ctx, a.asOwner(), "first1")
		refusedAs(t, "deleted", err, api.CodeNotFound)
		refusedAs(t, "deleted twice", w.DeleteSubaccount(ctx, a.asOwner(), "first1", false, nil), api.CodeNotFound)
		same(t, platform+": the list", w.handles(a.asOwner(), keyring.SubaccountFilter{}), []string{})
		a.chain()
	}
}

func TestSubaccount_AHandleFitsThePlatformAndIsTakenOnce(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, builtin(t, "sendgrid", "mailchannels")...)
	for platform, tc := range map[string]struct{ good, bad []string }{
		"postern": {[]string{"abc", "0-_", strings.Repeat("a", 64)}, []string{"ab", "Abc", "-abc", "a.c", "a/c", "abc\n", strings.Repeat("a", 65)}},
		"sendgrid": {[]string{"Abc", "abc", "a@b.c_-d", strings.Repeat("a", 64)},
			[]string{"", "ab", ".abc", "a b", "a/b", strings.Repeat("a", 65)}},
		"mailchannels": {[]string{"abc", strings.Repeat("a", 128)}, []string{"ab", "Abc", "a-c", "a_c", strings.Repeat("a", 129)}},
	} {
		a, other := w.tenant(platform, ""), w.tenant(platform, "")
		for _, handle := range tc.good {
			a.sub(handle)
			other.sub(handle) // each account has handles of its own
		}
		for _, handle := range tc.bad {
			_, err := w.CreateSubaccount(ctx, a.asOwner(), keyring.NewSubaccount{Handle: handle, Name: "x"})
			refusedAs(t, platform+" "+handle, err, api.CodeValidationFailed, "handle")
			contains(t, err, w.platforms[platform].Subaccounts.HandleWords)
			if len(handle) > 60 && strings.Contains(err.Error(), handle) {
				t.Errorf("the error repeats the handle: %v", err)
			}
			_, err = w.Subaccount(ctx, a.asOwner(), handle)
			refusedAs(t, "read "+handle, err, api.CodeNotFound)
		}
		taken := tc.good[0]
		_, err := w.CreateSubaccount(ctx, a.asOwner(), keyring.NewSubaccount{Handle: taken, Name: "x"})
		refusedAs(t, platform+" again", err, api.CodeHandleTaken, "handle")
		if strings.Contains(err.Error(), taken) {
			t.Errorf("the error repeats the handle: %v", err)
		}
		listed := w.handles(a.asOwner(), keyring.SubaccountFilter{})
		slices.Sort(listed)
		same(t, platform, listed, slices.Sorted(slices.Values(tc.good)))
	}
}

func TestSubaccount_AHandleIsMadeWhereThePlatformAllows(t *testing.T) {
	t.Parallel()
	w := newWorld(t, builtin(t, "mailchannels")...)
	for _, platform := range []string{"postern", "mailchannels"} {
		a := w.tenant(platform, "")
		one, two := a.sub(""), a.sub("")
		if one.Handle == two.Handle || len(one.Handle) != 20 || strings.Trim(one.Handle, "0123456789abcdefghijklmnopqrstuvwxyz") != "" {
			t.Errorf("%s made the handles %q and %q", platform, one.Handle, two.Handle)
		}
	}
}

func TestSubaccount_ItsFieldsAreCheckedAllAtOnce(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, append(builtin(t, "sendgrid", "dotdigital"), small(t))...)
	a := w.tenant("sendgrid", "")
	who := a.asOwner()
	_, err := w.CreateSubaccount(ctx, who, keyring.NewSubaccount{Status: "paused", APIKeyLimit: ptr(-1)})
	refusedAs(t, "all at once", err, api.CodeValidationFailed, "handle", "name", "status", "apikey_limit")
	_, err = w.CreateSubaccount(ctx, who, keyring.NewSubaccount{Handle: "abc", Name: "x", APIKeyLimit: ptr(101)})
	refusedAs(t, "above the platform's", err, api.CodeValidationFailed, "apikey_limit")
	contains(t, err, "at most 100", "SendGrid")
	for _, limit := range []int{0, 100} {
		if _, err := w.CreateSubaccount(ctx, who, keyring.NewSubaccount{Handle: fmt.Sprint("abc", limit), Name: "x", APIKeyLimit: &limit}); err != nil {
			t.Errorf("a limit of %d: %v", limit, err)
		}
	}
	for field, in := range map[string]keyring.SubaccountChange{
		"name": {Name: ptr(" x")}, "status": {Status: ptr("")}, "apikey_limit": {ChangeLimit: true, APIKeyLimit: ptr(101)},
	} {
		_, err := w.UpdateSubaccount(ctx, who, "abc0", in, nil)
		refusedAs(t, "update", err, api.CodeValidationFailed, field)
	}
	for _, in := range []keyring.SubaccountFilter{{}, {Limit: 501}} {
		refusedAs(t, "limit", third(w.Subaccounts(ctx, who, in)), api.CodeValidationFailed, "limit")
	}
	refusedAs(t, "filter", third(w.Subaccounts(ctx, who, keyring.SubaccountFilter{Status: "paused", Cursor: "x", Limit: 1})), api.CodeValidationFailed, "status", "cursor")
	none := w.tenant("dotdigital", "").asOwner()
	for what, err := range map[string]error{
		"create": second(w.CreateSubaccount(ctx, none, keyring.NewSubaccount{Handle: "abc", Name: "x"})), "read": second(w.Subaccount(ctx, none, "abc")),
		"list": third(w.Subaccounts(ctx, none, keyring.SubaccountFilter{Limit: 1})), "delete": w.DeleteSubaccount(ctx, none, "abc", true, nil),
		"keys": third(w.APIKeys(ctx, none.In("abc"), keyring.APIKeyFilter{Limit: 1})),
	} {
		refusedAs(t, what+" on a platform that has none", err, api.CodeUnsupported)
	}
	b := w.tenant("small", "")
	b.sub("one")
	b.sub("two")
	_, err = w.CreateSubaccount(ctx, b.asOwner(), keyring.NewSubaccount{Handle: "three", Name: "x"})
	refusedAs(t, "beyond the platform's limit", err, api.CodeLimitReached)
	contains(t, err, "has 2 sub-accounts", "is 2")
	v, err := w.Account(ctx, b.asOwner())
	if err != nil || v.Subaccounts == nil || v.Subaccounts.Used != 2 || *v.Subaccounts.Rules.Limit != 2 {
		t.Errorf("the account shows %+v, %v", v.Subaccounts, err)
	}
}

func TestSubaccount_ListsPageAndFilter(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	w.tenant("postern", "").sub("other")
	var all []string
	for i := range 7 {
		s := a.sub(fmt.Sprintf("%s-%d", []string{"east", "west"}[i%2], i))
		all = append(all, s.Handle)
		if i == 3 || i == 4 {
			s.change(keyring.SubaccountChange{Status: ptr(api.SubaccountSuspended)})
		}
		w.clock.advance(time.Second)
	}
	owner := a.asOwner()
	same(t, "east", w.handles(owner, keyring.SubaccountFilter{HandlePrefix: "east-"}), []string{"east-0", "east-2", "east-4", "east-6"})
	same(t, "suspended", w.handles(owner, keyring.SubaccountFilter{Status: api.SubaccountSuspended}), []string{"west-3", "east-4"})
	same(t, "both", w.handles(owner, keyring.SubaccountFilter{Status: api.SubaccountActive, HandlePrefix: "west"}), []string{"west-1", "west-5"})
	var paged []string
	pages := 0
	for in := (keyring.SubaccountFilter{Limit: 3}); pages == 0 || in.Cursor != ""; pages++ {
		found, next, err := w.Subaccounts(ctx, owner, in)
		if err != nil || len(found) > 3 {
			t.Fatalf("%d found, %v", len(found), err)
		}
		for _, s := range found {
			paged = append(paged, s.Handle)
		}
		in.Cursor = next
	}
	if !slices.Equal(paged, all) || pages != 3 {
		t.Errorf("%d pages list %v, want %v", pages, paged, all)
	}
}

func TestSubaccount_HasASendLimitWhereThePlatformHasOne(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, builtin(t, "mailchannels")...)
	a, other := w.tenant("mailchannels", ""), w.tenant("postern", "")
	s, unlimited := a.sub("first1"), other.sub("first1")
	limit := func(n *int64) keyring.SubaccountChange {
		return keyring.SubaccountChange{ChangeSendLimit: true, SendLimit: n}
	}
	e, err := a.one("subaccount.update", func() error { return second(w.UpdateSubaccount(ctx, a.asOwner(), s.Handle, limit(ptr(int64(0))), nil)) })
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the record", detail(t, e), map[string]any{"handle": "first1", "send_limit": map[string]any{"from": nil, "to": 0.}})
	if got, err := w.Subaccount(ctx, a.asOwner(), s.Handle); err != nil || got.SendLimit == nil || *got.SendLimit != 0 || got.Revision != 2 {
		t.Errorf("read as %+v, %v", got, err)
	}
	if got := s.change(keyring.SubaccountChange{Name: ptr("Else")}); got.SendLimit == nil {
		t.Error("another change takes the limit away")
	}
	if got := s.change(limit(nil)); got.SendLimit != nil || got.Revision != 4 {
		t.Errorf("taken back: %+v", got)
	}
	if got := s.change(limit(nil)); got.Revision != 4 {
		t.Errorf("a change that changes nothing: %+v", got)
	}
	refusedAs(t, "negative", second(w.UpdateSubaccount(ctx, a.asOwner(), s.Handle, limit(ptr(int64(-1))), nil)), api.CodeValidationFailed, "send_limit")
	refusedAs(t, "a platform without", second(w.UpdateSubaccount(ctx, other.asOwner(), unlimited.Handle, limit(ptr(int64(1))), nil)), api.CodeUnsupported, "send_limit")
}
