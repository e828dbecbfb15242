package httpapi

import (
	"context"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

type listAPIKeysInput struct {
	IDs        []string `query:"ids" nullable:"false" doc:"Only the keys with these ids, separated by commas."`
	Name       string   `query:"name" doc:"Only the keys with exactly this name."`
	NamePrefix string   `query:"name_prefix" doc:"Only the keys whose name starts with this, to the letter."`
	Status     string   `query:"status" enum:"active,inactive,expired,locked" doc:"Only the keys in this state."`
	Scope      string   `query:"scope" doc:"Only the keys that were given this scope by its name."`
	Limit      int      `query:"limit" minimum:"1" maximum:"500" default:"100" doc:"The most items on a page."`
	Cursor     string   `query:"cursor" doc:"The next_cursor of the page before; absent for the first page."`
}

type createAPIKeyInput struct {
	IdempotencyKey string `header:"Idempotency-Key" doc:"16 to 128 visible characters, made at random for each new request. The same request under the same key gets the first answer again, the secret included, for 24 hours."`
	Body           body[api.CreateAPIKey]
}

type apiKeyInput struct {
	ID string `path:"id" doc:"The key's id."`
}

type updateAPIKeyInput struct {
	ID      string `path:"id" doc:"The key's id."`
	IfMatch string `header:"If-Match" doc:"The ETag that the change was decided on, or *."`
	Body    body[api.UpdateAPIKey]
}

type deleteAPIKeyInput struct {
	ID      string `path:"id" doc:"The key's id."`
	IfMatch string `header:"If-Match" doc:"The ETag that the deletion was decided on, or *."`
}

type apiKeyPageOutput struct {
	Body api.Page[api.APIKey]
}

type apiKeyOutput struct {
	ETag string `header:"ETag" doc:"The key's revision, for If-Match."`
	Body api.APIKey
}

type createAPIKeyOutput struct {
	Location string `header:"Location" doc:"Where the new key is, relative to the path of this call, so that it holds behind a proxy that serves the API under a prefix."`
	ETag     string `header:"ETag" doc:"The key's revision, for If-Match."`
	Body     api.IssuedAPIKey
}

func (a *API) listAPIKeys(ctx context.Context, in *listAPIKeysInput) (*apiKeyPageOutput, error) {
	views, next, err := a.keyring.APIKeys(ctx, callerOf(ctx), keyring.APIKeyFilter{
		IDs: in.IDs, Name: in.Name, NamePrefix: in.NamePrefix, Status: in.Status, Scope: in.Scope, Cursor: in.Cursor, Limit: in.Limit,
	})
	if err != nil {
		return nil, err
	}
	page := api.Page[api.APIKey]{Items: make([]api.APIKey, 0, len(views)), NextCursor: next}
	for _, v := range views {
		page.Items = append(page.Items, toAPIKey(v))
	}
	return &apiKeyPageOutput{Body: page}, nil
}

func (a *API) createAPIKey(ctx context.Context, in *createAPIKeyInput) (*createAPIKeyOutput, error) {
	want := in.Body.value
	issued, err := a.keyring.CreateAPIKey(ctx, callerOf(ctx), keyring.NewAPIKey{
		Name: want.Name, Description: want.Description, Scopes: want.Scopes, Shape: keyring.Shape{Access: want.Access, Preset: want.Preset},
		Enabled: want.Enabled == nil || *want.Enabled, ExpiresAt: want.ExpiresAt, Secret: want.Secret,
	}, in.IdempotencyKey)
	if err != nil {
		return nil, err
	}
	return &createAPIKeyOutput{Location: apiKeyPath(issued.Handle, issued.ID), ETag: etag(issued.Revision), Body: toIssuedAPIKey(issued)}, nil
}

func (a *API) getAPIKey(ctx context.Context, in *apiKeyInput) (*apiKeyOutput, error) {
	v, err := a.keyring.APIKey(ctx, callerOf(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return &apiKeyOutput{ETag: etag(v.Revision), Body: toAPIKey(v)}, nil
}

func (a *API) updateAPIKey(ctx context.Context, in *updateAPIKeyInput) (*apiKeyOutput, error) {
	revision, err := ifMatch(in.IfMatch)
	if err != nil {
		return nil, err
	}
	want := in.Body.value
	v, err := a.keyring.UpdateAPIKey(ctx, callerOf(ctx), in.ID, keyring.APIKeyChange{
		Name: want.Name, Description: want.Description, Scopes: want.Scopes, Enabled: want.Enabled,
		Shape:        keyring.Shape{Access: want.Access, Preset: want.Preset},
		ChangeExpiry: want.ExpiresAt.Set, ExpiresAt: want.ExpiresAt.Time,
	}, revision)
	if err != nil {
		return nil, err
	}
	return &apiKeyOutput{ETag: etag(v.Revision), Body: toAPIKey(v)}, nil
}

func (a *API) deleteAPIKey(ctx context.Context, in *deleteAPIKeyInput) (*struct{}, error) {
	revision, err := ifMatch(in.IfMatch)
	if err != nil {
		return nil, err
	}
	return nil, a.keyring.DeleteAPIKey(ctx, callerOf(ctx), in.ID, revision)
}

func (a *API) unlockAPIKey(ctx context.Context, in *apiKeyInput) (*apiKeyOutput, error) {
	v, err := a.keyring.UnlockAPIKey(ctx, callerOf(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return &apiKeyOutput{ETag: etag(v.Revision), Body: toAPIKey(v)}, nil
}
