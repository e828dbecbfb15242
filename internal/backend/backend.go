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
	// ErrNotFound is for a key that is gone. A backend says it only after a
	// second look: one missed answer must never drop a live key.
	ErrNotFound = errors.New("not found")
	// ErrUnreachable is for a service that does not answer at all, so that
	// nothing is known of what was asked.
	ErrUnreachable = errors.New("cannot be reached")
)

// Error is what a backend says about a request that failed.
type Error struct {
	Message   string            // whole sentences: what the service said and what to do
	Fields    map[string]string // by the field's name in APIKeyInput's terms, what is wrong with it
	RequestID string            // names the request in the service's log, where it has one
	Err       error             // ErrNotFound, ErrUnreachable or any other cause
}

func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Backend holds API keys. It is safe for concurrent use.
type Backend interface {
	// Account tells who the caller is and what the platform allows. It is
	// asked for once a process.
	Account(ctx context.Context) (Account, error)
	// Catalogue returns the scopes that keys are made of. It is asked for
	// once a process.
	Catalogue(ctx context.Context) (*Catalogue, error)
	// Now is the service's own clock, which decides what is due.
	Now(ctx context.Context) (time.Time, error)

	APIKey(ctx context.Context, id string) (APIKey, error)
	// APIKeysNamed returns the keys of exactly this name; more than one only
	// where the platform's names are not unique.
	APIKeysNamed(ctx context.Context, name string) ([]APIKey, error)
	CreateAPIKey(ctx context.Context, in APIKeyInput) (IssuedAPIKey, error)
	// UpdateAPIKey changes what is not nil. The key must still have that
	// revision; 0 asks for none.
	UpdateAPIKey(ctx context.Context, id string, in APIKeyChange, revision int64) (APIKey, error)
	// RotateAPIKey gives the key a new secret under the same id.
	RotateAPIKey(ctx context.Context, id string, in Rotation, revision int64) (IssuedAPIKey, error)
	// DeleteAPIKey ends a key. One that is gone already is ErrNotFound.
	DeleteAPIKey(ctx context.Context, id string) error
}

// Catalogue is the scopes that keys are made of.
type Catalogue struct {
	*scope.Catalogue
	Levels map[string]string // scope -> the level of its group that gives it; without those that have none
}

// Account is whose keys these are.
type Account struct {
	ID       string
	Platform string
	Keys     int  // how many there are
	KeyLimit *int // how many there may be; nil for no limit
	Rules    KeyRules
	Owner    bool     // the caller may grant everything
	APIKey   bool     // the caller is an API key itself
	Scopes   []string // what the caller may grant unless it is an owner, all that it implies included
}

// KeyRules is what the platform allows for its keys.
type KeyRules struct {
	NameRequired bool          // a key cannot be made without a name
	FixedScopes  *[]string     // what every key holds, empty where keys have none; nil where scopes are chosen
	EditScopes   bool          // the scopes of a key may change after it was made
	Expiry       bool          // keys may have an expires_at
	Disable      bool          // keys may be turned off and on
	Rotate       bool          // a key may get a new secret under its id
	MaxOverlap   time.Duration // the longest overlap of a rotation; 0 for none at all
	OwnerOnly    bool          // no API key manages keys
	Password     bool          // a key is an API user, whose password is chosen
}

// APIKey is one key without its secret. Times are UTC; nil where there is none.
type APIKey struct {
	ID                      string
	Name                    string // empty where the platform's keys need none
	Username                string // empty where keys are no API users
	Description             string
	Scopes                  []string
	EffectiveScopes         []string
	AutomaticScopes         []string // what the service adds by itself
	Enabled                 bool
	Status                  string // one of those below
	ExpiresAt               *time.Time
	SecretHint              string // empty for a password
	SecretVersion           int64
	SecretCreatedAt         time.Time
	PreviousSecretExpiresAt *time.Time
	CreatedAt               time.Time
	Revision                int64
}

// The states of a key.
const (
	StatusActive   = "active"
	StatusInactive = "inactive"
	StatusExpired  = "expired"
	StatusLocked   = "locked"
)

// IssuedAPIKey is a key with the secret that was just minted for it; empty where the
// request chose it.
type IssuedAPIKey struct {
	APIKey
	Secret string
}

// APIKeyInput asks for a key.
type APIKeyInput struct {
	Name        string
	Description string
	Scopes      []string
	Enabled     bool
	ExpiresAt   *time.Time
	Secret      string // a password, where keys are API users; empty for one that is minted
}

// APIKeyChange changes a key. What is nil stays as it is.
type APIKeyChange struct {
	Name        *string
	Description *string
	Scopes      []string
	Enabled     *bool
	ExpiresAt   *Expiry
}

// Empty reports whether the change changes nothing.
func (c APIKeyChange) Empty() bool {
	return c.Name == nil && c.Description == nil && c.Scopes == nil && c.Enabled == nil && c.ExpiresAt == nil
}

// Expiry is a new expiry: a time, or never.
type Expiry struct{ At *time.Time }

// Rotation asks for a new secret.
type Rotation struct {
	Overlap   time.Duration // how long the old secret stays good
	ExpiresAt *Expiry       // a new expiry; needed for a key that has expired
	Secret    string        // a new password, where keys are API users; empty for one that is minted
}
