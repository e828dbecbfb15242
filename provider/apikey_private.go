package provider

import "time"

// apiKeyMemory is what a plan must know and a reader need not. It is written by
// refresh and apply only and read by the plan, which asks no clock: so a plan
// and its apply decide alike, a day later too. Nothing in it changes from one
// refresh to the next unless the key or its due-ness did, as every change
// writes a new version of the state.
type apiKeyMemory struct {
	// Revision is the key's, for If-Match.
	Revision int64 `json:"revision"`
	// DueSince is the service's clock at the refresh that found the key due
	// for rotation; nil while it is not due.
	DueSince *time.Time `json:"due_since,omitempty"`
	// NotBefore holds back a rotation that was already overdue when the
	// rotation attribute was set or shortened, so that the plan right after
	// that apply is empty.
	NotBefore *time.Time `json:"not_before,omitempty"`
}

func (apiKeyMemory) key() string { return "apikey" }

// adoptionGrace is how long an overdue key waits after its rotation attribute
// was set: the next scheduled run takes it, the plan right behind does not.
const adoptionGrace = time.Hour
