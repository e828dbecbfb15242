package mailchannels

import (
	"context"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

// parentKeys are the keys of the account itself, which the API does not have.
type parentKeys struct{}

func errUnmanaged() error {
	return &backend.Error{Message: unmanaged, Err: backend.ErrUnsupported}
}

// Get implements backend.Keys.
func (parentKeys) Get(context.Context, string) (backend.APIKey, error) {
	return backend.APIKey{}, errUnmanaged()
}

// Refresh implements backend.Keys.
func (parentKeys) Refresh(context.Context, string) (backend.APIKey, error) {
	return backend.APIKey{}, errUnmanaged()
}

// List implements backend.Keys.
func (parentKeys) List(context.Context, backend.APIKeyFilter) ([]backend.APIKey, error) {
	return nil, errUnmanaged()
}

// Create implements backend.Keys.
func (parentKeys) Create(context.Context, backend.APIKeyInput) (backend.IssuedAPIKey, error) {
	return backend.IssuedAPIKey{}, errUnmanaged()
}

// Update implements backend.Keys.
func (parentKeys) Update(context.Context, string, backend.APIKeyChange, int64) (backend.APIKey, error) {
	return backend.APIKey{}, errUnmanaged()
}

// Rotate implements backend.Keys.
func (parentKeys) Rotate(context.Context, string, backend.Rotation, int64) (backend.IssuedAPIKey, error) {
	return backend.IssuedAPIKey{}, errUnmanaged()
}

// Delete implements backend.Keys.
func (parentKeys) Delete(context.Context, string) error { return errUnmanaged() }
