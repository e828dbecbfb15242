package plan

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

// Where the next secret of a key comes from.
const (
	SourceService = "service" // the service makes it
	SourceChosen  = "chosen"  // secret_wo gives it
)

// planFacts plans what a reader of the plan needs to know beside what changes: the warnings of
// a plan are in no saved plan and in no JSON of it, and attributes are in both.
func (d *decidedAPIKey) planFacts() {
	p, s := &d.planned, &d.State
	p.SecretSource = d.secretSource() // first: whether the key stays hangs on it
	p.ManagesKeys = d.managesKeys()
	if d.stays() {
		p.Platform, p.Class, p.EffectiveOverlap, p.AppliedPolicy = s.Platform, s.Class, s.EffectiveOverlap, s.AppliedPolicy
		return
	}
	p.Platform, p.EffectiveOverlap = Unknown[string](), Unknown[string]()
	if d.Account != nil {
		p.Platform = Known(d.Account.Platform)
		p.EffectiveOverlap = EffectiveOverlap(p.Rotation, d.Account.Rules)
	}
	p.Class = d.class()
	p.AppliedPolicy = d.Policy.Text()
}

// stays reports whether the apply leaves the key as it is. Then nothing that is only derived
// may change either, or a plan would show an update that does nothing.
func (d *decidedAPIKey) stays() bool {
	return d.untouched() && !d.resourced()
}

// untouched is the same, but for where the next secret comes from.
func (d *decidedAPIKey) untouched() bool { return !d.Create && !d.touched && !d.mayRotate() }

// secretSource is where the next secret comes from. It changes with the configuration, before
// any rotation: a secret that is chosen today and made by the service at the next rotation
// would lie in the state from then on.
func (d *decidedAPIKey) secretSource() Text {
	given := d.Config.SecretWO
	switch {
	case d.Account != nil && d.Account.Rules.Password || !given.IsNull() && !given.IsUnknown():
		return d.sourceOr(SourceChosen)
	case given.IsUnknown():
		return Unknown[string]()
	}
	return d.sourceOr(SourceService)
}

// sourceOr keeps what a state from before there was secret_source leaves open, while nothing
// else changes.
func (d *decidedAPIKey) sourceOr(source string) Text {
	if d.State.SecretSource.IsNull() && d.untouched() {
		return d.State.SecretSource
	}
	return Known(source)
}

// resourced reports whether the next secret comes from elsewhere than the state says.
func (d *decidedAPIKey) resourced() bool {
	return !d.Create && d.planned.SecretSource != d.State.SecretSource
}

// class is the class of the planned scopes; null where there are none.
func (d *decidedAPIKey) class() Text {
	names, all := d.planned.Scopes.Names()
	switch {
	case !d.Create && d.planned.Scopes.Equal(d.State.Scopes) && !d.State.Class.IsNull():
		return d.State.Class
	case !all || d.Catalogue == nil:
		return Unknown[string]()
	}
	return ClassOf(d.Catalogue.Coming.Classes(names))
}

// ClassOf is the class of a key whose scopes have these classes; null for none.
func ClassOf(classes []string) Text {
	if len(classes) != 1 {
		return Null[string]()
	}
	return Known(classes[0])
}

// managesKeys is whether the planned scopes let the key manage keys.
func (d *decidedAPIKey) managesKeys() Value[bool] {
	names, all := d.planned.EffectiveScopes.Names()
	switch {
	case !d.Create && d.planned.EffectiveScopes.Equal(d.State.EffectiveScopes) && (!d.State.ManagesKeys.IsNull() || d.stays()):
		return d.State.ManagesKeys
	case !all || d.Account == nil || d.Catalogue == nil:
		return Unknown[bool]()
	}
	return Known(ManagesKeys(d.Account.Rules, d.Catalogue.Managing, names))
}

// ManagesKeys reports whether a key with these effective scopes can make, change or delete keys.
// managing are the scopes that let one do so by themselves.
func ManagesKeys(rules backend.KeyRules, managing map[string]bool, effective []string) bool {
	return !rules.OwnerOnly && slices.ContainsFunc(effective, func(name string) bool { return managing[name] })
}

// EffectiveOverlap is how long an old secret stays good after a rotation, as text: what is set,
// or the default within what the platform allows. Null where keys are never rotated.
func EffectiveOverlap(rotation Value[Rotation], rules backend.KeyRules) Text {
	if !rules.Rotate && !rules.Replace {
		return Null[string]()
	}
	overlap, known := OverlapOf(rotation, rules.MaxOverlap).Get()
	if !known {
		return Unknown[string]()
	}
	return Known(spell(overlap))
}

// spell writes a duration without the parts that are nothing.
func spell(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// Text is the policy as JSON, for a state: which rules held when a key was applied. It is
// unknown while a rule is, and null where no rule is set.
func (p Policy) Text() Text {
	if p.Open {
		return Unknown[string]()
	}
	if p.None {
		return Null[string]()
	}
	rules := struct {
		Forbid           []string `json:"forbid_scopes,omitempty"`
		MaxLifetime      string   `json:"max_lifetime,omitempty"`
		ExpiryOrRotation bool     `json:"require_expiry_or_rotation,omitempty"`
		SecretsInState   Verdict  `json:"secrets_in_state"`
		Widening         Verdict  `json:"widening"`
	}{Forbid: slices.Sorted(slices.Values(p.Forbid)), ExpiryOrRotation: p.ExpiryOrRotation, SecretsInState: p.SecretsInState, Widening: p.Widening}
	if p.MaxLifetime != 0 {
		rules.MaxLifetime = spell(p.MaxLifetime)
	}
	text, err := json.Marshal(rules)
	if err != nil {
		return Null[string]() // plain texts and booleans always encode
	}
	return Known(string(text))
}
