package postern

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/client"
	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

// subaccounts are those of the account.
type subaccounts struct {
	service *client.SubaccountService
	backend *Backend
}

// Subaccounts implements backend.Backend.
func (b *Backend) Subaccounts() backend.Subaccounts { return subaccounts{b.client.Subaccounts, b} }

// Get implements backend.Subaccounts. A miss is looked for once more in the list, as
// that of a key is.
func (s subaccounts) Get(ctx context.Context, handle string) (backend.Subaccount, error) {
	sub, err := s.service.Get(ctx, handle)
	if errors.Is(err, client.ErrNotFound) {
		for found, listErr := range s.service.All(ctx, client.ListSubaccounts{HandlePrefix: handle}) {
			if listErr != nil {
				return backend.Subaccount{}, explained(listErr)
			}
			if found.Handle == handle {
				return subaccount(found), nil
			}
		}
	}
	if err != nil {
		return backend.Subaccount{}, explained(err)
	}
	return subaccount(sub), nil
}

// List implements backend.Subaccounts.
func (s subaccounts) List(ctx context.Context, filter backend.SubaccountFilter) ([]backend.Subaccount, error) {
	var all []backend.Subaccount
	for sub, err := range s.service.All(ctx, client.ListSubaccounts{HandlePrefix: filter.HandlePrefix, Status: filter.Status, Limit: pageFor(filter.Limit)}) {
		if err != nil {
			return nil, explained(err)
		}
		if !strings.HasPrefix(sub.Handle, filter.HandlePrefix) || filter.Status != "" && sub.Status != filter.Status {
			return nil, fmt.Errorf("the server was asked for sub-accounts that fit a filter, and its list has %q, which does not; look at what stands before the server, such as a proxy", sub.Handle)
		}
		if all = append(all, subaccount(sub)); len(all) == filter.Limit {
			break // before the next page is asked for
		}
	}
	return all, nil
}

// Create implements backend.Subaccounts.
func (s subaccounts) Create(ctx context.Context, in backend.SubaccountInput) (backend.Subaccount, error) {
	return changed(s.service.Create(ctx, api.CreateSubaccount{Handle: in.Handle, Name: in.Name, Status: in.Status, APIKeyLimit: in.APIKeyLimit}))
}

// Update implements backend.Subaccounts.
func (s subaccounts) Update(ctx context.Context, handle string, in backend.SubaccountChange, revision int64) (backend.Subaccount, error) {
	change := api.UpdateSubaccount{Name: in.Name, Status: in.Status}
	if in.APIKeyLimit != nil {
		change.APIKeyLimit = api.SetInt(in.APIKeyLimit.Most)
	}
	var conditions []client.ChangeOption
	if revision != 0 {
		conditions = append(conditions, client.IfMatch(revision))
	}
	return changed(s.service.Update(ctx, handle, change, conditions...))
}

// Delete implements backend.Subaccounts.
func (s subaccounts) Delete(ctx context.Context, handle string, withKeys bool) error {
	var options []client.RemoveOption
	if withKeys {
		options = append(options, client.DeleteAPIKeys())
	}
	defer s.backend.forget() // its keys went with it
	return explained(s.service.Delete(ctx, handle, options...))
}

// Usage implements backend.Subaccounts. A management API sends no messages.
func (subaccounts) Usage(context.Context, string) (backend.SubaccountUsage, error) {
	return backend.SubaccountUsage{}, &backend.Error{Message: "This service counts no messages.", Err: backend.ErrUnsupported}
}

func changed(sub *api.Subaccount, err error) (backend.Subaccount, error) {
	if err != nil {
		return backend.Subaccount{}, explained(err)
	}
	return subaccount(sub), nil
}

func subaccount(s *api.Subaccount) backend.Subaccount {
	return backend.Subaccount{
		ID: s.ID, Handle: s.Handle, Name: s.Name, Status: s.Status, APIKeyLimit: s.APIKeyLimit,
		Keys: s.APIKeys.Used, KeyLimit: s.APIKeys.Limit, CreatedAt: s.CreatedAt, Revision: s.Revision,
	}
}
