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
	mu  sync.Mutex
	all shares[netip.Prefix, failures]
}

// What is remembered is bounded. When it is full, the oldest makes room, so that a flood of
// addresses never switches the blocks off.
const (
	maxSources        = 200_000
	maxAccountSources = 50_000
)

func newAttempts() *attempts {
	return &attempts{all: shares[netip.Prefix, failures]{most: maxSources, mostEach: maxAccountSources}}
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
	if f, ok := a.all.get(from.account, from.prefix); ok && now.Before(f.blockedUntil) {
		return f.blockedUntil.Sub(now)
	}
	return 0
}

// failed notes a key that was not valid.
func (a *attempts) failed(rules *platform.AttemptRules, from source, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f, known := a.all.get(from.account, from.prefix)
	if !known || now.Sub(f.since) >= rules.Within {
		f.n, f.since = 0, now
	}
	f.n++
	if f.n >= rules.Failures {
		f.n, f.since, f.blockedUntil = 0, now, now.Add(rules.Block)
	}
	a.all.put(from.account, from.prefix, f)
}
