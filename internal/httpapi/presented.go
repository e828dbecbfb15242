package httpapi

import (
	"encoding/base64"
	"net/http"
	"net/netip"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// presented is what the caller has shown whom a gateway asks about: a key, or a
// username with its password. None, or several different ones, is one that is not
// valid: the gateway did nothing wrong, so its caller is told in the platform's own
// words.
func presented(h http.Header) keyring.Presented {
	keys, users := sentKeys(h), sentUsers(h)
	in := keyring.Presented{Address: clientAddress(h)}
	switch {
	case len(keys) == 1 && len(users) == 0:
		in.Secret = secret.From(keys[0])
	case len(keys) == 0 && len(users) == 1:
		in.Username, in.Secret = signIn(users[0])
	}
	return in
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

// clientAddress is where a gateway's caller came from, as the gateway says; empty when
// it does not say. Of X-Forwarded-For only the last element is the gateway's own:
// those before it are what its caller claims.
func clientAddress(h http.Header) string {
	if sent := h[headerRealIP]; len(sent) == 1 {
		if address := ipAddress(sent[0]); address != "" {
			return address
		}
	}
	sent := h[headerForwardedFor]
	if len(sent) == 0 {
		return ""
	}
	last := sent[len(sent)-1]
	return ipAddress(last[strings.LastIndexByte(last, ',')+1:])
}

func ipAddress(text string) string {
	text = strings.TrimSpace(text)
	if _, err := netip.ParseAddr(text); err != nil {
		return ""
	}
	return text
}
