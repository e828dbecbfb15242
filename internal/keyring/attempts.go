package keyring

import (
	"net/netip"
	"sync"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/platform"
)

// attempts remembers from which addresses keys came that were not valid. It is in
// memory only: a restart forgives.
type attempts struct {
	mu    sync.Mutex
	all   map[source]*failures
	swept time.Time
}

// source is an address that calls the services of one account: whoever tries keys
// there is not shut out elsewhere.
type source struct {
	account string
	prefix  netip.Prefix
}

type failures struct {
	n            int
	since        time.Time
	blockedUntil time.Time
}

// maxSources bounds what is remembered. When it is full, those whose time is over make
// room, and if there are none, the newest are not remembered.
const maxSources = 100_000

// sourceOf is where a caller came from. An IPv6 address counts by its /64: one
// customer has as many addresses of that as it likes.
func sourceOf(account, address string) (source, bool) {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return source{}, false
	}
	a = a.Unmap().WithZone("")
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	prefix, err := a.Prefix(bits)
	return source{account, prefix}, err == nil
}

// blocked returns how long the source is still blocked; 0 when it is not.
func (a *attempts) blocked(from source, now time.Time) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	if f := a.all[from]; f != nil && now.Before(f.blockedUntil) {
		return f.blockedUntil.Sub(now)
	}
	return 0
}

// failed notes a key that was not valid.
func (a *attempts) failed(rules *platform.AttemptRules, from source, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.all == nil {
		a.all = map[source]*failures{}
	}
	f := a.all[from]
	if f == nil {
		if len(a.all) >= maxSources {
			a.forget(rules, now)
		}
		if len(a.all) >= maxSources {
			return
		}
		f = &failures{since: now}
		a.all[from] = f
	}
	if now.Sub(f.since) >= rules.Within {
		f.n, f.since = 0, now
	}
	f.n++
	if f.n >= rules.Failures {
		f.n, f.since, f.blockedUntil = 0, now, now.Add(rules.Block)
	}
}

// forget removes the sources whose time is over. It needs the lock.
func (a *attempts) forget(rules *platform.AttemptRules, now time.Time) {
	if now.Sub(a.swept) < time.Second {
		return // a flood of new addresses must not make each of them cost a sweep
	}
	a.swept = now
	for from, f := range a.all {
		if now.Sub(f.since) >= rules.Within && !now.Before(f.blockedUntil) {
			delete(a.all, from)
		}
	}
}
