package keyring_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
	"github.com/postern-dev/terraform-provider-postern/internal/store/sqlite"
)

// begins is the hour of start.
var begins = start.UTC().Truncate(time.Hour)

func TestRequests_TheHourIsSharedByAllKeysOfTheAccount(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, small(t)) // 5 an hour
	a, other := w.tenant("small", "maxi"), w.tenant("small", "maxi")
	one := a.sub("one")
	own, child := a.key(newKey("own", "send")), one.key(newKey("child", "send"))
	off := newKey("off", "send")
	off.Enabled = false
	inactive := a.key(off)
	for i, s := range []secret.Secret{own.Secret, child.Secret, own.Secret, child.Secret} {
		v := a.verdict("let in", s, api.VerifyValid, "send")
		same(t, "left", v.Requests, keyring.Requests{Hour: &keyring.RequestCount{Used: int64(i + 1), Limit: 5, ResetAt: begins.Add(time.Hour)}})
		// What is not valid is no request of the account.
		a.verdict("unknown", secret.From("sml_"+secret.Random("base62", 43)), api.VerifyInvalid)
		a.verdict("inactive", inactive.Secret, api.VerifyInactive)
		w.clock.advance(2 * time.Minute) // so that no address is blocked
	}
	one.change(keyring.SubaccountChange{Status: ptr(api.SubaccountSuspended)})
	a.verdict("suspended", child.Secret, api.VerifySubaccountSuspended)
	one.change(keyring.SubaccountChange{Status: ptr(api.SubaccountActive)})
	a.verdict("a missing scope is a request all the same", own.Secret, api.VerifyMissingScope, "read")
	for _, s := range []secret.Secret{own.Secret, child.Secret} {
		for range 3 {
			v := a.verdict("used up", s, api.VerifyRateLimited, "send")
			now := w.clock.Now()
			want := begins.Add(time.Hour).Sub(now).Truncate(time.Second) // and a part, rounded up
			if v.RetryAfter != want+time.Second || v.Requests.Hour.Used != 5 || v.Missing != nil {
				t.Errorf("retry after %v, want %v; %+v", v.RetryAfter, want+time.Second, v.Requests.Hour)
			}
			if text := string(w.Answer(a.asOwner(), v)); text != fmt.Sprintf("\"in %d\"", v.RetryAfter/time.Second) {
				t.Errorf("the answer is %s", text)
			}
		}
	}
	same(t, "usage has no refused ones", uses(a.usage(own.ID, 1).Scopes), map[string]int64{"send": 2})
	shown, err := w.Account(ctx, a.asOwner())
	same(t, "the account shows", shown.Requests, keyring.Requests{Hour: &keyring.RequestCount{Used: 5, Limit: 5, ResetAt: begins.Add(time.Hour)}})
	if err != nil {
		t.Error(err)
	}
	other.verdict("another account", other.key(newKey("x", "send")).Secret, api.VerifyValid, "send")
	w.clock.advance(begins.Add(time.Hour).Sub(w.clock.Now()) - time.Nanosecond)
	if v := a.verdict("the last moment", own.Secret, api.VerifyRateLimited, "send"); v.RetryAfter != time.Second {
		t.Errorf("retry after %v", v.RetryAfter)
	}
	w.clock.advance(time.Nanosecond)
	shown, err = w.Account(ctx, a.asOwner())
	if err != nil || shown.Requests.Hour.Used != 0 || !shown.Requests.Hour.ResetAt.Equal(begins.Add(2*time.Hour)) {
		t.Errorf("the next hour shows %+v, %v", shown.Requests.Hour, err)
	}
	if v := a.verdict("the next hour", own.Secret, api.VerifyValid, "send"); v.Requests.Hour.Used != 1 {
		t.Errorf("it begins with %d", v.Requests.Hour.Used)
	}
	p := w.tenant("postern", "")
	same(t, "where nothing is limited", p.verdict("x", p.key(newKey("x", "read")).Secret, api.VerifyValid).Requests, keyring.Requests{})
}

func TestRequests_TheMonthRollsOverWithTheCalendar(t *testing.T) {
	t.Parallel()
	w := newWorld(t, small(t)) // 5 an hour and 12 a month
	a := w.tenant("small", "mini")
	k := a.key(newKey("ci", "send"))
	next := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	for i := range 12 {
		if i%4 == 0 {
			w.clock.advance(time.Hour)
		}
		v := a.verdict("let in", k.Secret, api.VerifyValid, "send")
		same(t, "the month", v.Requests.Month, &keyring.RequestCount{Used: int64(i + 1), Limit: 12, ResetAt: next})
		if i == 6 {
			w.flush()
		}
		if i == 8 {
			w.flush()
			w.openAgain() // what was flushed stays
		}
	}
	v := a.verdict("used up", k.Secret, api.VerifyQuotaExceeded, "send")
	if want := next.Sub(w.clock.Now()).Truncate(time.Second) + time.Second; v.RetryAfter != want || v.Requests.Month.Used != 12 || v.Requests.Hour.Used != 4 {
		t.Errorf("retry after %v, want %v; %+v", v.RetryAfter, want, v.Requests.Month)
	}
	w.clock.advance(time.Hour)
	a.verdict("in the next hour, too", k.Secret, api.VerifyQuotaExceeded, "send")
	w.flush()
	w.openAgain()
	a.verdict("and after a restart", k.Secret, api.VerifyQuotaExceeded, "send")
	w.clock.advance(next.Sub(w.clock.Now()) - time.Second)
	a.verdict("the last second", k.Secret, api.VerifyQuotaExceeded, "send")
	w.clock.advance(time.Second)
	if v := a.verdict("the next month", k.Secret, api.VerifyValid, "send"); v.Requests.Month.Used != 1 || !v.Requests.Month.ResetAt.Equal(next.AddDate(0, 1, 0)) {
		t.Errorf("it begins with %+v", v.Requests.Month)
	}
}

func TestRequests_NodesSeeEachOthersOnceTheyAreWritten(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, small(t)) // 5 an hour
	a := w.tenant("small", "maxi")
	k := a.key(newKey("ci", "send"))
	other, err := sqlite.Open(ctx, w.path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() })
	config := w.config()
	config.Store = other
	node, err := keyring.New(ctx, config)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(on *keyring.Keyring, want string, used int64) {
		t.Helper()
		_, v, err := on.VerifyFor(ctx, a.owner, origin, keyring.Presented{Secret: k.Secret}, []string{"send"})
		if err != nil || v.Code != want || v.Requests.Hour == nil || v.Requests.Hour.Used != used {
			t.Errorf("got %q, %+v, want %q and %d used: %v", v.Code, v.Requests.Hour, want, used, err)
		}
	}
	both := func() {
		t.Helper()
		w.flush()
		if _, err := node.FlushUsage(ctx); err != nil {
			t.Fatal(err)
		}
	}
	ask(w.Keyring, api.VerifyValid, 1)
	ask(node, api.VerifyValid, 1)
	both()
	who, err := node.Authenticate(ctx, a.owner, origin)
	if err != nil {
		t.Fatal(err)
	}
	if v, err := node.Account(ctx, who); err != nil || v.Requests.Hour.Used != 2 {
		t.Errorf("the other node shows %+v, %v", v.Requests.Hour, err)
	}
	ask(w.Keyring, api.VerifyValid, 3)
	both() // the other node has nothing to write, and learns of it all the same
	ask(node, api.VerifyValid, 4)
	both()
	ask(w.Keyring, api.VerifyValid, 5)
	both()
	ask(node, api.VerifyRateLimited, 5)
	ask(w.Keyring, api.VerifyRateLimited, 5)
}
