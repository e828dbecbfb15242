package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"sync"
	"time"
)

// initServer makes the data folder with an account on the platform, and returns
// the account's owner credential.
func initServer(ctx context.Context, program, dir, platform string) (string, error) {
	c := command{path: program, args: []string{"init", "--data-dir", dir, "--platform", platform, "--json"}, clear: true}
	r, err := c.run(ctx)
	if err != nil {
		return "", err
	}
	if r.code != 0 {
		return "", fmt.Errorf("postern init ended with exit code %d:\n%s", r.code, r.shown)
	}
	var made struct {
		Credential string `json:"owner_credential"`
	}
	if err := json.Unmarshal(r.stdout, &made); err != nil {
		return "", fmt.Errorf("reading what postern init printed: %w", err)
	}
	if made.Credential == "" {
		return "", errors.New("postern init printed no owner credential")
	}
	return made.Credential, nil
}

// limitedKey makes a credential of the account in the data folder that may verify
// and nothing else, while the server runs.
func limitedKey(ctx context.Context, program, dir string) (string, error) {
	c := command{path: program, args: []string{"owner-key", "create", "--data-dir", dir, "--name", "gateway", "--only", "verify", "--json"}, clear: true}
	r, err := c.run(ctx)
	if err != nil {
		return "", err
	}
	if r.code != 0 {
		return "", fmt.Errorf("postern owner-key create ended with exit code %d:\n%s", r.code, r.shown)
	}
	var made struct {
		Kind       string `json:"kind"`
		Credential string `json:"credential"`
	}
	if err := json.Unmarshal(r.stdout, &made); err != nil {
		return "", fmt.Errorf("reading what postern owner-key create printed: %w", err)
	}
	if made.Kind != "service" || made.Credential == "" {
		return "", fmt.Errorf("postern owner-key create made a credential of the kind %q, not a limited one", made.Kind)
	}
	return made.Credential, nil
}

// server is a running postern serve.
type server struct {
	endpoint string
	log      *serverLog
	cmd      *exec.Cmd
	ended    chan error // gets what Wait returned, once
}

// How long the server may take to be ready, and to stop.
const (
	readyWithin = 30 * time.Second
	stopWithin  = 20 * time.Second
)

// anyPort lets the server listen on a free port of this machine.
const anyPort = "127.0.0.1:0"

// startServer starts the server on an address of this machine and returns when it is
// ready.
func startServer(ctx context.Context, program, dir, listen string) (*server, error) {
	s := &server{log: &serverLog{found: make(chan string, 1)}, ended: make(chan error, 1)}
	s.cmd = exec.Command(program, "serve", "--data-dir", dir, "--listen", listen) //nolint:gosec,noctx // it was just built here; it is stopped in order and not by a context
	s.cmd.Env = environment()
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	ownGroup(s.cmd)
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the server: %w", err)
	}
	go func() { s.ended <- s.cmd.Wait() }()
	select {
	case s.endpoint = <-s.log.found:
	case err := <-s.ended:
		s.ended <- err
		return s, errors.New("the server ended before it was ready")
	case <-time.After(readyWithin):
		return s, fmt.Errorf("the server did not tell its address within %s", readyWithin)
	case <-ctx.Done():
		return s, fmt.Errorf("starting the server: %w", context.Cause(ctx))
	}
	return s, s.ready(ctx)
}

// ready checks that the server says so itself.
func (s *server) ready(ctx context.Context) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.endpoint+"/readyz", nil)
	if err != nil {
		return fmt.Errorf("asking whether the server is ready: %w", err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return fmt.Errorf("asking whether the server is ready: %w", err)
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return fmt.Errorf("asking whether the server is ready: %w", err)
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("GET /readyz answered %d, not 200", answer.StatusCode)
	}
	return nil
}

// stop asks the server to end and waits until it has. It may be called again.
func (s *server) stop() error {
	if s == nil || s.cmd == nil {
		return nil
	}
	defer killGroup(s.cmd)
	if err := terminate(s.cmd); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("asking the server to stop: %w", err)
	}
	select {
	case err := <-s.ended:
		s.cmd = nil
		if err != nil && runtime.GOOS != "windows" { // there it can only be killed
			return fmt.Errorf("stopping the server: %w", err)
		}
		return nil
	case <-time.After(stopWithin):
		return fmt.Errorf("the server did not stop within %s, so it was killed", stopWithin)
	}
}

// serverLog keeps what the server prints and finds its address in it.
type serverLog struct {
	found chan string // gets the address, once

	mu   sync.Mutex
	text bytes.Buffer
	told bool
}

// address is where the server says it listens, as soon as the line is whole.
var address = regexp.MustCompile(`(http://127\.0\.0\.1:\d+)\D`)

// Write takes over what the server printed.
func (l *serverLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Write(p)
	if at := address.FindSubmatch(l.text.Bytes()); at != nil && !l.told {
		l.told = true
		l.found <- string(at[1])
	}
	return len(p), nil
}

// Bytes returns a copy of what was printed so far.
func (l *serverLog) Bytes() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Clone(l.text.Bytes())
}
