package keyring

import (
	"net/netip"
	"strconv"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/platform"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// What is kept in memory is bounded. These tests fill it to its bounds, which takes
// too long from outside.

func address(i int) source {
	return source{"acct", netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 32)}
}

func TestAttempts_RememberNoMoreThanTheirBound(t *testing.T) {
	t.Parallel()
	rules := &platform.AttemptRules{Failures: 2, Within: time.Minute, Block: time.Hour}
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	var a attempts
	a.failed(rules, address(0), now)
	a.failed(rules, address(0), now) // blocked
	for i := 1; i < maxSources+10; i++ {
		a.failed(rules, address(i), now)
	}
	if len(a.all) != maxSources {
		t.Errorf("%d are remembered, want %d", len(a.all), maxSources)
	}
	fresh := address(maxSources + 20)
	a.failed(rules, fresh, now)
	if _, ok := a.all[fresh]; ok {
		t.Error("a new one has taken the place of another")
	}
	now = now.Add(time.Minute)
	a.failed(rules, fresh, now)
	if a.blocked(address(0), now) == 0 || len(a.all) != 2 {
		t.Errorf("%d are remembered after the window, want the blocked one and the new one", len(a.all))
	}
	a.failed(rules, fresh, now)
	if a.blocked(fresh, now) != time.Hour {
		t.Error("the new one is not counted")
	}
}

func TestUsage_WaitingCountsHaveABound(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	var m meter
	m.count("acct", "first", nil, now)
	for i := range maxPendingUsage + 6 {
		m.count("acct", strconv.Itoa(i), []string{"x"}, now)
	}
	m.count("acct", "first", nil, now.Add(time.Hour)) // one that is there is counted on
	if len(m.usage) != maxPendingUsage || m.dropped != 7 {
		t.Errorf("%d wait and %d were dropped, want 7", len(m.usage), m.dropped)
	}
	if got := m.pending("first"); len(got) != 1 || got[usageKey{"acct", "first", "", midnight(now)}].uses != 2 {
		t.Errorf("the first is %v", got)
	}
}

func TestPassed_RemembersNoMoreThanItsBound(t *testing.T) {
	t.Parallel()
	s := newPassed()
	for i := range maxPassed {
		s.remember("hash", secret.From(strconv.Itoa(i)))
	}
	s.remember("hash", secret.From("one more"))
	if len(s.good) > maxPassed || !s.known("hash", secret.From("one more")) {
		t.Errorf("%d are remembered", len(s.good))
	}
	if s.known("other hash", secret.From("one more")) || s.known("hash", secret.From("another")) {
		t.Error("what was never right is known")
	}
	s.remember("a b", secret.From("c"))
	if s.known("a", secret.From("b c")) {
		t.Error("where the hash ends is not told")
	}
}
