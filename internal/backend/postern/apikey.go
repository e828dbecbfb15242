package postern

import (
	"context"
	"errors"

	"github.com/postern-dev/terraform-provider-postern/client"
	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

// APIKey implements backend.Backend. A miss is looked for once more in the list:
// a proxy's stray 404 must not drop a live key from the state.
func (b *Backend) APIKey(ctx context.Context, id string) (backend.APIKey, error) {
	key, err := b.client.APIKeys.Get(ctx, id)
	if errors.Is(err, client.ErrNotFound) {
		page, listErr := b.client.APIKeys.List(ctx, client.ListAPIKeys{IDs: []string{id}})
		if listErr != nil {
			return backend.APIKey{}, explained(listErr)
		}
		for _, k := range page.Items {
			if k.ID == id {
				return converted(&k), nil
			}
		}
	}
	if err != nil {
		return backend.APIKey{}, explained(err)
	}
	return converted(key), nil
}

// APIKeysNamed implements backend.Backend.
func (b *Backend) APIKeysNamed(ctx context.Context, name string) ([]backend.APIKey, error) {
	var keys []backend.APIKey
	for key, err := range b.client.APIKeys.All(ctx, client.ListAPIKeys{Name: name}) {
		if err != nil {
			return nil, explained(err)
		}
		keys = append(keys, converted(key))
	}
	return keys, nil
}

// CreateAPIKey implements backend.Backend.
func (b *Backend) CreateAPIKey(ctx context.Context, in backend.APIKeyInput) (backend.IssuedAPIKey, error) {
	return issued(b.client.APIKeys.Create(ctx, api.CreateAPIKey{
		Name: in.Name, Description: in.Description, Scopes: in.Scopes, Enabled: &in.Enabled, ExpiresAt: in.ExpiresAt, Secret: in.Secret,
	}))
}

// UpdateAPIKey implements backend.Backend.
func (b *Backend) UpdateAPIKey(ctx context.Context, id string, in backend.APIKeyChange, revision int64) (backend.APIKey, error) {
	change := api.UpdateAPIKey{Name: in.Name, Description: in.Description, Scopes: in.Scopes, Enabled: in.Enabled}
	if in.ExpiresAt != nil {
		change.ExpiresAt = api.SetTime(in.ExpiresAt.At)
	}
	var conditions []client.ChangeOption
	if revision != 0 {
		conditions = append(conditions, client.IfMatch(revision))
	}
	key, err := b.client.APIKeys.Update(ctx, id, change, conditions...)
	if err != nil {
		return backend.APIKey{}, explained(err)
	}
	return converted(key), nil
}

// RotateAPIKey implements backend.Backend.
func (b *Backend) RotateAPIKey(ctx context.Context, id string, in backend.Rotation, revision int64) (backend.IssuedAPIKey, error) {
	rotate := api.RotateAPIKey{Overlap: in.Overlap.String(), Secret: in.Secret}
	if in.ExpiresAt != nil {
		rotate.ExpiresAt = api.SetTime(in.ExpiresAt.At)
	}
	var conditions []client.RotateOption
	if revision != 0 {
		conditions = append(conditions, client.IfMatch(revision))
	}
	return issued(b.client.APIKeys.Rotate(ctx, id, rotate, conditions...))
}

// DeleteAPIKey implements backend.Backend.
func (b *Backend) DeleteAPIKey(ctx context.Context, id string) error {
	return explained(b.client.APIKeys.Delete(ctx, id))
}

func issued(in *api.IssuedAPIKey, err error) (backend.IssuedAPIKey, error) {
	if err != nil {
		return backend.IssuedAPIKey{}, explained(err)
	}
	return backend.IssuedAPIKey{APIKey: converted(&in.APIKey), Secret: in.Secret}, nil
}

func converted(k *api.APIKey) backend.APIKey {
	return backend.APIKey{
		ID: k.ID, Name: k.Name, Username: k.Username, Description: k.Description,
		Scopes: k.Scopes, EffectiveScopes: k.EffectiveScopes, AutomaticScopes: k.AutomaticScopes,
		Enabled: k.Enabled, Status: k.Status, ExpiresAt: k.ExpiresAt, SecretHint: k.SecretHint, SecretVersion: int64(k.SecretVersion),
		SecretCreatedAt: k.SecretCreatedAt, PreviousSecretExpiresAt: k.PreviousSecretExpiresAt, CreatedAt: k.CreatedAt, Revision: k.Revision,
	}
}
