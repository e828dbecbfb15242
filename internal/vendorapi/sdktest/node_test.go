package sdktest_test

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/leftout"
)

// node runs a script of this folder with these settings and nothing else of the
// environment but PATH, and reads the JSON that it prints.
func node(t *testing.T, script string, settings map[string]string, report any) {
	t.Helper()
	program, err := exec.LookPath("node")
	if err != nil {
		leftout.Skip(t, "the vendors' SDKs for Node.js", "Node.js 18 or newer with npm is needed, see https://nodejs.org/en/download")
	}
	if _, err := os.Stat("node_modules"); err != nil {
		t.Fatalf("the SDKs are not installed: run \"make sdks\" first")
	}
	cmd := exec.CommandContext(t.Context(), program, script)
	// No proxy is asked for a server on this machine.
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "NO_PROXY=*"}
	for name, value := range settings {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	var warnings strings.Builder
	cmd.Stderr = &warnings
	out, err := cmd.Output()
	if warnings.Len() > 0 {
		t.Errorf("%s warns: %s", script, warnings.String())
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		t.Fatalf("%s ended with %d", script, exit.ExitCode())
	}
	if err != nil {
		t.Fatalf("running %s: %v", script, err)
	}
	if err := json.Unmarshal(out, report); err != nil {
		t.Fatalf("%s printed %q, which is no report: %v", script, out, err)
	}
}

// TestLock_NamesNoRegistry holds that whoever installs the SDKs does it from their own
// registry, and that what they get is what was locked.
func TestLock_NamesNoRegistry(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	var lock struct {
		Packages map[string]struct{ Version, Resolved, Integrity string }
	}
	if err := json.Unmarshal(text, &lock); err != nil {
		t.Fatal(err)
	}
	if len(lock.Packages) < 2 {
		t.Errorf("it locks %d packages", len(lock.Packages))
	}
	for name, p := range lock.Packages {
		if p.Resolved != "" {
			t.Errorf("%s is tied to %s; install with the .npmrc of this folder", name, p.Resolved)
		}
		if name != "" && (p.Version == "" || !strings.HasPrefix(p.Integrity, "sha512-")) {
			t.Errorf("%s is not pinned: version %q, integrity %q", name, p.Version, p.Integrity)
		}
	}
}
