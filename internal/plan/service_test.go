package plan_test

import (
	"slices"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/plan"
)

// service is a platform's service and the provider's apply over it, as small as can be. It
// computes nothing the way that the plan does.
type service struct {
	platform testPlatform
	now      time.Time
}

// closure is what the scopes of testCatalogue grant, written down by hand.
func closure(names []string) []string {
	grants := map[string][]string{"write": {"read", "write"}, "admin": {"admin", "read", "write"}}
	var all []string
	for _, name := range names {
		if grants[name] == nil {
			all = append(all, name)
		}
		all = append(all, grants[name]...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// make makes a key as it is written.
func (s service) make(w written, id string) plan.APIKeyValues {
	v := plan.APIKeyValues{
		ID: known(id), AccountID: known("acc_1"), AutomaticScopes: plan.SetOf(), PreviousID: plan.Null[string](),
		SecretVersion: known[int64](1), CreatedAt: instant(s.now), SecretCreatedAt: instant(s.now),
	}
	if s.platform.ofSubaccount {
		v.Subaccount = known("acme")
	}
	if s.platform.rules.Password {
		v.Username = known("user-1")
	}
	v = s.mint(v, w)
	v = s.set(v, w)
	v.AppliedPolicy = plan.Null[string]()
	return v
}

// mint gives the key a new secret.
func (s service) mint(v plan.APIKeyValues, w written) plan.APIKeyValues {
	v.Secret, v.SecretHint = known(secretOf("minted")), known("min")
	if _, chosen := w.secret.Get(); chosen {
		v.Secret = plan.Null[plan.SecretText]()
	}
	if s.platform.rules.Password {
		v.Secret, v.SecretHint = plan.Null[plan.SecretText](), plan.Null[string]()
	}
	v.SecretCreatedAt = instant(s.now)
	return v
}

// set gives the key the settings that are written.
func (s service) set(v plan.APIKeyValues, w written) plan.APIKeyValues {
	v.Name, v.Description, v.ExpiresAt, v.Rotation, v.RotateWhenChanged = w.name, w.description, w.expires, w.rotation, w.changed
	v.Enabled = known(w.enabled.Or(true))
	names, _ := w.scopes.Names()
	if fixed := s.platform.rules.FixedScopes; fixed != nil {
		names = *fixed
	}
	v.Scopes, v.EffectiveScopes = plan.ChosenOf(names), plan.SetOf(closure(names)...)
	v.Platform, v.ManagesKeys = known(s.platform.builtin), known(s.manages(v))
	if v.Class = plan.Null[string](); len(names) > 0 {
		v.Class = known("general")
	}
	if v.SecretSource = known("service"); s.platform.rules.Password || !w.secret.IsNull() {
		v.SecretSource = known("chosen")
	}
	v.EffectiveOverlap = s.overlap(w)
	v.Status = s.status(v, s.now)
	v.RotatesAfter = plan.Null[plan.Instant]()
	if at := plan.At(v.SecretCreatedAt); at != nil {
		v.RotatesAfter = rotatesAfter(w.rotation, *at)
	}
	return v
}

// manages says whether the key manages keys.
func (s service) manages(v plan.APIKeyValues) bool {
	granted, _ := v.EffectiveScopes.Names()
	return !s.platform.rules.OwnerOnly && (slices.Contains(granted, "admin") || slices.Contains(granted, "api"))
}

// overlap is how long an old secret stays good.
func (s service) overlap(w written) plan.Text {
	rules := s.platform.rules
	if !rules.Rotate && !rules.Replace {
		return plan.Null[string]()
	}
	if r, ok := w.rotation.Get(); ok && r.Overlap == known(time.Duration(0)) || rules.MaxOverlap == 0 {
		return known("0s")
	}
	return known("24h")
}

func (s service) status(v plan.APIKeyValues, now time.Time) plan.Text {
	if at := plan.At(v.ExpiresAt); at != nil && !now.Before(*at) {
		return known(backend.StatusExpired)
	}
	if v.Enabled.Zero() {
		return known(backend.StatusActive)
	}
	return known(backend.StatusInactive)
}

func rotatesAfter(rotation plan.Value[plan.Rotation], since time.Time) plan.Value[plan.Instant] {
	r, ok := rotation.Get()
	if !ok {
		return plan.Null[plan.Instant]()
	}
	return instant(since.Add(r.Period.Zero() - r.Early.Zero()))
}

// apply carries out the plan, and refreshes.
func (s service) apply(c *testCase, p plan.APIKeyPlan) (plan.APIKeyValues, plan.APIKeyMemory) {
	w, was := c.last, c.held
	if c.create {
		made := s.make(w, "key_1")
		made.AppliedPolicy = c.policy.Text()
		return made, plan.APIKeyMemory{}
	}
	memory := plan.APIKeyMemory{SeenSince: c.memory.SeenSince}
	v := was
	rotates := p.Planned.SecretVersion.Zero() > was.SecretVersion.Zero()
	if rotates {
		memory.SeenSince = nil
		v = s.rotate(v, w, p)
	} else if !was.PreviousID.IsNull() && p.Planned.PreviousID.IsNull() {
		v.PreviousID, v.PreviousSecretExpiresAt = plan.Null[string](), plan.Null[plan.Instant]()
	}
	v = s.set(v, w)
	if v.SecretCreatedAt.IsNull() && memory.SeenSince != nil {
		v.RotatesAfter = rotatesAfter(w.rotation, *memory.SeenSince)
	}
	v.AppliedPolicy = p.Planned.AppliedPolicy // of this apply or an earlier one: TestAPIKey_AppliedPolicy
	due, adopted := plan.At(v.RotatesAfter), w.rotation != was.Rotation
	if due != nil && !s.now.Before(*due) && !adopted && c.memory.DueSince != nil {
		memory.DueSince = &s.now
	}
	return v, memory
}

func (s service) rotate(v plan.APIKeyValues, w written, p plan.APIKeyPlan) plan.APIKeyValues {
	overlap := min(24*time.Hour, s.platform.rules.MaxOverlap)
	if r, ok := w.rotation.Get(); ok && !r.Overlap.IsNull() {
		overlap = r.Overlap.Zero()
	}
	old := v.ID
	v.SecretVersion = known(v.SecretVersion.Zero() + 1)
	v.RotationReason = p.Planned.RotationReason
	v.PreviousSecretExpiresAt = instant(s.now.Add(overlap))
	if s.platform.rules.Replace {
		v.ID, v.CreatedAt = known("key_2"), instant(s.now)
		if v.PreviousID = old; overlap == 0 {
			v.PreviousID, v.PreviousSecretExpiresAt = plan.Null[string](), plan.Null[plan.Instant]()
		}
	}
	return s.mint(v, w)
}
