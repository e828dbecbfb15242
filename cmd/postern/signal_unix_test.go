//go:build unix

package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// certificate writes a certificate of that serial number, and its key, into the folder.
func certificate(t *testing.T, dir string, serial int64, until time.Duration) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(until),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{"tls.crt": {Type: "CERTIFICATE", Bytes: der}, "tls.key": {Type: "EC PRIVATE KEY", Bytes: keyDER}} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// serial is the number of the certificate that the server shows in a handshake, and 0
// when there is none.
func serial(ctx context.Context, at string) int64 {
	dialer := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}}
	conn, err := dialer.DialContext(ctx, "tcp", at)
	if err != nil {
		return 0
	}
	defer conn.Close()
	secured, ok := conn.(*tls.Conn)
	if !ok {
		return 0
	}
	return secured.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
}

// eventually waits until the condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(60 * time.Second); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

// owned is a program in a process of its own.
type owned struct {
	*exec.Cmd
	stdout, stderr *locked
	at, owner      string // its address and the owner credential
}

// own starts the program in a process of its own, as this user.
func own(t *testing.T, args ...string) *owned {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir, made := initialisedFolder(t)
	cmd := exec.CommandContext(t.Context(), binary, append([]string{"serve", "--listen", "127.0.0.1:0", "--data-dir", dir}, args...)...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	o := &owned{Cmd: cmd, stdout: &locked{}, stderr: &locked{}, owner: made.OwnerCredential}
	cmd.Stdout, cmd.Stderr = o.stdout, o.stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	eventually(t, "it serves", func() bool {
		if match := listensOn.FindStringSubmatch(o.stdout.String()); match != nil {
			_, o.at, _ = strings.Cut(match[1], "://")
		}
		return o.at != ""
	})
	return o
}

// SIGHUP takes a new certificate into use, keeps the old one when the new one is no good,
// and never ends the program.
func TestServe_SIGHUPReloadsTheCertificate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	certificate(t, dir, 1, 24*time.Hour)
	o := own(t, "--tls-cert", filepath.Join(dir, "tls.crt"), "--tls-key", filepath.Join(dir, "tls.key"))
	hangup := func() {
		t.Helper()
		if err := o.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatalf("%v: %s", err, o.stderr)
		}
	}
	if got := serial(t.Context(), o.at); got != 1 {
		t.Fatalf("serves the certificate %d", got)
	}
	certificate(t, dir, 2, 24*time.Hour)
	hangup()
	eventually(t, "the new certificate is served", func() bool { return serial(t.Context(), o.at) == 2 })
	eventually(t, "the log says so", func() bool { return strings.Contains(o.stderr.String(), "certificate changed") })
	if err := os.WriteFile(filepath.Join(dir, "tls.key"), []byte("no key"), 0o600); err != nil {
		t.Fatal(err)
	}
	hangup()
	eventually(t, "the log says that it is no good", func() bool {
		return strings.Contains(o.stderr.String(), `level=ERROR msg="certificate not changed, the one before stays in use"`)
	})
	if got := serial(t.Context(), o.at); got != 2 {
		t.Errorf("after a key that is none it serves the certificate %d", got)
	}
}

func TestServe_SIGHUPWithoutTLSEndsNothing(t *testing.T) {
	t.Parallel()
	o := own(t)
	if err := o.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the log says so", func() bool { return strings.Contains(o.stderr.String(), "nothing to reload") })
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", o.at)
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
}

// The first signal waits for a request that does not end, the second one does not.
func TestServe_ASecondSignalEndsAtOnce(t *testing.T) {
	t.Parallel()
	o := own(t, "--drain", "1h")
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", o.at)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := fmt.Fprintf(conn, "POST /v1/apikeys HTTP/1.1\r\nHost: x\r\n%s: %s\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{", api.HeaderAPIKey, o.owner); err != nil {
		t.Fatal(err)
	}
	time.Sleep(100 * time.Millisecond) // until the server has read what there is
	for range 2 {
		if err := o.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		eventually(t, "it stops", func() bool { return strings.Contains(o.stderr.String(), "stopping") })
	}
	err = o.Wait()
	if status, ok := o.ProcessState.Sys().(syscall.WaitStatus); !ok || !status.Signaled() {
		t.Errorf("it ends with %v: %s", err, o.stderr)
	}
}

// A server that was killed leaves no lock: only a living one is told of.
func TestServe_ASecondServerOnAFolderSaysSo(t *testing.T) {
	t.Parallel()
	dir, _ := initialisedFolder(t)
	first := serve(t, "--data-dir", dir)
	second := serve(t, "--data-dir", dir)
	for _, text := range []string{second.stdout.String(), second.stderr.String()} {
		if !strings.Contains(text, "nother server runs on") || !strings.Contains(text, "request limits and the blocks after wrong keys") {
			t.Errorf("the second says %s", text)
		}
	}
	if all := first.stdout.String() + first.stderr.String(); strings.Contains(all, "nother server") {
		t.Errorf("the first says %s", all)
	}
	if code, stdout, stderr := once(t, "account", "list", "--data-dir", dir); code != 0 || strings.Contains(stdout+stderr, "nother server") {
		t.Errorf("a command says %s%s", stdout, stderr)
	}
	first.stop()
	second.stop()
	o := own(t, "--data-dir", dir)
	if err := o.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = o.Wait()
	if alone := serve(t, "--data-dir", dir); strings.Contains(alone.stderr.String(), "nother server") {
		t.Errorf("after a killed one it says %s", alone.stderr)
	}
}
