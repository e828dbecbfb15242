package client

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

const (
	pathAPIKeys = "/v1/apikeys"
	pathAPIKey  = "/v1/apikeys/{id}"
	pathRotate  = "/v1/apikeys/{id}/rotate"
)

// APIKeyService works on the API keys of the account.
type APIKeyService struct{ core *core }

// ListAPIKeys selects keys. A field that is zero selects all; fields that are set
// must all fit.
type ListAPIKeys struct {
	IDs        []string // these keys; List takes at most api.MaxPageSize, All any number. Empty selects all, not none
	Name       string   // exactly this name
	NamePrefix string   // a name that begins with this
	Status     string   // api.StatusActive, api.StatusInactive or api.StatusExpired
	Scope      string   // a scope given to the key by this name, not by implication
	Limit      int      // keys per page, 1 to api.MaxPageSize; 0 leaves it to the server, or for All is the most
	Cursor     string   // api.Page.NextCursor of the page before; empty for the first
}

// Get returns one key, without its secret. It fails with ErrNotFound when there
// is none.
func (s *APIKeyService) Get(ctx context.Context, id string) (*api.APIKey, error) {
	return call(ctx, s.core, get(pathAPIKey, id), checkAPIKey)
}

// GetByName returns the key of exactly this name. It fails with ErrNotFound when
// there is none, and with ErrConflict when there are several, which platforms
// without unique names allow; these errors have the statuses 404 and 409, though
// the server answered with a list.
func (s *APIKeyService) GetByName(ctx context.Context, name string) (*api.APIKey, error) {
	o := get(pathAPIKeys)
	if name == "" {
		return nil, o.invalid("the name is empty")
	}
	page, err := s.List(ctx, ListAPIKeys{Name: name, Limit: 2})
	if err != nil {
		return nil, err
	}
	e := &Error{Status: http.StatusOK, Method: o.method, Path: o.path}
	for _, key := range page.Items {
		if key.Name != name {
			e.unexpected, e.Message = true, "the answer holds keys of other names than the one asked for"
			return nil, e
		}
	}
	switch len(page.Items) {
	case 0:
		e.Status, e.Code = http.StatusNotFound, api.CodeNotFound
		e.Message = fmt.Sprintf("there is no API key of the name %q in this account", name)
		return nil, e
	case 1:
		return &page.Items[0], nil
	}
	e.Status = http.StatusConflict
	e.Message = fmt.Sprintf("several API keys have the name %q; choose one by its id", name)
	return nil, e
}

// List returns one page of keys, oldest first.
func (s *APIKeyService) List(ctx context.Context, in ListAPIKeys) (*api.Page[api.APIKey], error) {
	o := get(pathAPIKeys)
	for _, id := range in.IDs {
		if id == "" || strings.Contains(id, ",") {
			return nil, o.invalid(fmt.Sprintf("the id %q is empty or holds a comma", id))
		}
	}
	q := query{}
	q.set("ids", strings.Join(in.IDs, ","))
	q.set("name", in.Name)
	q.set("name_prefix", in.NamePrefix)
	q.set("status", in.Status)
	q.set("scope", in.Scope)
	q.page(in.Limit, in.Cursor)
	o.query = url.Values(q)
	return call(ctx, s.core, o, checkPage(checkAPIKey))
}

// All goes through all keys that fit, oldest first. It asks for a page when it
// gets there and not before. After an error, which comes with a nil key, it ends.
//
// Keys made meanwhile may be left out or not; a key that is there all the time
// comes exactly once. Where in.IDs are many they are asked for in portions, so
// that no URL gets too long for a proxy; the order holds within a portion.
func (s *APIKeyService) All(ctx context.Context, in ListAPIKeys) iter.Seq2[*api.APIKey, error] {
	if in.Limit == 0 {
		in.Limit = api.MaxPageSize
	}
	portions := portion(in.IDs)
	return func(yield func(*api.APIKey, error) bool) {
		for _, ids := range portions {
			part := in
			part.IDs = ids
			fetch := func(cursor string) (*api.Page[api.APIKey], error) {
				part.Cursor = cursor
				return s.List(ctx, part)
			}
			for key, err := range pages(pathAPIKeys, part.Cursor, fetch) {
				if !yield(key, err) || err != nil {
					return
				}
			}
		}
	}
}

// portion copies ids, each once, in runs that fit into a URL. No ids at all make
// one portion of none.
func portion(ids []string) [][]string {
	const most = 100
	if len(ids) <= most {
		return [][]string{slices.Clone(ids)}
	}
	seen := map[string]bool{}
	var once []string
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			once = append(once, id)
		}
	}
	return slices.Collect(slices.Chunk(once, most))
}

// Create makes a key and returns it with its secret, which nothing shows again.
// A lost answer costs nothing: the call is tried again under its IdempotencyKey
// and returns the key that the first attempt made.
func (s *APIKeyService) Create(ctx context.Context, in api.CreateAPIKey, opts ...CreateOption) (*api.IssuedAPIKey, error) {
	o := operation{method: http.MethodPost, path: pathAPIKeys, in: in, write: true}
	for _, opt := range opts {
		opt.toCreate(&o)
	}
	o.nameAnew()
	return call(ctx, s.core, o, checkIssued)
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
	o := operation{method: http.MethodPatch, path: pathAPIKey, args: []string{id}, in: in, write: true}
	if in.Scopes != nil && len(in.Scopes) == 0 {
		// On the wire it would be left out, and the scopes stay as they are.
		return nil, o.invalid("scopes must hold at least one scope, or be nil to stay as they are")
	}
	for _, opt := range opts {
		opt.toChange(&o)
	}
	return call(ctx, s.core, o, checkAPIKey)
}

// Delete removes a key and its secrets for good. It fails with ErrNotFound when
// there is no such key. After a lost answer it is tried again, and the key's
// absence then means that it is done.
func (s *APIKeyService) Delete(ctx context.Context, id string, opts ...ChangeOption) error {
	o := operation{method: http.MethodDelete, path: pathAPIKey, args: []string{id}, write: true}
	for _, opt := range opts {
		opt.toChange(&o)
	}
	_, err := s.core.do(ctx, o)
	if isGone(err) {
		return nil
	}
	return err
}

// Rotate gives a key a new secret and returns it; its id stays. The old secret
// ends at once, or after in.Overlap. A lost answer costs nothing, as with Create.
func (s *APIKeyService) Rotate(ctx context.Context, id string, in api.RotateAPIKey, opts ...RotateOption) (*api.IssuedAPIKey, error) {
	o := operation{method: http.MethodPost, path: pathRotate, args: []string{id}, in: in, write: true}
	for _, opt := range opts {
		opt.toRotate(&o)
	}
	o.nameAnew()
	return call(ctx, s.core, o, checkIssued)
}

func checkAPIKey(key *api.APIKey) string {
	switch {
	case key.ID == "":
		return "has an API key without an id"
	case key.Name == "":
		return "has an API key without a name"
	case key.Status == "":
		return "has an API key without a status"
	case key.Revision < 1:
		return "has an API key without a revision"
	}
	return ""
}

func checkIssued(issued *api.IssuedAPIKey) string {
	if lack := checkAPIKey(&issued.APIKey); lack != "" {
		return lack
	}
	if issued.Secret == "" {
		return "has an API key without its secret"
	}
	return ""
}
