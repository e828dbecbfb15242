package mailchannels

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/backend/vendor"
)

const (
	pathSubaccounts  = "/tx/v1/sub-account"
	routeSubaccount  = pathSubaccounts + "/{handle}"
	pageSize         = 1000 // the most that both lists allow
	mostPages        = 1000
	badShape         = "Check the endpoint, and whether it is MailChannels' Email API."
	secondLookAdvice = "Try again."
)

// one is the path of a sub-account, or of what is below it.
func one(handle, below string) string { return pathSubaccounts + "/" + url.PathEscape(handle) + below }

// all reads a list to its end. A page that is not full is the last; so is one that
// brings nothing new, where the service ignores the window.
func all[T vendor.Item](ctx context.Context, c *vendor.Caller, path, route string) ([]T, error) {
	var out []T
	var bounds vendor.Bounds
	seen := map[string]bool{}
	for offset, page := 0, 0; page < mostPages; page++ {
		var found vendor.List[T]
		err := c.Do(ctx, vendor.Call{
			Method: http.MethodGet, Path: path, Route: route, Into: &found, List: true, Within: &bounds,
			Query: url.Values{"limit": {strconv.Itoa(pageSize)}, "offset": {strconv.Itoa(offset)}},
		})
		if err == nil {
			err = bounds.Add(len(found))
		}
		if err != nil {
			return nil, err
		}
		before := len(out)
		for _, item := range found {
			if n, _ := item.CheckItem(); !seen[n] {
				seen[n] = true
				out = append(out, item)
			}
		}
		if len(found) < pageSize || len(out) == before {
			return out, nil
		}
		offset += len(found)
	}
	return nil, &backend.Error{Message: fmt.Sprintf("The list GET %s of MailChannels does not end. %s", route, badShape)}
}

// has reports whether an error is an answer of this status.
func has(err error, status int) bool {
	answer, ok := errors.AsType[*vendor.Error](err)
	return ok && answer.Status == status
}

// explained turns an error of the transport into the backend's terms. A 404 is not
// backend.ErrNotFound by itself: every path of a wrong endpoint has one.
func (b *Backend) explained(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*backend.Error](err); ok {
		return err
	}
	out := &backend.Error{Message: err.Error(), Err: err}
	switch {
	case has(err, http.StatusUnauthorized):
		out.Message += " The provider's API key is not valid, or not any more: check MAILCHANNELS_API_KEY."
	case has(err, http.StatusForbidden):
		out.Message += " The provider's API key, or its account, may not do this."
	case has(err, http.StatusNotFound):
		out.Message += " Check the endpoint."
	}
	return out
}

// noSubaccount explains a 404 below a sub-account, after a look whether there is one.
func (b *Backend) noSubaccount(ctx context.Context, handle string, err error) error {
	found, listErr := b.subs.get(ctx, true)
	if listErr != nil {
		return b.explained(listErr)
	}
	for _, s := range found {
		if s.Handle == handle {
			return &backend.Error{Message: fmt.Sprintf("%s MailChannels lists the sub-account %q all the same. %s", err.Error(), handle, secondLookAdvice), Err: err}
		}
	}
	return missing(handle)
}

func missing(handle string) error {
	return &backend.Error{Message: fmt.Sprintf("There is no sub-account %q.", handle), Err: backend.ErrNotFound}
}
