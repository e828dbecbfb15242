package sendgrid

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/backend/vendor"
	"github.com/postern-dev/terraform-provider-postern/internal/outside"
)

// subaccounts are the subusers of the account.
type subaccounts struct{ *Backend }

// Subaccounts implements backend.Backend.
func (b *Backend) Subaccounts() backend.Subaccounts { return subaccounts{b} }

// subuser is one as SendGrid lists it.
type subuser struct {
	ID       int64  `json:"id"`
	Username string `json:"username"`
	Email    string `json:"email"`
	Disabled bool   `json:"disabled"`
}

// CheckItem implements vendor.Item. Usernames hold spaces, accents, "+", "%" and more.
func (u subuser) CheckItem() (name, lack string) {
	if err := outside.CheckHandle(u.Username); err != nil {
		return "", err.Error()
	}
	return u.Username, ""
}

const (
	subusersPage  = 500  // a page; the reference names no most
	subusersPages = 1000 // where a list that never ends is given up
)

// subusers lists those that fit a filter by username, or with "" all, and stops at the
// one that is wanted. The filter means the beginning of a name, in any case (reported by
// one client; not documented), and may leave out disabled subusers (another).
func (b *Backend) subusers(ctx context.Context, filter, wanted string) ([]subuser, error) {
	var all []subuser
	seen := map[string]bool{}
	var bounds vendor.Bounds
	for range subusersPages {
		query := url.Values{"limit": {strconv.Itoa(subusersPage)}, "offset": {strconv.Itoa(len(all))}}
		if filter != "" {
			query.Set("username", filter)
		}
		var page vendor.List[subuser]
		err := b.call(ctx, "", vendor.Call{Method: http.MethodGet, Path: routeSubusers, Route: routeSubusers, Query: query, Into: &page, List: true, Within: &bounds})
		if err == nil {
			err = bounds.Add(len(page))
		}
		if err != nil {
			return nil, err
		}
		fresh := 0
		for _, one := range page {
			if !seen[one.Username] {
				seen[one.Username] = true
				all = append(all, one)
				fresh++
			}
		}
		// A service that gives fewer a page than it was asked for is asked on; one
		// that passes over the offset shows nothing new.
		if fresh == 0 || wanted != "" && seen[wanted] {
			return all, nil
		}
	}
	return nil, &backend.Error{Message: fmt.Sprintf("SendGrid's list of subusers does not end after %d pages.", subusersPages)}
}

// Get implements backend.Subaccounts.
func (s subaccounts) Get(ctx context.Context, handle string) (backend.Subaccount, error) {
	found, err := s.find(ctx, handle)
	if err != nil {
		return backend.Subaccount{}, err
	}
	return s.counted(ctx, found)
}

// List implements backend.Subaccounts. The number of keys takes one request a subuser.
func (s subaccounts) List(ctx context.Context, filter backend.SubaccountFilter) ([]backend.Subaccount, error) {
	all, err := s.subusers(ctx, "", "")
	if err != nil {
		return nil, explained(err)
	}
	var fits []subuser
	for _, one := range all {
		if strings.HasPrefix(one.Username, filter.HandlePrefix) && (filter.Status == "" || one.status() == filter.Status) {
			fits = append(fits, one)
		}
	}
	found := make([]backend.Subaccount, len(fits))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(readsAtOnce)
	for i := range fits {
		group.Go(func() error {
			var err error
			found[i], err = s.counted(ctx, fits[i])
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return found, nil
}

func (u subuser) status() string {
	if u.Disabled {
		return backend.SubaccountSuspended
	}
	return backend.SubaccountActive
}

// counted adds how many keys a subuser has. Where that is not told, neither is the
// limit, so that nothing is held against a number that is not known.
func (s subaccounts) counted(ctx context.Context, u subuser) (backend.Subaccount, error) {
	out := backend.Subaccount{ID: strconv.FormatInt(u.ID, 10), Handle: u.Username, Status: u.status(), Email: u.Email}
	listed, err := s.list(ctx, u.Username)
	switch {
	case err == nil:
		out.Keys, out.KeyLimit = len(listed), s.platform.Subaccounts.KeyLimit
	case ctx.Err() != nil || errors.Is(err, backend.ErrUnreachable) || status(err) == http.StatusTooManyRequests:
		return backend.Subaccount{}, explained(err)
	}
	return out, nil
}

// Usage implements backend.Subaccounts. SendGrid's statistics of subusers are of
// days and of its own kinds of events: they are no count that limits anything.
func (subaccounts) Usage(context.Context, string) (backend.SubaccountUsage, error) {
	return backend.SubaccountUsage{}, unsupported("SendGrid's statistics of subusers are no count of messages in a period. Read them in SendGrid.")
}
