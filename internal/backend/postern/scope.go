package postern

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client"
	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

// The rights that work with scopes takes.
const (
	rightScopesWrite = "scopes:write"
	rightAPIKeysRead = "apikeys:read"
)

// scopes are those of the account.
type scopes struct{ *Backend }

// Scopes implements backend.Backend.
func (b *Backend) Scopes() backend.Scopes { return scopes{b} }

// Planned implements backend.Scopes.
func (s scopes) Planned() *backend.PlannedScopes { return &s.planned }

// Rules implements backend.Scopes.
func (s scopes) Rules(ctx context.Context) (backend.ScopeRules, error) {
	a, err := s.readAccount(ctx)
	if err != nil {
		return backend.ScopeRules{}, err
	}
	return backend.ScopeRules{
		Define: a.CustomScopes,
		Write:  slices.Contains(a.Caller.Rights, rightScopesWrite),
		Count:  slices.Contains(a.Caller.Rights, rightAPIKeysRead),
	}, nil
}

// Get implements backend.Scopes. A miss is looked for once more in the list: a
// proxy's stray 404 must not drop a scope from the state that keys hold.
func (s scopes) Get(ctx context.Context, name string) (backend.Scope, error) {
	found, err := s.client.Scopes.Get(ctx, name)
	if errors.Is(err, client.ErrNotFound) {
		for other, listErr := range s.client.Scopes.All(ctx) {
			if listErr != nil {
				return backend.Scope{}, explained(listErr)
			}
			if other.Name == name {
				return backend.Scope{}, &backend.Error{Message: "The service says that there is no such scope, and lists it all the same. Try again."}
			}
		}
	}
	return detailed(found, err)
}

// Create implements backend.Scopes.
func (s scopes) Create(ctx context.Context, in backend.ScopeInput) (backend.Scope, error) {
	made, err := s.client.Scopes.Create(ctx, api.CreateScope{
		Name: in.Name, Description: in.Description, Group: in.Group, Class: in.Class, Implies: in.Implies,
	})
	s.written(in.Name)
	return detailed(made, err)
}

// Update implements backend.Scopes.
func (s scopes) Update(ctx context.Context, name string, in backend.ScopeChange, revision int64) (backend.Scope, error) {
	var conditions []client.ChangeOption
	if revision != 0 {
		conditions = append(conditions, client.IfMatch(revision))
	}
	changed, err := s.client.Scopes.Update(ctx, name, api.UpdateScope{Description: in.Description, Group: in.Group, Implies: in.Implies}, conditions...)
	s.written(name)
	return detailed(changed, err)
}

// Delete implements backend.Scopes.
func (s scopes) Delete(ctx context.Context, name string) error {
	err := s.client.Scopes.Delete(ctx, name)
	s.written(name)
	return explained(err)
}

// written makes the next plan read the catalogue anew. A failed write may have taken
// effect as well.
func (s scopes) written(name string) {
	s.forget() // what the scope means shows in every key that holds it
	s.catalogue.Forget()
	s.planned.Done(name)
}

func detailed(in *api.ScopeDetail, err error) (backend.Scope, error) {
	if err != nil {
		return backend.Scope{}, explained(err)
	}
	var created time.Time
	if in.CreatedAt != nil {
		created = *in.CreatedAt
	}
	return backend.Scope{
		Scope:           scope.Scope{Name: in.Name, Description: in.Description, Group: in.Group, Class: in.Class, Implies: in.Implies},
		EffectiveScopes: in.EffectiveScopes, Builtin: in.Builtin, APIKeys: in.APIKeys, Revision: in.Revision, CreatedAt: created,
	}, nil
}
