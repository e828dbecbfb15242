package plan

import (
	"slices"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

// Catalogue is the scopes as the apply will find them. What refers to a scope of this
// configuration is planned after it, and so sees it here though it is not made yet.
type Catalogue struct {
	Coming *scope.Catalogue // with all that this run has planned so far
	Now    *scope.Catalogue // as it is before the apply
	// Managing are the scopes that by themselves let a key make, change or delete keys.
	Managing map[string]bool
	Planned  map[string]backend.PlannedScope // what this run has planned, by name; never written to
}

// Granted is what the names will really grant. was is what they granted so far, or null
// when they are new or others.
//
// Unless there is a reference, Terraform knows no order between a scope and what names it:
// in the apply, the one may come before the other though it was planned after it. A value
// that was shown could then not be kept. So a change that comes from the definition of a
// scope alone is known after apply.
func (c *Catalogue) Granted(names []string, was Set) Set {
	effective := c.Coming.Effective(names)
	coming := SetOf(effective...)
	if c.open(effective) || !was.IsNull() && !was.Equal(coming) && c.redefined(effective) {
		return UnknownSet()
	}
	return coming
}

// open reports whether what one of them implies is known after apply only.
func (c *Catalogue) open(names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return c.Planned[name].Open })
}

// redefined reports whether the apply changes what one of them implies.
func (c *Catalogue) redefined(names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		_, exists := c.Now.Get(name)
		_, planned := c.Planned[name]
		return exists && planned
	})
}
