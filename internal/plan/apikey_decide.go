package plan

import "github.com/postern-dev/terraform-provider-postern/internal/backend"

// decidedAPIKey is what the apply will do. Checks read it, and change nothing.
type decidedAPIKey struct {
	*resolvedAPIKey
	rotation Decision
	mints    bool   // the apply surely makes a new secret
	replace  []Path // the attributes that force a replacement
}

// decideAPIKey plans the value of each attribute.
func decideAPIKey(r *resolvedAPIKey) *decidedAPIKey {
	d := &decidedAPIKey{resolvedAPIKey: r}
	if r.Create {
		d.planNew()
	} else {
		d.rotation = r.whyRotate()
		d.planExisting()
	}
	d.replace = d.forcesReplace()
	d.planSecret()
	d.planFacts()
	return d
}

// planNew plans what a new key will be.
func (d *decidedAPIKey) planNew() {
	p := &d.planned
	d.mints = true
	if d.Account != nil && !d.Account.Rules.Password {
		p.Username = Null[string]()
	}
	p.RotationReason = Null[string]()
	p.SecretVersion = Known[int64](1)
	p.PreviousID, p.PreviousSecretExpiresAt = Null[string](), Null[Instant]()
	p.Status = d.status()
	if p.Rotation.IsNull() {
		p.RotatesAfter = Null[Instant]()
	}
}

// planExisting plans what becomes of a key that exists.
func (d *decidedAPIKey) planExisting() {
	p, s := &d.planned, &d.State
	p.ID, p.CreatedAt, p.Username, p.PreviousID = s.ID, s.CreatedAt, s.Username, s.PreviousID
	if !s.AutomaticScopes.IsNull() { // null in a state from before there were any
		p.AutomaticScopes = s.AutomaticScopes
	}
	switch {
	case d.isReplacedExpired(): // Terraform plans once more, for the new key
	case d.mayRotate():
		d.planNewSecret()
	default:
		d.planSameSecret()
	}
	if d.goes() { // Terraform replaces only where a value changes, and that is the id
		p.ID = Unknown[string]()
	}
}

// isReplacedExpired reports whether a later end makes a new key of one that has expired, as
// its platform rotates none or has no way to renew it. An end that is not known yet counts as
// a later one: an apply cannot turn a change in place into a replacement.
func (d *decidedAPIKey) isReplacedExpired() bool {
	if d.Create || d.keepsItsSecret() {
		return false
	}
	return d.rotation.Known && d.keepsSecret() || d.expired() && (d.keepsSecret() || d.newKeyPerSecret())
}

// keepsItsSecret reports whether the apply surely leaves the secret of the key alone.
func (d *decidedAPIKey) keepsItsSecret() bool {
	return !d.Create && d.rotation.Known && d.rotation.Reason == ""
}

// mayRotate reports whether the apply gives the key a new secret, or may do so.
func (d *decidedAPIKey) mayRotate() bool {
	return !d.Create && !d.keepsItsSecret() && !d.isReplacedExpired()
}

// planSameSecret plans a key that keeps its secret.
func (d *decidedAPIKey) planSameSecret() {
	p, s := &d.planned, &d.State
	p.Secret, p.SecretHint, p.SecretVersion = s.Secret, s.SecretHint, s.SecretVersion
	p.SecretCreatedAt, p.PreviousSecretExpiresAt = s.SecretCreatedAt, s.PreviousSecretExpiresAt
	p.RotationReason = s.RotationReason
	p.Status = d.statusSameSecret()
	p.RotatesAfter = d.rotatesAfterSameSecret()
	if d.endsPrevious() {
		p.PreviousID, p.PreviousSecretExpiresAt = Null[string](), Null[Instant]()
	}
}

// endsPrevious reports whether the apply deletes the previous key because its overlap is
// over. A rotation deletes it in any case.
func (d *decidedAPIKey) endsPrevious() bool {
	return d.keepsItsSecret() && d.Memory.PreviousDue && !d.State.PreviousID.IsNull()
}

// planNewSecret plans a key that gets, or may get, a new secret.
func (d *decidedAPIKey) planNewSecret() {
	p, s := &d.planned, &d.State
	p.Secret, p.SecretHint = Unknown[SecretText](), Unknown[string]()
	p.SecretCreatedAt, p.PreviousSecretExpiresAt = Unknown[Instant](), Unknown[Instant]()
	p.SecretVersion, p.RotationReason = Unknown[int64](), Unknown[string]()
	p.RotatesAfter = Null[Instant]()
	if !p.Rotation.IsNull() {
		p.RotatesAfter = Unknown[Instant]()
	}
	p.Status = d.status()
	if d.Account == nil || d.newKeyPerSecret() {
		p.ID, p.CreatedAt, p.PreviousID = Unknown[string](), Unknown[Instant](), Unknown[string]()
	}
	if !d.rotation.Known {
		if d.mayBeLocked() {
			p.Status = Unknown[string]()
		}
		return
	}
	d.mints = true
	p.SecretVersion = Known(s.SecretVersion.Zero() + 1)
	if !d.rotation.Open {
		p.RotationReason = Known(d.rotation.Reason)
	}
	if d.newKeyPerSecret() {
		d.planPrevious()
	}
}

// planPrevious plans what becomes of the key that a rotation replaces by a new one.
func (d *decidedAPIKey) planPrevious() {
	p := &d.planned
	switch overlap, known := OverlapOf(p.Rotation, d.rules().MaxOverlap).Get(); {
	case !known: // the key lives on, or goes
	case overlap == 0:
		p.PreviousID, p.PreviousSecretExpiresAt = Null[string](), Null[Instant]()
	default:
		p.PreviousID = d.State.ID
	}
}

// status is what the key's status will be, where that does not hang on when the apply
// happens.
func (d *decidedAPIKey) status() Text {
	switch {
	case !d.planned.ExpiresAt.IsNull() || d.planned.Enabled.IsUnknown():
		return Unknown[string]()
	case d.planned.Enabled.Zero():
		return Known(backend.StatusActive)
	}
	return Known(backend.StatusInactive)
}

func (d *decidedAPIKey) statusSameSecret() Text {
	if d.touched && d.mayBeLocked() {
		return Unknown[string]()
	}
	if d.planned.Enabled == d.State.Enabled && d.planned.ExpiresAt == d.State.ExpiresAt {
		return d.State.Status
	}
	return d.status()
}

// mayBeLocked reports whether wrong passwords may lock the key before the apply.
func (d *decidedAPIKey) mayBeLocked() bool { return d.Account == nil || d.Account.Rules.Password }

// rotatesAfterSameSecret is known at plan: the secret that it counts from stays.
func (d *decidedAPIKey) rotatesAfterSameSecret() Value[Instant] {
	if d.planned.Rotation.IsNull() {
		return Null[Instant]()
	}
	if _, ok := SettledRotation(d.planned.Rotation); !ok {
		return Unknown[Instant]()
	}
	return RotatesAfter(d.planned.Rotation, d.planned.SecretCreatedAt, d.Memory.SeenSince)
}

// forcesReplace are the attributes whose change takes another key.
func (d *decidedAPIKey) forcesReplace() (at []Path) {
	if d.Create {
		return nil
	}
	if d.moves() {
		at = append(at, Attr("subaccount"))
	}
	if d.scopesMakeNew() {
		at = append(at, Attr("scopes"))
	}
	if d.isReplacedExpired() {
		at = append(at, Attr("expires_at"))
	}
	if d.goes() {
		at = append(at, Attr("id"))
	}
	return at
}

// scopesMakeNew reports whether a change of scopes takes another key.
func (d *decidedAPIKey) scopesMakeNew() bool {
	rules := d.rules()
	return d.Account != nil && d.rescoped() && rules.FixedScopes == nil && !rules.EditScopes
}

// planSecret plans that a secret which was chosen is in no state. One that is not known yet
// may come to none, and then a secret is minted.
func (d *decidedAPIKey) planSecret() {
	p, rules := &d.planned, d.rules()
	if !d.mints || d.Account != nil && !rules.ChooseSecret {
		return
	}
	if rules.Password {
		p.SecretHint = Null[string]()
	}
	_, given := d.Config.SecretWO.Get()
	if rules.Password || given {
		p.Secret = Null[SecretText]()
	}
}

// action says in one word what the apply does.
func (d *decidedAPIKey) action() Action {
	switch {
	case d.Create:
		return Create
	case len(d.replace) > 0:
		return Replace
	case d.mints && d.newKeyPerSecret():
		return RotateByNewKey
	case d.mints:
		return Rotate
	case d.endsPrevious():
		return CleanUpPrevious
	case !d.planned.Equal(d.State):
		return Update
	}
	return None
}
