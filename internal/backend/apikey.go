package backend

import (
	"context"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// Keys are the keys of one place: of the account, or of one sub-account. Neither sees
// the other's.
type Keys interface {
	// Get returns a key as it is now.
	Get(ctx context.Context, id string) (APIKey, error)
	// Refresh is Get for a refresh, which reads many keys once each: it may also
	// return the key as it was earlier in this process, if the process has not
	// written to it since.
	Refresh(ctx context.Context, id string) (APIKey, error)
	// List returns the keys that fit, oldest first.
	List(ctx context.Context, filter APIKeyFilter) ([]APIKey, error)
	// Create makes a key. Where the answer is lost, or is about another key, it deletes
	// nothing but what is proved to be of this call, and names what else is new.
	Create(ctx context.Context, in APIKeyInput) (IssuedAPIKey, error)
	// Update changes what is not nil. The key must still have that revision;
	// 0 asks for none.
	Update(ctx context.Context, id string, in APIKeyChange, revision int64) (APIKey, error)
	// Rotate gives the key a new secret under the same id.
	Rotate(ctx context.Context, id string, in Rotation, revision int64) (IssuedAPIKey, error)
	// Delete ends a key. One that is gone already is ErrNotFound.
	Delete(ctx context.Context, id string) error
}

// APIKeyFilter selects keys. A field that is empty selects all; those that are set must
// all fit.
type APIKeyFilter struct {
	Name       string // exactly this one
	NamePrefix string
	Status     string
	Scope      string // one that the key was given by this name, not by implication
	Limit      int    // this many are enough, and a backend may return more; 0 for all
	Brief      bool   // ids and names are enough: what takes one more request a key may be left out
}

// APIKey is one key without its secret. Times are UTC; nil where there is none. What
// a service does not tell is its zero value: SecretVersion, SecretCreatedAt, CreatedAt
// and Revision can be 0 for every key of a service.
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
	// MadeFor is the name that the key was going to get, where its creation was broken off
	// before that; empty for every other key. Nobody has the secret of such a key.
	MadeFor string
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
	Secret secret.Secret
	// Unfinished says, in whole sentences, what is still to be done about the key and
	// how; empty where all is done.
	Unfinished string
}

// APIKeyInput asks for a key.
type APIKeyInput struct {
	Name        string
	Description string
	Scopes      []string
	Enabled     bool
	ExpiresAt   *time.Time
	Secret      secret.Secret // a password, where keys are API users; empty for one that is minted
	// Known are the ids of keys of this place that the caller's state holds. None of them is
	// the new key, whatever the service says, and a list without them is not believed.
	Known []string
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
	Secret    secret.Secret // a new password, where keys are API users; empty for one that is minted
	// Name makes the same request, made again under the same name and for the same
	// revision, return the first answer instead of rotating once more, for as long as
	// the service keeps that. Empty for a name that is made up for this call.
	Name string
}
