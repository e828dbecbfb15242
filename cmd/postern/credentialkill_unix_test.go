//go:build unix

package main

import (
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/faults"
)

// However early a first init is killed: an account that is there has its credential in
// the file, whole and working.
func TestFaults_NoAccountIsWithoutItsCredential(t *testing.T) {
	t.Parallel()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	accounts := 0
	for range faults.Rounds(t, 8) {
		dir := folder(t)
		file := filepath.Join(t.TempDir(), "owner")
		cmd := exec.CommandContext(t.Context(), binary, "init", "--data-dir", dir, "--credential-file", file)
		cmd.Env = append(os.Environ(), asProgram+"=1")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(rand.N(300 * time.Millisecond))
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		code, stdout, _ := once(t, "account", "list", "--data-dir", dir)
		if code != 0 || !strings.Contains(stdout, "acct_") {
			continue // killed before there was one
		}
		accounts++
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatalf("an account without its credential: %v", err)
		}
		s := serve(t, "--data-dir", dir)
		if status, body := s.get(t, "/v1/account", strings.TrimSpace(string(text))); status != http.StatusOK {
			t.Errorf("its credential answers %d %s", status, body)
		}
		s.stop()
	}
	t.Logf("accounts that were made before the kill: %d", accounts)
}
