package keyring

import (
	"strings"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/platform"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// APIKey is one key as it is stored. All times are whole seconds in UTC.
type APIKey struct {
	ID                   string
	Account              string
	Name                 string
	Description          string
	Scopes               []string // as given, sorted, each once
	Enabled              bool
	ExpiresAt            *time.Time
	SecretHint           string
	SecretVersion        int
	SecretCreatedAt      time.Time
	PreviousSecretEndsAt *time.Time
	CreatedAt            time.Time
	UpdatedAt            time.Time
	Revision             int64
}

// Status is api.StatusActive, StatusInactive or StatusExpired. Expired wins:
// turning a key on again does not bring an expired one back.
func (a APIKey) Status(now time.Time) string {
	switch {
	case a.ExpiresAt != nil && !now.Before(*a.ExpiresAt):
		return api.StatusExpired
	case !a.Enabled:
		return api.StatusInactive
	}
	return api.StatusActive
}

// ended reports whether the secret's overlap is over.
func (s StoredSecret) ended(now time.Time) bool { return s.EndsAt != nil && !now.Before(*s.EndsAt) }

// APIKeyView is a key with what follows from the rules of its platform.
type APIKeyView struct {
	APIKey
	Class     string
	Effective []string
	Status    string
}

func (k *Keyring) keyView(p *platform.Platform, key APIKey) APIKeyView {
	class := scope.General
	if classes := p.Scopes.Classes(key.Scopes); len(classes) > 0 {
		class = classes[0]
	}
	return APIKeyView{APIKey: key, Class: class, Effective: p.Scopes.Effective(key.Scopes), Status: key.Status(k.Now())}
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
