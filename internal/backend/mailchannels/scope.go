package mailchannels

import (
	"context"
	"fmt"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

// scopes are those of the platform: accounts define none.
type scopes struct{ *Backend }

// Scopes implements backend.Backend.
func (b *Backend) Scopes() backend.Scopes { return scopes{b} }

// Rules implements backend.Scopes.
func (scopes) Rules(context.Context) (backend.ScopeRules, error) { return backend.ScopeRules{}, nil }

// Get implements backend.Scopes.
func (s scopes) Get(_ context.Context, name string) (backend.Scope, error) {
	found, ok := s.platform.Scopes.Get(name)
	if !ok {
		return backend.Scope{}, &backend.Error{Message: fmt.Sprintf("MailChannels has no scope %q.", name), Err: backend.ErrNotFound}
	}
	return backend.Scope{Scope: found, EffectiveScopes: s.platform.Scopes.Effective([]string{name}), Builtin: true}, nil
}

func errNoCustomScopes() error {
	return &backend.Error{Message: "Accounts of MailChannels define no scopes of their own.", Err: backend.ErrUnsupported}
}

// Create implements backend.Scopes.
func (scopes) Create(context.Context, backend.ScopeInput) (backend.Scope, error) {
	return backend.Scope{}, errNoCustomScopes()
}

// Update implements backend.Scopes.
func (scopes) Update(context.Context, string, backend.ScopeChange, int64) (backend.Scope, error) {
	return backend.Scope{}, errNoCustomScopes()
}

// Delete implements backend.Scopes.
func (scopes) Delete(context.Context, string) error { return errNoCustomScopes() }

// Planned implements backend.Scopes.
func (s scopes) Planned() *backend.PlannedScopes { return &s.planned }
