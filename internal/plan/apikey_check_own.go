package plan

import (
	"fmt"
	"slices"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

// The key that the provider itself runs with may be one of the configuration. A run that ends
// its own credential breaks off where it stands, and no later run gets in to finish it. So what
// ends it is refused, and what takes rights from it is said. Nothing here holds where the
// service does not tell which key asks.

// isOwn reports whether the provider runs with the key of that id.
func (r *resolvedAPIKey) isOwn(id Text) bool {
	own, known := id.Get()
	return known && r.Account != nil && r.Account.CallerID != "" && r.Account.CallerID == own
}

const ownAdvice = "Give the provider another credential for this run, such as an owner credential."

// checkOwnKey refuses what ends the credential that the provider runs with.
func checkOwnKey(d *decidedAPIKey) []Finding {
	if d.Create {
		return nil
	}
	own := d.isOwn(d.State.ID)
	switch overlap, known := OverlapOf(d.planned.Rotation, d.rules().MaxOverlap).Get(); {
	case own && len(d.replace) > 0:
		return d.ownFault(d.replace[0], "replaces the key that the provider runs with", d.State.ID.Zero())
	case own && d.planned.Enabled == Known(false):
		return d.ownFault(Attr("enabled"), "turns off the key that the provider runs with", d.State.ID.Zero())
	case own && d.mints && known && overlap == 0:
		return d.fault(CodeEndsOwnKey, Attr("rotation", "overlap"), d.subject().String()+" is the provider's own, and its rotation has no overlap",
			"The provider runs with this key, and the rest of the run would be refused once its secret has ended. Set rotation.overlap to what your next run needs to get the new secret, or: "+ownAdvice)
	case d.isOwn(d.State.PreviousID) && (d.endsPrevious() || d.mints):
		return d.ownFault(Attr("previous_id"), "deletes the previous key, which the provider still runs with", d.State.PreviousID.Zero())
	}
	return nil
}

func (r *resolvedAPIKey) ownFault(at Path, fact, id string) []Finding {
	f := r.fault(CodeEndsOwnKey, at, r.subject().String()+": the plan "+fact,
		fmt.Sprintf("The provider runs with the key %s. Without it the run breaks off where it stands, and no later one gets in. %s", id, ownAdvice))
	f[0].Data.Keys = []string{id}
	return f
}

// checkOwnRights warns of rights over keys that the key which the provider runs with loses.
func checkOwnRights(d *decidedAPIKey) []Finding {
	if d.Create || !d.isOwn(d.State.ID) {
		return nil
	}
	was, _ := d.State.EffectiveScopes.Names()
	is, all := d.planned.EffectiveScopes.Names()
	if !all || d.Catalogue == nil {
		return nil
	}
	lost := slices.DeleteFunc(scope.Added(is, was), func(name string) bool { return !d.Catalogue.Managing[name] })
	if len(lost) == 0 {
		return nil
	}
	f := d.warning(CodeNarrowsOwnKey, Attr("scopes"), "is the provider's own, and loses "+few(lost),
		"The provider runs with this key. What the run has still to do with "+quoted(lost)+" after this change is refused, and so are later runs. "+ownAdvice)
	f[0].Data.Scopes = lost
	return f
}

// checkOwnRotation refuses a rotation of the provider's own key with a secret that was
// replaced before, as the service does at the apply. The answer to a rotation that was lost
// is asked for with that secret, and is given.
func checkOwnRotation(d *decidedAPIKey) []Finding {
	if !d.isOwn(d.State.ID) || d.action() != Rotate || d.Account.SecretEndsAt == nil || d.Memory.Unclaimed {
		return nil
	}
	return d.fault(CodeOldSecret, Path{}, "The provider's credential cannot rotate its own key",
		fmt.Sprintf("The provider's credential is the previous secret of this key, which was rotated, and works until %s only. It cannot get the key another secret. "+
			"Set the provider's api_key to the current secret, or to another credential.", d.Account.SecretEndsAt.Format(time.RFC3339)))
}
