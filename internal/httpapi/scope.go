package httpapi

import (
	"context"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

const (
	pathScopes = "/v1/scopes"
	pathScope  = "/v1/scopes/{name}"
)

type listScopesInput struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100" doc:"The most items on a page."`
	Cursor string `query:"cursor" doc:"The next_cursor of the page before; absent for the first page."`
}

type scopePageOutput struct {
	Body api.Page[api.Scope]
}

type scopeInput struct {
	Name string `path:"name" doc:"The scope's name."`
}

type scopeOutput struct {
	ETag string `header:"ETag" doc:"The scope's revision, for If-Match; a built-in one has none."`
	Body api.ScopeDetail
}

func (a *API) registerScopes() {
	huma.Register(a.huma, operation("list-scopes", http.MethodGet, pathScopes, tagScopes,
		"List scopes",
		"The scopes that keys of the account choose from, by name: those of its platform, and its own.",
		http.StatusUnprocessableEntity), a.listScopes)
	huma.Register(a.huma, operation("get-scope", http.MethodGet, pathScope, tagScopes,
		"Get a scope",
		"One scope of the catalogue, with all that it implies, and how many keys hold it where the caller may read keys.",
		http.StatusNotFound), a.getScope)
	a.registerScopeWrites()
	a.registerShapes()
}

func (a *API) listScopes(ctx context.Context, in *listScopesInput) (*scopePageOutput, error) {
	after, err := decodeScopeCursor(in.Cursor)
	if err != nil {
		return nil, err
	}
	if in.Limit < 1 || in.Limit > api.MaxPageSize {
		return nil, keyring.RefuseFields(api.CodeValidationFailed, api.FieldError{Field: "limit", Message: "must be 1 to 500"})
	}
	all, err := a.keyring.Scopes(ctx, callerOf(ctx))
	if err != nil {
		return nil, err
	}
	// The catalogue is short and sorted by name: the cursor is a name.
	start, found := slices.BinarySearchFunc(all, after, func(s keyring.ScopeView, name string) int { return strings.Compare(s.Name, name) })
	if found {
		start++
	}
	out := &scopePageOutput{Body: api.Page[api.Scope]{Items: []api.Scope{}}}
	for _, s := range all[start:] {
		if len(out.Body.Items) == in.Limit {
			last := out.Body.Items[in.Limit-1].Name
			out.Body.NextCursor = base64.RawURLEncoding.EncodeToString([]byte(last))
			break
		}
		out.Body.Items = append(out.Body.Items, toScope(s))
	}
	return out, nil
}

func decodeScopeCursor(cursor string) (string, error) {
	name, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return "", keyring.RefuseFields(api.CodeValidationFailed, api.FieldError{Field: "cursor", Message: "is not one that this server gave; start again without it"})
	}
	return string(name), nil
}

func (a *API) getScope(ctx context.Context, in *scopeInput) (*scopeOutput, error) {
	s, err := a.keyring.Scope(ctx, callerOf(ctx), in.Name)
	if err != nil {
		return nil, err
	}
	return &scopeOutput{ETag: scopeETag(s), Body: toScopeDetail(s)}, nil
}

// scopeETag is empty for a built-in scope, which nobody changes.
func scopeETag(s keyring.ScopeChange) string {
	if s.Builtin {
		return ""
	}
	return etag(s.Revision)
}

func toScope(v keyring.ScopeView) api.Scope {
	return api.Scope{
		Name:            v.Name,
		Description:     v.Description,
		Group:           v.Group,
		Level:           v.Level,
		Class:           v.Class,
		Implies:         list(v.Implies),
		EffectiveScopes: list(v.Effective),
		Rights:          list(v.Rights),
		Builtin:         v.Builtin,
		CreatedAt:       v.CreatedAt,
		UpdatedAt:       v.UpdatedAt,
		Revision:        v.Revision,
	}
}

func toScopeDetail(s keyring.ScopeChange) api.ScopeDetail {
	return api.ScopeDetail{Scope: toScope(s.ScopeView), APIKeys: s.APIKeys}
}
