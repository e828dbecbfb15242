package sendgrid

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/backend/vendor"
	"github.com/postern-dev/terraform-provider-postern/internal/outside"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

// Create implements backend.Keys. Keys of one place are made one after another: should
// an answer be lost, the list before and after tells which key it was about.
func (k keys) Create(ctx context.Context, in backend.APIKeyInput) (backend.IssuedAPIKey, error) {
	if err := k.check(in); err != nil {
		return backend.IssuedAPIKey{}, err
	}
	ready := backend.Interruptible(ctx)
	select {
	case k.at.making <- struct{}{}:
		defer func() { <-k.at.making }()
	case <-ready.Done():
		return backend.IssuedAPIKey{}, fmt.Errorf("the API key was not made: %w", ready.Err())
	}
	before, err := k.list(ready, k.subuser)
	if err != nil && !denied(err) {
		return backend.IssuedAPIKey{}, k.told(ctx, err)
	}
	known := err == nil // who may make keys need not see them
	var made wireKey
	asked := scope.Normal(in.Scopes)
	err = k.call(ctx, k.subuser, vendor.Call{
		Method: http.MethodPost, Path: routeKeys, Route: routeKeys, Body: keyBody{in.Name, asked}, Into: &made, Yields: true,
	})
	if err == nil && (outside.CheckID(made.ID) != nil || made.Secret == "") {
		err = fmt.Errorf("SendGrid answered POST %s without a key: %w", routeKeys, vendor.ErrLost)
	}
	if err != nil {
		return backend.IssuedAPIKey{}, k.lost(ctx, err, in.Name, before, known)
	}
	return k.issued(ctx, made, in.Name, asked)
}

// keyBody is the body of a create, and of a change of scopes. Scopes are always sent:
// without any, SendGrid gives a new key Full Access (reference).
type keyBody struct {
	Name   string   `json:"name"`
	Scopes []string `json:"scopes"`
}

// check refuses what must not be sent.
func (k keys) check(in backend.APIKeyInput) error {
	fields := map[string]string{}
	if in.Name == "" {
		fields["name"] = "must not be empty"
	}
	if why := k.checkScopes(in.Scopes); why != "" {
		fields["scopes"] = why
	}
	if in.ExpiresAt != nil {
		fields["expires_at"] = "must be left out: keys of SendGrid do not expire"
	}
	if !in.Enabled {
		fields["enabled"] = "must be true: keys of SendGrid cannot be turned off"
	}
	if in.Secret != "" {
		fields["secret"] = "must be left out: SendGrid makes the secret itself"
	}
	return refused(fields)
}

func (k keys) checkScopes(names []string) string {
	if len(names) == 0 {
		return "must name at least one: SendGrid gives a key without any full access"
	}
	for _, name := range names {
		if k.automatic(name) {
			return fmt.Sprintf("must not name %q: SendGrid adds it by itself to the keys that need it", name)
		}
	}
	return ""
}

// refused is the error about these fields; nil for none.
func refused(fields map[string]string) error {
	if len(fields) == 0 {
		return nil
	}
	return &backend.Error{Message: "SendGrid would refuse this, or make something else of it. Nothing was sent.", Fields: fields}
}

// issued reads the new key back: what the answer to a create echoes are the scopes that
// were asked for (seen). Should that fail, the echo has to do, because without an
// answer of ours the secret would be lost.
func (k keys) issued(ctx context.Context, made wireKey, name string, asked []string) (backend.IssuedAPIKey, error) {
	key, err := k.read(ctx, made.ID)
	if err != nil {
		key = k.converted(wireKey{ID: made.ID, Name: name, Scopes: asked})
	}
	if missing := scope.Added(key.Scopes, asked); len(missing) > 0 {
		away := "It was deleted again."
		if err := k.discard(ctx, made.ID); err != nil {
			away = "It could not be deleted again: delete it in SendGrid. " + err.Error()
		}
		return backend.IssuedAPIKey{}, &backend.Error{
			Message: fmt.Sprintf("SendGrid made the API key %s without %s. %s", made.ID, strings.Join(missing, ", "), away),
			Fields:  map[string]string{"scopes": "lack " + strings.Join(missing, ", ") + ", which SendGrid left out"},
		}
	}
	return backend.IssuedAPIKey{APIKey: key, Secret: made.Secret}, nil
}

// Update implements backend.Keys. SendGrid has no revisions, so the last write wins; a
// description is a label in the state.
func (k keys) Update(ctx context.Context, id string, in backend.APIKeyChange, _ int64) (backend.APIKey, error) {
	if in.ExpiresAt != nil || in.Enabled != nil && !*in.Enabled {
		return backend.APIKey{}, unsupported("Keys of SendGrid neither expire nor can they be turned off.")
	}
	path, err := keyPath(id)
	if err != nil {
		return backend.APIKey{}, err
	}
	defer k.at.reads.Forget(id)
	call := vendor.Call{Path: path, Route: routeKey, Into: &wireKey{}}
	var asked []string
	switch {
	case in.Scopes != nil:
		if why := k.checkScopes(in.Scopes); why != "" {
			return backend.APIKey{}, refused(map[string]string{"scopes": why})
		}
		asked = scope.Normal(in.Scopes)
		name, err := k.nameFor(ctx, id, in.Name)
		if err != nil {
			return backend.APIKey{}, err
		}
		call.Method, call.Body = http.MethodPut, keyBody{name, asked}
	case in.Name != nil:
		call.Method, call.Body = http.MethodPatch, struct {
			Name string `json:"name"`
		}{*in.Name}
	default:
		return k.Get(ctx, id)
	}
	err = k.call(ctx, k.subuser, call)
	if status(err) == http.StatusNotFound {
		return backend.APIKey{}, k.gone(ctx, id, err)
	}
	if err != nil {
		return backend.APIKey{}, k.told(ctx, err)
	}
	return k.changed(ctx, id, asked)
}

// nameFor is the name that a change of scopes sends: SendGrid asks for one each time.
func (k keys) nameFor(ctx context.Context, id string, name *string) (string, error) {
	if name != nil {
		return *name, nil
	}
	key, err := k.Get(ctx, id)
	return key.Name, err
}

// changed reads a key after a change: whether the answer to a PUT shows the scopes is
// told one way in the reference's example and another in its schema.
func (k keys) changed(ctx context.Context, id string, asked []string) (backend.APIKey, error) {
	key, err := k.Get(ctx, id)
	if err != nil {
		return backend.APIKey{}, err
	}
	if missing := scope.Added(key.Scopes, asked); len(missing) > 0 {
		return backend.APIKey{}, &backend.Error{
			Message: fmt.Sprintf("SendGrid took the new scopes of the API key %s and left out %s.", id, strings.Join(missing, ", ")),
			Fields:  map[string]string{"scopes": "lack " + strings.Join(missing, ", ") + ", which SendGrid left out"},
		}
	}
	return key, nil
}
