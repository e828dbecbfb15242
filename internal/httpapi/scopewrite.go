package httpapi

import (
	"context"
	"net/http"
	"net/url"

	"github.com/danielgtaylor/huma/v2"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

type createScopeInput struct {
	Body body[api.CreateScope]
}

type createScopeOutput struct {
	Location string `header:"Location" doc:"Where the new scope is, relative to the path of this call, so that it holds behind a proxy that serves the API under a prefix."`
	ETag     string `header:"ETag" doc:"The scope's revision, for If-Match."`
	Body     api.ScopeDetail
}

type updateScopeInput struct {
	Name    string `path:"name" doc:"The scope's name."`
	IfMatch string `header:"If-Match" doc:"The ETag that the change was decided on, or *."`
	Body    body[api.UpdateScope]
}

type deleteScopeInput struct {
	Name    string `path:"name" doc:"The scope's name."`
	IfMatch string `header:"If-Match" doc:"The ETag that the deletion was decided on, or *."`
}

func (a *API) registerScopeWrites() {
	create := operation("create-scope", http.MethodPost, pathScopes, tagScopes,
		"Define a scope",
		"A scope of the account's own, where its platform is open to such. Nobody defines one that grants more than they hold.",
		http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	create.DefaultStatus = http.StatusCreated
	huma.Register(a.huma, create, a.createScope)
	huma.Register(a.huma, operation("update-scope", http.MethodPatch, pathScope, tagScopes,
		"Change a scope",
		"What is left out stays as it is. A change of what it implies is in force at once for each key that holds it; the answer says how many these are.",
		http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType), a.updateScope)
	huma.Register(a.huma, operation("delete-scope", http.MethodDelete, pathScope, tagScopes,
		"Delete a scope",
		"Removes a scope of the account's own that no key was given and no other scope implies.",
		http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed), a.deleteScope)
}

func (a *API) createScope(ctx context.Context, in *createScopeInput) (*createScopeOutput, error) {
	want := in.Body.value
	s, err := a.keyring.CreateScope(ctx, callerOf(ctx), keyring.NewScope{
		Name: want.Name, Description: want.Description, Group: want.Group, Class: want.Class, Implies: want.Implies,
	})
	if err != nil {
		return nil, err
	}
	return &createScopeOutput{Location: pathScopes + "/" + url.PathEscape(s.Name), ETag: scopeETag(s), Body: toScopeDetail(s)}, nil
}

func (a *API) updateScope(ctx context.Context, in *updateScopeInput) (*scopeOutput, error) {
	revision, err := ifMatch(in.IfMatch)
	if err != nil {
		return nil, err
	}
	want := in.Body.value
	s, err := a.keyring.UpdateScope(ctx, callerOf(ctx), in.Name, keyring.CustomScopeChange{
		Description: want.Description, Group: want.Group, Implies: want.Implies,
	}, revision)
	if err != nil {
		return nil, err
	}
	return &scopeOutput{ETag: scopeETag(s), Body: toScopeDetail(s)}, nil
}

func (a *API) deleteScope(ctx context.Context, in *deleteScopeInput) (*struct{}, error) {
	revision, err := ifMatch(in.IfMatch)
	if err != nil {
		return nil, err
	}
	return nil, a.keyring.DeleteScope(ctx, callerOf(ctx), in.Name, revision)
}
