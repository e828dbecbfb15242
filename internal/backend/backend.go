// Package backend is what the provider plans against: one interface over
// whatever really holds the keys. The provider asks it what exists, what the
// platform allows and what the caller may do, so that a plan tells all that
// can be known; and it asks it to make, change, rotate and delete keys.
package backend

import (
	"context"
	"errors"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

// What a backend's errors wrap.
var (
	// ErrNotFound is for a key or a sub-account that is gone. A backend says it
	// only after a second look: one missed answer must never drop a live key.
	ErrNotFound = errors.New("not found")
	// ErrUnconfirmed is for what no list shows while no answer says that it is gone
	// either: whether it is there is not known. It is never told with ErrNotFound.
	ErrUnconfirmed = errors.New("not confirmed to be gone")
	// ErrForbidden is for what the caller may not do or see.
	ErrForbidden = errors.New("forbidden")
	// ErrUnreachable is for a service that does not answer at all, so that
	// nothing is known of what was asked.
	ErrUnreachable = errors.New("cannot be reached")
	// ErrStale is for a write that was made for an earlier revision than there is now, or
	// under a name that an earlier, different request had: nothing was done.
	ErrStale = errors.New("changed since it was read")
	// ErrTaken is for a name that another key has, where no two have the same one: nothing
	// was done.
	ErrTaken = errors.New("the name is taken")
	// ErrUnsupported is for what the service has no way to do or to tell.
	ErrUnsupported = errors.New("not supported")
)

// Error is what a backend says about a request that failed.
type Error struct {
	Message   string            // whole sentences: what the service said and what to do
	Fields    map[string]string // by the field's name in APIKeyInput's terms, what is wrong with it
	RequestID string            // names the request in the service's log, where it has one
	Err       error             // one of those above, or any other cause
}

func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Settings say where a backend's service is, as whom it is called and how.
type Settings struct {
	Endpoint      string // https, or http to this machine only
	Credential    string
	UserAgent     string
	CACertificate string        // PEM; empty for the system's authorities
	Timeout       time.Duration // of one attempt; 0 for the default, 30 s
	MaxRetries    *int          // 0 to 20; nil for the default, 5
}

// Backend holds API keys. It is safe for concurrent use.
type Backend interface {
	// Account tells who the caller is and what the platform allows. It is
	// asked for once a process.
	Account(ctx context.Context) (Account, error)
	// AccountID is Account.ID, asked for anew each time.
	AccountID(ctx context.Context) (string, error)
	// Catalogue returns the scopes that keys are made of. It is asked for
	// once a process, and once more after each write to Scopes.
	Catalogue(ctx context.Context) (*Catalogue, error)
	// Now is the service's own clock, which decides what is due.
	Now(ctx context.Context) (time.Time, error)
	// Keys are the keys of the sub-account with that handle, or with "" those
	// of the account itself. It asks for nothing: a sub-account that is not
	// there shows as ErrNotFound with the first call.
	Keys(subaccount string) Keys
	// Subaccounts are the account's, on platforms that have them.
	Subaccounts() Subaccounts
	// Scopes are those that the account defines.
	Scopes() Scopes
	Review
}

// Catalogue is the scopes that keys are made of.
type Catalogue struct {
	*scope.Catalogue
	Own    map[string]bool   // those that the account defines itself
	Levels map[string]string // scope -> the level of its group that gives it; without those that have none
	// Managing are the scopes that by themselves let a key make, change or delete keys.
	Managing map[string]bool
}
