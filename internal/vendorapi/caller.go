// Package vendorapi is what the surfaces below it have in common, each of which answers
// on one vendor's own paths.
package vendorapi

import (
	"net/http"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/proxy"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// Authenticate finds out who sent a credential, and tells it to the log of the server that
// the surface is mounted in. That server decides where a request came from; a surface
// that stands alone believes no header about it.
func Authenticate(k *keyring.Keyring, w http.ResponseWriter, r *http.Request, sent secret.Secret) (keyring.Caller, error) {
	origin := keyring.Origin{RequestID: w.Header().Get(api.HeaderRequestID), Address: proxy.Peer(r)}
	if x, ok := w.(interface{ Origin() keyring.Origin }); ok {
		origin = x.Origin()
	}
	who, err := k.Authenticate(r.Context(), sent, origin)
	if x, ok := w.(interface{ CalledBy(id string) }); ok {
		x.CalledBy(who.ID)
	}
	return who, err
}
