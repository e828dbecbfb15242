// Package server wires the parts together: a data folder, its store, the keyring
// over it, the management API over that, and a listener. It holds no rules.
package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/httpapi"
	"github.com/postern-dev/terraform-provider-postern/internal/proxy"
	"github.com/postern-dev/terraform-provider-postern/internal/vendorapi/mailchannels"
	"github.com/postern-dev/terraform-provider-postern/internal/vendorapi/sendgrid"
)

// DefaultListen is where a server listens unless told otherwise: reachable from
// its own machine only.
const DefaultListen = "127.0.0.1:8411"

// DefaultDrain is how long a stopping server waits for the requests that it has
// begun.
const DefaultDrain = 10 * time.Second

// Limits of a connection. They bound what a slow or greedy caller can hold; the
// write limit is the longest, as it runs while the request is worked on.
const (
	readHeaderTimeout = 10 * time.Second
	readTimeout       = 30 * time.Second
	writeTimeout      = 60 * time.Second
	idleTimeout       = 120 * time.Second
	maxHeader         = 16 << 10
)

// Config is what a Server needs.
type Config struct {
	Data Data // must be set

	Listen       string // DefaultListen when empty; port 0 takes a free one
	TLSCert      string // files in PEM, both or none
	TLSKey       string
	InsecureHTTP bool // allows an address beyond this machine without TLS

	// Whom to believe where a request came from: see proxy.Parse.
	TrustedProxies      []string
	ClientAddressHeader string

	// AuditRetention is how long records of the audit trails are kept; 0 for
	// ever.
	AuditRetention time.Duration

	Drain   time.Duration // DefaultDrain when 0
	Log     *slog.Logger  // must be set
	Version string        // of the program

	// How the vendors' own paths behave where it is not known for sure.
	SendGrid     sendgrid.Quirks
	MailChannels mailchannels.Quirks

	// Wrap, when set, puts a handler around the API. Tests inject faults there.
	Wrap func(api *httpapi.API) http.Handler
}

// Server is a server that has its data open and its address taken. Requests wait
// until Serve.
type Server struct {
	data     *OpenData
	http     *http.Server
	listener net.Listener
	tls      bool // net/http makes up a TLS configuration of its own while it serves
	drain    time.Duration
	log      *slog.Logger

	retention retention
	flushing  flushing
}

// New takes the address, then opens the data folder. A server that cannot listen
// leaves no data folder behind.
func New(ctx context.Context, c Config) (*Server, error) {
	if err := c.checkRetention(); err != nil {
		return nil, err
	}
	proxies, err := proxy.Parse(c.TrustedProxies, c.ClientAddressHeader)
	if err != nil {
		return nil, err
	}
	certificate, err := c.certificate()
	if err != nil {
		return nil, err
	}
	listener, err := c.listen(ctx)
	if err != nil {
		return nil, err
	}
	data, err := Open(ctx, c.Data)
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	api, err := httpapi.New(httpapi.Config{Keyring: data.Keyring, Log: c.Log, Version: c.Version, Proxies: proxies, Vendors: c.vendors(data.Keyring)})
	if err != nil {
		return nil, errors.Join(err, data.Close(), listener.Close())
	}
	var handler http.Handler = api
	if c.Wrap != nil {
		handler = c.Wrap(api)
	}
	s := &Server{data: data, listener: listener, tls: certificate != nil, drain: c.Drain, log: c.Log, http: &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(c.Log.Handler(), slog.LevelDebug),
	}}
	s.retention = retention{keyring: data.Keyring, keep: c.AuditRetention, every: trimEvery, log: c.Log}
	s.flushing = flushing{keyring: data.Keyring, every: flushEvery, log: c.Log}
	if s.drain == 0 {
		s.drain = DefaultDrain
	}
	if certificate != nil {
		s.http.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{*certificate}}
	}
	return s, nil
}

// Data is the open data folder.
func (s *Server) Data() *OpenData { return s.data }

// URL is where the server is reached.
func (s *Server) URL() string {
	scheme := "http"
	if s.tls {
		scheme = "https"
	}
	return scheme + "://" + s.listener.Addr().String()
}

// Close gives up a server that is not going to Serve.
func (s *Server) Close() error {
	return errors.Join(s.listener.Close(), s.data.Close())
}

// Serve answers requests until ctx ends, then finishes those that it has begun,
// for as long as the drain allows, writes what is still only counted, and closes
// the data folder.
func (s *Server) Serve(ctx context.Context) error {
	chores, stopChores := context.WithCancel(ctx)
	var done sync.WaitGroup
	done.Go(func() { s.retention.run(chores) })
	done.Go(func() { s.flushing.run(chores) })
	err := s.serve(ctx)
	stopChores()
	done.Wait()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.drain)
	defer cancel()
	s.flushing.flush(last)
	return errors.Join(err, s.data.Close())
}

func (s *Server) serve(ctx context.Context) error {
	failed := make(chan error, 1)
	go func() {
		if s.tls {
			failed <- s.http.ServeTLS(s.listener, "", "")
		} else {
			failed <- s.http.Serve(s.listener)
		}
	}()
	select {
	case err := <-failed:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	s.log.Info("stopping", "drain", s.drain.String())
	// The context has ended already; what is left has a time limit of its own.
	draining, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.drain)
	defer cancel()
	err := s.http.Shutdown(draining)
	if errors.Is(err, context.DeadlineExceeded) {
		s.log.Warn("cut off requests that took longer than the drain", "drain", s.drain.String())
		err = s.http.Close()
	}
	return err
}
