package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
	"github.com/postern-dev/terraform-provider-postern/internal/server"
)

type serveCommand struct {
	dataFlags
	Listen         string        `help:"The address to listen on, or unix:/path for a socket in the file system. An address beyond this machine needs TLS." default:"${listen}"`
	TLSCert        string        `name:"tls-cert" help:"The certificate for TLS, in PEM, with its chain. It and its key are read again when they change, and at SIGHUP." placeholder:"FILE"`
	TLSKey         string        `name:"tls-key" help:"The certificate's key, in PEM." placeholder:"FILE"`
	InsecureHTTP   bool          `name:"insecure-http" help:"Listen beyond this machine without TLS, behind a proxy that does it."`
	TrustedProxies []string      `name:"trusted-proxies" help:"The proxies before the server that are believed where a request came from: addresses, ranges such as 10.0.0.0/8, or unix for a unix socket, separated by commas." placeholder:"ADDRESS"`
	AddressHeader  string        `name:"client-address-header" help:"The header in which these proxies, and gateways, tell the address, such as X-Forwarded-For; without it no header is believed." placeholder:"NAME"`
	ShutdownDelay  time.Duration `help:"How long a stopping server goes on serving while /readyz says that it stops. The drain comes after it." default:"0s"`
	Drain          time.Duration `help:"How long the rest of a stop may take: the requests that were begun, and the last writes." default:"${drain}"`
	AuditRetention time.Duration `help:"How long audit records are kept, such as 8760h for a year; 0 keeps all. What is left stays provable." default:"0"`
	LogFormat      string        `help:"The log's format, ${enum}." enum:"text,json" default:"text"`
	LogLevel       string        `help:"The least that is logged, ${enum}." enum:"debug,info,warn,error" default:"info"`
	accountFlags
}

// Run serves until ctx ends.
func (c *serveCommand) Run(ctx context.Context, p *program, out *output) error {
	file := &credentialFile{path: c.CredentialFile}
	where := c.data()
	where.First = c.account()
	where.NoFirst = c.noFirst(file, out.stdout)
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	log := newLog(out.stderr, c.LogFormat, c.LogLevel)
	srv, err := server.New(ctx, server.Config{
		Data: where, Listen: c.Listen, TLSCert: c.TLSCert, TLSKey: c.TLSKey, InsecureHTTP: c.InsecureHTTP,
		TrustedProxies: c.TrustedProxies, ClientAddressHeader: c.AddressHeader,
		AuditRetention: c.AuditRetention, Reload: hangup, ShutdownDelay: c.ShutdownDelay, Drain: c.Drain, Log: log, Version: p.version,
	})
	if err != nil {
		return err
	}
	if err := c.firstStart(ctx, srv.Data(), file, out.stdout); err != nil {
		return errors.Join(err, srv.Close())
	}
	if _, err := fmt.Fprintf(out.stdout, "Postern %s listens on %s with the data in %s.\n", p.version, srv.URL(), c.DataDir); err != nil {
		return errors.Join(fmt.Errorf("printing the address: %w", err), srv.Close())
	}
	if srv.IsSecond() {
		_, _ = fmt.Fprintf(out.stdout, "Another server runs on %s too: %s.\n", c.DataDir, server.CountsDouble)
	}
	log.Info("serving", "url", srv.URL(), "version", p.version, "data_dir", c.DataDir)
	return srv.Serve(ctx)
}

// noFirst is why a first start makes no account, or nil. What is written to a log stays
// there, and many people read logs.
func (c *serveCommand) noFirst(file *credentialFile, stdout io.Writer) error {
	if c.CredentialFile == "" && !isTerminal(stdout) {
		return fmt.Errorf("there is no account in %s yet, and its owner credential is not printed to what may be a log, as standard output is no terminal; "+
			"run \"postern init --data-dir %s\" first, or pass --credential-file to have it written to a new file", c.DataDir, c.DataDir)
	}
	return file.check()
}

// firstStart makes the account when there is none.
func (c *serveCommand) firstStart(ctx context.Context, data *server.OpenData, file *credentialFile, stdout io.Writer) error {
	done, err := data.Initialised(ctx)
	if err != nil {
		return err
	}
	if done {
		return c.checkPlatform(ctx, data)
	}
	if err := c.noFirst(file, stdout); err != nil {
		return err
	}
	in := c.account()
	in.Keep = file.keep
	account, credential, err := data.Initialise(ctx, in)
	err = file.undo(ctx, data.Keyring, err)
	if errors.Is(err, keyring.ErrNotFirst) {
		return c.checkPlatform(ctx, data) // made by another process, just now
	}
	if err != nil {
		return err
	}
	return printFirst(stdout, c.DataDir, c.CredentialFile, account, credential)
}

// checkPlatform refuses a folder without an account on the platform that was named:
// who names one expects its keys and its paths, and would else be told only that the
// credential is wrong or that access is forbidden.
func (c *serveCommand) checkPlatform(ctx context.Context, data *server.OpenData) error {
	if c.Platform == "" {
		return nil
	}
	accounts, err := data.Keyring.Accounts(ctx)
	if err != nil {
		return fmt.Errorf("looking for an account on the platform %s: %w", c.Platform, err)
	}
	var others []string
	for _, a := range accounts {
		if a.Platform == c.Platform {
			return nil
		}
		others = append(others, a.Platform)
	}
	return fmt.Errorf("%s holds no account on the platform %q, only on %s, and an account never changes its platform; "+
		"leave --platform out, choose another folder with --data-dir, or make an account beside the others with: postern account create --platform %s",
		c.DataDir, c.Platform, strings.Join(scope.Normal(others), ", "), c.Platform)
}

// newLog writes to stderr, as stdout holds what a person or a script waits for.
func newLog(w io.Writer, format, level string) *slog.Logger {
	levels := map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}
	options := &slog.HandlerOptions{Level: levels[level]}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
