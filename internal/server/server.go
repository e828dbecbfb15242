// Package server wires the parts together: a data folder, its store, the keyring
// over it, the management API over that, and a listener. It holds no rules.
package server

import (
	"context"
	"crypto/tls"
	"errors"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
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

	Listen       string // DefaultListen when empty; port 0 takes a free one; unix:/path is a socket
	TLSCert      string // files in PEM, both or none; they are followed while the server runs
	TLSKey       string
	InsecureHTTP bool // allows an address beyond this machine without TLS

	// Whom to believe where a request came from: see proxy.Parse.
	TrustedProxies      []string
	ClientAddressHeader string

	// Reload, when set, reads the TLS files anew at each value.
	Reload <-chan os.Signal

	// AuditRetention is how long records of the audit trails are kept; 0 for
	// ever.
	AuditRetention time.Duration

	// ShutdownDelay is how long a stopping server goes on serving while /readyz
	// says that it stops, so that a load balancer sends no more. 0 for not at all.
	ShutdownDelay time.Duration
	// Drain is how long the rest of a stop may take, requests, chores and the last
	// writes together. DefaultDrain when 0.
	Drain   time.Duration
	Log     *slog.Logger // must be set
	Version string       // of the program

	// How the vendors' own paths behave where it is not known for sure.
	SendGrid     sendgrid.Quirks
	MailChannels mailchannels.Quirks

	// Wrap, when set, puts a handler around the API. Tests inject faults there.
	Wrap func(api *httpapi.API) http.Handler

	certificateEvery time.Duration // certificateEvery when 0
}

// Server is a server that has its data open and its address taken. Requests wait
// until Serve.
type Server struct {
	data         *OpenData
	api          *httpapi.API
	http         *http.Server
	listener     net.Listener
	certificates *certificates // nil without TLS
	neighbour    *neighbour
	delay, drain time.Duration
	log          *slog.Logger

	chores    []func(context.Context) // each runs until its context ends
	lastFlush func(context.Context)   // writes what is only counted yet, and the time
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
	if c.ShutdownDelay < 0 || c.Drain < 0 {
		return nil, errors.New("the shutdown delay and the drain must not be negative")
	}
	certificates, err := c.openCertificates()
	if err != nil {
		return nil, err
	}
	listener, err := c.listen(ctx)
	if err != nil {
		return nil, err
	}
	c.Data.Log = c.Log
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
	s := &Server{data: data, api: api, listener: listener, certificates: certificates, delay: c.ShutdownDelay, drain: c.Drain, log: c.Log, http: &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          log.New(connectionLog{c.Log}, "", 0),
	}}
	if s.drain == 0 {
		s.drain = DefaultDrain
	}
	s.neighbour = meetNeighbour(c.Data, c.Log)
	s.setChores(c)
	if certificates != nil {
		s.http.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: certificates.Get}
	}
	c.warn()
	return s, nil
}

// setChores says what runs beside the requests.
func (s *Server) setChores(c Config) {
	trim := retention{keyring: s.data.Keyring, keep: c.AuditRetention, every: trimEvery, log: c.Log}
	flush := &flushing{keyring: s.data.Keyring, every: flushEvery, log: c.Log}
	timekeeping := timekeeping{keyring: s.data.Keyring, log: c.Log}
	s.lastFlush = func(ctx context.Context) {
		flush.last(ctx)
		timekeeping.record(ctx)
	}
	watch := spaceWatch{keyring: s.data.Keyring, every: watchEvery, log: c.Log}
	s.chores = []func(context.Context){trim.run, flush.run, timekeeping.run, watch.run, s.neighbour.run, func(ctx context.Context) { s.reload(ctx, c.Reload) }}
}

// warn says what the operator has allowed, or may not know.
func (c Config) warn() {
	if c.Data.InsecureFileModes {
		c.Log.Warn("who else can read the data folder, the pepper and the TLS key is not looked at, as --insecure-file-modes says")
	}
	if name := networkFileSystem(c.Data.Dir); name != "" {
		c.Log.Warn("the data folder is on a network file system: SQLite's locks and shared memory hold on one machine only; use a disk of this machine, or let one server at a time run", "file_system", name, "data_dir", c.Data.Dir)
	}
}

// reload follows the TLS files. Without TLS there is nothing to reload, and a signal
// that asks for it must not end the server.
func (s *Server) reload(ctx context.Context, asked <-chan os.Signal) {
	if s.certificates != nil {
		s.certificates.run(ctx, asked)
		return
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-asked:
			s.log.Info("nothing to reload: the server has no TLS certificate, and other settings are read at a start")
		}
	}
}

// Data is the open data folder.
func (s *Server) Data() *OpenData { return s.data }

// IsSecond reports whether another server ran on the data folder when this one opened
// it: see CountsDouble.
func (s *Server) IsSecond() bool { return s.neighbour.met }

// URL is where the server is reached: http://host:port, https://host:port, or unix: and
// the path of a socket, over which it speaks HTTP.
func (s *Server) URL() string {
	if s.listener.Addr().Network() == "unix" {
		return unixPrefix + s.listener.Addr().String()
	}
	scheme := "http"
	if s.certificates != nil {
		scheme = "https"
	}
	return scheme + "://" + s.listener.Addr().String()
}

// Close gives up a server that is not going to Serve.
func (s *Server) Close() error {
	return errors.Join(s.listener.Close(), s.neighbour.Close(), s.data.Close())
}
