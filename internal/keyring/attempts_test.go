package keyring_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// from asks as the owner about a secret that came from an address.
func (a *tenant) from(address string, s secret.Secret, want string) keyring.Verification {
	a.w.t.Helper()
	v, err := a.w.Verify(a.w.t.Context(), a.asOwner(), keyring.Presented{Secret: s, Address: address}, []string{"send"})
	if err != nil || v.Code != want {
		a.w.t.Errorf("from %q: the verdict is %q, want %q: %v", address, v.Code, want, err)
	}
	return v
}

// guess sends keys that never were, from an address.
func (a *tenant) guess(address string, times int) {
	a.w.t.Helper()
	for range times {
		a.from(address, secret.From("sml_"+secret.Random("base62", 43)), api.VerifyInvalid)
	}
}

// unlimited is the small platform without limits on requests: an address is blocked
// after 3 failures within a minute, for 10 minutes.
func unlimited(t *testing.T) (*world, *tenant, secret.Secret) {
	t.Helper()
	p := small(t)
	p.Requests.PerHour = nil
	w := newWorld(t, p)
	a := w.tenant("small", "maxi")
	return w, a, a.key(newKey("ci", "send")).Secret
}

func TestAttempts_TooManyFailuresBlockTheAddress(t *testing.T) {
	t.Parallel()
	w, a, good := unlimited(t)
	const here = "192.0.2.7"
	a.guess(here, 2)
	a.from(here, good, api.VerifyValid) // does not count, and forgives nothing
	a.guess(here, 1)
	other := w.tenant("small", "maxi")
	v := a.from(here, good, api.VerifyBlocked)
	if v.RetryAfter != 10*time.Minute || v.APIKey.ID != "" || v.Effective != nil {
		t.Errorf("blocked: %+v", v)
	}
	if text := string(w.Answer(a.asOwner(), v)); text != `"blocked for 600"` {
		t.Errorf("the answer is %s", text)
	}
	for _, address := range []string{"192.0.2.8", "192.0.2.6", "", "2001:db8::7"} {
		a.from(address, good, api.VerifyValid)
	}
	other.from(here, other.key(newKey("x", "send")).Secret, api.VerifyValid)
	w.clock.advance(10*time.Minute - time.Nanosecond)
	if v := a.from(here, good, api.VerifyBlocked); v.RetryAfter != time.Second {
		t.Errorf("at the last moment: retry after %v", v.RetryAfter)
	}
	a.from(here, secret.From("sml_x"), api.VerifyBlocked) // does not make it longer
	w.clock.advance(time.Nanosecond)
	a.from(here, good, api.VerifyValid)
	a.guess(here, 3) // counted anew
	a.from(here, good, api.VerifyBlocked)
	w.openAgain() // a restart forgives
	a.from(here, good, api.VerifyValid)
}

func TestAttempts_CountWithinTheWindow(t *testing.T) {
	t.Parallel()
	w, a, good := unlimited(t)
	const here = "192.0.2.7"
	a.guess(here, 1)
	w.clock.advance(59 * time.Second)
	a.guess(here, 1)
	w.clock.advance(time.Second) // a minute after the first
	a.guess(here, 2)
	a.from(here, good, api.VerifyValid)
	w.clock.advance(time.Minute - time.Nanosecond)
	a.guess(here, 1)
	a.from(here, good, api.VerifyBlocked)
}

func TestAttempts_WhichVerdictsCount(t *testing.T) {
	t.Parallel()
	w, a, good := unlimited(t)
	off, late := newKey("off", "send"), newKey("late", "send")
	off.Enabled, late.ExpiresAt = false, in(time.Second)
	inactive, expired := a.key(off), a.key(late)
	one := a.sub("one")
	child := one.key(newKey("child", "send"))
	one.change(keyring.SubaccountChange{Status: ptr(api.SubaccountSuspended)})
	w.clock.advance(time.Second)
	for i, tc := range []struct {
		s      secret.Secret
		code   string
		scope  string
		counts bool
	}{
		{inactive.Secret, api.VerifyInactive, "send", true}, {expired.Secret, api.VerifyExpired, "send", true}, {a.owner, api.VerifyInvalid, "send", true},
		{child.Secret, api.VerifySubaccountSuspended, "send", false}, {good, api.VerifyMissingScope, "read", false}, {good, api.VerifyValid, "send", false},
	} {
		address := fmt.Sprint("198.51.100.", i)
		for range 3 {
			v, err := w.Verify(t.Context(), a.asOwner(), keyring.Presented{Secret: tc.s, Address: address}, []string{tc.scope})
			if err != nil || v.Code != tc.code {
				t.Errorf("%d: %q, want %q: %v", i, v.Code, tc.code, err)
			}
		}
		want := api.VerifyValid
		if tc.counts {
			want = api.VerifyBlocked
		}
		a.from(address, good, want)
	}
	for range 5 {
		a.from("", secret.From("sml_x"), api.VerifyInvalid) // from nowhere: nothing to block
	}
	a.from("", good, api.VerifyValid)
	users := w.tenant("postern", "")
	k := users.key(newKey("ci", "read"))
	for range 50 {
		_, err := w.Verify(t.Context(), users.asOwner(), keyring.Presented{Secret: secret.From("x"), Address: "192.0.2.1"}, nil)
		if err != nil {
			t.Fatal(err)
		}
	}
	v, err := w.Verify(t.Context(), users.asOwner(), keyring.Presented{Secret: k.Secret, Address: "192.0.2.1"}, nil)
	if err != nil || !v.Valid() {
		t.Errorf("where nothing blocks: %q, %v", v.Code, err)
	}
}

func TestAttempts_AnIPv6AddressCountsByItsNetwork(t *testing.T) {
	t.Parallel()
	w, a, good := unlimited(t)
	for _, address := range []string{"2001:db8:1:2::1", "2001:db8:1:2:ffff::", "2001:0DB8:0001:0002::3"} {
		a.guess(address, 1)
	}
	a.from("2001:db8:1:2:3:4:5:6", good, api.VerifyBlocked)
	a.from("2001:db8:1:3::1", good, api.VerifyValid)
	a.guess("::ffff:192.0.2.9", 2)
	a.guess("192.0.2.9", 1)
	a.from("::ffff:c000:209", good, api.VerifyBlocked)
	a.from("192.0.2.9", good, api.VerifyBlocked)
	a.from("::ffff:192.0.2.10", good, api.VerifyValid) // no network of all IPv4
	a.guess("fe80::1%eth0", 2)
	a.guess("fe80::2%eth1", 1)
	a.from("fe80::3", good, api.VerifyBlocked)
	for _, bad := range []string{"192.0.2.1:443", "[2001:db8::1]", "localhost", "192.0.2.0/24", "192.0.2", " 192.0.2.1"} {
		_, err := w.Verify(t.Context(), a.asOwner(), keyring.Presented{Secret: good, Address: bad}, nil)
		refusedAs(t, bad, err, api.CodeValidationFailed, "client_address")
	}
}

func TestAttempts_AfterABlockTheyAreCountedAnew(t *testing.T) {
	t.Parallel()
	w, a, good := unlimited(t)
	rules := *w.platforms["small"].Attempts
	rules.Within = time.Hour // longer than the block
	w.platforms["small"].Attempts = &rules
	const here = "192.0.2.7"
	a.guess(here, 3)
	w.clock.advance(10 * time.Minute)
	a.guess(here, 2)
	a.from(here, good, api.VerifyValid)
	a.guess(here, 1)
	a.from(here, good, api.VerifyBlocked)
}
