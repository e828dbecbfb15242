package keyring

import (
	"context"
	"errors"
	"fmt"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/platform"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// NewSubaccount asks for a sub-account.
type NewSubaccount struct {
	Handle      string // made at random when empty, where the platform allows that
	Name        string
	Status      string // api.SubaccountActive when empty
	APIKeyLimit *int
}

// CreateSubaccount makes a sub-account.
func (k *Keyring) CreateSubaccount(ctx context.Context, who Caller, in NewSubaccount) (SubaccountView, error) {
	var v SubaccountView
	const action = "subaccount.create"
	err := k.write(ctx, k.lookup, who, accountGate(platform.RightSubaccountsCreate), action, "", func(ctx context.Context, r Reader, who Caller) (*step, error) {
		rules := who.platform.Subaccounts
		if rules == nil {
			return nil, errNoSubaccounts(who.platform)
		}
		if in.Handle == "" && rules.Generate {
			in.Handle = secret.Random("base36", platform.GeneratedHandle)
		}
		if in.Status == "" {
			in.Status = api.SubaccountActive
		}
		var f faults
		if !rules.Handle.MatchString(in.Handle) {
			f.add("handle", "must be %s", rules.HandleWords)
		}
		f.subaccountName(in.Name)
		f.subaccount(who.platform, in.Status, in.APIKeyLimit)
		if err := f.err(); err != nil {
			return nil, err
		}
		if err := checkRoom(ctx, r, who); err != nil {
			return nil, err
		}
		if err := checkHandleFree(ctx, r, who, in.Handle); err != nil {
			return nil, err
		}
		now := k.second()
		s := Subaccount{
			ID: newID("sub"), Account: who.Account.ID, Handle: in.Handle, Name: in.Name, Status: in.Status, APIKeyLimit: in.APIKeyLimit,
			CreatedAt: now, UpdatedAt: now, Revision: 1,
		}
		v = SubaccountView{Subaccount: s, Limit: s.keyLimit(who.platform)}
		made := event{Target: s.ID, Subaccount: s.ID, Detail: map[string]any{
			"handle": s.Handle, "name": s.Name, "status": s.Status, "apikey_limit": s.APIKeyLimit,
		}}
		return &step{made, func(w Writer) error { return w.InsertSubaccount(ctx, s) }}, nil
	})
	return v, err
}

// checkHandleFree refuses a handle that another sub-account of the account has.
func checkHandleFree(ctx context.Context, r Reader, who Caller, handle string) error {
	_, err := r.Subaccount(ctx, who.Account.ID, handle)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return &Error{
		Code:    api.CodeHandleTaken,
		Message: "Another sub-account has this handle already. Choose another handle, or import that sub-account.",
		Fields:  []api.FieldError{{Field: "handle", Message: "is the handle of another sub-account"}},
	}
}

// checkRoom refuses a sub-account beyond the platform's limit.
func checkRoom(ctx context.Context, r Reader, who Caller) error {
	limit := who.platform.Subaccounts.Limit
	if limit == nil {
		return nil
	}
	n, err := r.CountSubaccounts(ctx, who.Account.ID)
	if err != nil {
		return err
	}
	if n >= *limit {
		return refuse(api.CodeLimitReached, "The account has %d sub-accounts and its limit is %d. Delete one that is no longer needed.", n, *limit)
	}
	return nil
}

// subaccount checks what can change in a sub-account.
func (f *faults) subaccount(p *platform.Platform, status string, limit *int) {
	if status != api.SubaccountActive && status != api.SubaccountSuspended {
		f.add("status", "must be %q or %q", api.SubaccountActive, api.SubaccountSuspended)
	}
	most := p.KeysOf(true).Limit
	switch {
	case limit == nil:
	case *limit < 0:
		f.add("apikey_limit", "must not be negative")
	case most != nil && *limit > *most:
		f.add("apikey_limit", "must be at most %d, which is what %s allows; leave it out for that", *most, p.Title)
	}
}

// SubaccountChange changes a sub-account. What is nil stays as it is.
type SubaccountChange struct {
	Name        *string
	Status      *string
	ChangeLimit bool // whether APIKeyLimit is meant
	APIKeyLimit *int

	ChangeSendLimit bool // whether SendLimit is meant
	SendLimit       *int64
}

// UpdateSubaccount changes a sub-account. A change that changes nothing writes
// nothing. Activating one gives no key anything: each does what it was given when it
// was made, so the gates for scopes and for time are not asked. Keys beyond a new limit stay; only new ones are refused.
func (k *Keyring) UpdateSubaccount(ctx context.Context, who Caller, handle string, in SubaccountChange, ifMatch *int64) (SubaccountView, error) {
	var v SubaccountView
	err := k.write(ctx, k.lookup, who.In(handle), accountGate(platform.RightSubaccountsUpdate), "subaccount.update", "", func(ctx context.Context, r Reader, who Caller) (*step, error) {
		before, err := findSubaccount(ctx, r, who, handle, ifMatch)
		if err != nil {
			return nil, err
		}
		after, detail := in.apply(before)
		if len(detail) > 0 {
			var f faults
			if after.Name != before.Name {
				f.subaccountName(after.Name)
			}
			limit := after.APIKeyLimit
			if sameInt(limit, before.APIKeyLimit) {
				limit = nil // what stays is not judged again: the platform's own may be lower now
			}
			f.subaccount(who.platform, after.Status, limit)
			if after.SendLimit != nil && *after.SendLimit < 0 {
				f.add("send_limit", "must not be negative")
			}
			if err := f.err(); err != nil {
				return nil, err
			}
			if after.SendLimit != nil && !who.platform.Subaccounts.SendLimits {
				return nil, unsupported("send_limit", "sub-accounts of %s have no limit of messages; leave it out", who.platform.Title)
			}
			after.UpdatedAt = k.second()
			after.Revision++
		}
		if v, err = subaccountView(ctx, r, who.platform, after); err != nil || len(detail) == 0 {
			return nil, err
		}
		detail["handle"] = after.Handle
		return &step{event{Target: after.ID, Subaccount: after.ID, Detail: detail}, func(w Writer) error {
			if after.Status == api.SubaccountSuspended && before.Status != after.Status {
				w.Mark(TakesPower)
			}
			return w.UpdateSubaccount(ctx, after)
		}}, nil
	})
	return v, err
}

// apply returns the sub-account as it would be, and what differs.
func (in SubaccountChange) apply(before Subaccount) (Subaccount, map[string]any) {
	after, detail := before, map[string]any{}
	if in.Name != nil && *in.Name != before.Name {
		after.Name = *in.Name
		detail["name"] = change{before.Name, after.Name}
	}
	if in.Status != nil && *in.Status != before.Status {
		after.Status = *in.Status
		detail["status"] = change{before.Status, after.Status}
	}
	if in.ChangeLimit && !sameInt(in.APIKeyLimit, before.APIKeyLimit) {
		after.APIKeyLimit = in.APIKeyLimit
		detail["apikey_limit"] = change{before.APIKeyLimit, after.APIKeyLimit}
	}
	if in.ChangeSendLimit && !sameInt(in.SendLimit, before.SendLimit) {
		after.SendLimit = in.SendLimit
		detail["send_limit"] = change{before.SendLimit, after.SendLimit}
	}
	return after, detail
}

func sameInt[T int | int64](a, b *T) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// count is a number of things in words.
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// named lists keys for a message, of n that there are in all.
func named(keys []APIKey, n int) string {
	text := ""
	for i, key := range keys {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%s (%q)", key.ID, key.Name)
	}
	if n > len(keys) {
		text += fmt.Sprintf(" and %d more", n-len(keys))
	}
	return text
}
