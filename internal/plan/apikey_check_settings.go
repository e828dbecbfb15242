package plan

import (
	"fmt"
	"time"
)

// checkName checks a new name. What exists has the name that its service let it have.
func checkName(d *decidedAPIKey) []Finding {
	name, at := d.planned.Name.Zero(), Attr("name")
	switch rules := d.rules(); {
	case d.planned.Name.IsUnknown() || !d.Create && name == d.State.Name.Zero():
	case name == "" && rules.NameRequired:
		return d.fault(CodeMissingName, at, "Missing name", "Keys of platform "+d.platform()+" need a name, of 1 to 100 characters.")
	case name != "" && rules.CheckName != nil:
		if err := rules.CheckName(name); err != nil {
			return d.fault(CodeInvalidName, at, "Invalid name", fmt.Sprintf("The name of an API key %v.", err))
		}
	}
	return nil
}

// checkEnabled refuses to turn a key off where none can be.
func checkEnabled(d *decidedAPIKey) []Finding {
	if enabled, known := d.planned.Enabled.Get(); d.Account == nil || d.Account.Rules.Disable || !known || enabled {
		return nil
	}
	return d.fault(CodeNoDisabling, Attr("enabled"), "Keys cannot be turned off on this platform",
		"Platform "+d.platform()+" has no inactive keys. Remove enabled, or the key.")
}

// newExpiry is the end that a plan gives a key, when it is a new one; nil else.
func (d *decidedAPIKey) newExpiry() *time.Time {
	if !d.Create && d.planned.ExpiresAt == d.State.ExpiresAt {
		return nil
	}
	return At(d.planned.ExpiresAt)
}

// checksExpiry reports whether checkExpiry needs a clock.
func (d *decidedAPIKey) checksExpiry() bool {
	return d.Account != nil && d.Account.Rules.Expiry && d.newExpiry() != nil
}

// checkExpiry refuses an end that has passed, or any where keys have none.
func checkExpiry(d *decidedAPIKey) []Finding {
	at := d.newExpiry()
	switch {
	case d.Account == nil || at == nil:
		return nil
	case !d.Account.Rules.Expiry:
		return d.fault(CodeNoExpiry, Attr("expires_at"), "Keys never expire on this platform", "Platform "+d.platform()+" has no expiry of keys. Remove expires_at.")
	case d.Now == nil || at.After(*d.Now):
		return nil
	}
	return d.fault(CodePastExpiry, Attr("expires_at"), "Expiry in the past",
		fmt.Sprintf("The key would be dead from the start: expires_at is %s and the service's clock shows %s.", d.planned.ExpiresAt.Zero(), d.Now.Format(time.RFC3339)))
}

// checkExpired warns of a key that has stopped working: the plan leaves it so, or makes
// another one.
func checkExpired(d *decidedAPIKey) []Finding {
	at := Attr("expires_at")
	switch {
	case d.isReplacedExpired():
		return d.warning(CodeExpiredAnew, at, "has expired and is replaced",
			fmt.Sprintf("Key %s has expired, and a key of platform %s is never rotated: a later expires_at makes a new key.", d.called(), d.platform()))
	case !d.Create && !d.Memory.Unclaimed && d.expired() && d.planned.ExpiresAt == d.State.ExpiresAt:
		return d.warning(CodeExpired, at, "has expired",
			fmt.Sprintf("Key %s stopped working at %s. Give it a later expires_at, or none, to renew it with a new secret; or remove it.", d.called(), d.State.ExpiresAt.Zero()))
	}
	return nil
}

// newSecretByNewKey is how a key that keeps its secret gets a new one.
const newSecretByNewKey = "For a new secret make a new key: plan with -replace, or use replace_triggered_by in a lifecycle block, " +
	"with create_before_destroy so that the old key works until the new one does."

// checkRotation checks what the configuration says about rotation.
func checkRotation(d *decidedAPIKey) (findings []Finding) {
	if d.Account == nil {
		return nil
	}
	if d.keepsSecret() {
		refuse := func(attribute string) {
			findings = append(findings, d.fault(CodeNoRotation, Attr(attribute), "Keys keep their secret on this platform",
				"A key of platform "+d.platform()+" is never rotated. "+newSecretByNewKey+" Remove "+attribute+".")...)
		}
		if _, set := d.planned.Rotation.Get(); set {
			refuse("rotation")
		}
		if d.planned.RotateWhenChanged.Len() > 0 {
			refuse("rotate_when_changed")
		}
		return findings
	}
	if r, ok := SettledRotation(d.planned.Rotation); ok && r.Overlap.Zero() > d.Account.Rules.MaxOverlap {
		return d.fault(CodeLongOverlap, Attr("rotation", "overlap"), "Overlap too long",
			fmt.Sprintf("Platform %s keeps an old secret good for at most %s after a rotation.", d.platform(), d.Account.Rules.MaxOverlap))
	}
	return nil
}

// checkCutPrevious warns when a rotation deletes the previous key while its overlap runs, also
// when it is not known whether the key is rotated.
func checkCutPrevious(d *decidedAPIKey) []Finding {
	if !d.mayRotate() || !d.newKeyPerSecret() || d.State.PreviousID.IsNull() || d.Memory.PreviousDue {
		return nil
	}
	f := d.warning(CodeCutsPrevious, Attr("previous_id"), "loses its previous key before the overlap is over",
		fmt.Sprintf("Key %s was replaced at the last rotation and would live until %s. Two keys live at most, so that this rotation deletes it: whoever still uses its secret is refused from then on.",
			d.State.PreviousID.Zero(), d.State.PreviousSecretExpiresAt.Zero()))
	f[0].Data.Keys = []string{d.State.PreviousID.Zero()}
	return f
}

// checkEndedPrevious warns when the apply deletes the previous key.
func checkEndedPrevious(d *decidedAPIKey) []Finding {
	if !d.endsPrevious() {
		return nil
	}
	f := d.warning(CodeEndsPrevious, Attr("previous_id"), "loses its previous key, "+few([]string{d.State.PreviousID.Zero()}),
		fmt.Sprintf("Key %s was replaced by %s at its rotation, and its overlap ended at %s. The apply deletes it: whoever still uses its secret is refused from then on.",
			d.State.PreviousID.Zero(), d.State.ID.Zero(), d.State.PreviousSecretExpiresAt.Zero()))
	f[0].Data.Keys = []string{d.State.PreviousID.Zero()}
	return f
}
