package plan_test

import (
	"regexp"
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

// account is that of the case's credential.
func (c *testCase) account() *backend.Account {
	a := &backend.Account{ID: "acc_1", Platform: c.platform.builtin, Rules: c.platform.rules, Owner: true}
	if c.platform.ofSubaccount {
		a.Subaccounts = &backend.SubaccountRules{Handle: regexp.MustCompile("^[a-z0-9]+$"), HandleWords: "letters"}
	}
	switch c.credential {
	case "all":
		a.Owner, a.APIKey, a.Scopes = false, true, []string{"admin", "api", "mail", "other", "read", "write"}
	case "little":
		a.Owner, a.APIKey, a.Scopes = false, true, []string{"api", "read", "write"}
	case "ends":
		at := noon.Add(150 * 24 * time.Hour)
		a.ExpiresAt = &at
	}
	return a
}

// refuses is why the service, or the policy, lets nobody do what is written; empty for no reason.
func (s service) refuses(c *testCase, p plan.APIKeyPlan) string {
	w, was, rules := c.last, c.held, s.platform.rules
	mints := c.create || p.Planned.SecretVersion.Zero() > was.SecretVersion.Zero()
	expires := plan.At(w.expires)
	renewed := c.create || w.expires != was.ExpiresAt
	keeps := !rules.Rotate && !rules.Replace
	_, rotates := w.rotation.Get()
	names, _ := w.scopes.Names()
	overlap := w.rotation.Zero().Overlap.Zero()
	given, chosen := w.secret.Get()
	for why, refused := range map[string]bool{
		"no sub-account":           s.platform.ofSubaccount && c.place() == "",
		"no name":                  rules.NameRequired && w.name.Zero() == "" && (c.create || was.Name.Zero() != ""),
		"no scopes":                rules.FixedScopes == nil && w.scopes.IsNull(),
		"other scopes than fixed":  rules.FixedScopes != nil && !w.scopes.IsNull() && !slices.Equal(names, *rules.FixedScopes),
		"unknown scope":            slices.Contains(names, "nope"),
		"mixed classes":            slices.Contains(names, "other") && len(names) > 1,
		"no expiry here":           expires != nil && !rules.Expiry && renewed,
		"past expiry":              expires != nil && renewed && !expires.After(s.now),
		"no disabling here":        w.enabled == known(false) && !rules.Disable,
		"never rotated":            keeps && (rotates || w.changed.Len() > 0),
		"overlap too long":         !keeps && overlap > rules.MaxOverlap,
		"no chosen secrets":        chosen && !rules.ChooseSecret,
		"no password":              rules.Password && mints && given.Reveal() == "",
		"an empty secret":          rules.ChooseSecret && mints && chosen && given.Reveal() == "",
		"keys manage no keys":      rules.OwnerOnly && c.account().APIKey && (mints || c.touched()),
		"not held":                 s.grantsTooMuch(c, names),
		"outlives the credential":  s.outlives(c, mints),
		"forbidden scope":          c.policy.Forbid != nil && slices.Contains(names, "admin"),
		"forbidden gain":           c.policy.Widening == plan.Deny && !c.create && rules.FixedScopes == nil && c.gains(),
		"neither end nor rotation": c.policy.ExpiryOrRotation && expires == nil && !rotates,
		"lives too long":           s.livesTooLong(c, expires, renewed),
		"a secret in the state":    c.policy.SecretsInState == plan.Deny && s.holdsSecret(c, mints, p),
	} {
		if refused {
			return why
		}
	}
	return ""
}

// rotates says whether the apply gives a key that stays a new secret.
func (s service) rotates(c *testCase) bool {
	w, was := c.last, c.was
	changed := !was.changed.IsNull() && !w.changed.IsNull() && !was.changed.Equal(w.changed)
	rotation, rotating := w.rotation.Get()
	since := made
	if c.untold {
		since = *c.memory.SeenSince
	}
	due := rotating && c.memory.DueSince != nil && !since.Add(rotation.Period.Zero()-rotation.Early.Zero()).After(noon)
	if c.held.Status == known(backend.StatusExpired) {
		changed, due = w.expires != c.held.ExpiresAt, false
	}
	return c.memory.Unclaimed || changed || due
}

// touched reports whether anything that is written changes.
func (c *testCase) touched() bool {
	w := c.last
	w.secret = c.was.secret // never kept
	w.enabled = known(w.enabled.Or(true))
	scopes := w.scopes
	if scopes.IsNull() {
		scopes = c.held.Scopes
	}
	v := c.held
	return c.create || c.platform.ofSubaccount && c.place() != "acme" || w.name != v.Name || w.description != v.Description || w.enabled != v.Enabled || w.expires != v.ExpiresAt ||
		w.rotation != v.Rotation || !w.changed.Equal(v.RotateWhenChanged) || !scopes.Equal(v.Scopes)
}

func (s service) grantsTooMuch(c *testCase, names []string) bool {
	if fixed := s.platform.rules.FixedScopes; fixed != nil {
		names = *fixed
	}
	a, rescoped := c.account(), c.create || !slices.Equal(names, membersOf(c.held.Scopes))
	return !a.Owner && rescoped && slices.ContainsFunc(closure(names), func(name string) bool { return !slices.Contains(a.Scopes, name) })
}

func membersOf(s plan.Set) []string {
	names, _ := s.Names()
	return names
}

// outlives reports whether the key is given more time than the credential has.
func (s service) outlives(c *testCase, mints bool) bool {
	own, expires := c.account().ExpiresAt, plan.At(c.last.expires)
	if own == nil || expires != nil && !expires.After(*own) {
		return false
	}
	was := plan.At(c.held.ExpiresAt)
	longer := was != nil && (expires == nil || expires.After(*was))
	on := c.last.enabled.Or(true) && !c.held.Enabled.Zero()
	more := s.platform.rules.FixedScopes == nil && c.gains()
	return c.create || mints || longer || on || more
}

// livesTooLong holds the key to max_lifetime.
func (s service) livesTooLong(c *testCase, expires *time.Time, renewed bool) bool {
	if c.policy.MaxLifetime == 0 || expires == nil {
		return c.policy.MaxLifetime != 0
	}
	from := plan.At(c.held.CreatedAt)
	if c.create || c.held.Status == known(backend.StatusExpired) && renewed {
		from = &s.now
	}
	return from != nil && expires.After(from.Add(c.policy.MaxLifetime))
}

func (s service) holdsSecret(c *testCase, mints bool, p plan.APIKeyPlan) bool {
	_, chosen := c.last.secret.Get()
	switch {
	case s.platform.rules.Password:
		return false
	case c.held.SecretSource == known("chosen") && c.last.secret.IsNull():
		return true // the next one would
	case mints:
		return !chosen || !s.platform.rules.ChooseSecret
	case p.Action == plan.Replace && c.expiredAnew():
		return false
	}
	return !c.held.Secret.IsNull()
}

// expiredAnew reports whether an expired key is replaced.
func (c *testCase) expiredAnew() bool {
	return c.held.Status == known(backend.StatusExpired) && c.last.expires != c.held.ExpiresAt
}

// make makes a key as it is written.
func (s service) make(w written, id string) plan.APIKeyValues {
	v := plan.APIKeyValues{
		ID: known(id), AccountID: known("acc_1"), AutomaticScopes: plan.SetOf(), PreviousID: plan.Null[string](),
		SecretVersion: known[int64](1), CreatedAt: instant(s.now), SecretCreatedAt: instant(s.now),
	}
	if s.platform.ofSubaccount {
		v.Subaccount = known("acme") // that of the state
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
		v := s.make(w, "key_1")
		if s.platform.ofSubaccount {
			v.Subaccount = known(c.place())
		}
		v.AppliedPolicy = c.policy.Text()
		return v, plan.APIKeyMemory{}
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
	if s.platform.rules.Password && !rotates && p.Action != plan.None {
		v.Status = known(backend.StatusLocked) // somebody has guessed
	}
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

// state is the state that the last apply and a refresh have left, and what they noted.
func (c *testCase) state() plan.APIKeyValues {
	svc := service{c.platform, made}
	if !c.platform.rules.Expiry {
		c.was.expires = plan.Null[plan.Instant]()
	}
	if !c.platform.rules.Disable {
		c.was.enabled = plan.Null[bool]()
	}
	if !c.platform.rules.Rotate && !c.platform.rules.Replace {
		c.was.rotation, c.was.changed = plan.Null[plan.Rotation](), plan.Map{}
	}
	v := svc.make(c.was, "key_1")
	if c.noSecret {
		v.Secret = plan.Null[plan.SecretText]()
	}
	if c.untold {
		seen := made.Add(time.Hour)
		v.SecretCreatedAt, v.CreatedAt, c.memory.SeenSince = plan.Null[plan.Instant](), plan.Null[plan.Instant](), &seen
		v.RotatesAfter = rotatesAfter(c.was.rotation, seen)
	}
	if c.platform.rules.Replace && c.previous != "" {
		at := noon.Add(5 * time.Hour)
		if c.memory.PreviousDue = c.previous == "due"; c.memory.PreviousDue {
			at = noon.Add(-5 * time.Hour)
		}
		v.PreviousID, v.PreviousSecretExpiresAt, v.SecretVersion = known("key_0"), instant(at), known[int64](2)
	}
	c.memory.Unclaimed = c.unclaimed && c.platform.rules.Rotate && !v.Secret.IsNull()
	v.Status = svc.status(v, noon)
	if due := plan.At(v.RotatesAfter); due != nil && !noon.Before(*due) && !c.holdDue {
		at := noon
		c.memory.DueSince = &at
	}
	return v
}
