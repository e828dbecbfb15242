//go:build unix

package sqlite_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/store/sqlite"
)

// The test program runs itself as another process: an umask and a user belong to
// a whole process, and permissions mean nothing to root.
const (
	childPath  = "POSTERN_TEST_OPEN"
	childUmask = "POSTERN_TEST_UMASK"
	opened     = "opened"
)

// program is this program, where a user without rights can run it. It is copied
// before any test runs: a file that is open for writing while some test
// starts a process cannot be run for a moment.
var program string

func TestMain(m *testing.M) {
	if path := os.Getenv(childPath); path != "" {
		os.Exit(child(path))
	}
	dir, err := copyProgram()
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

func copyProgram() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(self)
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "postern")
	if err != nil {
		return "", err
	}
	program = filepath.Join(dir, "program")
	return dir, errors.Join(os.Chmod(dir, 0o755), os.WriteFile(program, text, 0o755))
}

// child opens the store, says how that went, and waits for the end of its input.
func child(path string) int {
	umask, err := strconv.ParseInt(os.Getenv(childUmask), 8, 0)
	if err != nil {
		fmt.Println(err)
		return 1
	}
	syscall.Umask(int(umask))
	s, err := sqlite.Open(context.Background(), path)
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println(opened)
	_, _ = io.Copy(io.Discard, os.Stdin)
	if err := s.Close(); err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

// elsewhere is a store that is open in another process.
type elsewhere struct {
	cmd   *exec.Cmd
	in    io.Closer
	lines *bufio.Reader
	other strings.Builder
}

// openElsewhere opens the store in another process, which root runs as a user
// without rights.
func openElsewhere(t *testing.T, path, umask string) *elsewhere {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program)
	e := &elsewhere{cmd: cmd}
	cmd.Env = append(os.Environ(), childPath+"="+path, childUmask+"="+umask)
	cmd.Stderr = &e.other
	if os.Getuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	in, err := cmd.StdinPipe()
	must(t, err)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	e.in, e.lines = in, bufio.NewReader(out)
	return e
}

// said is opened, or why the store cannot be opened.
func (e *elsewhere) said() string {
	line, _ := e.lines.ReadString('\n')
	return strings.TrimSpace(line)
}

// stop closes the store and returns all else that the process has said.
func (e *elsewhere) stop() string {
	_ = e.in.Close()
	rest, _ := io.ReadAll(e.lines)
	_ = e.cmd.Wait()
	return string(rest) + e.other.String()
}

const nobody = 65534

// sharedDir is a folder that belongs to whoever openElsewhere runs as. The one
// of t.TempDir lies in a folder which others cannot enter.
func sharedDir(t *testing.T) string {
	t.Helper()
	outer, err := os.MkdirTemp("", "postern") //nolint:usetesting // see above
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(outer) })
	dir := filepath.Join(outer, "data")
	must(t, os.Chmod(outer, 0o755))
	must(t, os.Mkdir(dir, 0o700))
	if os.Getuid() == 0 {
		must(t, os.Chown(dir, nobody, nobody))
	}
	return dir
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestFilesAreTheOwnersAlone(t *testing.T) {
	t.Parallel()
	for _, umask := range []string{"000", "077", "277", "777"} {
		t.Run(umask, func(t *testing.T) {
			t.Parallel()
			dir := sharedDir(t)
			e := openElsewhere(t, filepath.Join(dir, "postern.db"), umask)
			if said := e.said(); said != opened {
				t.Fatal(said)
			}
			for _, name := range []string{"postern.db", "postern.db-wal", "postern.db-shm"} {
				info, err := os.Stat(filepath.Join(dir, name))
				if err != nil {
					t.Fatal(err)
				}
				if info.Mode() != 0o600 {
					t.Errorf("%s has mode %v, want -rw-------", name, info.Mode())
				}
			}
			if rest := e.stop(); rest != "" {
				t.Errorf("the store also wrote %q", rest)
			}
		})
	}
}

func TestOpenSaysWhichPermissionItLacks(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		prepare func(t *testing.T, dir, path string)
		want    string
	}{
		"read-only database":  {func(t *testing.T, _, path string) { must(t, os.Chmod(path, 0o400)) }, "the file must be readable and writable for this program's user"},
		"unreadable database": {func(t *testing.T, _, path string) { must(t, os.Chmod(path, 0)) }, "the file must be readable and writable for this program's user"},
		"read-only folder":    {func(t *testing.T, dir, _ string) { must(t, os.Chmod(dir, 0o500)) }, "let this program's user write to the file and to its folder"},
		"read-only and empty folder": {func(t *testing.T, dir, path string) {
			must(t, os.Remove(path))
			must(t, os.Chmod(dir, 0o500))
		}, "the file cannot be made; let this program's user write to "},
		"closed folder": {func(t *testing.T, dir, _ string) { must(t, os.Chmod(dir, 0)) }, "the file cannot be"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := sharedDir(t)
			path := filepath.Join(dir, "postern.db")
			e := openElsewhere(t, path, "022")
			if said := e.said() + e.stop(); said != opened {
				t.Fatal(said)
			}
			tc.prepare(t, dir, path)
			e = openElsewhere(t, path, "022")
			got := e.said()
			if e.stop(); !strings.Contains(got, "opening store "+path+": ") || !strings.Contains(got, tc.want) {
				t.Errorf("got %q, want the path and %q", got, tc.want)
			}
			must(t, os.Chmod(dir, 0o700))
		})
	}
}

// TestSeveralProcessesStartOnOneNewFile has them all find no database and make
// one.
func TestSeveralProcessesStartOnOneNewFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(sharedDir(t), "postern.db")
	var all []*elsewhere
	for range 6 {
		all = append(all, openElsewhere(t, path, "022"))
	}
	for _, e := range all {
		if said := e.said() + e.stop(); said != opened {
			t.Error(said)
		}
	}
}
