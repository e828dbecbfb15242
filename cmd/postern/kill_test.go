package main

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/faults"
)

// runProgram runs the program in a process of its own and returns what it says.
func runProgram(t *testing.T, args ...string) (string, error) {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), binary, args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// TestFaults_AKillDuringTheFirstInitLeavesAFolderThatOpens kills init at any moment, and the
// next one on the same folder, and expects the last to end what they began.
func TestFaults_AKillDuringTheFirstInitLeavesAFolderThatOpens(t *testing.T) {
	t.Parallel()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	started := time.Now()
	if out, err := runProgram(t, "init", "--data-dir", filepath.Join(t.TempDir(), "data")); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	whole := time.Since(started)
	half, done := 0, 0
	for round := range faults.Rounds(t, 10) {
		dir := filepath.Join(t.TempDir(), "data")
		for range 1 + round%2 {
			cmd := exec.CommandContext(t.Context(), binary, "init", "--data-dir", dir)
			cmd.Env = append(os.Environ(), asProgram+"=1")
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(rand.N(whole))
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
		out, err := runProgram(t, "init", "--data-dir", dir)
		switch {
		case err == nil:
			half++
		case strings.Contains(out, "is initialised already"):
			done++
			if out, err = runProgram(t, "owner-key", "create", "--data-dir", dir); err != nil {
				t.Errorf("another owner credential: %v: %s", err, out)
			}
		default:
			files, _ := filepath.Glob(filepath.Join(dir, "*"))
			t.Errorf("after a kill init says: %s with %v", out, files)
		}
		if out, err := runProgram(t, "account", "list", "--data-dir", dir); err != nil {
			t.Errorf("after a kill: %v: %s", err, out)
		}
	}
	t.Logf("killed before the account was made: %d, after: %d", half, done)
}
