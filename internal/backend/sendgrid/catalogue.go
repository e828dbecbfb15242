package sendgrid

import (
	"context"
	"slices"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

const (
	groupOther   = "other"   // of scopes that the shipped list lacks
	classBilling = "billing" // of which no key holds any together with others
)

// Catalogue implements backend.Backend: the shipped list, and what the calling key
// holds beyond it. Which scopes an account has depends on its plan, and is checked
// against what the caller holds. Where SendGrid cannot be asked, the shipped list
// serves a plan well enough. Scopes that SendGrid adds by itself are in neither.
func (b *Backend) Catalogue(ctx context.Context) (*backend.Catalogue, error) {
	return b.catalogue.Get(func() (*backend.Catalogue, error) {
		var all []scope.Scope
		levels := map[string]string{}
		known := b.platform.Scopes
		for _, name := range known.Names() {
			s, _ := known.Get(name)
			all = append(all, s)
			if level := b.platform.Level(name); level != "" {
				levels[name] = level
			}
		}
		held, err := b.scopes(ctx)
		if err != nil {
			held = nil
		}
		for _, name := range held {
			if _, shipped := known.Get(name); !shipped {
				s := scope.Scope{Name: name, Group: groupOther}
				if strings.HasPrefix(name, classBilling+".") {
					s.Class = classBilling
				}
				all = append(all, s)
			}
		}
		c, err := scope.NewCatalogue(all)
		if err != nil {
			return nil, err
		}
		managing := backend.Managing(c, func(name string) []string { return b.platform.Rights([]string{name}) })
		return &backend.Catalogue{Catalogue: c, Levels: levels, Managing: managing}, nil
	})
}

// automatic reports whether SendGrid adds the scope by itself (Teammate Permissions
// page, and seen). Which of them a key gets differs by account, and sending one can
// fail with 500 (seen): they are never asked for.
func (b *Backend) automatic(name string) bool {
	return slices.Contains(b.platform.Automatic.Names, name)
}

// scopes of an account are the platform's alone.
type scopes struct{ *Backend }

// Scopes implements backend.Backend.
func (b *Backend) Scopes() backend.Scopes { return scopes{b} }

// Rules implements backend.Scopes.
func (scopes) Rules(context.Context) (backend.ScopeRules, error) { return backend.ScopeRules{}, nil }

// Planned implements backend.Scopes.
func (s scopes) Planned() *backend.PlannedScopes { return &s.planned }

// Get implements backend.Scopes.
func (scopes) Get(context.Context, string) (backend.Scope, error) { return backend.Scope{}, noScopes() }

// Create implements backend.Scopes.
func (scopes) Create(context.Context, backend.ScopeInput) (backend.Scope, error) {
	return backend.Scope{}, noScopes()
}

// Update implements backend.Scopes.
func (scopes) Update(context.Context, string, backend.ScopeChange, int64) (backend.Scope, error) {
	return backend.Scope{}, noScopes()
}

// Delete implements backend.Scopes.
func (scopes) Delete(context.Context, string) error { return noScopes() }

func noScopes() error {
	return unsupported("SendGrid defines all scopes itself: an account cannot make, change or remove any.")
}
