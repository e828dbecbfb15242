package httpapi

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// headerAPIKey is api.HeaderAPIKey in the form in which net/http keeps it.
const headerAPIKey = "X-Api-Key"

// apiKeys returns the different keys in X-API-Key.
func apiKeys(h http.Header) []string {
	var keys []string
	for _, v := range h[headerAPIKey] {
		keys = addKey(keys, v)
	}
	return keys
}

// bearerKeys returns the different keys in Authorization: Bearer. Other schemes are not
// keys: a proxy may have put them there.
func bearerKeys(h http.Header) []string {
	var keys []string
	for _, v := range h["Authorization"] {
		if scheme, key, ok := strings.Cut(strings.TrimSpace(v), " "); ok && strings.EqualFold(scheme, "Bearer") {
			keys = addKey(keys, key)
		}
	}
	return keys
}

// addKey adds a key that is not there yet.
func addKey(keys []string, key string) []string {
	if key = strings.TrimSpace(key); key == "" || slices.Contains(keys, key) {
		return keys
	}
	return append(keys, key)
}

// credential is what the caller proves itself with.
func credential(h http.Header) (secret.Secret, error) {
	keys := apiKeys(h)
	for _, key := range bearerKeys(h) {
		keys = addKey(keys, key)
	}
	switch len(keys) {
	case 0:
		return secret.Secret{}, refuse(api.CodeMissingCredential, "No credential was sent. Send one in %s, or as Authorization: Bearer.", api.HeaderAPIKey)
	case 1:
		return secret.From(keys[0]), nil
	}
	return secret.Secret{}, keyring.RefuseFields(api.CodeInvalidRequest,
		api.FieldError{Field: api.HeaderAPIKey, Message: "differs from another credential in the same request; send one"},
		api.FieldError{Field: "Authorization", Message: "differs from another credential in the same request; send one"})
}

// gatewayCredential is what a gateway proves itself with, where the usual headers
// belong to the caller whom it asks about.
func gatewayCredential(h http.Header) (secret.Secret, error) {
	switch sent := h[api.HeaderAuthorize]; {
	case len(sent) > 1:
		return secret.Secret{}, keyring.RefuseFields(api.CodeInvalidRequest, api.FieldError{Field: api.HeaderAuthorize, Message: "must be sent once"})
	case len(sent) == 1 && strings.TrimSpace(sent[0]) != "":
		return secret.From(strings.TrimSpace(sent[0])), nil
	}
	return secret.Secret{}, refuse(api.CodeMissingCredential, "No credential was sent. A gateway sends its own in %s.", api.HeaderAuthorize)
}

// authenticate finds out who sent the credential that read returns.
func (a *API) authenticate(x *exchange, r *http.Request, read func(http.Header) (secret.Secret, error)) (keyring.Caller, error) {
	sent, err := read(r.Header)
	if err != nil {
		return keyring.Caller{}, err
	}
	who, err := a.keyring.Authenticate(r.Context(), sent, x.Origin())
	x.caller = who.ID
	return who, err
}

// verify asks whether what was presented is good for the scopes, on behalf of whoever sent the
// credential that read returns.
func (a *API) verify(x *exchange, r *http.Request, read func(http.Header) (secret.Secret, error), in keyring.Presented, scopes []string) (keyring.Caller, keyring.Verification, error) {
	sent, err := read(r.Header)
	if err != nil {
		return keyring.Caller{}, keyring.Verification{}, err
	}
	who, v, err := a.keyring.VerifyFor(r.Context(), sent, x.Origin(), in, scopes)
	x.caller = who.ID
	return who, v, err
}

// callerFirst is the refusal of the caller, if it is refused, and otherwise what
// is wrong with its request: a stranger learns nothing about requests.
func (a *API) callerFirst(x *exchange, r *http.Request, read func(http.Header) (secret.Secret, error), fault error) error {
	if _, err := a.authenticate(x, r, read); err != nil {
		return err
	}
	return fault
}

type callerKey struct{}

// callerOf returns whom admit let in.
func callerOf(ctx context.Context) keyring.Caller {
	who, ok := ctx.Value(callerKey{}).(keyring.Caller)
	if !ok {
		panic("a handler without a caller: admit was not run")
	}
	return who
}
