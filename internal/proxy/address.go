package proxy

import (
	"net/http"
	"net/netip"
	"strings"
)

// Fault is why a header told no address; empty when it told one, or was not asked.
type Fault string

// The faults of a header.
const (
	Missing    Fault = "missing"    // it was not sent, or tells of trusted proxies only
	Unreadable Fault = "unreadable" // what counts in it is no address
)

// Peer is the address of the request's sender itself, or UnixPeer.
func Peer(r *http.Request) string {
	if peer, ok := peerOf(r); ok {
		return peer.String()
	}
	return UnixPeer
}

// peerOf is the address of the sender; false over a unix socket, where there is none.
func peerOf(r *http.Request) (netip.Addr, bool) {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	return at.Addr().Unmap().WithZone(""), err == nil
}

// Client is where a request came from: its sender, unless that is one of the operator's own
// proxies and the header tells whom it came from. The address is always one that a
// trusted party has seen. With a fault it is the nearest that is known.
func (t Trust) Client(r *http.Request) (string, Fault) {
	peer, ok := peerOf(r)
	if t.header == "" || ok && !t.trusts(peer) || !ok && !t.unix {
		return Peer(r), ""
	}
	addr, fault := t.furthest(r.Header[t.header], peer)
	switch {
	case fault == Missing:
		return Peer(r), "" // a proxy's own request, such as its look at /readyz
	case !addr.IsValid():
		return Peer(r), fault
	}
	return addr.String(), fault
}

// Claimed is where a gateway's caller came from, as the gateway tells in the header. It is for
// requests whose sender proves that it is a gateway; its address does not matter. It is
// empty when no header is named, and with a fault. An address of a trusted proxy is none:
// whoever blocks it blocks everyone behind.
func (t Trust) Claimed(r *http.Request) (string, Fault) {
	if t.header == "" {
		return "", ""
	}
	addr, fault := t.furthest(r.Header[t.header], netip.Addr{})
	if fault == "" && t.trusts(addr) {
		fault = Missing
	}
	if fault != "" {
		return "", fault
	}
	return addr.String(), ""
}

// furthest reads a list of addresses from its end, where the nearest party has written. It
// goes on as long as it meets trusted proxies, and returns the first address that is
// none of them: what stands before that, anyone may have written. A header with one
// address is a list of one.
func (t Trust) furthest(lines []string, nearest netip.Addr) (netip.Addr, Fault) {
	list := strings.Join(lines, ",")
	if strings.TrimSpace(list) == "" {
		return nearest, Missing
	}
	for more := true; more; {
		var last string
		cut := strings.LastIndexByte(list, ',')
		last, more = list[cut+1:], cut >= 0
		addr, ok := parseAddress(strings.TrimSpace(last))
		if !ok {
			return nearest, Unreadable
		}
		if nearest = addr; !t.trusts(addr) {
			return addr, ""
		}
		list = list[:max(cut, 0)]
	}
	return nearest, ""
}

// parseAddress reads an IP address, with or without a port and brackets.
func parseAddress(text string) (netip.Addr, bool) {
	addr, err := netip.ParseAddr(text)
	if err != nil {
		if at, portErr := netip.ParseAddrPort(text); portErr == nil {
			addr, err = at.Addr(), nil
		}
	}
	if inner, ok := strings.CutPrefix(text, "["); err != nil && ok {
		if inner, ok = strings.CutSuffix(inner, "]"); ok {
			addr, err = netip.ParseAddr(inner)
			ok = addr.Is6()
		}
		if !ok {
			return netip.Addr{}, false
		}
	}
	return addr.Unmap().WithZone(""), err == nil
}
