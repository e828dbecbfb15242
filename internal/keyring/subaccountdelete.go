package keyring

import (
	"context"
	"errors"
	"fmt"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/platform"
)

// deleteKeysAtOnce is how many keys of a sub-account one transaction deletes, as all other
// writers wait for it.
const deleteKeysAtOnce = 100

// DeleteSubaccount removes a sub-account for good. One that has keys is removed only
// with them, and only when the caller says so: they stop working at once.
//
// Many keys take several transactions, each with its record. The first one suspends the
// sub-account. When the request ends early, what is left stays suspended, and the
// next request goes on.
func (k *Keyring) DeleteSubaccount(ctx context.Context, who Caller, handle string, withKeys bool, ifMatch *int64) error {
	d := subaccountDeletion{handle: handle, withKeys: withKeys, ifMatch: ifMatch}
	for {
		err := k.write(ctx, k.lookup, who.In(handle), accountGate(platform.RightSubaccountsDelete), "subaccount.delete", "", func(ctx context.Context, r Reader, who Caller) (*step, error) {
			return k.nextDeletion(ctx, r, who, &d)
		})
		if err != nil || !d.more {
			return err
		}
		d.id, d.ifMatch = d.found, nil
	}
}

// subaccountDeletion is how far the deletion of a sub-account has come.
type subaccountDeletion struct {
	handle   string
	withKeys bool
	ifMatch  *int64
	id       string // of the sub-account; empty before the first transaction
	found    string // the id that the last decision found
	more     bool   // whether another transaction is needed
}

// nextDeletion decides what the next transaction deletes: some of the keys, or the
// sub-account with the last of them. Nil means that somebody else has deleted it.
func (k *Keyring) nextDeletion(ctx context.Context, r Reader, who Caller, d *subaccountDeletion) (*step, error) {
	d.more = false
	s, err := findSubaccount(ctx, r, who, d.handle, d.ifMatch)
	if e, ok := errors.AsType[*Error](err); d.id != "" && (ok && e.Code == api.CodeNotFound || err == nil && s.ID != d.id) {
		return nil, nil //nolint:nilnil // nothing is left to write
	}
	if err != nil {
		return nil, err
	}
	d.found = s.ID
	n, err := r.CountAPIKeys(ctx, s.Account, s.ID)
	if err != nil {
		return nil, err
	}
	if n > 0 && !d.withKeys {
		return nil, k.errSubaccountHasKeys(ctx, r, s, n)
	}
	gone := event{Target: s.ID, Subaccount: s.ID, Detail: map[string]any{"handle": s.Handle, "name": s.Name, "apikeys": min(n, deleteKeysAtOnce)}}
	if n <= deleteKeysAtOnce {
		return &step{gone, func(w Writer) error {
			w.Mark(TakesPower)
			return w.DeleteSubaccount(ctx, s.Account, s.ID)
		}}, nil
	}
	d.more = true
	gone.Detail["apikeys_left"] = n - deleteKeysAtOnce
	suspend := s.Status != api.SubaccountSuspended
	if suspend {
		gone.Detail["status"] = change{s.Status, api.SubaccountSuspended}
		s.Status, s.UpdatedAt = api.SubaccountSuspended, k.second()
		s.Revision++
	}
	return &step{gone, func(w Writer) error {
		w.Mark(TakesPower)
		if suspend {
			if err := w.UpdateSubaccount(ctx, s); err != nil {
				return err
			}
		}
		return w.DeleteAPIKeysOf(ctx, s.Account, s.ID, deleteKeysAtOnce)
	}}, nil
}

// errSubaccountHasKeys refuses to delete a sub-account with n keys.
func (k *Keyring) errSubaccountHasKeys(ctx context.Context, r Reader, s Subaccount, n int) error {
	keys, _, err := r.APIKeys(ctx, APIKeyQuery{Account: s.Account, Subaccount: s.ID, Now: k.Now(), Limit: shownKeys})
	if err != nil {
		return err
	}
	return &Error{
		Code:    api.CodeInUse,
		Message: fmt.Sprintf("The sub-account has %s. Delete them first, or ask for all of them to be deleted with it.", count(n, "API key")),
		Fields:  []api.FieldError{{Field: "delete_apikeys", Message: "must be true to delete " + named(keys, n)}},
	}
}
