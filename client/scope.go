package client

import (
	"context"
	"iter"
	"net/url"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

const (
	pathScopes = "/v1/scopes"
	pathScope  = "/v1/scopes/{name}"
	pathShapes = "/v1/scope-shapes"
)

// ScopeService works on the catalogue of scopes that keys choose from: those that the
// platform defines, which nobody changes, and those that the account defines, where
// the platform lets it.
type ScopeService struct{ core *core }

// ListScopes selects a page of the catalogue.
type ListScopes struct {
	Limit  int    // scopes per page, 1 to api.MaxPageSize; 0 leaves it to the server
	Cursor string // api.Page.NextCursor of the page before; empty for the first
}

// Get returns one scope, and how many keys hold it. It fails with ErrNotFound when the
// catalogue has none of that name; the error's Message may then name the nearest one.
func (s *ScopeService) Get(ctx context.Context, name string) (*api.ScopeDetail, error) {
	return call(ctx, s.core, get(pathScope, name), checkScopeDetail)
}

// List returns one page of the catalogue, by name.
func (s *ScopeService) List(ctx context.Context, in ListScopes) (*api.Page[api.Scope], error) {
	o := get(pathScopes)
	q := query{}
	q.page(in.Limit, in.Cursor)
	o.query = url.Values(q)
	return call(ctx, s.core, o, checkPage(checkScope))
}

// All goes through the whole catalogue, by name. After an error, which comes with
// a nil scope, it ends.
func (s *ScopeService) All(ctx context.Context) iter.Seq2[*api.Scope, error] {
	return pages(pathScopes, "", func(cursor string) (*api.Page[api.Scope], error) {
		return s.List(ctx, ListScopes{Limit: api.MaxPageSize, Cursor: cursor})
	})
}

func checkScope(scope *api.Scope) string {
	if scope.Name == "" {
		return "has a scope without a name"
	}
	return ""
}

func checkScopeDetail(detail *api.ScopeDetail) string { return checkScope(&detail.Scope) }

// Shapes returns the ways to ask for many scopes at once: presets, and groups with
// their levels. Both lists are empty where the platform has none.
func (s *ScopeService) Shapes(ctx context.Context) (*api.ScopeShapes, error) {
	return call(ctx, s.core, get(pathShapes), func(shapes *api.ScopeShapes) string {
		if shapes.Presets == nil || shapes.Groups == nil {
			return "has no presets or no groups, not even empty lists of them"
		}
		return ""
	})
}
