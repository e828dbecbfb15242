package storetest

import (
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// day is midnight, so many days after the one of start.
func day(n int) time.Time { return start.Truncate(24*time.Hour).AddDate(0, 0, n) }

func hour(n int) time.Time { return start.Truncate(time.Hour).Add(time.Duration(n) * time.Hour) }

func use(apikey string, on int, scope string, uses int64) keyring.UsageCount {
	return keyring.UsageCount{APIKey: apikey, Day: day(on), Scope: scope, Uses: uses, LastUsedAt: day(on).Add(time.Minute)}
}

func (d *db) use(account string, counts ...keyring.UsageCount) {
	d.t.Helper()
	d.update(account, func(w keyring.Writer) error { return w.AddUsage(d.t.Context(), account, counts) })
}

func (d *db) usage(account, apikey string, since time.Time) []keyring.UsageCount {
	d.t.Helper()
	return read(d, func(r keyring.Reader) ([]keyring.UsageCount, error) {
		return r.UsageOf(d.t.Context(), account, apikey, since)
	})
}

func (d *db) request(account string, in int, n int64) {
	d.t.Helper()
	d.update(account, func(w keyring.Writer) error { return w.AddRequests(d.t.Context(), account, hour(in), n) })
}

func (d *db) requests(account string, since int) int64 {
	d.t.Helper()
	return read(d, func(r keyring.Reader) (int64, error) { return r.Requests(d.t.Context(), account, hour(since)) })
}

func testUsage(t *testing.T, d *db) {
	d.seed("acct_1", "acct_2")
	d.found(subaccount("acct_1", "sub_1", 1))
	d.insert(apikey("acct_1", "key_1", 1), inSubaccount("sub_1", apikey("acct_1", "key_2", 1)), apikey("acct_2", "key_3", 1))
	same(t, d.usage("acct_1", "key_1", day(-9)), []keyring.UsageCount{})
	d.use("acct_1")
	// Counts of keys that are not the account's are passed over, wherever they stand.
	d.use("acct_1", use("key_3", 0, "a", 9), use("key_1", 1, "", 1), use("key_9", 0, "a", 9), use("key_1", 0, "ø", 2), use("key_1", 0, "b", 1<<40),
		use("key_1", 0, "B", 4), use("", 0, "a", 9), use("key_2", 0, "b", 5), use("key_1", -1, "b", 6))
	want := []keyring.UsageCount{use("key_1", -1, "b", 6), use("key_1", 0, "B", 4), use("key_1", 0, "b", 1<<40), use("key_1", 0, "ø", 2), use("key_1", 1, "", 1)}
	same(t, d.usage("acct_1", "key_1", day(-9)), want)
	same(t, d.usage("acct_1", "key_1", day(-1)), want) // from that day on
	same(t, d.usage("acct_1", "key_1", day(0)), want[1:])
	same(t, d.usage("acct_1", "key_1", day(1)), want[4:])
	same(t, d.usage("acct_1", "key_1", day(2)), []keyring.UsageCount{})
	same(t, d.usage("acct_1", "key_2", day(-9)), []keyring.UsageCount{use("key_2", 0, "b", 5)})
	for _, other := range [][2]string{{"acct_2", "key_1"}, {"acct_2", "key_3"}, {"acct_1", "key_3"}, {"acct_1", "key_9"}, {"acct_1", ""}, {"acct_9", "key_1"}, {"acct_1", "\xff"}} {
		same(t, d.usage(other[0], other[1], day(-9)), []keyring.UsageCount{})
	}
}

func testUsageAddsUp(t *testing.T, d *db) {
	d.seed("acct_1")
	d.insert(apikey("acct_1", "key_1", 1), apikey("acct_1", "key_2", 1))
	at := func(uses int64, minute int) keyring.UsageCount {
		u := use("key_1", 0, "a", uses)
		u.LastUsedAt = day(0).Add(time.Duration(minute)*time.Minute + time.Microsecond)
		return u
	}
	d.use("acct_1", at(1, 5))
	d.use("acct_1", at(2, 9), use("key_1", 1, "a", 7), use("key_1", 0, "A", 7), use("key_2", 0, "a", 7))
	same(t, d.usage("acct_1", "key_1", day(0)), []keyring.UsageCount{use("key_1", 0, "A", 7), at(3, 9), use("key_1", 1, "a", 7)})
	d.use("acct_1", at(4, 3), at(8, 4)) // counted late: the last use stays the last
	same(t, d.usage("acct_1", "key_1", day(0)), []keyring.UsageCount{use("key_1", 0, "A", 7), at(15, 9), use("key_1", 1, "a", 7)})
	same(t, d.usage("acct_1", "key_2", day(0)), []keyring.UsageCount{use("key_2", 0, "a", 7)})

	d.update("acct_1", func(w keyring.Writer) error { return w.DeleteAPIKey(t.Context(), "acct_1", "key_1") })
	d.use("acct_1", at(1, 5), use("key_2", 0, "a", 1))
	same(t, d.usage("acct_1", "key_1", day(0)), []keyring.UsageCount{})
	same(t, d.usage("acct_1", "key_2", day(0)), []keyring.UsageCount{use("key_2", 0, "a", 8)})
	d.insert(apikey("acct_1", "key_1", 1))
	same(t, d.usage("acct_1", "key_1", day(0)), []keyring.UsageCount{})
}

func testRequests(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1", "acct_2")
	d.request("acct_2", 0, 1000)
	for in, n := range []int64{1, 2, 4} {
		d.request("acct_1", in, n)
		d.request("acct_1", in, n*10)
	}
	for since, want := range map[int]int64{-5: 77, 0: 77, 1: 66, 2: 44, 3: 0} {
		if got := d.requests("acct_1", since); got != want {
			t.Errorf("%d requests from hour %d on, want %d", got, since, want)
		}
	}
	if got := d.requests("acct_9", 0); got != 0 {
		t.Errorf("an unknown account has %d requests", got)
	}
	d.refused(keyring.ErrNotFound, "acct_9", func(w keyring.Writer) error { return w.AddRequests(ctx, "acct_9", hour(0), 1) })
}

func testUsageTrim(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1", "acct_2")
	d.found(subaccount("acct_1", "sub_1", 1))
	d.insert(apikey("acct_1", "key_1", 1), inSubaccount("sub_1", apikey("acct_1", "key_2", 1)), apikey("acct_2", "key_3", 1))
	for on := -3; on <= 0; on++ {
		d.use("acct_1", use("key_1", on, "a", 1), use("key_1", on, "b", 1), use("key_2", on, "a", 1))
		d.use("acct_2", use("key_3", on, "a", 1))
		for account, n := range map[string]int64{"acct_1": 1, "acct_2": 10} {
			d.update(account, func(w keyring.Writer) error { return w.AddRequests(ctx, account, day(on), n) })
			d.update(account, func(w keyring.Writer) error { return w.AddRequests(ctx, account, day(on).Add(-time.Hour), n) })
		}
	}
	d.update("acct_1", func(w keyring.Writer) error { return w.DeleteUsageBefore(ctx, "acct_1", day(-1)) })
	same(t, d.usage("acct_1", "key_1", day(-9)),
		[]keyring.UsageCount{use("key_1", -1, "a", 1), use("key_1", -1, "b", 1), use("key_1", 0, "a", 1), use("key_1", 0, "b", 1)})
	same(t, d.usage("acct_1", "key_2", day(-9)), []keyring.UsageCount{use("key_2", -1, "a", 1), use("key_2", 0, "a", 1)})
	if got := d.usage("acct_2", "key_3", day(-9)); len(got) != 4 {
		t.Errorf("another account has %d days left, want 4", len(got))
	}
	if mine, theirs := d.requests("acct_1", -1000), d.requests("acct_2", -1000); mine != 3 || theirs != 80 {
		t.Errorf("%d and %d requests are left, want 3 and 80", mine, theirs)
	}
	d.update("acct_1", func(w keyring.Writer) error { return w.DeleteUsageBefore(ctx, "acct_1", day(-1)) }) // none is left
}
