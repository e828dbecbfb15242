package client

import (
	"context"
	"net/http"
	"slices"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// Create defines a scope of the account's own. It fails with ErrConflict when the
// catalogue has one of that name, and with api.CodeUnsupported where the platform's
// catalogue is closed.
//
// After a lost answer it is tried again. When the name is then taken, the scope that
// has it is read: one that is as asked for, and that nobody has changed, was made
// by the lost attempt and is returned. Any other leaves the error both ErrConflict
// and ErrUncertain.
func (s *ScopeService) Create(ctx context.Context, in api.CreateScope) (*api.ScopeDetail, error) {
	o := operation{method: http.MethodPost, path: pathScopes, in: in, write: true}
	made, err := call(ctx, s.use(), o, isScope(in.Name))
	if err == nil || !isOurs(err, api.CodeNameTaken) {
		return made, err
	}
	found, readErr := s.Get(ctx, in.Name)
	if readErr != nil || !isAsDefined(&found.Scope, in) {
		return nil, err
	}
	return found, nil
}

// isAsDefined reports whether a scope is what the request makes.
func isAsDefined(got *api.Scope, in api.CreateScope) bool {
	either := func(got, asked, standard string) bool { return got == asked || asked == "" && got == standard }
	sorted := func(names []string) []string { return slices.Compact(slices.Sorted(slices.Values(names))) }
	return got.Revision == 1 && got.Name == in.Name && got.Description == in.Description &&
		either(got.Group, in.Group, "custom") && either(got.Class, in.Class, "general") &&
		slices.Equal(sorted(got.Implies), sorted(in.Implies))
}

// Update changes what is set in the request and leaves the rest. It changes at once
// what every key that holds the scope may do; the answer says how many those are.
// Scopes that the platform defines fail with api.CodeScopeBuiltin. It is tried again
// after a lost answer, as APIKeyService.Update is, with the same meaning of IfMatch.
func (s *ScopeService) Update(ctx context.Context, name string, in api.UpdateScope, opts ...ChangeOption) (*api.ScopeDetail, error) {
	o := operation{method: http.MethodPatch, path: pathScope, args: []string{name}, in: in, write: true}
	apply(&o, opts, ChangeOption.toChange)
	return call(ctx, s.use(), o, isScope(name))
}

// Delete removes a scope of the account's own. One that a key holds or another scope
// implies stays: the call then fails with ErrConflict and api.CodeInUse. It fails
// with ErrNotFound when there is no such scope. After a lost answer it is tried
// again, and the scope's absence then means that it is done.
func (s *ScopeService) Delete(ctx context.Context, name string, opts ...ChangeOption) error {
	o := operation{method: http.MethodDelete, path: pathScope, args: []string{name}, write: true}
	apply(&o, opts, ChangeOption.toChange)
	return s.use().remove(ctx, o, get(pathScope, name))
}
