package backend

import (
	"context"
	"fmt"
	"time"
)

// Bound returns b as a Backend of one account: a credential of any other is refused before
// anything is read or made. It tells a plan of an account that is not the intended one where
// nothing else can: what is made anew has no state that names an account yet.
func Bound(b Backend, accountID string) Backend {
	out := bound{b, accountID}
	if marker, ok := b.(Marker); ok {
		return boundMarker{out, marker}
	}
	return out
}

type bound struct {
	inner Backend
	id    string
}

// do calls f if the account is the right one. Backends ask their service for it once a process.
func (b bound) do(ctx context.Context, f func() error) error {
	if _, err := b.Account(ctx); err != nil {
		return err
	}
	return f()
}

// Account implements Backend.
func (b bound) Account(ctx context.Context) (Account, error) {
	a, err := b.inner.Account(ctx)
	switch {
	case err != nil:
		return a, err
	case a.ID == "":
		return Account{}, &Error{Message: fmt.Sprintf("The provider's account_id is %q, and the service does not tell this credential to which account it belongs. Nothing was done. "+
			"Use a credential that may know it, or remove account_id from the provider's configuration.", b.id), Err: ErrForbidden}
	case a.ID != b.id:
		return Account{}, &Error{Message: fmt.Sprintf("The provider's account_id is %q, and its credential belongs to another account, %s. Nothing was done. "+
			"Give the provider a credential of account %s. If the configuration is for account %s from now on, change account_id.", b.id, a.ID, b.id, a.ID), Err: ErrForbidden}
	}
	return a, nil
}

// AccountID implements Backend.
func (b bound) AccountID(ctx context.Context) (string, error) {
	return checked(ctx, b, func() (string, error) { return b.inner.AccountID(ctx) })
}

// Catalogue implements Backend.
func (b bound) Catalogue(ctx context.Context) (*Catalogue, error) {
	return checked(ctx, b, func() (*Catalogue, error) { return b.inner.Catalogue(ctx) })
}

// Now implements Backend.
func (b bound) Now(ctx context.Context) (time.Time, error) {
	return checked(ctx, b, func() (time.Time, error) { return b.inner.Now(ctx) })
}

// Keys implements Backend.
func (b bound) Keys(subaccount string) Keys { return boundKeys{b.inner.Keys(subaccount), b} }

// Subaccounts implements Backend.
func (b bound) Subaccounts() Subaccounts { return boundSubaccounts{b.inner.Subaccounts(), b} }

// Scopes implements Backend.
func (b bound) Scopes() Scopes { return boundScopes{b.inner.Scopes(), b} }

// AccountNow implements Review.
func (b bound) AccountNow(ctx context.Context) (AccountDetail, error) {
	return checked(ctx, b, func() (AccountDetail, error) { return b.inner.AccountNow(ctx) })
}

// APIKeyUsage implements Review.
func (b bound) APIKeyUsage(ctx context.Context, subaccount, id string, days int) (APIKeyUsage, error) {
	return checked(ctx, b, func() (APIKeyUsage, error) { return b.inner.APIKeyUsage(ctx, subaccount, id, days) })
}

type boundMarker struct {
	bound
	marker Marker
}

// Marks implements Marker.
func (b boundMarker) Marks(ctx context.Context, subaccount string, anew bool) ([]string, error) {
	return checked(ctx, b.bound, func() ([]string, error) { return b.marker.Marks(ctx, subaccount, anew) })
}

// MarkOf implements Marker.
func (b boundMarker) MarkOf(marks []string, subaccount, id string) string {
	return b.marker.MarkOf(marks, subaccount, id)
}

// checked is do for what has an answer.
func checked[T any](ctx context.Context, b bound, ask func() (T, error)) (answer T, err error) {
	err = b.do(ctx, func() error {
		answer, err = ask()
		return err
	})
	return answer, err
}
