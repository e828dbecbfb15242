package keyring

import (
	"fmt"
	"strconv"
	"testing"
	"time"
)

func TestDenials_AreBoundedForEachAccount(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	var d denials
	deny := func(account, actor string) bool {
		return d.denied(account, sumKey{action: actionRepeat, actor: actor}, Caller{Kind: "apikey"}, refused{action: "authenticate", code: "x", address: actor}, now)
	}
	atOnce := 0
	const noisy = 3 * maxDeniedCredentials
	for i := range noisy {
		if deny("noisy", strconv.Itoa(i)) {
			atOnce++
		}
	}
	if len(d.accounts["noisy"]) != maxDeniedCredentials+1 || d.n != maxDeniedCredentials || atOnce != maxDeniedCredentials+denialsAtOnce {
		t.Errorf("%d sums, %d recorded at once", len(d.accounts["noisy"]), atOnce)
	}
	// Many noisy accounts take all places, and another one still has a sum.
	for account := range 2 * maxSums / maxRefusedSources {
		for i := range maxRefusedSources {
			key := sumKey{action: actionRefuse, actor: "gateway", address: strconv.Itoa(i), code: "invalid"}
			d.count(fmt.Sprint("noisy", account), key, Caller{}, refused{address: key.address}, now)
		}
	}
	if d.n != maxSums {
		t.Errorf("%d sums, want %d", d.n, maxSums)
	}
	for range 10 {
		deny("quiet", "key")
	}
	taken := d.take(now, true)
	if quiet := taken["quiet"]; len(quiet) != 1 || quiet[0].times != 9 || quiet[0].actorKind != actorSeveral || quiet[0].key.actor != "" {
		t.Errorf("of the quiet account: %+v", quiet)
	}
	total := 0
	for _, s := range taken["noisy"] {
		total += s.times
	}
	if total != noisy-atOnce {
		t.Errorf("%d are counted of the noisy account, want %d", total, noisy-atOnce)
	}
	if d.take(now, true); d.n != 0 || len(d.accounts) != 0 {
		t.Errorf("%d sums of %d accounts are left", d.n, len(d.accounts))
	}
}

func TestStrangers_AreBounded(t *testing.T) {
	t.Parallel()
	var s strangers
	for i := range 3 * maxStrangers {
		s.note(fmt.Sprint("socket ", i), time.Time{})
	}
	if len(s.from) != maxStrangers || s.rest.times != 2*maxStrangers {
		t.Errorf("%d addresses, %d beyond", len(s.from), s.rest.times)
	}
}
