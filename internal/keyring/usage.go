package keyring

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/platform"
)

const (
	day = 24 * time.Hour
	// usageKept is how many days counts are kept.
	usageKept = 400
	// maxPendingUsage bounds the counts in memory when the store takes none, and
	// maxAccountUsage those of one account. Each account has pendingUsageKept of its own,
	// whatever the others count.
	maxPendingUsage  = 100_000
	maxAccountUsage  = 50_000
	pendingUsageKept = 200
	// usageAtOnce bounds how long one transaction of a flush keeps other writers waiting.
	usageAtOnce = 1000
)

// meter counts how keys are used. Counts are gathered in memory and written by Flush,
// so that verifying a key never waits for a write: what was counted since the last
// Flush is lost when the process is killed.
type meter struct {
	mu       sync.Mutex
	usage    map[usageKey]tally
	requests map[string]*window // by account
	dropped  int64
	waiting  map[string]int // counts in usage, by account

	flush   sync.Mutex // held by the one Flush that runs
	trimmed time.Time  // the last day on which old counts were removed; needs flush
}

type usageKey struct {
	account, apikey, scope string
	day                    time.Time
}

type tally struct {
	uses int64
	last time.Time
}

func midnight(t time.Time) time.Time { return t.Truncate(day) }

// count notes that a key was let in for these scopes.
func (m *meter) count(account, apikey string, scopes []string, now time.Time) {
	if len(scopes) == 0 {
		scopes = []string{""}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.usage == nil {
		m.usage = map[usageKey]tally{}
	}
	for i, s := range scopes {
		if !slices.Contains(scopes[:i], s) { // who names a scope twice uses it once
			m.add(usageKey{account, apikey, s, midnight(now)}, tally{1, now.Truncate(time.Second)})
		}
	}
}

// add needs the lock.
func (m *meter) add(key usageKey, more tally) {
	t, ok := m.usage[key]
	if own := m.waiting[key.account]; !ok {
		if own >= maxAccountUsage || own >= pendingUsageKept && len(m.usage) >= maxPendingUsage {
			m.dropped += more.uses
			return
		}
		if m.waiting == nil {
			m.waiting = map[string]int{}
		}
		m.waiting[key.account] = own + 1
	}
	t.uses += more.uses
	if more.last.After(t.last) {
		t.last = more.last
	}
	m.usage[key] = t
}

// pending returns what is counted and not yet written for one key.
func (m *meter) pending(apikey string) map[usageKey]tally {
	m.mu.Lock()
	defer m.mu.Unlock()
	found := map[usageKey]tally{}
	for key, t := range m.usage {
		if key.apikey == apikey {
			found[key] = t
		}
	}
	return found
}

// FlushUsage writes what was counted since the last time. What the store does not take
// stays for the next time; dropped is how many uses were given up since the last
// call, because more waited than memory is for.
func (k *Keyring) FlushUsage(ctx context.Context) (dropped int64, err error) {
	m := &k.meter
	m.flush.Lock()
	defer m.flush.Unlock()
	m.mu.Lock()
	usage := m.usage
	m.usage, m.waiting = map[usageKey]tally{}, nil
	dropped, m.dropped = m.dropped, 0
	requests := m.takeRequests()
	m.mu.Unlock()

	accounts := map[string][]UsageCount{}
	for account := range requests {
		accounts[account] = nil
	}
	for key, t := range usage {
		accounts[key.account] = append(accounts[key.account], UsageCount{APIKey: key.apikey, Day: key.day, Scope: key.scope, Uses: t.uses, LastUsedAt: t.last})
	}
	for _, account := range slices.Sorted(maps.Keys(accounts)) {
		if failed := k.flushAccount(ctx, account, accounts[account], requests[account]); failed != nil {
			err = failed
		}
	}
	m.written()
	if err == nil {
		err = k.trimUsage(ctx)
	}
	return dropped, err
}

// flushAccount writes what was counted for one account, in several transactions when it is
// much, and keeps what could not be written.
func (k *Keyring) flushAccount(ctx context.Context, account string, usage []UsageCount, requests map[time.Time]int64) error {
	for first := true; first || len(usage) > 0; first = false {
		part := usage[:min(len(usage), usageAtOnce)]
		err := k.update(ctx, account, func(w Writer) error {
			for hour, n := range requests {
				if err := w.AddRequests(ctx, account, hour, n); err != nil {
					return err
				}
			}
			if len(part) == 0 {
				return nil
			}
			return w.AddUsage(ctx, account, part)
		})
		if err != nil {
			k.meter.putBack(account, usage, requests)
			return err
		}
		usage, requests = usage[len(part):], nil
	}
	return nil
}

// putBack counts again what could not be written.
func (m *meter) putBack(account string, usage []UsageCount, requests map[time.Time]int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range usage {
		m.add(usageKey{account, c.APIKey, c.Scope, c.Day}, tally{c.Uses, c.LastUsedAt})
	}
	m.returnRequests(account, requests)
}

// trimUsage removes what is older than usageKept days, once a day.
func (k *Keyring) trimUsage(ctx context.Context) error {
	today := midnight(k.Now())
	if !k.meter.trimmed.Before(today) || k.ClockDoubted() {
		return nil
	}
	accounts, err := k.Accounts(ctx)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		err := k.update(ctx, a.ID, func(w Writer) error { return w.DeleteUsageBefore(ctx, a.ID, today.Add(-usageKept*day)) })
		if err != nil {
			return err
		}
	}
	k.meter.trimmed = today
	return nil
}

// Usage is how often a key was let in.
type Usage struct {
	APIKey   APIKeyView
	Since    time.Time
	Observed time.Time    // Since, or when the key was made, whichever is later
	Days     []UsageCount // by (Day, Scope)
	Scopes   []UsageCount // over all days, by Scope
	Unused   []string     // what the key holds and nobody asked for, sorted
	LastUsed time.Time    // the zero value for never
}

// APIKeyUsage returns how often a key was let in during the last days, today included.
// What is not yet written counts, too.
func (k *Keyring) APIKeyUsage(ctx context.Context, who Caller, id string, days int) (Usage, error) {
	var f faults
	if days < 1 || days > usageKept {
		f.add("days", "must be 1 to %d, as counts are kept for so long", usageKept)
	}
	if err := f.err(); err != nil {
		return Usage{}, err
	}
	u := Usage{Since: midnight(k.Now()).Add(-time.Duration(days-1) * day)}
	var counts []UsageCount
	err := k.read(ctx, k.view, who, platform.RightAPIKeysRead, "apikey.usage", id, func(r Reader, who Caller) error {
		key, err := k.find(ctx, r, who, id, nil)
		if err != nil {
			return err
		}
		u.APIKey = k.keyView(who, key)
		u.Observed = later(u.Since, key.CreatedAt)
		counts, err = r.UsageOf(ctx, who.Account.ID, id, time.Time{})
		return err
	})
	if err != nil {
		return Usage{}, err
	}
	u.fill(counts, k.meter.pending(id))
	return u, nil
}

// fill sums up what is written and what is not.
func (u *Usage) fill(written []UsageCount, pending map[usageKey]tally) {
	type place struct {
		day   time.Time
		scope string
	}
	all, scopes := map[place]UsageCount{}, map[string]UsageCount{}
	for _, s := range u.APIKey.Effective {
		scopes[s] = UsageCount{Scope: s}
	}
	add := func(c UsageCount) {
		u.LastUsed = later(u.LastUsed, c.LastUsedAt)
		if c.Day.Before(u.Since) {
			return
		}
		at := place{c.Day, c.Scope}
		all[at] = UsageCount{Day: c.Day, Scope: c.Scope, Uses: all[at].Uses + c.Uses}
		s := scopes[c.Scope]
		scopes[c.Scope] = UsageCount{Scope: c.Scope, Uses: s.Uses + c.Uses, LastUsedAt: later(s.LastUsedAt, c.LastUsedAt)}
	}
	for _, c := range written {
		add(c)
	}
	for key, t := range pending {
		add(UsageCount{Day: key.day, Scope: key.scope, Uses: t.uses, LastUsedAt: t.last})
	}
	u.Days = slices.SortedFunc(maps.Values(all), func(a, b UsageCount) int {
		if c := a.Day.Compare(b.Day); c != 0 {
			return c
		}
		return strings.Compare(a.Scope, b.Scope)
	})
	u.Scopes = slices.SortedFunc(maps.Values(scopes), func(a, b UsageCount) int { return strings.Compare(a.Scope, b.Scope) })
	u.Unused = []string{}
	for _, s := range u.APIKey.Effective {
		if scopes[s].Uses == 0 {
			u.Unused = append(u.Unused, s)
		}
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
