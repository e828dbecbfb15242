// Package proxy decides where a request came from when proxies or gateways stand
// before the server. Nothing that a request says of itself is believed unless the
// operator names the header and who may set it.
package proxy

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// UnixPeer is how a request's address reads when it came over a unix socket, and the
// word that makes such peers trusted.
const UnixPeer = "unix"

// Trust is which peers are the operator's own proxies, and the one header in which they
// and the gateways tell an address. The zero value trusts nobody.
type Trust struct {
	header   string // in the form in which net/http keeps it; empty for none
	prefixes []netip.Prefix
	unix     bool
}

// Parse reads the settings: addresses, ranges such as 10.0.0.0/8 or the word unix, and
// the name of a header. Its errors name the setting and say what to write.
func Parse(trusted []string, header string) (Trust, error) {
	t := Trust{header: http.CanonicalHeaderKey(strings.TrimSpace(header))}
	if err := checkHeader(t.header); err != nil {
		return Trust{}, err
	}
	for _, text := range trusted {
		switch text = strings.TrimSpace(text); text {
		case "":
			continue
		case UnixPeer:
			t.unix = true
			continue
		}
		prefix, err := parsePrefix(text)
		if err != nil {
			return Trust{}, err
		}
		t.prefixes = append(t.prefixes, prefix)
	}
	if t.header == "" && (t.unix || len(t.prefixes) > 0) {
		return Trust{}, errors.New("--trusted-proxies needs --client-address-header: name the header in which they tell the address, such as X-Forwarded-For")
	}
	return t, nil
}

// nameLetters are what the names of such headers are made of.
const nameLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

// checkHeader refuses a header that cannot hold an address, or must not be taken for one.
func checkHeader(name string) error {
	switch {
	case name == "":
		return nil
	case strings.ContainsFunc(name, func(c rune) bool { return !strings.ContainsRune(nameLetters, c) }):
		return fmt.Errorf("--client-address-header %q is not the name of a header; write one such as X-Forwarded-For or X-Real-IP", name)
	case name == "Forwarded":
		return errors.New("--client-address-header: the header Forwarded has a form of its own, which is not read; let the proxy set X-Forwarded-For and name that")
	case slices.Contains([]string{"Authorization", "Cookie", "Host", "Postern-Credential", "X-Api-Key"}, name):
		return fmt.Errorf("--client-address-header: the header %s holds something else than an address; write one such as X-Forwarded-For or X-Real-IP", name)
	}
	return nil
}

func parsePrefix(text string) (netip.Prefix, error) {
	prefix, err := netip.ParsePrefix(text)
	if addr, addrErr := netip.ParseAddr(text); addrErr == nil {
		prefix, err = netip.PrefixFrom(addr.WithZone(""), addr.BitLen()), nil
	}
	switch {
	case err != nil:
		return netip.Prefix{}, fmt.Errorf("--trusted-proxies: %q is no address; write an address such as 10.0.0.7, a range such as 10.0.0.0/8, or %s for a unix socket", text, UnixPeer)
	case prefix.Addr().Is4In6():
		return netip.Prefix{}, fmt.Errorf("--trusted-proxies: %q is an IPv4 address in the form of IPv6; write it as IPv4", text)
	case prefix.Bits() == 0:
		return netip.Prefix{}, fmt.Errorf("--trusted-proxies: %q is every address, so that everyone could claim any; name the proxies' own addresses", text)
	case prefix != prefix.Masked():
		return netip.Prefix{}, fmt.Errorf("--trusted-proxies: %q is an address within a range; write %s for the range, or %s for the address", text, prefix.Masked(), prefix.Addr())
	}
	return prefix, nil
}

// Header is the one header that tells an address; empty when none is named.
func (t Trust) Header() string { return t.header }

// trusts reports whether an address is that of one of the operator's own proxies.
func (t Trust) trusts(addr netip.Addr) bool {
	return slices.ContainsFunc(t.prefixes, func(p netip.Prefix) bool { return p.Contains(addr) })
}
