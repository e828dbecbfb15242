package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

type shapesOutput struct {
	Body api.ScopeShapes
}

func (a *API) registerShapes() {
	huma.Register(a.huma, operation("get-scope-shapes", http.MethodGet, "/v1/scope-shapes", tagScopes,
		"Get the ways to ask for many scopes at once",
		"The presets and the groups with their levels that a key may be asked for by, in preset and access."), a.getShapes)
}

func (a *API) getShapes(ctx context.Context, _ *struct{}) (*shapesOutput, error) {
	presets, groups, err := a.keyring.Shapes(ctx, callerOf(ctx))
	if err != nil {
		return nil, err
	}
	out := &shapesOutput{Body: api.ScopeShapes{Presets: []api.Preset{}, Groups: []api.ScopeGroup{}}}
	for _, p := range presets {
		out.Body.Presets = append(out.Body.Presets, api.Preset{Name: p.Name, Description: p.Description, Scopes: list(p.Scopes)})
	}
	for _, g := range groups {
		out.Body.Groups = append(out.Body.Groups, api.ScopeGroup{Name: g.Name, Title: g.Title, Read: list(g.Read), Full: list(g.Full)})
	}
	return out, nil
}
