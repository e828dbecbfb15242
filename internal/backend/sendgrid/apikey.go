package sendgrid

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/backend/vendor"
	"github.com/postern-dev/terraform-provider-postern/internal/outside"
)

// keys are the keys of the account, or of one subuser.
type keys struct {
	*Backend
	subuser string
	at      *place
}

// Keys implements backend.Backend.
func (b *Backend) Keys(subaccount string) backend.Keys {
	return keys{b, subaccount, b.place(subaccount)}
}

// wireKey is a key as SendGrid sends it: the list has no scopes, and only the answer to
// a create has the key itself.
type wireKey struct {
	ID     string   `json:"api_key_id"`
	Name   string   `json:"name"`
	Scopes []string `json:"scopes"`
	Secret string   `json:"api_key"`
}

// CheckItem implements vendor.Item. A key's name is whatever SendGrid took for one.
func (w wireKey) CheckItem() (name, lack string) {
	if err := outside.CheckID(w.ID); err != nil {
		return "", err.Error()
	}
	return w.ID, ""
}

// mostListed is more keys than an account can have. The reference names no default
// for the number that is listed, and no way to a next page.
const mostListed = "500"

// readsAtOnce bounds the requests of one list that are on their way together.
const readsAtOnce = 4

// list reads the ids and names of all keys of a place, in SendGrid's order, which is
// not documented.
func (b *Backend) list(ctx context.Context, subuser string) ([]wireKey, error) {
	var in struct {
		Result *vendor.List[wireKey] `json:"result"`
	}
	err := b.call(ctx, subuser, vendor.Call{
		Method: http.MethodGet, Path: routeKeys, Route: routeKeys, Query: url.Values{"limit": {mostListed}}, Into: &in, List: true,
	})
	if err != nil {
		return nil, err
	}
	if in.Result == nil {
		// No list is not an empty one: keys would seem to be gone.
		return nil, &backend.Error{Message: "SendGrid answered GET " + routeKeys + " without a list of keys. Check the endpoint, or a proxy on the way."}
	}
	for _, one := range *in.Result {
		b.place(subuser).seen.Add(one.ID)
	}
	return *in.Result, nil
}

// read reads one key.
func (k keys) read(ctx context.Context, id string) (backend.APIKey, error) {
	path, err := keyPath(id)
	if err != nil {
		return backend.APIKey{}, err
	}
	var in wireKey
	if err := k.call(ctx, k.subuser, vendor.Call{Method: http.MethodGet, Path: path, Route: routeKey, Into: &in}); err != nil {
		return backend.APIKey{}, err
	}
	if in.ID != id {
		return backend.APIKey{}, &backend.Error{Message: fmt.Sprintf("SendGrid was asked for the API key %q and sent another, or none.", id)}
	}
	k.at.seen.Add(id)
	return k.converted(in), nil
}

// keyPath is the path of a key. An id that is no name in a path would call another
// route.
func keyPath(id string) (string, error) {
	if outside.CheckID(id) != nil {
		return "", &backend.Error{Message: fmt.Sprintf("%.40q is not the id of an API key. It is the part between the two dots of the key.", id)}
	}
	return routeKeys + "/" + url.PathEscape(id), nil
}

// converted leaves out what SendGrid does not tell: times, a version of the secret,
// and whether the key is turned off, which it cannot be.
func (k keys) converted(in wireKey) backend.APIKey {
	chosen, automatic := k.split(in.Scopes)
	return backend.APIKey{
		ID: in.ID, Name: in.Name, Scopes: chosen, EffectiveScopes: slices.Clone(chosen), AutomaticScopes: automatic,
		Enabled: true, Status: backend.StatusActive, SecretHint: "SG." + in.ID, // the id is in the secret, and is no secret itself
		MadeFor: madeFor(in.Name),
	}
}

// Get implements backend.Keys.
func (k keys) Get(ctx context.Context, id string) (backend.APIKey, error) {
	key, err := k.read(ctx, id)
	if status(err) == http.StatusNotFound {
		err = k.gone(ctx, id, err)
	} else if err != nil {
		err = k.told(ctx, err)
	}
	return key, err
}

// Refresh implements backend.Keys. A key's scopes are in no list, so that each key
// takes one request; those that are asked for the same key at once share it.
func (k keys) Refresh(ctx context.Context, id string) (backend.APIKey, error) {
	done := k.at.reads.DoChan(id, func() (any, error) { return k.Get(context.WithoutCancel(ctx), id) })
	select {
	case <-ctx.Done():
		return backend.APIKey{}, fmt.Errorf("reading an API key: %w", ctx.Err())
	case r := <-done:
		key, ok := r.Val.(backend.APIKey)
		if r.Err == nil && !ok {
			return backend.APIKey{}, errors.New("reading an API key: no key")
		}
		key.Scopes, key.EffectiveScopes, key.AutomaticScopes = slices.Clone(key.Scopes), slices.Clone(key.EffectiveScopes), slices.Clone(key.AutomaticScopes)
		return key, r.Err
	}
}

// List implements backend.Keys. Scopes take one request a key; the order is that of
// SendGrid.
func (k keys) List(ctx context.Context, filter backend.APIKeyFilter) ([]backend.APIKey, error) {
	if filter.Status != "" && filter.Status != backend.StatusActive {
		return nil, nil // SendGrid's keys are all active
	}
	listed, err := k.list(ctx, k.subuser)
	if err != nil {
		return nil, k.told(ctx, err)
	}
	var found []backend.APIKey
	for _, one := range listed {
		if (filter.Name == "" || backend.SameName(one.Name, filter.Name)) && strings.HasPrefix(one.Name, filter.NamePrefix) {
			found = append(found, k.converted(one))
		}
	}
	if filter.Brief && filter.Scope == "" {
		return found, nil
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(readsAtOnce)
	for i := range found {
		group.Go(func() error {
			key, err := k.Get(ctx, found[i].ID)
			if errors.Is(err, backend.ErrNotFound) {
				err, key = nil, backend.APIKey{} // deleted since it was listed
			}
			found[i] = key
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(found, func(key backend.APIKey) bool {
		return key.ID == "" || filter.Scope != "" && !slices.Contains(key.Scopes, filter.Scope)
	}), nil
}

// Rotate implements backend.Keys.
func (keys) Rotate(context.Context, string, backend.Rotation, int64) (backend.IssuedAPIKey, error) {
	return backend.IssuedAPIKey{}, unsupported("SendGrid gives no key a new secret: a new key is made, and the old one deleted.")
}

// Delete implements backend.Keys.
func (k keys) Delete(ctx context.Context, id string) error {
	path, err := keyPath(id)
	if err != nil {
		return err
	}
	defer k.at.reads.Forget(id)
	err = k.call(ctx, k.subuser, vendor.Call{Method: http.MethodDelete, Path: path, Route: routeKey})
	if status(err) != http.StatusNotFound {
		return k.told(ctx, err)
	}
	repeated := false
	if failed, ok := errors.AsType[*vendor.Error](err); ok {
		repeated = failed.Repeated
	}
	if err = k.gone(ctx, id, err); repeated && errors.Is(err, backend.ErrNotFound) {
		return nil // an earlier attempt did it, and its answer was lost
	}
	return err
}

// gone looks a second time for a key that SendGrid says is not there: a proxy's stray
// 404 must never drop a live key.
func (k keys) gone(ctx context.Context, id string, missing error) error {
	listed, err := k.list(ctx, k.subuser)
	switch {
	case denied(err):
		if _, err = k.read(ctx, id); status(err) != http.StatusNotFound {
			return k.disagrees(ctx, id, err)
		}
	case status(err) == http.StatusNotFound && k.subuser != "":
		// The subuser may be gone, and its keys with it. A wrong path says 404 to all.
		if _, other := k.Subaccounts().Get(ctx, k.subuser); !errors.Is(other, backend.ErrNotFound) {
			return cmp.Or(other, explained(err))
		}
	case err != nil:
		return k.told(ctx, err)
	case slices.ContainsFunc(listed, func(one wireKey) bool { return one.ID == id }):
		return k.disagrees(ctx, id, nil)
	}
	return &backend.Error{Message: missing.Error(), Err: backend.ErrNotFound}
}

func (k keys) disagrees(ctx context.Context, id string, err error) error {
	if err != nil {
		return k.told(ctx, err)
	}
	return &backend.Error{Message: fmt.Sprintf("SendGrid says that there is no API key %q, and shows it all the same. Try again.", id)}
}

// told explains an error of a call about keys. What SendGrid answers on behalf of a
// subuser that is not there is not documented, so that a refusal is looked into.
func (k keys) told(ctx context.Context, err error) error {
	at := status(err)
	if k.subuser == "" || at != http.StatusUnauthorized && at != http.StatusForbidden && at != http.StatusNotFound || says(err, textTooMany) {
		return explained(err)
	}
	fields := map[string]string{"subaccount": "names no subuser of this account"}
	switch _, other := k.Subaccounts().Get(ctx, k.subuser); {
	case errors.Is(other, backend.ErrNotFound):
		return &backend.Error{Message: fmt.Sprintf("There is no subuser %q in this account. %s", k.subuser, err), Err: backend.ErrNotFound, Fields: fields}
	case denied(other) && at == http.StatusNotFound:
		return &backend.Error{
			Message: fmt.Sprintf("There seems to be no subuser %q in this account, but the API key that Terraform uses may not see subusers. %s", k.subuser, err),
			Err:     errors.Join(backend.ErrUnconfirmed, err), Fields: fields,
		}
	}
	return explained(err)
}
