package plan_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/plan"
)

// The clock of the service when the key was made, at the plan, and at the apply.
var (
	made  = noon.Add(-30 * 24 * time.Hour)
	noon  = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	apply = noon.Add(time.Hour)
)

// TestMatrix holds the plans of every platform's keys, through their transitions, to
// what Terraform and a reviewer rely on.
func TestMatrix(t *testing.T) {
	t.Parallel()
	const each = 1000
	actions, pairs := map[plan.Action]int{}, map[[2]string]bool{}
	for _, name := range slices.Sorted(maps.Keys(testPlatforms())) {
		p := testPlatforms()[name]
		for n := range uint64(each) {
			c := generate(name, p, n)
			for i, a := range c.axes {
				for _, b := range c.axes[:i] {
					pairs[[2]string{a, b}] = true
				}
			}
			if why := c.walk(actions); why != "" {
				t.Errorf("case %d: %s\n%s", n, strings.Join(c.axes, "; "), why)
				break
			}
		}
	}
	for _, action := range []plan.Action{plan.None, plan.Create, plan.Update, plan.Rotate, plan.RotateByNewKey, plan.Replace, plan.CleanUpPrevious} {
		if actions[action] < 20 {
			t.Errorf("only %d cases %s", actions[action], action)
		}
	}
	t.Logf("%d pairs of transitions, %v", len(pairs), actions)
}

// input is what the plan goes by, for what is written.
func (c *testCase) input(w written, at time.Time) plan.APIKeyInput {
	in := plan.APIKeyInput{
		Create: c.create, Config: plan.APIKeyConfig{Scopes: w.scopes, SecretWO: w.secret}, State: c.held, Memory: c.memory, Policy: c.policy,
		Account: c.account(), Catalogue: testCatalogue(), Now: &at,
	}
	if c.platform.ofSubaccount {
		in.Place = plan.Place{OfSubaccount: true, Default: c.ofProvider, Replaced: c.anew}
		in.Config.Subaccount = w.subaccount
	}
	in.Proposed = propose(w, c.held, c.create, in.Config.Subaccount)
	return in
}

// propose is what Terraform and the framework make of a configuration, for ModifyPlan.
func propose(w written, state plan.APIKeyValues, create bool, subaccount plan.Text) plan.APIKeyValues {
	v := state
	if !subaccount.IsNull() { // it is computed, too
		v.Subaccount = subaccount
	}
	v.Name, v.Description, v.ExpiresAt, v.Rotation, v.RotateWhenChanged = w.name, w.description, w.expires, w.rotation, w.changed
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

// walk plans, plans again when all is known, applies, and plans once more. It says what of
// this does not hold.
func (c *testCase) walk(actions map[plan.Action]int) string {
	in := c.input(c.first, noon)
	if c.unasked {
		in.Account, in.Catalogue, in.Now = nil, nil, nil
	}
	first := plan.APIKey(in)
	if again := plan.APIKey(in); !samePlan(first, again) {
		return "two plans of one input differ"
	}
	last := plan.APIKey(c.input(c.last, apply))
	actions[last.Action]++
	for _, hold := range []func() string{
		func() string { return c.named(first) },
		func() string { return c.widened(first, last) },
		func() string { return c.refused(last) },
		func() string { return c.rotated(last) },
		func() string { return c.moved(last) },
	} {
		if why := hold(); why != "" {
			return why
		}
	}
	switch {
	case plan.HasError(first.Findings) && !plan.HasError(last.Findings):
		return c.tooStrict(first)
	case plan.HasError(last.Findings):
		return "" // nothing is applied
	case first.Action == plan.Replace || last.Action == plan.Replace && c.unasked:
		c.create, c.unasked, c.anew, c.held, c.memory = true, false, false, plan.APIKeyValues{}, plan.APIKeyMemory{}
		return c.walk(actions)
	case last.Action == plan.Replace:
		return fmt.Sprintf("the plan says %s, the apply would say %s", first.Action, last.Action)
	case !last.Rotation.Known && !c.create:
		return "all is known, and not whether the key is rotated"
	}
	if why := contradiction(first.Planned, last.Planned); why != "" {
		return "the plan at the apply contradicts the first: " + why
	}
	got, memory := service{c.platform, apply}.apply(c, last)
	if why := contradiction(last.Planned, got); why != "" {
		return "the apply contradicts the plan: " + why
	}
	if c.memory.PreviousDue && got.PreviousID == known("key_0") {
		return "a previous key whose overlap is over outlives the apply"
	}
	c.create, c.held, c.memory = false, got, memory
	second := plan.APIKey(c.input(c.last, apply))
	if second.Action != plan.None || plan.HasError(second.Findings) {
		return fmt.Sprintf("the second plan says %s: %s %v", second.Action, contradiction(second.Planned, got), second.Findings)
	}
	return ""
}

// named says which warning does not name the key.
func (c *testCase) named(p plan.APIKeyPlan) string {
	for _, f := range p.Findings {
		if f.Grade == plan.Warning && !c.create && !strings.Contains(f.Summary, "key_1") {
			return "the summary names no key: " + f.Summary
		}
	}
	return ""
}

// widened says where a key gains power and no plan says so.
func (c *testCase) widened(first, last plan.APIKeyPlan) string {
	after, _ := c.last.scopes.Names()
	if c.create || c.platform.rules.FixedScopes != nil || slices.Contains(after, "nope") || slices.Contains(after, "other") || c.last.scopes.IsNull() {
		return ""
	}
	says := func(p plan.APIKeyPlan) bool {
		return slices.ContainsFunc(p.Findings, func(f plan.Finding) bool { return f.Code == plan.CodeGainsScopes || f.Code == plan.CodeForbiddenGain })
	}
	if says(last) != c.gains() {
		return fmt.Sprintf("the key gains %v, the plan at the apply says %v", c.gains(), says(last))
	}
	if _, known := c.first.scopes.Names(); c.gains() && !says(first) && known && !c.unasked {
		return "the key gains scopes that are known, and the plan says nothing"
	}
	if shown, known := first.Planned.EffectiveScopes.Names(); c.gains() && !says(first) && known {
		return fmt.Sprintf("the key gains scopes, and the plan shows %v without a word", shown)
	}
	return ""
}

// gains reports whether the key will be able to do more.
func (c *testCase) gains() bool {
	before, _ := c.was.scopes.Names()
	after, _ := c.last.scopes.Names()
	return slices.ContainsFunc(closure(after), func(name string) bool { return !slices.Contains(closure(before), name) })
}

// refused says where the plan with all that is known and the service do not agree on whether
// the apply can be.
func (c *testCase) refused(last plan.APIKeyPlan) string {
	why := service{c.platform, apply}.refuses(c, last)
	if refused := plan.HasError(last.Findings); refused != (why != "") {
		return fmt.Sprintf("the service refuses it (%s), the plan says %v", why, last.Findings)
	}
	return ""
}

// mayBeEarly are the refusals of what is not known yet: to wait would most likely stop the
// apply half-way, or pass by a policy.
var mayBeEarly = []plan.Code{plan.CodeSecretMinted, plan.CodeOwnerOnly, plan.CodeUnjudgedGain}

// tooStrict says where a plan refuses what is only not known yet.
func (c *testCase) tooStrict(first plan.APIKeyPlan) string {
	for _, f := range first.Findings {
		if f.Grade == plan.Error && !slices.Contains(mayBeEarly, f.Code) {
			return fmt.Sprintf("refused while values are not known, and not after: %v", f)
		}
	}
	return ""
}

// rotated says where the plan and the rules do not agree on whether there is a new secret.
func (c *testCase) rotated(last plan.APIKeyPlan) string {
	if c.create || plan.HasError(last.Findings) || last.Action == plan.Replace {
		return ""
	}
	if want := (service{c.platform, apply}).rotates(c); last.Mints != want {
		return fmt.Sprintf("a rotation is %v, the plan says %v: %q", want, last.Mints, last.Rotation.Reason)
	}
	return ""
}

// place is the sub-account that the key is to be in.
func (c *testCase) place() string { return c.last.subaccount.Or(c.ofProvider.Zero()) }

// moved says where a key that cannot stay is not replaced.
func (c *testCase) moved(last plan.APIKeyPlan) string {
	goes := c.platform.ofSubaccount && !c.create && (c.place() != "acme" || c.anew)
	if goes && last.Action != plan.Replace && !plan.HasError(last.Findings) {
		return fmt.Sprintf("the key cannot stay where it is, and the plan says %s", last.Action)
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
		if !open(a) && !same(a, b) {
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
