package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

// comingCatalogue is the catalogue with all that this run has planned for the
// account's own scopes so far. What refers to a postern_scope is planned after it
// and so sees it here, though it is not made yet.
type comingCatalogue struct {
	*backend.Catalogue
	now     *backend.Catalogue // as it is, before the apply
	planned *backend.PlannedScopes
}

func readCatalogue(ctx context.Context, b backend.Backend) (*comingCatalogue, error) {
	now, err := b.Catalogue(ctx)
	if err != nil {
		return nil, err
	}
	c := &comingCatalogue{Catalogue: now, now: now, planned: b.Scopes().Planned()}
	// Each planned scope was sound when it was planned. Should they not be so
	// together, the one that was planned last says it.
	if coming, err := c.planned.Over(now); err == nil {
		c.Catalogue = coming
	}
	return c, nil
}

// granted is what the scopes will really grant. was is what they granted so far, or
// null when they are new or others.
//
// Unless there is a reference, Terraform knows no order between a scope and what
// names it: in the apply, the one may come before the other though it was planned
// after it. A value that was shown could then not be kept. So a change that comes
// from the definition of a scope alone is known after apply.
func (c *comingCatalogue) granted(names []string, was types.Set) types.Set {
	effective := c.Effective(names)
	coming := stringSet(effective)
	if c.open(effective) || !was.IsNull() && !was.Equal(coming) && c.redefined(effective) {
		return types.SetUnknown(types.StringType)
	}
	return coming
}

// open reports whether what one of them implies is known after apply only.
func (c *comingCatalogue) open(names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		s, ok := c.planned.Get(name)
		return ok && s.Open
	})
}

// redefined reports whether the apply changes what one of them implies.
func (c *comingCatalogue) redefined(names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		_, exists := c.now.Get(name)
		_, planned := c.planned.Get(name)
		return exists && planned
	})
}

// regranted reports whether the key really grants something else by now, though nobody
// changes the key: a scope of it was defined anew. An update that changes nothing
// then says what it grants.
func (u *apiKeyUpdate) regranted() bool {
	return !u.plan.EffectiveScopes.Equal(u.state.EffectiveScopes)
}
