package sendgrid

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/backend/vendor"
)

// find returns the subuser of exactly that name. A list may leave out a disabled one (a
// client reports it), so that one is gone only when the whole list does not show it and
// SendGrid itself answers 404 to its name. Where that call is answered in any other way,
// whether the subuser is there is not known, and the error is backend.ErrUnconfirmed.
func (s subaccounts) find(ctx context.Context, handle string) (subuser, error) {
	if found, ok, err := s.inList(ctx, handle, handle); ok || err != nil {
		return found, err
	}
	found, asked := s.alone(ctx, handle)
	if asked == nil {
		return found, nil
	}
	if found, ok, err := s.inList(ctx, "", handle); ok || err != nil {
		return found, err
	}
	if missing(asked) {
		return subuser{}, &backend.Error{Message: fmt.Sprintf("There is no subuser %q in this account.", handle), Err: backend.ErrNotFound}
	}
	return subuser{}, &backend.Error{
		Message: fmt.Sprintf("SendGrid's list shows no subuser %q, but it may leave out one that is disabled, and asking for it by name did not tell whether it is there. "+
			"Nothing is taken for deleted. Look in SendGrid; if it is gone there, remove it from the state with \"terraform state rm\". %s", handle, explained(asked)),
		Err: errors.Join(backend.ErrUnconfirmed, asked),
	}
}

// inList looks for a subuser in the list, as far as it fits the filter.
func (s subaccounts) inList(ctx context.Context, filter, handle string) (subuser, bool, error) {
	all, err := s.subusers(ctx, filter, handle)
	if err != nil {
		return subuser{}, false, explained(err)
	}
	for _, one := range all {
		if one.Username == handle {
			return one, true, nil
		}
	}
	return subuser{}, false, nil
}

// alone asks for one subuser by its name. The reference has no such call, but other clients
// make it.
func (s subaccounts) alone(ctx context.Context, handle string) (subuser, error) {
	var found subuser
	err := s.call(ctx, "", vendor.Call{Method: http.MethodGet, Path: subuserPath(handle), Route: routeSubuser, Into: &found})
	if err == nil && found.Username != handle {
		err = &backend.Error{Message: fmt.Sprintf("SendGrid was asked for the subuser %q and sent another, or none.", handle)}
	}
	return found, err
}

// missing reports whether SendGrid itself says that something is not there. A page of a
// proxy with that status says nothing.
func missing(err error) bool {
	failed, ok := errors.AsType[*vendor.Error](err)
	return ok && failed.Status == http.StatusNotFound && len(failed.Sayings) > 0
}

// reservedHandles are what SendGrid's own paths have where a subuser's name stands
// (reference), in whatever case.
var reservedHandles = []string{"reputations", "stats"}

func isReserved(handle string) bool {
	for _, one := range reservedHandles {
		if strings.EqualFold(one, handle) {
			return true
		}
	}
	return false
}
