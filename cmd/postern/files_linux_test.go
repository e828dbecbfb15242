package main

import (
	"net"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestFaults_OutOfFilesIsLoggedAsAnError takes all file descriptors from a running server.
func TestFaults_OutOfFilesIsLoggedAsAnError(t *testing.T) {
	t.Parallel()
	o := own(t)
	if err := unix.Prlimit(o.Process.Pid, unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 30, Max: 30}, nil); err != nil {
		t.Fatal(err)
	}
	for range 60 {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", o.at)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
	eventually(t, "the log says why nobody is let in", func() bool {
		for line := range strings.Lines(o.stderr.String()) {
			if strings.Contains(line, "level=ERROR") && strings.Contains(line, "too many open files") {
				return true
			}
		}
		return false
	})
}

// TestServe_ABrokenHandshakeIsNoError has a stranger who speaks no TLS: what anybody can
// cause must fill no log.
func TestServe_ABrokenHandshakeIsNoError(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	certificate(t, dir, 1, 24*time.Hour)
	o := own(t, "--tls-cert", dir+"/tls.crt", "--tls-key", dir+"/tls.key", "--log-level", "debug")
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", o.at)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("this is no TLS at all\n\n")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the handshake is in the log for debugging", func() bool { return strings.Contains(o.stderr.String(), "TLS handshake error") })
	if log := o.stderr.String(); strings.Contains(log, "level=ERROR") {
		t.Errorf("it is an error: %s", log)
	}
}
