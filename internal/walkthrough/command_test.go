//go:build unix

package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

// Settings of the user's shell must not steer what is shown.
func TestCommand_Environment(t *testing.T) {
	for _, name := range []string{"TF_VAR_scopes", "TF_CLI_ARGS_apply", "TF_LOG", "POSTERN_API_KEY"} {
		t.Setenv(name, "from-outside")
	}
	t.Setenv("KEPT", "kept")
	r, err := command{path: "/bin/sh", args: []string{"-c", "env"}, env: []string{"TF_VAR_overlap=0s"}}.run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out := string(r.stdout)
	if strings.Contains(out, "from-outside") || !strings.Contains(out, "KEPT=kept") || !strings.Contains(out, "TF_VAR_overlap=0s") {
		t.Errorf("got %s", out)
	}
}

func TestCommand_Reports(t *testing.T) {
	t.Parallel()
	c := command{path: "/bin/sh", args: []string{"-c", "echo out; echo err >&2; exit 3"}}
	r, err := c.run(t.Context())
	if err != nil || r.code != 3 || r.shown != "$ sh -c echo out; echo err >&2; exit 3\nout\nerr\n" {
		t.Errorf("got %d %q, %v", r.code, r.shown, err)
	}
	c.clear = true
	if r, _ = c.run(t.Context()); strings.Contains(r.shown, "\nout\n") || string(r.stdout) != "out\n" {
		t.Errorf("got %q", r.shown)
	}
}

func TestCommand_AnInterruptEndsIt(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	started := time.Now()
	_, err := command{path: "/bin/sh", args: []string{"-c", "sleep 60"}}.run(ctx)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if took := time.Since(started); took > patience {
		t.Errorf("it took %s", took)
	}
}
