package httpapi

import (
	"net/http"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/proxy"
)

// remote is where a request came from. On the route of gateways the header tells of the
// gateway's caller, so there it is the gateway itself.
func (a *API) remote(x *exchange, r *http.Request) string {
	if isAuthorize(r) {
		return proxy.Peer(r)
	}
	address, fault := a.proxies.Client(r)
	if fault != "" {
		a.addressFault(x, proxy.Peer(r), fault)
	}
	return address
}

// addressFault counts and logs a header that should have told an address and did not.
func (a *API) addressFault(x *exchange, peer string, fault proxy.Fault) {
	a.metrics.addressFaults.WithLabelValues(string(fault)).Inc()
	if a.warnings.due("address "+string(fault), peer, time.Now()) {
		a.log.Warn("a proxy or a gateway tells no address that can be read, so none is recorded or blocked for those behind it; let it set the header",
			"header", a.proxies.Header(), "fault", string(fault), "remote", peer, "request_id", x.id)
	}
}

// checkClaim says what is wrong with how a gateway tells its callers' addresses.
func (a *API) checkClaim(x *exchange, who keyring.Caller, fault proxy.Fault) {
	switch {
	case fault != "":
		a.addressFault(x, x.address, fault)
	case a.proxies.Header() == "" && who.BlocksAddresses() && a.warnings.due("no header", "", time.Now()):
		a.log.Warn("no address is blocked after too many wrong keys, though the platform says so: name the header in which gateways tell it with --client-address-header",
			"remote", x.address, "request_id", x.id)
	}
}
