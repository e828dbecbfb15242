package client

import (
	"context"
	"iter"
	"net/url"
	"slices"

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

// use is the core of the service; nil for one that New did not make.
func (s *ScopeService) use() *core {
	if s == nil {
		return nil
	}
	return s.core
}

// ListScopes selects a page of the catalogue.
type ListScopes struct {
	Limit  int    // scopes per page, 1 to api.MaxPageSize; 0 leaves it to the server
	Cursor string // api.Page.NextCursor of the page before; empty for the first
}

// Get returns one scope, and how many keys hold it. It fails with ErrNotFound when the
// catalogue has none of that name; the error's Message may then name the nearest one.
func (s *ScopeService) Get(ctx context.Context, name string) (*api.ScopeDetail, error) {
	return call(ctx, s.use(), get(pathScope, name), isScope(name))
}

// List returns one page of the catalogue, by name.
func (s *ScopeService) List(ctx context.Context, in ListScopes) (*api.Page[api.Scope], error) {
	o := get(pathScopes)
	q := query{}
	q.page(in.Limit, in.Cursor)
	o.query = url.Values(q)
	return callPage(ctx, s.use(), o, nameOfScope, checkScope)
}

// All goes through the whole catalogue, by name. After an error, which comes with
// a nil scope, it ends.
func (s *ScopeService) All(ctx context.Context) iter.Seq2[*api.Scope, error] {
	return pages(pathScopes, "", func() sequence[api.Scope] { return distinct(nameOfScope) }, func(cursor string) (*api.Page[api.Scope], error) {
		return s.List(ctx, ListScopes{Limit: api.MaxPageSize, Cursor: cursor})
	})
}

func nameOfScope(scope *api.Scope) string { return scope.Name }

func checkScope(scope *api.Scope) string {
	switch {
	case scope.Name == "":
		return "has a scope without a name"
	case !areScopes([]string{scope.Name}), !areScopes(scope.Implies), !areScopes(scope.EffectiveScopes):
		return "has a scope whose name, or that of an implied one, is none"
	}
	return ""
}

// areScopes reports whether the names can be those of scopes: a name has at most 128 bytes,
// and the largest catalogue has a few hundred.
func areScopes(names []string) bool {
	const mostNames, mostName = 20_000, 128
	return len(names) <= mostNames && !slices.ContainsFunc(names, func(name string) bool {
		return name == "" || len(name) > mostName || !isVisibleASCII(name)
	})
}

func checkScopeDetail(detail *api.ScopeDetail) string { return checkScope(&detail.Scope) }

// Shapes returns the ways to ask for many scopes at once: presets, and groups with
// their levels. Both lists are empty where the platform has none.
func (s *ScopeService) Shapes(ctx context.Context) (*api.ScopeShapes, error) {
	return call(ctx, s.use(), get(pathShapes), func(shapes *api.ScopeShapes) string {
		if shapes.Presets == nil || shapes.Groups == nil {
			return "has no presets or no groups, not even empty lists of them"
		}
		return ""
	})
}
