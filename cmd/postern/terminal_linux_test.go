package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

func TestServe_PrintsTheFirstCredentialOnATerminal(t *testing.T) {
	t.Parallel()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ours, theirs := servertest.Terminal(t)
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
