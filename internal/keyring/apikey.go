package keyring

import (
	"strings"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// APIKey is one key as it is stored. All times are whole seconds in UTC.
type APIKey struct {
	ID                   string
	Account              string
	Subaccount           string // the id of its sub-account; empty for a key of the account itself
	Name                 string
	Username             string // what an API user signs in with; empty for other keys. Never changes
	Description          string
	Scopes               []string // as given, sorted, each once
	Enabled              bool
	ExpiresAt            *time.Time
	SecretHint           string
	SecretVersion        int
	SecretCreatedAt      time.Time
	PreviousSecretEndsAt *time.Time
	Failures             int        // wrong passwords in a row
	LockedAt             *time.Time // since when too many of them lock it
	CreatedAt            time.Time
	UpdatedAt            time.Time
	Revision             int64
}

// Status is api.StatusActive and so on. Expired wins: turning a key on again does not
// bring an expired one back. Inactive is before locked: who turned it off need not
// hear of wrong passwords.
func (a APIKey) Status(now time.Time) string {
	switch {
	case a.ExpiresAt != nil && !now.Before(*a.ExpiresAt):
		return api.StatusExpired
	case !a.Enabled:
		return api.StatusInactive
	case a.LockedAt != nil:
		return api.StatusLocked
	}
	return api.StatusActive
}

// secretEnded reports whether the overlap of the secret that was found is over. An
// overlap that begins later than now was given by a clock that was ahead and came
// back: when it ends is not known, so that it is over.
func (s Subject) secretEnded(now time.Time) bool {
	if s.Secret.EndsAt == nil {
		return false
	}
	return !now.Before(*s.Secret.EndsAt) || s.APIKey != nil && beginsLater(s.APIKey.SecretCreatedAt, now)
}

// beginsLater reports whether a time is later than now by more than what clocks of one
// machine differ.
func beginsLater(at, now time.Time) bool { return at.After(now.Add(clockDiffers)) }

const clockDiffers = time.Minute

// APIKeyView is a key with what follows from the rules of its platform.
type APIKeyView struct {
	APIKey
	Handle    string // of its sub-account; empty for none
	Class     string
	Effective []string
	Automatic []string // scopes that the service adds by itself
	Status    string
}

// keyView is for a key of the place where the caller works.
func (k *Keyring) keyView(who Caller, key APIKey) APIKeyView {
	v := APIKeyView{
		APIKey: key, Class: scope.General, Effective: who.catalogue.Effective(key.Scopes),
		Automatic: who.platform.Automatic.Added, Status: key.Status(k.Now()),
	}
	if classes := who.catalogue.Classes(key.Scopes); len(classes) > 0 {
		v.Class = classes[0]
	}
	if who.place != nil {
		v.Handle = who.place.Handle
	}
	return v
}

// IssuedAPIKey is a key with the secret that was just minted for it: the only
// time it is ever seen.
type IssuedAPIKey struct {
	APIKeyView
	Secret secret.Secret
}

func quoted(names []string) string {
	return `"` + strings.Join(names, `", "`) + `"`
}
