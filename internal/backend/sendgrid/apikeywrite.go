package sendgrid

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/backend/vendor"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

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
	if !in.Secret.IsZero() {
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
	var answer wireKey
	call := vendor.Call{Path: path, Route: routeKey, Into: &answer}
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
	if answer.ID != id {
		return backend.APIKey{}, otherKey(call.Method, id)
	}
	return k.changed(ctx, id, asked)
}

// otherKey is the error of a change that was answered with another key than the one asked
// for.
func otherKey(method, id string) error {
	return &backend.Error{Message: fmt.Sprintf("SendGrid was asked to change the API key %q and answered %s %s about another, or none. Whether anything was changed is not known: run a refresh and look at the plan.", id, method, routeKey)}
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
