package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// terminal is a new pseudo-terminal: what a program writes to the second file is read from
// the first.
func terminal(t *testing.T) (ours, theirs *os.File) {
	t.Helper()
	ours, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ours.Close() })
	n, err := unix.IoctlGetInt(int(ours.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetPointerInt(int(ours.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	theirs, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return ours, theirs
}

func TestServe_PrintsTheFirstCredentialOnATerminal(t *testing.T) {
	t.Parallel()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ours, theirs := terminal(t)
	cmd := exec.CommandContext(t.Context(), binary, "serve", "--listen", "127.0.0.1:0", "--data-dir", folder(t))
	cmd.Env = append(os.Environ(), asProgram+"=1")
	cmd.Stdout = theirs
	stderr := &locked{}
	cmd.Stderr = stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	theirs.Close()
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	shown := &locked{}
	go func() {
		buffer := make([]byte, 4096)
		for {
			n, err := ours.Read(buffer)
			_, _ = shown.Write(buffer[:n])
			if err != nil {
				return
			}
		}
	}()
	for deadline := time.Now().Add(60 * time.Second); !strings.Contains(shown.String(), "listens on"); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it does not serve: %s%s", shown, stderr)
		}
	}
	if found := ownerCredential.FindAllString(shown.String(), -1); len(found) != 1 {
		t.Errorf("printed %d credentials:\n%s", len(found), shown)
	}
	if ownerCredential.MatchString(stderr.String()) {
		t.Errorf("the log holds a credential: %s", stderr)
	}
}
