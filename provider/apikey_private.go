package provider

import (
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

// apiKeyMemory is what a plan must know and a reader need not. It is written by
// refresh and apply only and read by the plan, which asks no clock: so a plan
// and its apply decide alike, a day later too. Nothing in it changes from one
// refresh to the next unless the key or its due-ness did, as every change
// writes a new version of the state.
type apiKeyMemory struct {
	// ID is the key's, where no two keys have the same name: Terraform plans a replacement
	// as if nothing were there, and only this tells whose name the new key takes over.
	ID string `json:"id,omitempty"`
	// Revision is the key's, for If-Match.
	Revision int64 `json:"revision"`
	// DueSince is the service's clock at the refresh that found the key due
	// for rotation; nil while it is not due.
	DueSince *time.Time `json:"due_since,omitempty"`
	// NotBefore holds back a rotation that was already overdue when the
	// rotation attribute was set or shortened, so that the plan right after
	// that apply is empty.
	NotBefore *time.Time `json:"not_before,omitempty"`
	// Replaced is how often a rotation has made a new key, on platforms where one
	// does: each new key begins to count its secrets anew.
	Replaced int64 `json:"replaced,omitempty"`
	// Previous is the id of the key that a rotation replaced and that a later apply
	// deletes; empty for none. Only what stands here and in the state is deleted:
	// an id that came into the state in another way may be anybody's.
	Previous string `json:"previous,omitempty"`
	// PreviousDue is set by the refresh that found the overlap of the replaced key
	// to be over.
	PreviousDue bool `json:"previous_due,omitempty"`
	// SeenSince is the service's clock at the first refresh of a key of which nobody
	// told when it was made, such as an imported one. Its age counts from then.
	SeenSince *time.Time `json:"seen_since,omitempty"`
	// Marks are what tells the account from another one, where the service does not tell
	// its id: see backend.Marker. Mark is the key's own.
	Marks []string `json:"marks,omitempty"`
	Mark  string   `json:"mark,omitempty"`
	// RotationName names the next rotation to the service, so that the answer to one that
	// was lost, also with the whole run, can be asked for again. It is new after each.
	RotationName string `json:"rotation_name,omitempty"`
	// LostRotation is the last rotation that this provider asked for and got no good
	// answer to; nil when there is none, or when the run that asked was killed.
	LostRotation *lostRotation `json:"lost_rotation,omitempty"`
	// Unclaimed is set by the refresh that found the key one rotation ahead of the state,
	// so that the next apply asks for the lost answer.
	Unclaimed bool `json:"unclaimed,omitempty"`
	// Place is the handle of the sub-account that the credential was bound to when it
	// last saw the key, empty for none, where the resource does not name one itself. Nil
	// in a state from before there was Place.
	Place *string `json:"place,omitempty"`
	// Moved is set when the state was taken over from another provider's resource, until a
	// refresh finds the key: only that shows that it is one of this account.
	Moved bool `json:"moved,omitempty"`
}

// afterRotation is what is remembered of a key that has a new secret: all that was about
// the old secret is over.
func (m apiKeyMemory) afterRotation(revision int64, rules keyRules) apiKeyMemory {
	return apiKeyMemory{ID: m.ID, Revision: revision, Replaced: m.Replaced, Place: m.Place, Marks: m.Marks, RotationName: newRotationName(rules)}
}

// version is the number of the key's secret, over all keys that it has been.
func (m apiKeyMemory) version(key backend.APIKey) int64 {
	return m.Replaced + max(1, key.SecretVersion)
}

// confirmPrevious refuses a replaced key of which only the state says that a rotation made it one.
func (m apiKeyMemory) confirmPrevious(id types.String) error {
	if id.ValueString() == m.Previous {
		return nil
	}
	return &backend.Error{Message: fmt.Sprintf("The state names %s as the key that the last rotation replaced, and the provider has noted %q as that key. "+
		"Somebody has edited the state, or lost a part of it. Nothing was changed, and neither key is deleted: restore the state, "+
		"or delete by hand the one of the two that is no longer used.", id, m.Previous)}
}

func (apiKeyMemory) key() string { return "apikey" }

// adoptionGrace is how long an overdue key waits after its rotation attribute
// was set: the next scheduled run takes it, the plan right behind does not.
const adoptionGrace = time.Hour
