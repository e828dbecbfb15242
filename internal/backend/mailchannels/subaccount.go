package mailchannels

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/backend/vendor"
	"github.com/postern-dev/terraform-provider-postern/internal/outside"
)

const (
	belowLimit = "/limit"
	routeLimit = routeSubaccount + belowLimit
	belowUsage = "/usage"
	routeUsage = routeSubaccount + belowUsage
)

// listedSubaccount is a sub-account as the API has it.
type listedSubaccount struct {
	CompanyName string `json:"company_name"`
	Enabled     *bool  `json:"enabled"`
	Handle      string `json:"handle"`
}

// name is the handle; empty for what is no sub-account.
func (s listedSubaccount) name() string {
	if s.Enabled == nil {
		return ""
	}
	return s.Handle
}

// CheckItem implements vendor.Item.
func (s listedSubaccount) CheckItem() (name, lack string) {
	if s.Enabled == nil {
		return "", "lists a sub-account of which it does not say whether it is enabled"
	}
	if err := outside.CheckHandle(s.Handle); err != nil {
		return "", err.Error()
	}
	return s.Handle, ""
}

func (b *Backend) listSubaccounts(ctx context.Context) ([]listedSubaccount, error) {
	return all[listedSubaccount](ctx, b.caller, pathSubaccounts, pathSubaccounts)
}

// subaccounts are those of the account.
type subaccounts struct{ *Backend }

// Subaccounts implements backend.Backend.
func (b *Backend) Subaccounts() backend.Subaccounts { return subaccounts{b} }

// find looks for a sub-account, and in a new list once more where it misses it.
func (s subaccounts) find(ctx context.Context, handle string) (listedSubaccount, error) {
	for range 2 {
		found, err := s.subs.get(ctx, true)
		if err != nil {
			return listedSubaccount{}, s.explained(err)
		}
		if i := indexOf(found, handle); i >= 0 {
			return found[i], nil
		}
	}
	return listedSubaccount{}, missing(handle)
}

func indexOf(all []listedSubaccount, handle string) int {
	return slices.IndexFunc(all, func(s listedSubaccount) bool { return s.Handle == handle })
}

// Get implements backend.Subaccounts.
func (s subaccounts) Get(ctx context.Context, handle string) (backend.Subaccount, error) {
	found, err := s.find(ctx, handle)
	if err != nil {
		return backend.Subaccount{}, err
	}
	return s.detailed(ctx, found)
}

// atOnce is how many sub-accounts are asked about at a time. The transport spreads the
// calls.
const atOnce = 10

// List implements backend.Subaccounts. It makes two calls for each sub-account that
// fits: the list has neither limits nor keys.
func (s subaccounts) List(ctx context.Context, filter backend.SubaccountFilter) ([]backend.Subaccount, error) {
	found, err := s.subs.get(ctx, true)
	if err != nil {
		return nil, s.explained(err)
	}
	found = slices.DeleteFunc(slices.Clone(found), func(one listedSubaccount) bool {
		return !strings.HasPrefix(one.Handle, filter.HandlePrefix) || filter.Status != "" && filter.Status != one.status()
	})
	if filter.Limit > 0 && len(found) > filter.Limit {
		found = found[:filter.Limit]
	}
	out, failed := make([]backend.Subaccount, len(found)), make([]error, len(found))
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	free := make(chan struct{}, atOnce)
	var wg sync.WaitGroup
	for i, one := range found {
		free <- struct{}{}
		wg.Go(func() {
			defer func() { <-free }()
			out[i], failed[i] = s.detailed(ctx, one)
			if failed[i] != nil {
				cancel() // the first failure is told; the rest is not worth its calls
			}
		})
	}
	wg.Wait()
	return out, firstCause(failed)
}

// firstCause is the first error that is no consequence of another.
func firstCause(failed []error) error {
	var first error
	for _, err := range failed {
		if err != nil && (first == nil || errors.Is(first, context.Canceled)) {
			first = err
		}
	}
	return first
}

// detailed adds to a sub-account what the list does not have. How many keys there are
// may be as the process has read it earlier, since it has not written to them.
func (s subaccounts) detailed(ctx context.Context, found listedSubaccount) (backend.Subaccount, error) {
	out := s.plain(found)
	if err := s.check(found.Handle); err != nil {
		return out, err
	}
	limit, err := s.sendLimit(ctx, found.Handle)
	if err != nil {
		return out, err
	}
	out.SendLimit = limit
	keys, err := s.place(found.Handle).read(ctx, false)
	out.Keys = len(keys)
	return out, err
}

// plain is a sub-account as far as the list shows it. The handle is its id, too.
func (s subaccounts) plain(found listedSubaccount) backend.Subaccount {
	return backend.Subaccount{
		ID: found.Handle, Handle: found.Handle, Name: found.CompanyName, Status: found.status(), KeyLimit: s.platform.Subaccounts.KeyLimit,
	}
}

func (s listedSubaccount) status() string {
	if s.Enabled != nil && *s.Enabled {
		return backend.SubaccountActive
	}
	return backend.SubaccountSuspended
}

// sendLimit is the sub-account's own; nil for none, which the API tells as -1.
func (s subaccounts) sendLimit(ctx context.Context, handle string) (*int64, error) {
	var in struct {
		Sends *int64 `json:"sends"`
	}
	err := s.caller.Do(ctx, vendor.Call{Method: http.MethodGet, Path: one(handle, belowLimit), Route: routeLimit, Into: &in})
	switch {
	case has(err, http.StatusNotFound):
		return nil, s.noSubaccount(ctx, handle, err)
	case err != nil:
		return nil, s.explained(err)
	case in.Sends == nil:
		return nil, &backend.Error{Message: "MailChannels answered GET " + routeLimit + " without a limit. " + badShape}
	case *in.Sends < 0:
		return nil, nil //nolint:nilnil // no limit
	}
	return in.Sends, nil
}

// Usage implements backend.Subaccounts.
func (s subaccounts) Usage(ctx context.Context, handle string) (backend.SubaccountUsage, error) {
	if err := s.check(handle); err != nil {
		return backend.SubaccountUsage{}, err
	}
	var in struct {
		Total *int64 `json:"total_usage"`
		Start string `json:"period_start_date"`
		End   string `json:"period_end_date"`
		Limit *int64 `json:"monthly_limit"` // absent in 0.21.1
	}
	err := s.caller.Do(ctx, vendor.Call{Method: http.MethodGet, Path: one(handle, belowUsage), Route: routeUsage, Into: &in})
	if has(err, http.StatusNotFound) {
		return backend.SubaccountUsage{}, s.noSubaccount(ctx, handle, err)
	}
	if err != nil {
		return backend.SubaccountUsage{}, s.explained(err)
	}
	start, end := date(in.Start), date(in.End)
	if in.Total == nil || start == "" || end == "" {
		return backend.SubaccountUsage{}, &backend.Error{Message: "MailChannels answered GET " + routeUsage + " without a number or its period. " + badShape}
	}
	if in.Limit != nil && *in.Limit < 0 {
		in.Limit = nil
	}
	return backend.SubaccountUsage{Sent: *in.Total, Limit: in.Limit, PeriodStart: start, PeriodEnd: end}, nil
}

// date is the date at the beginning of a text, which may go on with a time; empty for
// none.
func date(text string) string {
	text, _, _ = strings.Cut(text, "T")
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		return ""
	}
	return text
}
