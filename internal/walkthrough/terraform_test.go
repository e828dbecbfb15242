//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/tfcli"
)

// fakeTerraform makes a PATH on which there is only a terraform that prints the text.
func fakeTerraform(t *testing.T, text string) {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	t.Setenv(tfcli.Env, "")
	script := "#!/bin/sh\necho '" + text + "'\n"
	if err := os.WriteFile(filepath.Join(dir, "terraform"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
}

func TestRun_SaysWhatIsMissingBeforeItBuilds(t *testing.T) {
	t.Chdir("../..")
	for name, one := range map[string]struct{ prints, want string }{
		"too old":    {"Terraform v1.10.5", "is Terraform 1.10.5"},
		"no version": {"hello", "does not tell its version"},
	} {
		t.Run(name, func(t *testing.T) {
			fakeTerraform(t, one.prints)
			t.Setenv("TMPDIR", t.TempDir())
			var stdout, stderr strings.Builder
			if code := run(t.Context(), nil, &stdout, &stderr); code != exitFailed {
				t.Errorf("got exit code %d", code)
			}
			for _, want := range []string{one.want, "tofu 1.11 or newer is needed", "https://developer.hashicorp.com/terraform/install"} {
				if !strings.Contains(stderr.String(), want) {
					t.Errorf("%q is not in: %s", want, stderr.String())
				}
			}
			if strings.Count(stderr.String(), "\n") != 1 || stdout.String() != "" {
				t.Errorf("more than one sentence: %s%s", stderr.String(), stdout.String())
			}
			if left, _ := os.ReadDir(os.Getenv("TMPDIR")); len(left) > 0 {
				t.Errorf("it has begun already: %v", left)
			}
		})
	}
}

func TestRun_Usage(t *testing.T) {
	for name, one := range map[string]struct {
		args []string
		want string
	}{
		"unknown platform": {[]string{"-platform", "bench"}, `platform "bench" is not known; use postern, benchmark, sendgrid, mailchannels or dotdigital`},
		"one word more":    {[]string{"benchmark"}, `there is "benchmark"`},
		"unknown flag":     {[]string{"-plattform", "x"}, "flag provided but not defined"},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr strings.Builder
			if code := run(t.Context(), one.args, &stdout, &stderr); code != exitUsage || !strings.Contains(stderr.String(), one.want) {
				t.Errorf("got %d: %s", code, stderr.String())
			}
		})
	}
}

func TestRun_NotFromTheRoot(t *testing.T) {
	fakeTerraform(t, "Terraform v1.11.0")
	t.Chdir(t.TempDir())
	var stdout, stderr strings.Builder
	if code := run(t.Context(), nil, &stdout, &stderr); code != exitFailed || !strings.Contains(stderr.String(), "from the root of the repository") {
		t.Errorf("got %d: %s", code, stderr.String())
	}
}

func TestMirror_IsAllThatTheToolKnows(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	built := filepath.Join(dir, "built")
	if err := os.WriteFile(built, nil, 0o700); err != nil {
		t.Fatal(err)
	}
	config, err := mirror(dir, built, "registry.example")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "filesystem_mirror") || strings.Contains(string(text), "direct") {
		t.Errorf("got %s", text)
	}
	found, err := filepath.Glob(filepath.Join(dir, "mirror", "registry.example", "postern-dev", "postern", providerVersion, "*", "terraform-provider-postern_v"+providerVersion))
	if err != nil || len(found) != 1 {
		t.Errorf("got %v, %v", found, err)
	}
}
