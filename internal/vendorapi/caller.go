// Package vendorapi is what the surfaces below it have in common, each of which answers
// on one vendor's own paths.
package vendorapi

import (
	"net"
	"net/http"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// Authenticate finds out who sent a credential, and tells it to the log of the server that
// the surface is mounted in.
func Authenticate(k *keyring.Keyring, w http.ResponseWriter, r *http.Request, sent secret.Secret) (keyring.Caller, error) {
	address := r.RemoteAddr
	if host, _, err := net.SplitHostPort(address); err == nil {
		address = host
	}
	who, err := k.Authenticate(r.Context(), sent, keyring.Origin{RequestID: w.Header().Get(api.HeaderRequestID), Address: address})
	if x, ok := w.(interface{ CalledBy(id string) }); ok {
		x.CalledBy(who.ID)
	}
	return who, err
}
