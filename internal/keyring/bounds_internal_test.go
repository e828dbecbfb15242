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

func address(account string, i int) source {
	return source{account, netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 32)}
}

func TestFaults_AFloodOfAddressesSwitchesNoBlockOff(t *testing.T) {
	t.Parallel()
	rules := &platform.AttemptRules{Failures: 2, Within: time.Minute, Block: time.Hour}
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	a := newAttempts()
	block := func(from source) {
		t.Helper()
		a.failed(rules, from, now)
		a.failed(rules, from, now)
		if a.blocked(from, now) != time.Hour {
			t.Fatalf("%v is not blocked, with %d remembered", from, a.all.n)
		}
	}
	quiet := address("quiet", 0)
	block(quiet)
	for i := range maxAccountSources + 10 {
		a.failed(rules, address("flood", i), now)
	}
	if n := len(a.all.accounts["flood"].entries); n != maxAccountSources {
		t.Errorf("%d are remembered of the flood, want %d", n, maxAccountSources)
	}
	block(address("flood", 5)) // the newest is remembered, not turned away
	// All of the memory is taken, by several floods.
	for _, account := range []string{"flood2", "flood3", "flood4", "flood5"} {
		for i := range maxAccountSources {
			a.failed(rules, address(account, i), now)
		}
	}
	if a.all.n != maxSources {
		t.Errorf("%d are remembered, want %d", a.all.n, maxSources)
	}
	block(address("late", 1))
	if a.blocked(quiet, now) == 0 {
		t.Error("the floods have pushed out a block of another account")
	}
}

func TestUsage_WaitingCountsHaveABound(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	var m meter
	m.count("acct", "first", nil, now)
	for i := range maxAccountUsage + 6 {
		m.count("acct", strconv.Itoa(i), []string{"x"}, now)
	}
	m.count("acct", "first", nil, now.Add(time.Hour)) // one that is there is counted on
	if len(m.usage) != maxAccountUsage || m.dropped != 7 {
		t.Errorf("%d wait and %d were dropped, want 7", len(m.usage), m.dropped)
	}
	for i := range maxAccountUsage {
		m.count("other", strconv.Itoa(i), []string{"x"}, now)
	}
	m.dropped = 0
	for i := range pendingUsageKept + 3 {
		m.count("quiet", strconv.Itoa(i), []string{"x"}, now)
	}
	if len(m.usage) != maxPendingUsage+pendingUsageKept || m.dropped != 3 {
		t.Errorf("%d wait and %d of the quiet account were dropped, want 3", len(m.usage), m.dropped)
	}
	if got := m.pending("first"); len(got) != 1 || got[usageKey{"acct", "first", "", midnight(now)}].uses != 2 {
		t.Errorf("the first is %v", got)
	}
}

func TestPassed_RemembersNoMoreThanItsBound(t *testing.T) {
	t.Parallel()
	s := newPassed()
	quiet := secret.From("quiet")
	s.remember("quiet", "hash", quiet)
	for _, account := range []string{"a", "b", "c", "d", "e"} {
		for i := range maxAccountPassed + 1 {
			s.remember(account, "hash", secret.From(strconv.Itoa(i)))
		}
	}
	s.remember("a", "hash", secret.From("one more"))
	if s.good.n > maxPassed || !s.known("a", "hash", secret.From("one more")) {
		t.Errorf("%d are remembered", s.good.n)
	}
	if !s.known("quiet", "hash", quiet) {
		t.Error("other accounts have pushed out the one of the quiet account")
	}
	if s.known("a", "other hash", secret.From("one more")) || s.known("a", "hash", secret.From("another")) || s.known("b", "hash", secret.From("one more")) {
		t.Error("what was never right is known")
	}
	s.remember("a", "a b", secret.From("c"))
	if s.known("a", "a", secret.From("b c")) {
		t.Error("where the hash ends is not told")
	}
}
