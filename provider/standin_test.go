package provider_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/postern-dev/terraform-provider-postern/internal/startup"
	"github.com/postern-dev/terraform-provider-postern/provider"
)

// This test program stands in for a provider, under its name, where a test must see more of
// it than terraform shows: TestMain runs standIn then.
const (
	envStandsFor  = "POSTERN_TEST_STANDS_FOR"  // the program of the provider, or crashing
	envObservedAt = "POSTERN_TEST_OBSERVED_AT" // a folder for what was seen of it
)

// crashing stands for our own provider, with a function that panics.
const crashing = "crashing"

// observed is what was seen of a provider's process.
type observed struct {
	CPU    time.Duration
	Memory int64 // the most that it held at a time, in bytes
	Said   int64 // to standard error, in bytes
}

// standInFor returns the variables with which terraform takes this program for the provider
// of that source.
func standInFor(t testing.TB, source, program, at string) []string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(self, filepath.Join(dir, "terraform-provider-"+filepath.Base(source))); err != nil {
		t.Fatal(err)
	}
	rc := filepath.Join(dir, "terraform.rc")
	if err := os.WriteFile(rc, fmt.Appendf(nil, "provider_installation {\n  dev_overrides {\n    %q = %q\n  }\n}\n", source, dir), 0o600); err != nil {
		t.Fatal(err)
	}
	return []string{"TF_CLI_CONFIG_FILE=" + rc, envStandsFor + "=" + program, envObservedAt + "=" + at}
}

// standIn runs the provider, and writes down what it took and said.
func standIn(program string) int {
	if program == crashing {
		if err := crash(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return 0
	}
	counted := &counter{to: os.Stderr}
	cmd := exec.CommandContext(context.Background(), program)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, counted
	err := cmd.Run()
	if cmd.ProcessState == nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	cpu, memory := took(cmd.ProcessState)
	text, err := json.Marshal(observed{CPU: cpu, Memory: memory, Said: counted.n})
	if err == nil {
		err = os.WriteFile(filepath.Join(os.Getenv(envObservedAt), fmt.Sprint(os.Getpid())), text, 0o600)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	return cmd.ProcessState.ExitCode()
}

type counter struct {
	to io.Writer
	n  int64
}

func (c *counter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return c.to.Write(p)
}

// observedAt reads what was seen of all processes of a provider together, and forgets it.
func observedAt(t testing.TB, dir string) observed {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("nothing was seen of the provider (%v)", err)
	}
	var all observed
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var one observed
		if err := json.Unmarshal(text, &one); err != nil {
			t.Fatal(err)
		}
		all.CPU += one.CPU
		all.Memory = max(all.Memory, one.Memory)
		all.Said += one.Said
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// crash serves the provider as the program does, and panics in a function.
func crash() error {
	logger, err := startup.LimitLog()
	if err != nil {
		return err
	}
	return tf6server.Serve("registry.terraform.io/postern-dev/postern",
		func() tfprotov6.ProviderServer { return crashingServer{provider.NewServer("test")()} }, tf6server.WithGoPluginLogger(logger))
}

type crashingServer struct{ tfprotov6.ProviderServer }

func (crashingServer) CallFunction(context.Context, *tfprotov6.CallFunctionRequest) (*tfprotov6.CallFunctionResponse, error) {
	panic("this is where it broke")
}
