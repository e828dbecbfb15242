package provider

import (
	"context"

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

// regranted reports whether the key really grants something else by now, though nobody
// changes the key: a scope of it was defined anew. An update that changes nothing
// then says what it grants.
func (u *apiKeyUpdate) regranted() bool {
	return !u.plan.EffectiveScopes.Equal(u.state.EffectiveScopes)
}
