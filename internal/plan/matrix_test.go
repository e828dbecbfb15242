package plan_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/plan"
)

// The clock of the service, at the plan. The apply is an hour later.
var (
	noon  = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	apply = noon.Add(time.Hour)
	made  = noon.Add(-30 * 24 * time.Hour)
)

// written is what a configuration says of a key.
type written struct {
	name, description plan.Text
	scopes            plan.Set
	enabled           plan.Value[bool]
	expires           plan.Value[plan.Instant]
	rotation          plan.Value[plan.Rotation]
	changed           plan.Map
	secret            plan.Secret
}

// testCase has one choice on each axis.
type testCase struct {
	platform    testPlatform
	create      bool
	unasked     bool    // the service does not answer at the plan
	state       written // what the last apply was given
	first, last written // what is known at the plan, and at the apply
	memory      plan.APIKeyMemory
	held        plan.APIKeyValues // the state
	policy      plan.Policy
	axes        []string
}

type source struct{ *rand.Rand }

// pick chooses one of the names, and notes it.
func (s source) pick(c *testCase, axis string, names ...string) string {
	name := names[s.IntN(len(names))]
	c.axes = append(c.axes, axis+": "+name)
	return name
}

func known[T any](v T) plan.Value[T] { return plan.Known(v) }

func instant(at time.Time) plan.Value[plan.Instant] { return plan.InstantOf(at) }

func rotationOf(period time.Duration, overlap plan.Value[time.Duration]) plan.Value[plan.Rotation] {
	return known(plan.Rotation{Period: known(period), Overlap: overlap})
}

// generate makes the case of a number. The same number makes the same case.
func generate(name string, p testPlatform, n uint64) *testCase {
	s := source{rand.New(rand.NewPCG(n, 7))}
	c := &testCase{platform: p, axes: []string{name}, policy: plan.NoPolicy()}
	c.create = s.IntN(5) == 0
	c.unasked = s.IntN(12) == 0
	c.names(s)
	c.scopes(s)
	c.settings(s)
	c.rotations(s)
	c.secrets(s)
	if !c.create {
		c.held = c.stateOf(s)
	}
	if s.IntN(4) == 0 {
		c.policy.Widening = plan.Deny
	}
	return c
}

func (c *testCase) names(s source) {
	c.state.name, c.first.name, c.last.name = known("ci"), known("ci"), known("ci")
	switch s.pick(c, "name", "same", "same", "renamed", "unknown, then the same", "unknown, then another") {
	case "renamed":
		c.first.name, c.last.name = known("cd"), known("cd")
	case "unknown, then the same":
		c.first.name = plan.Unknown[string]()
	case "unknown, then another":
		c.first.name, c.last.name = plan.Unknown[string](), known("cd")
	}
	if s.pick(c, "description", "none", "new") == "new" {
		c.first.description, c.last.description = known("d"), known("d")
	}
}

func (c *testCase) scopes(s source) {
	if c.platform.fixed != nil || c.platform.rules.FixedScopes != nil {
		return // left out
	}
	write := plan.SetOf("write")
	c.state.scopes, c.first.scopes, c.last.scopes = write, write, write
	switch s.pick(c, "scopes", "same", "same", "wider", "narrower", "others", "unknown, then the same", "unknown, then wider", "part, then the same", "part, then wider", "redundant") {
	case "wider":
		c.first.scopes, c.last.scopes = plan.SetOf("admin"), plan.SetOf("admin")
	case "narrower":
		c.first.scopes, c.last.scopes = plan.SetOf("read"), plan.SetOf("read")
	case "others":
		c.first.scopes, c.last.scopes = plan.SetOf("mail"), plan.SetOf("mail")
	case "unknown, then the same":
		c.first.scopes = plan.UnknownSet()
	case "unknown, then wider":
		c.first.scopes, c.last.scopes = plan.UnknownSet(), plan.SetOf("mail", "write")
	case "part, then the same":
		c.first.scopes = plan.PartOf(1)
	case "part, then wider":
		c.first.scopes, c.last.scopes = plan.PartOf(1, "write"), plan.SetOf("mail", "write")
	case "redundant":
		c.first.scopes, c.last.scopes = plan.SetOf("read", "write"), plan.SetOf("read", "write")
	}
}

func (c *testCase) settings(s source) {
	soon, later, past := instant(noon.Add(100*24*time.Hour)), instant(noon.Add(200*24*time.Hour)), instant(noon.Add(-24*time.Hour))
	if c.platform.rules.Expiry {
		switch s.pick(c, "expiry", "none", "same", "set", "removed", "moved", "unknown, then none", "unknown, then set", "expired", "expired, renewed", "expired, then never", "expired, then unknown") {
		case "same":
			c.state.expires, c.first.expires, c.last.expires = soon, soon, soon
		case "set":
			c.first.expires, c.last.expires = soon, soon
		case "removed":
			c.state.expires = soon
		case "moved":
			c.state.expires, c.first.expires, c.last.expires = soon, later, later
		case "unknown, then none":
			c.first.expires = plan.Unknown[plan.Instant]()
		case "unknown, then set":
			c.first.expires, c.last.expires = plan.Unknown[plan.Instant](), soon
		case "expired":
			c.state.expires, c.first.expires, c.last.expires = past, past, past
		case "expired, renewed":
			c.state.expires, c.first.expires, c.last.expires = past, later, later
		case "expired, then never":
			c.state.expires = past
		case "expired, then unknown":
			c.state.expires, c.first.expires, c.last.expires = past, plan.Unknown[plan.Instant](), later
		}
	}
	if !c.platform.rules.Disable {
		return
	}
	switch s.pick(c, "enabled", "left out", "left out", "set", "turned off", "turned on", "unknown, then on", "unknown, then off") {
	case "set":
		c.first.enabled, c.last.enabled = known(true), known(true)
	case "turned off":
		c.first.enabled, c.last.enabled = known(false), known(false)
	case "turned on":
		c.state.enabled = known(false)
	case "unknown, then on":
		c.first.enabled, c.last.enabled = plan.Unknown[bool](), known(true)
	case "unknown, then off":
		c.first.enabled, c.last.enabled = plan.Unknown[bool](), known(false)
	}
}

func (c *testCase) rotations(s source) {
	short, long, none := 24*time.Hour, 2400*time.Hour, plan.Null[time.Duration]()
	zero, day, open := known(time.Duration(0)), known(24*time.Hour), plan.Unknown[time.Duration]()
	if c.platform.rules.MaxOverlap == 0 {
		day = zero
	}
	all := func(r plan.Value[plan.Rotation]) { c.state.rotation, c.first.rotation, c.last.rotation = r, r, r }
	change := func(first, last plan.Value[plan.Rotation]) { c.first.rotation, c.last.rotation = first, last }
	nothing := plan.Unknown[plan.Rotation]()
	switch s.pick(c, "rotation", "none", "due", "due, no overlap", "due, overlap", "not due", "set", "set to due", "removed", "shortened", "lengthened",
		"unknown, then due", "unknown, then none", "overlap unknown", "period unknown") {
	case "due":
		all(rotationOf(short, none))
	case "due, no overlap":
		all(rotationOf(short, zero))
	case "due, overlap":
		all(rotationOf(short, day))
	case "not due":
		all(rotationOf(long, none))
	case "set":
		change(rotationOf(long, none), rotationOf(long, none))
	case "set to due":
		change(rotationOf(short, none), rotationOf(short, none))
	case "removed":
		c.state.rotation = rotationOf(short, none)
	case "shortened":
		all(rotationOf(long, none))
		change(rotationOf(short, day), rotationOf(short, day))
	case "lengthened":
		all(rotationOf(short, none))
		change(rotationOf(long, none), rotationOf(long, none))
	case "unknown, then due":
		all(rotationOf(short, none))
		change(nothing, rotationOf(short, none))
	case "unknown, then none":
		all(rotationOf(short, none))
		change(nothing, plan.Null[plan.Rotation]())
	case "overlap unknown":
		all(rotationOf(short, day))
		change(rotationOf(short, open), rotationOf(short, zero))
	case "period unknown":
		all(rotationOf(short, day))
		c.first.rotation = known(plan.Rotation{Period: open, Overlap: day})
	}
	a, b, what := plan.MapOf(map[string]plan.Text{"v": known("a"), "w": known("a")}), plan.MapOf(map[string]plan.Text{"v": known("b"), "w": known("a")}), plan.Unknown[string]()
	both := plan.MapOf(map[string]plan.Text{"v": known("b"), "w": known("b")})
	switch s.pick(c, "rotate_when_changed", "none", "none", "same", "first set", "removed", "changed", "unknown value, then the same", "unknown value, then another", "unknown", "one changed, one unknown", "fewer") {
	case "same":
		c.state.changed, c.first.changed, c.last.changed = a, a, a
	case "first set":
		c.first.changed, c.last.changed = a, a
	case "removed":
		c.state.changed = a
	case "changed":
		c.state.changed, c.first.changed, c.last.changed = a, b, b
	case "unknown value, then the same":
		c.state.changed, c.first.changed, c.last.changed = a, plan.MapOf(map[string]plan.Text{"v": known("a"), "w": what}), a
	case "unknown value, then another":
		c.state.changed, c.first.changed, c.last.changed = a, plan.MapOf(map[string]plan.Text{"v": what, "w": known("a")}), b
	case "unknown":
		c.state.changed, c.first.changed, c.last.changed = a, plan.UnknownMap(), a
	case "one changed, one unknown":
		c.state.changed, c.first.changed, c.last.changed = a, plan.MapOf(map[string]plan.Text{"v": known("b"), "w": what}), both
	case "fewer":
		one := plan.MapOf(map[string]plan.Text{"v": known("a")})
		c.state.changed, c.first.changed, c.last.changed = a, one, one
	}
}

func (c *testCase) secrets(s source) {
	given := known(secretOf("a secret of one's own"))
	names := []string{"minted"}
	if c.platform.rules.ChooseSecret {
		names = append(names, "chosen", "chosen, unknown")
	}
	if c.platform.rules.Password {
		names = []string{"chosen", "chosen, unknown"}
	}
	switch s.pick(c, "secret", names...) {
	case "chosen":
		c.first.secret, c.last.secret = given, given
	case "chosen, unknown":
		c.first.secret, c.last.secret = plan.Unknown[plan.SecretText](), given
	}
	if c.platform.rules.ChooseSecret && s.pick(c, "secret before", "chosen", "minted") == "chosen" {
		c.state.secret = given
	}
}

// stateOf is the state that the last apply and a refresh have left, and what they noted.
func (c *testCase) stateOf(s source) plan.APIKeyValues {
	w, rules := c.state, c.platform.rules
	svc := service{c.platform, made}
	v := svc.make(w, "key_1")
	if s.pick(c, "secret held", "yes", "no") == "no" {
		v.Secret = plan.Null[plan.SecretText]()
	}
	if s.pick(c, "age", "told", "told", "seen") == "seen" {
		seen := made.Add(time.Hour)
		v.SecretCreatedAt, v.CreatedAt, c.memory.SeenSince = plan.Null[plan.Instant](), plan.Null[plan.Instant](), &seen
		v.RotatesAfter = rotatesAfter(w.rotation, seen)
	}
	if rules.Replace {
		switch s.pick(c, "previous", "none", "there", "due") {
		case "there":
			v.PreviousID, v.PreviousSecretExpiresAt, v.SecretVersion = known("key_0"), instant(noon.Add(5*time.Hour)), known[int64](2)
		case "due":
			v.PreviousID, v.PreviousSecretExpiresAt, v.SecretVersion = known("key_0"), instant(noon.Add(-5*time.Hour)), known[int64](2)
			c.memory.PreviousDue = true
		}
	} else if !v.Secret.IsNull() && s.IntN(10) == 0 {
		c.axes = append(c.axes, "unclaimed")
		c.memory.Unclaimed = true
	}
	v.Status = svc.status(v, noon)
	if due := plan.At(v.RotatesAfter); due != nil && !noon.Before(*due) && s.pick(c, "due", "yes", "yes", "held back") == "yes" {
		at := noon
		c.memory.DueSince = &at
	}
	return v
}

// input is what the plan goes by, for what is written.
func (c *testCase) input(t *testing.T, w written, at time.Time) plan.APIKeyInput {
	t.Helper()
	in := plan.APIKeyInput{
		Create: c.create, Config: plan.APIKeyConfig{Scopes: w.scopes, SecretWO: w.secret}, State: c.held, Memory: c.memory, Policy: c.policy,
		Account: c.platform.account(), Catalogue: testCatalogue(), Now: &at,
	}
	if in.Place.OfSubaccount = c.platform.ofSubaccount; in.Place.OfSubaccount {
		in.Config.Subaccount = known("acme")
	}
	in.Proposed = propose(w, c.held, c.create, in.Config.Subaccount)
	return in
}

// propose is what Terraform and the framework make of a configuration, for ModifyPlan.
func propose(w written, state plan.APIKeyValues, create bool, subaccount plan.Text) plan.APIKeyValues {
	v := state
	v.Subaccount, v.Name, v.Description, v.ExpiresAt, v.Rotation, v.RotateWhenChanged = subaccount, w.name, w.description, w.expires, w.rotation, w.changed
	if v.Enabled = w.enabled; w.enabled.IsNull() {
		v.Enabled = known(true)
	}
	if !w.scopes.IsNull() {
		v.Scopes = w.scopes
	}
	if !create && v.Equal(state) {
		return v
	}
	if w.scopes.IsNull() {
		v.Scopes = plan.UnknownSet()
	}
	text, at := plan.Unknown[string](), plan.Unknown[plan.Instant]()
	v.ID, v.AccountID, v.Username, v.RotationReason, v.SecretHint, v.PreviousID, v.Status = text, text, text, text, text, text, text
	v.RotatesAfter, v.SecretCreatedAt, v.PreviousSecretExpiresAt, v.CreatedAt = at, at, at, at
	v.EffectiveScopes, v.AutomaticScopes = plan.UnknownSet(), plan.UnknownSet()
	v.Secret, v.SecretVersion = plan.Unknown[plan.SecretText](), plan.Unknown[int64]()
	return v
}

// TestMatrix holds every platform's rules against every transition.
func TestMatrix(t *testing.T) {
	t.Parallel()
	const each = 6000
	actions := map[plan.Action]int{}
	for _, name := range slices.Sorted(maps.Keys(testPlatforms())) {
		p := testPlatforms()[name]
		for n := range uint64(each) {
			c := generate(name, p, n)
			if why := c.walk(t, actions); why != "" {
				t.Errorf("case %d: %s\n%s", n, strings.Join(c.axes, "; "), why)
				break
			}
		}
	}
	for _, action := range []plan.Action{plan.None, plan.Create, plan.Update, plan.Rotate, plan.RotateByNewKey, plan.Replace, plan.CleanUpPrevious} {
		if actions[action] < 100 {
			t.Errorf("only %d cases %s", actions[action], action)
		}
	}
	t.Logf("%v", actions)
}

// walk plans, plans again when all is known, applies, and plans once more. It says what of
// this does not hold.
func (c *testCase) walk(t *testing.T, actions map[plan.Action]int) string {
	t.Helper()
	in := c.input(t, c.first, noon)
	if c.unasked {
		in.Account, in.Catalogue, in.Now = nil, nil, nil
	}
	first := plan.APIKey(in)
	if again := plan.APIKey(in); !samePlan(first, again) {
		return "two plans of one input differ"
	}
	for _, f := range first.Findings {
		if f.Grade == plan.Warning && !c.create && !strings.Contains(f.Summary, "key_1") {
			return "the summary names no key: " + f.Summary
		}
	}
	last := plan.APIKey(c.input(t, c.last, apply))
	actions[last.Action]++
	if why := c.widened(first, last); why != "" {
		return why
	}
	if plan.HasError(first.Findings) || plan.HasError(last.Findings) {
		return "" // nothing is applied
	}
	if last.Action == plan.Replace && first.Action != plan.Replace && !c.unasked {
		return fmt.Sprintf("the plan says %s, the apply would say %s", first.Action, last.Action)
	}
	if first.Action == plan.Replace || last.Action == plan.Replace {
		c.create, c.held, c.memory = true, plan.APIKeyValues{}, plan.APIKeyMemory{}
		return c.walk(t, actions)
	}
	if !last.Rotation.Known && !c.create {
		return "all is known, and not whether the key is rotated"
	}
	if why := contradiction(first.Planned, last.Planned); why != "" {
		return "the plan at the apply contradicts the first: " + why
	}
	got, memory := service{c.platform, apply}.apply(c, last)
	if why := contradiction(last.Planned, got); why != "" {
		return "the apply contradicts the plan: " + why
	}
	c.create, c.held, c.memory = false, got, memory
	second := plan.APIKey(c.input(t, c.last, apply))
	if second.Action != plan.None || plan.HasError(second.Findings) {
		return fmt.Sprintf("the second plan says %s: %s", second.Action, contradiction(second.Planned, got))
	}
	return ""
}

// widened says where a key gains power and no plan says so.
func (c *testCase) widened(first, last plan.APIKeyPlan) string {
	if c.create || c.platform.rules.FixedScopes != nil {
		return ""
	}
	says := func(p plan.APIKeyPlan) bool {
		return slices.ContainsFunc(p.Findings, func(f plan.Finding) bool { return f.Code == plan.CodeGainsScopes || f.Code == plan.CodeForbiddenGain })
	}
	before, _ := c.state.scopes.Names()
	after, _ := c.last.scopes.Names()
	gains := slices.ContainsFunc(closure(after), func(name string) bool { return !slices.Contains(closure(before), name) })
	if says(last) != gains {
		return fmt.Sprintf("the key gains %v, the plan at the apply says %v", gains, says(last))
	}
	if _, all := c.first.scopes.Names(); gains && !says(first) && all && !c.unasked {
		return "the key gains scopes that are known, and the plan says nothing"
	}
	if shown, all := first.Planned.EffectiveScopes.Names(); gains && !says(first) && all {
		return fmt.Sprintf("the key gains scopes, and the plan shows %v without a word", shown)
	}
	return ""
}

// same is reflect.DeepEqual where a secret is equal to another of the same text.
func same(a, b any) bool {
	if secret, ok := a.(plan.Secret); ok {
		other, ok := b.(plan.Secret)
		return ok && secret.Equal(other)
	}
	return reflect.DeepEqual(a, b)
}

func samePlan(a, b plan.APIKeyPlan) bool {
	secrets := same(a.Planned.Secret, b.Planned.Secret)
	a.Planned.Secret, b.Planned.Secret = plan.Secret{}, plan.Secret{}
	return secrets && reflect.DeepEqual(a, b)
}

// contradiction names an attribute that the one knows and the other has otherwise.
func contradiction(planned, got plan.APIKeyValues) string {
	p, g := reflect.ValueOf(planned), reflect.ValueOf(got)
	for i := range p.NumField() {
		a, b := p.Field(i).Interface(), g.Field(i).Interface()
		if !same(a, b) && !open(a) {
			return fmt.Sprintf("%s is planned %v, and then %v", p.Type().Field(i).Name, a, b)
		}
	}
	return ""
}

// open reports whether a value, or a part of it, is not known.
func open(v any) bool {
	switch v := v.(type) {
	case plan.Set:
		_, all := v.Names()
		return !all
	case plan.Value[plan.Rotation]:
		_, all := plan.SettledRotation(v)
		return !v.IsNull() && !all
	case plan.Map:
		return v.Open()
	case interface{ IsUnknown() bool }:
		return v.IsUnknown()
	}
	return false
}
