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
	"github.com/postern-dev/terraform-provider-postern/internal/outside"
)

const (
	pathAPIKeys           = "/v1/apikeys"
	pathSubaccountAPIKeys = "/v1/subaccounts/{handle}/apikeys"

	// What follows either of them.
	partID     = "/{id}"
	partRotate = "/{id}/rotate"
	partUnlock = "/{id}/unlock"
	partUsage  = "/{id}/usage"
)

// APIKeyService works on API keys: those of the account, or those of one
// sub-account. Neither sees the other's.
type APIKeyService struct {
	core *core
	path string   // the template of the list's path
	args []string // for its braces
}

// use is the core of the service; nil for one that New did not make.
func (s *APIKeyService) use() *core {
	if s == nil {
		return nil
	}
	return s.core
}

// to is an operation on the keys, or with an id on one of them.
func (s *APIKeyService) to(method, part string, id ...string) operation {
	if s == nil {
		s = &APIKeyService{path: pathAPIKeys}
	}
	return operation{method: method, path: s.path + part, args: slices.Concat(s.args, id), write: method != http.MethodGet}
}

// ListAPIKeys selects keys. A field that is zero selects all; fields that are set
// must all fit.
type ListAPIKeys struct {
	IDs        []string // these keys; List takes at most api.MaxPageSize, All any number. Empty selects all, not none
	Name       string   // exactly this name
	NamePrefix string   // a name that begins with this
	Status     string   // api.StatusActive, api.StatusInactive, api.StatusExpired or api.StatusLocked
	Scope      string   // a scope given to the key by this name, not by implication
	Limit      int      // keys per page, 1 to api.MaxPageSize; 0 leaves it to the server, or for All is the most
	Cursor     string   // api.Page.NextCursor of the page before; empty for the first
}

// Get returns one key, without its secret. It fails with ErrNotFound when there
// is none.
func (s *APIKeyService) Get(ctx context.Context, id string) (*api.APIKey, error) {
	return call(ctx, s.use(), s.to(http.MethodGet, partID, id), isKey(id, checkAPIKey))
}

// GetByName returns the key of exactly this name. It fails with ErrNotFound when
// there is none, and with ErrConflict when there are several, which platforms
// without unique names allow; these errors have the statuses 404 and 409, though
// the server answered with a list.
func (s *APIKeyService) GetByName(ctx context.Context, name string) (*api.APIKey, error) {
	o := s.to(http.MethodGet, "")
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
		e.Message = fmt.Sprintf("there is no API key of the name %q in this %s", name, s.where())
		return nil, e
	case 1:
		return &page.Items[0], nil
	}
	e.Status = http.StatusConflict
	e.Message = fmt.Sprintf("several API keys have the name %q; choose one by its id", name)
	return nil, e
}

// where is whose keys these are, for a message.
func (s *APIKeyService) where() string {
	if s != nil && len(s.args) > 0 {
		return "sub-account"
	}
	return "account"
}

// List returns one page of keys, oldest first.
func (s *APIKeyService) List(ctx context.Context, in ListAPIKeys) (*api.Page[api.APIKey], error) {
	o := s.to(http.MethodGet, "")
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
	return callPage(ctx, s.use(), o, idOfKey, checkAPIKey)
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
		path := s.to(http.MethodGet, "").path
		for _, ids := range portions {
			part := in
			part.IDs = ids
			fetch := func(cursor string) (*api.Page[api.APIKey], error) {
				part.Cursor = cursor
				return s.List(ctx, part)
			}
			for key, err := range pages(path, part.Cursor, func() sequence[api.APIKey] { return distinct(idOfKey) }, fetch) {
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

func idOfKey(key *api.APIKey) string { return key.ID }

func checkAPIKey(key *api.APIKey) string {
	switch {
	case key.ID == "":
		return "has an API key without an id"
	case outside.CheckID(key.ID) != nil:
		return "has an API key with an id that is none"
	case !isVisibleASCII(key.Status + key.Class + key.SecretHint):
		return "has an API key whose status, class or hint holds characters that none has"
	case !areScopes(key.Scopes) || !areScopes(key.EffectiveScopes) || !areScopes(key.AutomaticScopes):
		return "has an API key with scopes that are none"
	case key.Status == "":
		return "has an API key without a status"
	case key.Revision < 1:
		return "has an API key without a revision"
	}
	return "" // a name may be empty: not every platform's keys need one
}
