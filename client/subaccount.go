package client

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"slices"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/outside"
)

const (
	pathSubaccounts = "/v1/subaccounts"
	pathSubaccount  = "/v1/subaccounts/{handle}"
)

// SubaccountService works on the sub-accounts of the account, on platforms that have
// them. On others every call fails with api.CodeUnsupported.
type SubaccountService struct{ core *core }

// use is the core of the service; nil for one that New did not make.
func (s *SubaccountService) use() *core {
	if s == nil {
		return nil
	}
	return s.core
}

// APIKeys returns the service for the keys of one sub-account. It makes no call, so
// a handle that does not exist shows with the first one, as ErrNotFound.
func (s *SubaccountService) APIKeys(handle string) *APIKeyService {
	return &APIKeyService{core: s.use(), path: pathSubaccountAPIKeys, args: []string{handle}}
}

// ListSubaccounts selects sub-accounts. A field that is zero selects all; fields that
// are set must all fit.
type ListSubaccounts struct {
	HandlePrefix string // a handle that begins with this
	Status       string // api.SubaccountActive or api.SubaccountSuspended
	Limit        int    // sub-accounts per page, 1 to api.MaxPageSize; 0 leaves it to the server, or for All is the most
	Cursor       string // api.Page.NextCursor of the page before; empty for the first
}

// Get returns one sub-account. It fails with ErrNotFound when there is none.
func (s *SubaccountService) Get(ctx context.Context, handle string) (*api.Subaccount, error) {
	return call(ctx, s.use(), get(pathSubaccount, handle), isSubaccount(handle))
}

// List returns one page of sub-accounts, oldest first.
func (s *SubaccountService) List(ctx context.Context, in ListSubaccounts) (*api.Page[api.Subaccount], error) {
	o := get(pathSubaccounts)
	q := query{}
	q.set("handle_prefix", in.HandlePrefix)
	q.set("status", in.Status)
	q.page(in.Limit, in.Cursor)
	o.query = url.Values(q)
	return callPage(ctx, s.use(), o, handleOf, checkSubaccount)
}

// All goes through all sub-accounts that fit, oldest first. It asks for a page when it
// gets there and not before. After an error, which comes with a nil sub-account,
// it ends.
func (s *SubaccountService) All(ctx context.Context, in ListSubaccounts) iter.Seq2[*api.Subaccount, error] {
	if in.Limit == 0 {
		in.Limit = api.MaxPageSize
	}
	return pages(pathSubaccounts, in.Cursor, func() sequence[api.Subaccount] { return distinct(handleOf) }, func(cursor string) (*api.Page[api.Subaccount], error) {
		part := in
		part.Cursor = cursor
		return s.List(ctx, part)
	})
}

// Create makes a sub-account. It fails with ErrConflict when the handle is taken.
//
// After a lost answer it is tried again where in.Handle is set. When the handle is
// then taken, the sub-account that has it is read: one that is as asked for, and
// that nobody has changed, was made by the lost attempt and is returned. Any other
// leaves the error both ErrConflict and ErrUncertain.
//
// Without a handle, where the server makes one, a second try could make a second
// sub-account. A lost answer then ends the call with ErrUncertain; look for the
// new one with List before trying again.
func (s *SubaccountService) Create(ctx context.Context, in api.CreateSubaccount) (*api.Subaccount, error) {
	o := operation{method: http.MethodPost, path: pathSubaccounts, in: in, write: true, once: in.Handle == ""}
	made, err := call(ctx, s.use(), o, isSubaccount(in.Handle))
	if err == nil || !isOurs(err, api.CodeHandleTaken) {
		return made, err
	}
	found, readErr := s.Get(ctx, in.Handle)
	if readErr != nil || !isAsAsked(found, in) {
		return nil, err
	}
	return found, nil
}

// isAsAsked reports whether a sub-account is what the request makes.
func isAsAsked(got *api.Subaccount, in api.CreateSubaccount) bool {
	status := in.Status
	if status == "" {
		status = api.SubaccountActive
	}
	limit := slices.Equal(listed(got.APIKeyLimit), listed(in.APIKeyLimit))
	return got.Revision == 1 && got.Handle == in.Handle && got.Name == in.Name && got.Status == status && limit
}

func listed(n *int) []int {
	if n == nil {
		return nil
	}
	return []int{*n}
}

// Update changes what is set in the request and leaves the rest. A status of
// api.SubaccountSuspended stops all keys of the sub-account at once. It is tried
// again after a lost answer, as APIKeyService.Update is, with the same meaning of
// IfMatch.
func (s *SubaccountService) Update(ctx context.Context, handle string, in api.UpdateSubaccount, opts ...ChangeOption) (*api.Subaccount, error) {
	o := operation{method: http.MethodPatch, path: pathSubaccount, args: []string{handle}, in: in, write: true}
	apply(&o, opts, ChangeOption.toChange)
	return call(ctx, s.use(), o, isSubaccount(handle))
}

// Delete removes a sub-account for good. One that has keys is removed with
// DeleteAPIKeys only; else the call fails with ErrConflict and api.CodeInUse. It
// fails with ErrNotFound when there is no such sub-account. After a lost answer it
// is tried again, and the sub-account's absence then means that it is done.
func (s *SubaccountService) Delete(ctx context.Context, handle string, opts ...RemoveOption) error {
	o := operation{method: http.MethodDelete, path: pathSubaccount, args: []string{handle}, write: true}
	apply(&o, opts, RemoveOption.toRemove)
	return s.use().remove(ctx, o, get(pathSubaccount, handle))
}

func handleOf(sub *api.Subaccount) string { return sub.Handle }

func checkSubaccount(sub *api.Subaccount) string {
	switch {
	case sub.ID == "":
		return "has a sub-account without an id"
	case outside.CheckID(sub.ID) != nil:
		return "has a sub-account with an id that is none"
	case sub.Handle == "":
		return "has a sub-account without a handle"
	case outside.CheckHandle(sub.Handle) != nil:
		return "has a sub-account with a handle that is none"
	case !isVisibleASCII(sub.Status):
		return "has a sub-account with a status that is none"
	case sub.Status == "":
		return "has a sub-account without a status"
	case sub.Revision < 1:
		return "has a sub-account without a revision"
	}
	return ""
}
