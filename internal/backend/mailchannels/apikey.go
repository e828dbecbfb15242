package mailchannels

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/backend/vendor"
	"github.com/postern-dev/terraform-provider-postern/internal/outside"
)

const (
	belowKeys = "/api-key"
	routeKeys = routeSubaccount + belowKeys
)

// wireKey is a key as the API has it. In a list, Key is partly redacted.
type wireKey struct {
	ID  json.Number `json:"id"`
	Key string      `json:"key"`
}

// id is the key's; empty for what cannot be one.
func (k wireKey) id() string {
	n, err := strconv.ParseInt(k.ID.String(), 10, 64)
	if err != nil || n < 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// CheckItem implements vendor.Item.
func (k wireKey) CheckItem() (name, lack string) {
	if k.id() == "" {
		return "", "lists an API key without a number for its id"
	}
	return k.id(), ""
}

// keys are those of one sub-account.
type keys struct {
	*Backend
	handle string
	list   *shared[[]wireKey]
	turn   chan struct{} // held while a key is made: see Create
	seen   backend.Seen  // ids of keys
}

// Keys implements backend.Backend. There is one list a sub-account, which its readers
// share.
func (b *Backend) Keys(subaccount string) backend.Keys {
	if subaccount == "" {
		return parentKeys{}
	}
	return b.place(subaccount)
}

func (b *Backend) place(handle string) *keys {
	b.mu.Lock()
	defer b.mu.Unlock()
	k, ok := b.places[handle]
	if !ok {
		k = &keys{Backend: b, handle: handle, turn: make(chan struct{}, 1)}
		k.list = newShared(func(ctx context.Context) ([]wireKey, error) {
			found, err := all[wireKey](ctx, b.caller, one(handle, belowKeys), routeKeys)
			k.seen.Add(ids(found)...)
			return found, err
		})
		b.places[handle] = k
	}
	return k
}

// check refuses a handle that would make another path. The form of one that exists is the
// service's to choose.
func (b *Backend) check(handle string) error {
	if outside.CheckHandle(handle) != nil || strings.Trim(handle, ".") == "" {
		return missing(handle)
	}
	return nil
}

// read returns the keys; with anew, as they are now.
func (k *keys) read(ctx context.Context, anew bool) ([]wireKey, error) {
	if err := k.check(k.handle); err != nil {
		return nil, err
	}
	found, err := k.list.get(ctx, anew)
	if has(err, http.StatusNotFound) {
		return nil, k.noSubaccount(ctx, k.handle, err)
	}
	return found, k.explained(err)
}

// find looks for a key, and in a new list once more where it misses it.
func (k *keys) find(ctx context.Context, id string, anew bool) (backend.APIKey, error) {
	for _, again := range []bool{anew, true} {
		found, err := k.read(ctx, again)
		if err != nil {
			return backend.APIKey{}, err
		}
		if i := slices.IndexFunc(found, func(w wireKey) bool { return w.id() == id }); i >= 0 {
			return k.converted(found[i]), nil
		}
	}
	return backend.APIKey{}, &backend.Error{Message: fmt.Sprintf("There is no API key %q in the sub-account %q.", id, k.handle), Err: backend.ErrNotFound}
}

// Get implements backend.Keys.
func (k *keys) Get(ctx context.Context, id string) (backend.APIKey, error) {
	return k.find(ctx, id, true)
}

// Refresh implements backend.Keys.
func (k *keys) Refresh(ctx context.Context, id string) (backend.APIKey, error) {
	return k.find(ctx, id, false)
}

// List implements backend.Keys. The order is the service's, which documents none. No
// key has a name, so a filter by names is refused rather than never fulfilled.
func (k *keys) List(ctx context.Context, filter backend.APIKeyFilter) ([]backend.APIKey, error) {
	if filter.Name != "" || filter.NamePrefix != "" {
		return nil, &backend.Error{Message: "MailChannels keeps no names of API keys, so none can be found by its name. Ask for its id.", Err: backend.ErrUnsupported}
	}
	found, err := k.read(ctx, true)
	var out []backend.APIKey
	for _, w := range found {
		key := k.converted(w)
		if (filter.Status == "" || filter.Status == key.Status) && (filter.Scope == "" || slices.Contains(key.Scopes, filter.Scope)) {
			out = append(out, key)
		}
	}
	return out, err
}

// Update implements backend.Keys.
func (k *keys) Update(context.Context, string, backend.APIKeyChange, int64) (backend.APIKey, error) {
	return backend.APIKey{}, &backend.Error{Message: "An API key of MailChannels cannot be changed, only replaced.", Err: backend.ErrUnsupported}
}

// Rotate implements backend.Keys.
func (k *keys) Rotate(context.Context, string, backend.Rotation, int64) (backend.IssuedAPIKey, error) {
	return backend.IssuedAPIKey{}, &backend.Error{Message: "An API key of MailChannels cannot get another secret, only be replaced.", Err: backend.ErrUnsupported}
}

// Delete implements backend.Keys. What MailChannels answers for an unknown id is not
// documented: 204 passes for a deletion, 404 is looked into.
func (k *keys) Delete(ctx context.Context, id string) error {
	if err := k.check(k.handle); err != nil {
		return err
	}
	gone := &backend.Error{Message: fmt.Sprintf("There is no API key %q in the sub-account %q.", id, k.handle), Err: backend.ErrNotFound}
	if (wireKey{ID: json.Number(id)}).id() != id {
		return gone // its ids are whole numbers
	}
	err := k.remove(ctx, id)
	if !has(err, http.StatusNotFound) {
		return k.explained(err)
	}
	found, readErr := k.read(ctx, true)
	if readErr != nil {
		return readErr
	}
	if slices.ContainsFunc(found, func(w wireKey) bool { return w.id() == id }) {
		return &backend.Error{Message: fmt.Sprintf("%s MailChannels lists the API key all the same. %s", err.Error(), secondLookAdvice), Err: err}
	}
	if answer, ok := errors.AsType[*vendor.Error](err); ok && answer.Repeated {
		return nil // the first attempt did it
	}
	return gone
}

// remove makes the call that deletes a key.
func (k *keys) remove(ctx context.Context, id string) error {
	defer k.list.forget()
	err := k.caller.Do(ctx, vendor.Call{Method: http.MethodDelete, Path: one(k.handle, belowKeys+"/"+id), Route: routeKeys + "/{id}"})
	if err == nil {
		k.seen.Remove(id)
	}
	return err
}

// converted is a key as it is listed.
func (k *keys) converted(w wireKey) backend.APIKey {
	scopes := *k.platform.Subaccounts.FixedScopes
	return backend.APIKey{
		ID: w.id(), Scopes: slices.Clone(scopes), EffectiveScopes: k.platform.Scopes.Effective(scopes),
		Enabled: true, Status: backend.StatusActive, SecretHint: hint(w.Key),
	}
}

// hint is what a list shows of a key. How MailChannels redacts it is not documented;
// the simulator does not, and then all but its beginning is cut off.
func hint(listed string) string {
	const longest, beginning = 64, 4
	if len(listed) <= longest && (strings.Contains(listed, "*") || strings.Contains(listed, "...") || strings.Contains(listed, "…")) {
		return outside.Line(listed, longest)
	}
	return outside.Line(listed[:min(beginning, len(listed)/2)]+"...", longest)
}
