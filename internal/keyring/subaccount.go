package keyring

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/platform"
)

// Subaccount is a child of an account, with keys of its own. All times are whole
// seconds in UTC.
type Subaccount struct {
	ID          string
	Account     string
	Handle      string // unique in the account; never changes
	Name        string
	Status      string // api.SubaccountActive or SubaccountSuspended
	APIKeyLimit *int   // the most keys, where it is to be less than the platform's; nil for the platform's
	SendLimit   *int64 // the most messages a period; nil for none of its own. Kept for who asks: nothing here sends
	CreatedAt   time.Time
	UpdatedAt   time.Time
	Revision    int64
}

// inGoodStanding reports whether the sub-account's keys work, as far as it goes.
func (s *Subaccount) inGoodStanding() bool { return s == nil || s.Status == api.SubaccountActive }

// keyLimit is the most keys that the sub-account may have: the lower of its own limit
// and the platform's; nil for no limit.
func (s *Subaccount) keyLimit(p *platform.Platform) *int {
	most := p.KeysOf(true).Limit
	if s.APIKeyLimit != nil && (most == nil || *s.APIKeyLimit < *most) {
		return s.APIKeyLimit
	}
	return most
}

// SubaccountView is a sub-account with what it holds and may hold.
type SubaccountView struct {
	Subaccount
	APIKeys int
	Limit   *int // of API keys; nil for none
}

func subaccountView(ctx context.Context, r Reader, p *platform.Platform, s Subaccount) (SubaccountView, error) {
	n, err := r.CountAPIKeys(ctx, s.Account, s.ID)
	return SubaccountView{Subaccount: s, APIKeys: n, Limit: s.keyLimit(p)}, err
}

// subaccountViews is subaccountView for a page of them.
func subaccountViews(ctx context.Context, r Reader, who Caller, page []Subaccount) ([]SubaccountView, error) {
	ids := make([]string, len(page))
	for i, s := range page {
		ids[i] = s.ID
	}
	counts, err := r.CountAPIKeysIn(ctx, who.Account.ID, ids)
	if err != nil {
		return nil, err
	}
	views := make([]SubaccountView, len(page))
	for i, s := range page {
		views[i] = SubaccountView{Subaccount: s, APIKeys: counts[s.ID], Limit: s.keyLimit(who.platform)}
	}
	return views, nil
}

// errNoSubaccount does not repeat the handle: it could be a secret in the wrong
// place.
func errNoSubaccount() error {
	return refuse(api.CodeNotFound, "There is no such sub-account in this account.")
}

// findSubaccount returns a sub-account of the caller's account. ifMatch, when not nil,
// is the revision that it must have.
func findSubaccount(ctx context.Context, r Reader, who Caller, handle string, ifMatch *int64) (Subaccount, error) {
	rules := who.platform.Subaccounts
	if rules == nil {
		return Subaccount{}, errNoSubaccounts(who.platform)
	}
	if !rules.Handle.MatchString(handle) {
		return Subaccount{}, errNoSubaccount()
	}
	s, err := r.Subaccount(ctx, who.Account.ID, handle)
	if errors.Is(err, ErrNotFound) || err == nil && who.Subaccount != nil && who.Subaccount.ID != s.ID {
		return Subaccount{}, errNoSubaccount()
	}
	if err != nil {
		return Subaccount{}, err
	}
	if ifMatch != nil && *ifMatch != s.Revision {
		return Subaccount{}, refuse(api.CodeStaleRevision, "The sub-account has changed: it is at revision %d, the request was made for %d. Nothing was done; read it again and decide anew.", s.Revision, *ifMatch)
	}
	return s, nil
}

func errNoSubaccounts(p *platform.Platform) error {
	return refuse(api.CodeUnsupported, "%s has no sub-accounts.", p.Title)
}

// Subaccount returns one sub-account.
func (k *Keyring) Subaccount(ctx context.Context, who Caller, handle string) (SubaccountView, error) {
	var v SubaccountView
	err := k.lookup(ctx, func(r Reader) error {
		if err := allow(who, platform.RightSubaccountsRead); err != nil {
			return err
		}
		s, err := findSubaccount(ctx, r, who, handle, nil)
		if err != nil {
			return err
		}
		v, err = subaccountView(ctx, r, who.platform, s)
		return err
	})
	return v, k.denied(ctx, who.In(handle), "subaccount.read", "", err)
}

// SubaccountFilter selects sub-accounts of the caller's account. Zero fields select
// all.
type SubaccountFilter struct {
	HandlePrefix string // to the letter
	// HandlePrefixAnyCase is a prefix whose letters from A to Z may be of either case.
	HandlePrefixAnyCase string
	Status              string
	Cursor              string
	Limit               int // 1 to api.MaxPageSize
}

// Subaccounts returns a page of sub-accounts, oldest first, and the cursor of the next
// one. Whoever is bound to one sees that one only.
func (k *Keyring) Subaccounts(ctx context.Context, who Caller, in SubaccountFilter) ([]SubaccountView, string, error) {
	q := SubaccountQuery{
		Account: who.Account.ID, HandlePrefix: in.HandlePrefix, HandlePrefixAnyCase: in.HandlePrefixAnyCase, Status: in.Status, Limit: in.Limit,
	}
	var f faults
	f.limit(in.Limit)
	if in.Status != "" && in.Status != api.SubaccountActive && in.Status != api.SubaccountSuspended {
		f.add("status", "must be %q or %q", api.SubaccountActive, api.SubaccountSuspended)
	}
	f.cursor(in.Cursor, &q.After)
	if err := f.err(); err != nil {
		return nil, "", err
	}
	var views []SubaccountView
	var next int64
	err := k.view(ctx, func(r Reader) error {
		if err := allow(who, platform.RightSubaccountsRead); err != nil {
			return err
		}
		if who.platform.Subaccounts == nil {
			return errNoSubaccounts(who.platform)
		}
		var found []Subaccount
		var err error
		if found, next, err = subaccounts(ctx, r, who, q); err != nil {
			return err
		}
		views, err = subaccountViews(ctx, r, who, found)
		return err
	})
	if err != nil {
		return nil, "", k.denied(ctx, who, "subaccount.list", "", err)
	}
	return views, nextCursor(next), nil
}

// subaccounts are those that the caller sees.
func subaccounts(ctx context.Context, r Reader, who Caller, q SubaccountQuery) ([]Subaccount, int64, error) {
	if who.Subaccount == nil {
		return r.Subaccounts(ctx, q)
	}
	own, err := r.Subaccount(ctx, who.Account.ID, who.Subaccount.Handle)
	anyCase := len(own.Handle) >= len(q.HandlePrefixAnyCase) && strings.EqualFold(own.Handle[:len(q.HandlePrefixAnyCase)], q.HandlePrefixAnyCase)
	fits := anyCase && strings.HasPrefix(own.Handle, q.HandlePrefix) && (q.Status == "" || q.Status == own.Status)
	if errors.Is(err, ErrNotFound) || err == nil && (!fits || q.After != 0) {
		return nil, 0, nil
	}
	return []Subaccount{own}, 0, err
}
