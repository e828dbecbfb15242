package main

import (
	"bufio"
	"database/sql"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "modernc.org/sqlite" // to make a database look newer than it is

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

func TestServe_Refusals(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	fails(t, "without TLS would send credentials in the clear; pass --tls-cert and --tls-key, or --insecure-http", "serve", "--listen", "0.0.0.0:0", "--data-dir", dir)
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	fails(t, taken.Addr().String()+" is in use by another program; stop that, or choose another address with --listen", "serve", "--listen", taken.Addr().String(), "--data-dir", dir)
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("a data folder is left behind: %v", err)
	}
	fails(t, "--trusted-proxies needs --client-address-header", "serve", "--trusted-proxies", "10.0.0.1", "--data-dir", dir)
	fails(t, "write 10.0.0.0/8 for the range", "serve", "--trusted-proxies", "127.0.0.1,10.0.0.1/8", "--client-address-header", "X-Forwarded-For", "--data-dir", dir)
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("a data folder is left behind: %v", err)
	}
	file := write(t, "")
	fails(t, file+" is not a folder; choose another with --data-dir", "serve", "--listen", "127.0.0.1:0", "--data-dir", file)
	open := t.TempDir()
	if err := os.Chmod(open, 0o755); err != nil {
		t.Fatal(err)
	}
	fails(t, "chmod 700 "+open, "serve", "--listen", "127.0.0.1:0", "--data-dir", open)
}

func TestServe_DatabaseOfANewerVersion(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	dataDir(t, "--data-dir", dir)
	path := filepath.Join(dir, "postern.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	fails(t, "its schema has version 9999", "serve", "--listen", "127.0.0.1:0", "--data-dir", dir)
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Errorf("the database was changed: %v", err)
	}
}

func TestServe_PepperMissingOrWrong(t *testing.T) {
	t.Parallel()
	dir, other := folder(t), folder(t)
	dataDir(t, "--data-dir", dir)
	dataDir(t, "--data-dir", other)
	fails(t, "does not belong to the data folder "+dir, "serve", "--listen", "127.0.0.1:0", "--data-dir", dir, "--pepper-file", filepath.Join(other, "pepper"))
	if err := os.Remove(filepath.Join(dir, "pepper")); err != nil {
		t.Fatal(err)
	}
	fails(t, "is missing, and without it no credential in "+dir+" works", "serve", "--listen", "127.0.0.1:0", "--data-dir", dir)
}

// asUser is the program in a process of its own, run by a user whom permissions
// apply to: they do not to root, who runs the tests in some places.
func asUser(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), binary, args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	if os.Geteuid() != 0 {
		return cmd
	}
	text, err := os.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	cmd.Path = filepath.Join(reachable(t), "postern")
	if err := os.WriteFile(cmd.Path, text, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd.Dir = filepath.Dir(cmd.Path)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	return cmd
}

const nobody = 65534

// reachable is a folder that any user may look into.
func reachable(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, d := range []string{dir, filepath.Dir(dir)} {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestServe_FolderThatItsUserCannotUse(t *testing.T) {
	t.Parallel()
	base := reachable(t)
	folderOf := func(name string, mode os.FileMode) string {
		dir := filepath.Join(base, name)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if os.Geteuid() == 0 {
			if err := os.Chown(dir, nobody, nobody); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Chmod(dir, mode); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Chmod(dir, 0o700) })
		return dir
	}
	readOnly, unreadable := folderOf("read-only", 0o500), folderOf("unreadable", 0o300)
	for dir, want := range map[string]string{
		readOnly:                         "writing to the data folder " + readOnly,
		unreadable:                       "reading the data folder " + unreadable,
		filepath.Join(readOnly, "inner"): "making the data folder " + filepath.Join(readOnly, "inner"),
	} {
		out, err := asUser(t, "serve", "--listen", "127.0.0.1:0", "--data-dir", dir).CombinedOutput()
		if err == nil || !strings.Contains(string(out), want) || !strings.Contains(string(out), "permission denied") || strings.Count(string(out), "\n") != 1 {
			t.Errorf("%s: %v: %s", dir, err, out)
		}
	}
	for _, dir := range []string{readOnly, unreadable} {
		if err := os.Chmod(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("left behind in %s: %v %v", dir, left, err)
		}
	}
}

// process starts "postern serve" in a process of its own, on a folder of its own,
// and returns its address and the owner credential that it has written.
func process(t *testing.T, args ...string) (cmd *exec.Cmd, stderr *locked, at, owner string) {
	t.Helper()
	dir := filepath.Join(reachable(t), "data")
	if os.Geteuid() == 0 { // whom the program is not run by, see asUser
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(dir, nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(filepath.Dir(dir), "owner")
	if os.Geteuid() == 0 {
		file = filepath.Join(dir, "owner") // the only folder that its user may write to
	}
	cmd, stderr = asUser(t, append([]string{"serve", "--listen", "127.0.0.1:0", "--data-dir", dir, "--credential-file", file}, args...)...), &locked{}
	cmd.Stderr = stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		if match := listensOn.FindStringSubmatch(lines.Text()); match != nil {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			return cmd, stderr, strings.TrimPrefix(match[1], "http://"), strings.TrimSpace(string(text))
		}
	}
	t.Fatalf("it does not serve: %s", stderr)
	return nil, nil, "", ""
}

// A create is half sent when SIGTERM comes. It is finished and answered, and then
// the program ends with 0.
func TestServe_SIGTERMDrains(t *testing.T) {
	t.Parallel()
	cmd, stderr, at, owner := process(t)
	conn, err := (&net.Dialer{Timeout: 10 * time.Second}).DialContext(t.Context(), "tcp", at)
	if err != nil {
		t.Fatalf("%v: %s", err, stderr)
	}
	defer conn.Close()
	const body = `{"name":"ci","scopes":["read"]}`
	if _, err := fmt.Fprintf(conn, "POST /v1/apikeys HTTP/1.1\r\nHost: x\r\n%s: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		api.HeaderAPIKey, owner, len(body), body[:10]); err != nil {
		t.Fatal(err)
	}
	time.Sleep(100 * time.Millisecond) // until the server has read what there is
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); !strings.Contains(stderr.String(), "stopping"); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it does not stop: %s", stderr)
		}
	}
	if _, err := conn.Write([]byte(body[10:])); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("no answer: %v: %s", err, stderr)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusCreated {
		t.Errorf("answered with %s", resp.Status)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("it ends with %v: %s", err, stderr)
	}
}
