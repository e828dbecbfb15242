package httpapi

import (
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// presented is what the caller has shown whom a gateway asks about: a key, or a
// username with its password. X-API-Key wins: Authorization beside it is the
// application's own, which the gateway guards. With none, or several different ones, the
// reason says so, and nothing is presented: the gateway did nothing wrong, so its caller is
// told in the platform's own words.
func presented(h http.Header) (in keyring.Presented, reason string) {
	keys, users := apiKeys(h), []string(nil)
	if len(keys) == 0 {
		keys, users = bearerKeys(h), sentUsers(h)
	}
	switch {
	case len(keys)+len(users) == 0:
		return in, reasonMissingKey
	case len(keys)+len(users) > 1:
		return in, reasonConflictingKeys
	case len(keys) == 1:
		in.Secret = secret.From(keys[0])
	default:
		in.Username, in.Secret = signIn(users[0])
	}
	return in, ""
}

// sentUsers returns the different credentials in Authorization: Basic, as they were
// sent. One that cannot be read counts, too: it is not nothing.
func sentUsers(h http.Header) []string {
	var users []string
	for _, v := range h["Authorization"] {
		scheme, text, _ := strings.Cut(strings.TrimSpace(v), " ")
		if text = strings.TrimSpace(text); strings.EqualFold(scheme, "Basic") && (len(users) == 0 || users[0] != text) {
			users = append(users, text)
		}
	}
	return users
}

// signIn reads a username and a password; both are empty when that cannot be. A key
// where the password is, without a username, is none: where a key is asked for, it
// has headers of its own.
func signIn(basic string) (string, secret.Secret) {
	text, err := base64.StdEncoding.DecodeString(basic)
	if err != nil {
		return "", secret.Secret{}
	}
	username, password, ok := strings.Cut(string(text), ":")
	if !ok || username == "" {
		return "", secret.Secret{}
	}
	return username, secret.From(password)
}
