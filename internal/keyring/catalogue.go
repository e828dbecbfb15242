package keyring

import (
	"context"
	"sync"

	"github.com/postern-dev/terraform-provider-postern/internal/platform"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

// catalogues keeps what accounts choose scopes from, by the account's ScopesRevision:
// every call reads that with the caller, so a change is in force at once, also
// when another process made it.
type catalogues struct {
	mu  sync.Mutex
	all map[string]versioned // by account
}

type versioned struct {
	revision int64
	scopes   *scope.Catalogue
}

// maxCatalogues bounds what is kept in memory.
const maxCatalogues = 1000

// catalogue returns the scopes of the platform and those that the account has
// defined.
func (k *Keyring) catalogue(ctx context.Context, r Reader, p *platform.Platform, a Account) (*scope.Catalogue, error) {
	if a.ScopesRevision == 0 {
		return p.Scopes, nil
	}
	k.catalogues.mu.Lock()
	kept, ok := k.catalogues.all[a.ID]
	k.catalogues.mu.Unlock()
	if ok && kept.revision == a.ScopesRevision {
		return kept.scopes, nil
	}
	custom, err := r.CustomScopes(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	c, err := withCustom(p, custom)
	if err != nil {
		return nil, err
	}
	k.catalogues.mu.Lock()
	defer k.catalogues.mu.Unlock()
	if k.catalogues.all == nil {
		k.catalogues.all = map[string]versioned{}
	}
	if _, known := k.catalogues.all[a.ID]; !known && len(k.catalogues.all) >= maxCatalogues {
		for other := range k.catalogues.all { // any one makes room: to forget all would cost every account
			delete(k.catalogues.all, other)
			break
		}
	}
	k.catalogues.all[a.ID] = versioned{a.ScopesRevision, c}
	return c, nil
}

// withCustom is the platform's catalogue with the scopes of an account. What a newer
// platform file has taken or changed must not stop the account: a built-in scope
// wins over a custom one of its name, and what is implied but not there, or of
// another class now, is implied no more. Both can only narrow what keys may do.
func withCustom(p *platform.Platform, custom []CustomScope) (*scope.Catalogue, error) {
	classes := classesOf(p, custom)
	var all []scope.Scope
	for _, name := range p.Scopes.Names() {
		s, _ := p.Scopes.Get(name)
		all = append(all, s)
	}
	for _, c := range custom {
		if _, builtin := p.Scopes.Get(c.Name); builtin {
			continue
		}
		var implies []string
		for _, name := range c.Implies {
			if classes[name] == c.Class {
				implies = append(implies, name)
			}
		}
		all = append(all, scope.Scope{Name: c.Name, Description: c.Description, Group: c.Group, Class: c.Class, Implies: implies})
	}
	return scope.NewCatalogue(all)
}
