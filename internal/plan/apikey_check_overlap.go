package plan

import (
	"fmt"

	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

// checkNoOverlap warns of a rotation that ends the old secret at once.
func checkNoOverlap(d *decidedAPIKey) []Finding {
	overlap, known := OverlapOf(d.planned.Rotation, d.rules().MaxOverlap).Get()
	if d.Create || !d.mints || d.Account == nil || !known || overlap != 0 || d.expired() {
		return nil
	}
	why := "rotation.overlap is 0s."
	if d.Account.Rules.MaxOverlap == 0 {
		why = "Platform " + d.platform() + " has no overlap."
	}
	return d.warning(CodeEndsSecret, Attr("effective_overlap"), "is rotated, and its old secret ends at once",
		"Whoever still uses the old secret of key "+d.called()+" is refused from the apply on. "+why)
}

// NarrowsPrevious returns the scopes that the previous key is to keep when an apply takes
// scopes from its successor while both live, and whether that takes any from it. A rotation
// that makes a new key leaves the old one alive with the scopes that it had, and whoever
// takes a scope away means both.
func NarrowsPrevious(before, after []string) (keeps []string, narrows bool) {
	for _, name := range scope.Normal(before) {
		if len(scope.Added(after, []string{name})) == 0 {
			keeps = append(keeps, name)
		}
	}
	return keeps, len(keeps) < len(scope.Normal(before))
}

// previousAfter is the id of the key that lives on beside this one after the apply; empty for
// none.
func (d *decidedAPIKey) previousAfter() string {
	switch {
	case d.Create || !d.newKeyPerSecret() || len(d.replace) > 0 || d.planned.PreviousID.IsNull():
		return ""
	case d.mayRotate():
		return d.State.ID.Zero()
	}
	return d.State.PreviousID.Zero()
}

// checkPreviousScopes says what becomes of the previous key when scopes are taken away.
func checkPreviousScopes(d *decidedAPIKey) []Finding {
	id := d.previousAfter()
	if id == "" {
		return nil
	}
	before, _ := d.State.Scopes.Names()
	after, all := d.planned.Scopes.Names()
	if !all {
		return nil
	}
	keeps, narrows := NarrowsPrevious(before, after)
	lost := scope.Added(keeps, before)
	if !narrows {
		return nil
	}
	until := "until " + string(d.State.PreviousSecretExpiresAt.Zero())
	if d.mayRotate() {
		until = "for " + d.planned.EffectiveOverlap.Or("its overlap") + " from the apply on"
	}
	var f []Finding
	if d.rules().EditScopes && len(keeps) > 0 {
		f = d.warning(CodeNarrowsPrevious, Attr("scopes"), "and its previous key, "+few([]string{id})+", lose "+few(lost),
			fmt.Sprintf("Key %s lives on %s, beside its successor. The apply takes %s from both.", id, until, quoted(lost)))
	} else {
		f = d.warning(CodePreviousKeeps, Attr("scopes"), "loses scopes, and its previous key, "+few([]string{id})+", keeps them",
			fmt.Sprintf("Key %s lives on %s, and keeps %s: its scopes cannot be changed to what would be left. Whoever holds its secret may do all of that until it is deleted. To end that now, delete it, or set rotation.overlap to 0s before the next rotation.", id, until, quoted(lost)))
	}
	f[0].Data.Keys, f[0].Data.Scopes = []string{id}, lost
	return f
}
