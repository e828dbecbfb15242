package plan_test

import (
	"math/rand/v2"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/plan"
)

// written is what a configuration says of a key.
type written struct {
	name, description plan.Text
	subaccount        plan.Text
	scopes            plan.Set
	enabled           plan.Value[bool]
	expires           plan.Value[plan.Instant]
	rotation          plan.Value[plan.Rotation]
	changed           plan.Map
	secret            plan.Secret
}

// testCase is one choice on each axis: what the last apply was given, and what the
// configuration says now, as far as it is known at the plan and then at the apply.
type testCase struct {
	platform           testPlatform
	axes               []string // the choices
	create             bool
	unasked            bool // the service does not answer at the plan
	was, first, last   written
	noSecret, untold   bool   // the state holds no secret; the service does not tell when it was made
	previous           string // "", "there" or "due"
	unclaimed, holdDue bool
	credential         string
	ofProvider         plan.Text // the sub-account of keys that name none
	anew               bool      // the run replaces the sub-account
	policy             plan.Policy

	held   plan.APIKeyValues // the state that all this leaves
	memory plan.APIKeyMemory
}

// axis is one thing that differs from case to case.
type axis struct {
	name    string
	options []option
}

type option struct {
	name string
	set  func(c *testCase)
}

// generate makes the case of a number. The same number makes the same case.
func generate(name string, p testPlatform, n uint64) *testCase {
	c := &testCase{platform: p, axes: []string{name}, policy: plan.NoPolicy()}
	for _, w := range []*written{&c.was, &c.first, &c.last} {
		w.name = known("ci")
		if p.ofSubaccount {
			w.subaccount = known("acme")
		}
		if p.rules.FixedScopes == nil {
			w.scopes = plan.SetOf("write")
		}
		if p.rules.Password {
			w.secret = known(secretOf("a password"))
		}
	}
	random := rand.New(rand.NewPCG(n, 7))
	for _, a := range axes() {
		o := a.options[random.IntN(len(a.options))]
		if n%2 == 0 && random.IntN(4) > 0 {
			o = a.options[0] // in every other case few things change
		}
		c.axes = append(c.axes, a.name+": "+o.name)
		o.set(c)
	}
	if !c.create {
		c.held = c.state()
	}
	return c
}

func known[T any](v T) plan.Value[T] { return plan.Known(v) }

func rotationOf(period time.Duration, overlap plan.Value[time.Duration]) plan.Value[plan.Rotation] {
	return known(plan.Rotation{Period: known(period), Overlap: overlap})
}

func instant(at time.Time) plan.Value[plan.Instant] { return plan.InstantOf(at) }

func asIs(*testCase) {}

// axes are all of them. Some of what they say a platform refuses.
func axes() []axis {
	return []axis{
		{"kind", []option{
			{"change", asIs}, {"change, again", asIs}, {"change, once more", asIs},
			{"create", func(c *testCase) { c.create = true }},
			{"unasked", func(c *testCase) { c.unasked = true }},
		}},
		{"name", []option{
			{"same", asIs}, {"still the same", asIs},
			{"renamed", now(func(w *written) { w.name = known("cd") })},
			{"left out", now(func(w *written) { w.name = plan.Null[string]() })},
			{"unknown, then the same", first(func(w *written) { w.name = plan.Unknown[string]() })},
			{"unknown, then another", then(func(w *written) { w.name = plan.Unknown[string]() }, func(w *written) { w.name = known("cd") })},
		}},
		{"description", []option{{"none", asIs}, {"new", now(func(w *written) { w.description = known("d") })}}},
		scopesAxis(), expiryAxis(),
		{"enabled", []option{
			{"left out", asIs}, {"still left out", asIs},
			{"set", now(func(w *written) { w.enabled = known(true) })},
			{"turned off", now(func(w *written) { w.enabled = known(false) })},
			{"turned on", before(func(w *written) { w.enabled = known(false) })},
			{"unknown, then on", then(func(w *written) { w.enabled = plan.Unknown[bool]() }, func(w *written) { w.enabled = known(true) })},
			{"unknown, then off", then(func(w *written) { w.enabled = plan.Unknown[bool]() }, func(w *written) { w.enabled = known(false) })},
		}},
		rotationAxis(), changedAxis(),
		{"secret", []option{
			{"minted", asIs}, {"minted, too", asIs},
			{"chosen", now(func(w *written) { w.secret = known(secretOf("a secret of one's own")) })},
			{"empty", now(func(w *written) { w.secret = known(secretOf("")) })},
			{"unknown", first(func(w *written) { w.secret = plan.Unknown[plan.SecretText]() })},
			{"unknown, then chosen", then(func(w *written) { w.secret = plan.Unknown[plan.SecretText]() }, func(w *written) { w.secret = known(secretOf("a secret of one's own")) })},
		}},
		{"secret before", []option{{"minted", asIs}, {"chosen", func(c *testCase) {
			if c.platform.rules.ChooseSecret {
				c.was.secret = known(secretOf("a secret of one's own"))
			}
		}}}},
		{"held", []option{
			{"all", asIs}, {"no secret", func(c *testCase) { c.noSecret = true }}, {"no age", func(c *testCase) { c.untold = true }},
			{"unclaimed", func(c *testCase) { c.unclaimed = true }}, {"due is held back", func(c *testCase) { c.holdDue = true }},
		}},
		{"previous", []option{{"none", asIs}, {"there", func(c *testCase) { c.previous = "there" }}, {"due", func(c *testCase) { c.previous = "due" }}}},
		{"credential", []option{
			{"owner", asIs}, {"owner, too", asIs}, {"owner as well", asIs},
			{"key of all", func(c *testCase) { c.credential = "all" }}, {"key of little", func(c *testCase) { c.credential = "little" }},
			{"ends", func(c *testCase) { c.credential = "ends" }},
		}},
		{"place", []option{
			{"same", asIs}, {"still the same", asIs},
			{"another", now(func(w *written) { w.subaccount = known("other") })},
			{"unknown, then the same", first(func(w *written) { w.subaccount = plan.Unknown[string]() })},
			{"unknown, then another", then(func(w *written) { w.subaccount = plan.Unknown[string]() }, func(w *written) { w.subaccount = known("other") })},
			{"the default", all(now(func(w *written) { w.subaccount = plan.Null[string]() }), func(c *testCase) { c.ofProvider = known("acme") })},
			{"another default", all(now(func(w *written) { w.subaccount = plan.Null[string]() }), func(c *testCase) { c.ofProvider = known("other") })},
			{"made anew", func(c *testCase) { c.anew = true }},
			{"none", now(func(w *written) { w.subaccount = plan.Null[string]() })},
		}},
		{"policy", []option{
			{"none", asIs}, {"none here", asIs}, {"none at all", asIs},
			{"no widening", func(c *testCase) { c.policy.Widening = plan.Deny }},
			{"no admin", func(c *testCase) { c.policy.Forbid = []string{"adm*"} }},
			{"an end", func(c *testCase) { c.policy.ExpiryOrRotation = true }},
			{"a short life", func(c *testCase) { c.policy.MaxLifetime = 150 * 24 * time.Hour }},
			{"no secret", func(c *testCase) { c.policy.SecretsInState = plan.Deny }},
		}},
	}
}

// now changes what is written, as known at the plan as at the apply.
func now(set func(*written)) func(*testCase) { return then(set, set) }

// first changes what is known at the plan only.
func first(set func(*written)) func(*testCase) { return func(c *testCase) { set(&c.first) } }

// then changes what is known at the plan, and at the apply.
func then(first, last func(*written)) func(*testCase) {
	return func(c *testCase) { first(&c.first); last(&c.last) }
}

// before changes what the last apply was given.
func before(set func(*written)) func(*testCase) { return func(c *testCase) { set(&c.was) } }

// always changes what the last apply was given, and what is written now.
func always(set func(*written)) func(*testCase) {
	return func(c *testCase) { set(&c.was); set(&c.first); set(&c.last) }
}

// all does both.
func all(sets ...func(*testCase)) func(*testCase) {
	return func(c *testCase) {
		for _, set := range sets {
			set(c)
		}
	}
}

func scopesAxis() axis {
	to := func(s plan.Set) func(*written) { return func(w *written) { w.scopes = s } }
	return axis{"scopes", []option{
		{"same", asIs}, {"still the same", asIs},
		{"wider", now(to(plan.SetOf("admin")))}, {"narrower", now(to(plan.SetOf("read")))}, {"others", now(to(plan.SetOf("mail")))},
		{"redundant", now(to(plan.SetOf("read", "write")))}, {"unknown name", now(to(plan.SetOf("nope")))}, {"mixed", now(to(plan.SetOf("other", "read")))},
		{"left out", now(to(plan.NullSet()))}, {"those of others", now(to(plan.SetOf("api")))},
		{"unknown, then the same", first(to(plan.UnknownSet()))}, {"unknown, then wider", then(to(plan.UnknownSet()), to(plan.SetOf("mail", "write")))},
		{"part, then the same", first(to(plan.PartOf(1)))}, {"part, then wider", then(to(plan.PartOf(1, "write")), to(plan.SetOf("mail", "write")))},
	}}
}

func expiryAxis() axis {
	to := func(v plan.Value[plan.Instant]) func(*written) { return func(w *written) { w.expires = v } }
	soon, later, past := to(instant(noon.Add(100*24*time.Hour))), to(instant(noon.Add(200*24*time.Hour))), to(instant(noon.Add(-24*time.Hour)))
	open, never := to(plan.Unknown[plan.Instant]()), to(plan.Null[plan.Instant]())
	return axis{"expiry", []option{
		{"none", asIs}, {"none, too", asIs}, {"none as well", asIs},
		{"same", always(soon)}, {"set", now(soon)}, {"removed", before(soon)}, {"moved", all(before(soon), now(later))}, {"set to the past", now(past)},
		{"unknown, then none", first(open)}, {"unknown, then set", then(open, soon)},
		{"expired", always(past)}, {"expired, renewed", all(before(past), now(later))}, {"expired, then never", before(past)},
		{"expired, then unknown", all(before(past), then(open, later))}, {"expired, and unknown is never", all(before(past), then(open, never))},
	}}
}

func rotationAxis() axis {
	short, long := known(24*time.Hour), known(2400*time.Hour)
	none, zero, day, open := plan.Null[time.Duration](), known(time.Duration(0)), known(24*time.Hour), plan.Unknown[time.Duration]()
	to := func(period, overlap plan.Value[time.Duration]) func(*written) {
		return func(w *written) { w.rotation = known(plan.Rotation{Period: period, Overlap: overlap}) }
	}
	unknown := func(w *written) { w.rotation = plan.Unknown[plan.Rotation]() }
	early := func(v plan.Value[time.Duration]) func(*written) {
		return func(w *written) { w.rotation = known(plan.Rotation{Period: long, Early: v}) }
	}
	absent := func(w *written) { w.rotation = plan.Null[plan.Rotation]() }
	return axis{"rotation", []option{
		{"none", asIs}, {"none, too", asIs},
		{"due", always(to(short, none))}, {"due, no overlap", always(to(short, zero))}, {"due, overlap", always(to(short, day))}, {"not due", always(to(long, none))},
		{"set", now(to(long, none))}, {"set to due", now(to(short, none))}, {"removed", before(to(short, none))},
		{"shortened", all(before(to(long, none)), now(to(short, zero)))}, {"lengthened", all(before(to(short, none)), now(to(long, none)))},
		{"too long an overlap", now(to(long, known(24*365*time.Hour)))},
		{"unknown, then due", all(always(to(short, none)), first(unknown))}, {"unknown, then none", all(before(to(short, none)), then(unknown, absent))},
		{"due early", always(early(known(2300 * time.Hour)))}, {"early unknown", all(always(early(known(2300*time.Hour))), first(early(open)))},
		{"overlap unknown", all(before(to(short, zero)), then(to(short, open), to(short, zero)))}, {"period unknown", all(always(to(short, zero)), first(to(open, zero)))},
	}}
}

func changedAxis() axis {
	a, b, open := known("a"), known("b"), plan.Unknown[string]()
	to := func(v, w plan.Text) func(*written) {
		return func(x *written) { x.changed = plan.MapOf(map[string]plan.Text{"v": v, "w": w}) }
	}
	one := func(x *written) { x.changed = plan.MapOf(map[string]plan.Text{"v": a}) }
	unknown := func(x *written) { x.changed = plan.UnknownMap() }
	return axis{"rotate_when_changed", []option{
		{"none", asIs}, {"none, too", asIs}, {"none as well", asIs},
		{"same", always(to(a, a))}, {"first set", now(to(a, a))}, {"removed", before(to(a, a))}, {"changed", all(before(to(a, a)), now(to(b, a)))},
		{"fewer", all(before(to(a, a)), now(one))}, {"unknown", all(always(to(a, a)), first(unknown))},
		{"unknown value, then the same", all(always(to(a, a)), first(to(a, open)))}, {"unknown value, then another", all(before(to(a, a)), then(to(open, a), to(b, a)))},
		{"one changed, one unknown", all(before(to(a, a)), then(to(b, open), to(b, b)))},
	}}
}
