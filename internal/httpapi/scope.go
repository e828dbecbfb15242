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

type listScopesInput struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100" doc:"The most items on a page."`
	Cursor string `query:"cursor" doc:"The next_cursor of the page before; absent for the first page."`
}

type scopePageOutput struct {
	Body api.Page[api.Scope]
}

type getScopeInput struct {
	Name string `path:"name" doc:"The scope's name."`
}

type scopeOutput struct {
	Body api.Scope
}

func (a *API) registerScopes() {
	huma.Register(a.huma, operation("list-scopes", http.MethodGet, "/v1/scopes", tagScopes,
		"List scopes",
		"The scopes that keys of the account's platform choose from, by name.",
		http.StatusUnprocessableEntity), a.listScopes)
	huma.Register(a.huma, operation("get-scope", http.MethodGet, "/v1/scopes/{name}", tagScopes,
		"Get a scope",
		"One scope of the catalogue, with all that it implies.",
		http.StatusNotFound), a.getScope)
}

func (a *API) listScopes(ctx context.Context, in *listScopesInput) (*scopePageOutput, error) {
	after, err := decodeScopeCursor(in.Cursor)
	if err != nil {
		return nil, err
	}
	if in.Limit < 1 || in.Limit > api.MaxPageSize {
		return nil, refuseFields(api.CodeValidationFailed, api.FieldError{Field: "limit", Message: "must be 1 to 500"})
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
		return "", refuseFields(api.CodeValidationFailed, api.FieldError{Field: "cursor", Message: "is not one that this server gave; start again without it"})
	}
	return string(name), nil
}

func (a *API) getScope(ctx context.Context, in *getScopeInput) (*scopeOutput, error) {
	s, err := a.keyring.Scope(ctx, callerOf(ctx), in.Name)
	if err != nil {
		return nil, err
	}
	return &scopeOutput{Body: toScope(s)}, nil
}
