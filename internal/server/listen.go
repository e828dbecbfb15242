package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"strings"
	"syscall"
)

// listen takes the address.
func (c Config) listen(ctx context.Context) (net.Listener, error) {
	at := c.Listen
	if at == "" {
		at = DefaultListen
	}
	if path, ok := strings.CutPrefix(at, unixPrefix); ok {
		if c.TLSCert != "" {
			return nil, errors.New("a socket of the file system has no TLS: leave --tls-cert and --tls-key out, or listen on host:port")
		}
		return listenUnix(ctx, path)
	}
	host, _, err := net.SplitHostPort(at)
	if err != nil {
		return nil, fmt.Errorf("--listen %q is not an address; write it as host:port, such as %s, or as unix:/run/postern/postern.sock", at, DefaultListen)
	}
	if c.TLSCert == "" && !c.InsecureHTTP && !loopback(host) {
		return nil, fmt.Errorf("listening on %s without TLS would send credentials in the clear; pass --tls-cert and --tls-key, or --insecure-http when a proxy in front of it does TLS", at)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", at)
	switch {
	case err == nil:
		return listener, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s is in use by another program; stop that, or choose another address with --listen", at)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return nil, fmt.Errorf("%s is not an address of this machine; choose another with --listen", at)
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("this program's user may not listen on %s; choose a port from 1024 with --listen", at)
	}
	return nil, fmt.Errorf("listening on %s: %w", at, err)
}

// loopback reports whether only this machine reaches the host. An empty host is
// every address that the machine has.
func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
