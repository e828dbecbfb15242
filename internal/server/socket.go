package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/gofrs/flock"
)

// unixPrefix is how an address names a socket in the file system.
const unixPrefix = "unix:"

// socketMode lets the server's user and group connect. Whom else to let at the socket is
// for its folder and its group to say.
const socketMode = 0o660

// listenUnix takes a socket in the file system. One that a dead server has left behind is
// replaced; whether its server lives shows in a lock beside it, which ends with
// the process.
func listenUnix(ctx context.Context, path string) (_ net.Listener, err error) {
	if path == "" || strings.HasPrefix(path, "@") {
		return nil, fmt.Errorf("--listen %s%s names no socket; write it as unix:/run/postern/postern.sock", unixPrefix, path)
	}
	lock := flock.New(path+".lock", flock.SetPermissions(fileMode))
	locked, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("locking the socket %s: %w; its folder must be there and this program's user must write to it", path, err)
	}
	if !locked {
		return nil, socketInUse(path)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, lock.Unlock())
		}
	}()
	if err := removeStaleSocket(ctx, path); err != nil {
		return nil, err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "unix", path)
	switch {
	case errors.Is(err, syscall.EINVAL):
		return nil, fmt.Errorf("the path of the socket %s is too long for this system, which takes about 100 characters; choose a shorter one with --listen", path)
	case err != nil:
		return nil, fmt.Errorf("listening on the socket %s: %w; choose another with --listen", path, err)
	}
	if err := os.Chmod(path, socketMode); err != nil {
		return nil, errors.Join(fmt.Errorf("letting the group at the socket %s: %w", path, err), listener.Close())
	}
	return &socketListener{Listener: listener, lock: lock}, nil
}

func socketInUse(path string) error {
	return fmt.Errorf("the socket %s is in use by another server; stop that, or choose another with --listen", path)
}

// removeStaleSocket removes a socket on which nobody listens, and nothing else.
func removeStaleSocket(ctx context.Context, path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("looking at the socket %s: %w", path, err)
	case info.Mode().Type() != fs.ModeSocket:
		return fmt.Errorf("%s is there and is no socket; choose another path with --listen", path)
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", path)
	if err == nil {
		return errors.Join(socketInUse(path), conn.Close())
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("looking whether a server lives on the socket %s: %w", path, err)
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("removing the socket of a server that is gone: %w", err)
	}
	return nil
}

// socketListener gives connections an address that logs and records can show.
type socketListener struct {
	net.Listener
	lock *flock.Flock
}

func (l *socketListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err //nolint:wrapcheck // net/http looks at it
	}
	return socketConn{conn}, nil
}

// Close removes the socket, then gives up the lock.
func (l *socketListener) Close() error {
	return errors.Join(l.Listener.Close(), l.lock.Unlock())
}

// socketConn is a connection whose other side has no address of its own.
type socketConn struct{ net.Conn }

func (socketConn) RemoteAddr() net.Addr { return socketAddr{} }

type socketAddr struct{}

func (socketAddr) Network() string { return "unix" }
func (socketAddr) String() string  { return "unix" }
