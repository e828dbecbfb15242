package keyring

import (
	"fmt"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

// allowLifetime is the gate for giving time away, beside allowGrant: a key that expires
// gives no power that lasts longer than itself, not to itself either. The time is
// when what is given ends; nil for never. An overlap ends one secret and not the
// key: both secrets are the key's own until then, and each may do what the key may.
//
// On a platform without expiry no caller has one. A vendor's path that knows no
// expiry, on a platform that has it, makes no keys for a caller that expires.
func allowLifetime(who Caller, until *time.Time, field string) error {
	if who.ExpiresAt == nil || until != nil && !until.After(*who.ExpiresAt) {
		return nil
	}
	own, asked := who.ExpiresAt.UTC().Format(time.RFC3339), "never"
	if until != nil {
		asked = "at " + until.UTC().Format(time.RFC3339)
	}
	return &Error{
		Code:    api.CodeGrantExceedsCaller,
		Message: fmt.Sprintf("The key would outlive the credential that asks for it. Let it expire at %s or earlier, or use a credential that lasts as long.", own),
		Fields:  []api.FieldError{{Field: field, Message: fmt.Sprintf("the key would end %s, and the credential expires at %s", asked, own)}},
	}
}

// allowOwnRotation refuses a secret that was replaced, and works on for its overlap, to rotate
// its own key: whoever holds an old secret that has leaked would get the new one, and
// the overlap would never end. All else it may do, as the key may.
//
// The retry of a rotation whose answer was lost comes with the secret that it replaced. It
// gets the first answer before it is asked about here: see once.again.
func allowOwnRotation(who Caller, key APIKey) error {
	if who.Kind != api.CallerAPIKey || who.ID != key.ID || who.SecretEndsAt == nil {
		return nil
	}
	return refuse(api.CodeSecretReplaced, "The secret that came with the request has been replaced and stops working at %s, so it cannot rotate its own key. "+
		"Send the current secret of the key, or another credential.", who.SecretEndsAt.UTC().Format(time.RFC3339))
}

// givesTime reports whether a change lets a key do something for longer than before: by
// a later expiry, by more scopes, or by turning it on.
func givesTime(who Caller, before, after APIKey) bool {
	later := before.ExpiresAt != nil && (after.ExpiresAt == nil || after.ExpiresAt.After(*before.ExpiresAt))
	gained := scope.Added(who.catalogue.Effective(before.Scopes), who.catalogue.Effective(after.Scopes))
	return later || len(gained) > 0 || after.Enabled && !before.Enabled
}
