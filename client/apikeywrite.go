package client

import (
	"context"
	"net/http"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// Create makes a key and returns it with its secret, which nothing shows again.
// A lost answer costs nothing: the call is tried again under its IdempotencyKey
// and returns the key that the first attempt made.
//
// Where in.Secret is set the answer holds no secret: the caller knows it.
func (s *APIKeyService) Create(ctx context.Context, in api.CreateAPIKey, opts ...CreateOption) (*api.IssuedAPIKey, error) {
	o := s.to(http.MethodPost, "").with(in).hiding(in.Secret)
	apply(&o, opts, CreateOption.toCreate)
	o.nameAnew()
	return call(ctx, s.use(), o, isNewKey(in))
}

// Update changes what is set in the request and leaves the rest. It is tried
// again after a lost answer, because setting the same values twice leaves them
// as they are.
//
// With IfMatch, an attempt that took effect without an answer makes the next one
// stale. The client does not guess which of two writers that was: the error is
// then both ErrStale and ErrUncertain, and the caller reads the key again.
// Without IfMatch, a write that was delayed on its way may come after later
// ones; give IfMatch where that matters, as when a key is turned off.
func (s *APIKeyService) Update(ctx context.Context, id string, in api.UpdateAPIKey, opts ...ChangeOption) (*api.APIKey, error) {
	o := s.to(http.MethodPatch, partID, id).with(in)
	if in.Scopes != nil && len(in.Scopes) == 0 && len(in.Access) == 0 && in.Preset == "" {
		// On the wire it would be left out, and the scopes stay as they are.
		return nil, o.invalid("scopes must hold at least one scope, or be nil to stay as they are")
	}
	apply(&o, opts, ChangeOption.toChange)
	return call(ctx, s.use(), o, isKey(id, checkAPIKey))
}

// Delete removes a key and its secrets for good. It fails with ErrNotFound when
// there is no such key, also at a second look. After a lost answer it is tried again,
// and the key's absence then means that it is done. Only 204 is taken for a success.
func (s *APIKeyService) Delete(ctx context.Context, id string, opts ...ChangeOption) error {
	o := s.to(http.MethodDelete, partID, id)
	apply(&o, opts, ChangeOption.toChange)
	return s.use().remove(ctx, o, s.to(http.MethodGet, partID, id))
}

// Rotate gives a key a new secret and returns it; its id stays. The old secret
// ends at once, or after in.Overlap. A lost answer costs nothing, as with Create,
// and where in.Secret is set the answer holds no secret either. It fails with
// ErrValidation where the platform's keys keep their secret: make a new key there.
//
// A client whose own key is rotated goes on with the old secret for the overlap; one more
// rotation of that key takes the new one, else it fails with api.CodeSecretReplaced.
func (s *APIKeyService) Rotate(ctx context.Context, id string, in api.RotateAPIKey, opts ...RotateOption) (*api.IssuedAPIKey, error) {
	o := s.to(http.MethodPost, partRotate, id).with(in).hiding(in.Secret)
	apply(&o, opts, RotateOption.toRotate)
	o.nameAnew()
	return call(ctx, s.use(), o, isRotated(id, in.Secret))
}

// Unlock lets a key work again that wrong passwords have locked, and returns it. A key
// that is not locked stays as it is, so the call is tried again after a lost
// answer.
func (s *APIKeyService) Unlock(ctx context.Context, id string) (*api.APIKey, error) {
	return call(ctx, s.use(), s.to(http.MethodPost, partUnlock, id), isKey(id, checkAPIKey))
}

// checkIssued wants a secret in the answer unless the caller chose it.
func checkIssued(chosen api.Secret) func(*api.IssuedAPIKey) string {
	return func(issued *api.IssuedAPIKey) string {
		if lack := checkAPIKey(&issued.APIKey); lack != "" {
			return lack
		}
		if issued.Secret.IsZero() && chosen.IsZero() {
			return "has an API key without its secret"
		}
		return ""
	}
}
