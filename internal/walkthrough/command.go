package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// command is one program to run.
type command struct {
	path  string
	args  []string
	dir   string   // the current folder when empty
	env   []string // added to the environment
	clear bool     // its standard output may hold secrets, so no report repeats it
}

// result is what became of a command.
type result struct {
	stdout []byte
	code   int    // exit code
	shown  string // the command line and all that it printed, for a report
}

// patience is how long an interrupted command may take to end by itself.
const patience = 15 * time.Second

// run runs the command to its end. An exit code is no error: the caller knows
// which ones are as said. When ctx ends, the command and all that it started end
// too.
func (c command) run(ctx context.Context) (result, error) {
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, c.path, c.args...) //nolint:gosec // the programs are fixed
	cmd.Dir = c.dir
	cmd.Env = append(environment(), c.env...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	ownGroup(cmd)
	cmd.Cancel = func() error { return interrupt(cmd) }
	cmd.WaitDelay = patience
	err := cmd.Run()
	if ctx.Err() != nil {
		killGroup(cmd)
		return result{}, fmt.Errorf("running %s: %w", c, context.Cause(ctx))
	}
	out := stdout.String()
	if c.clear {
		out = ""
	}
	r := result{stdout: stdout.Bytes(), shown: "$ " + c.String() + "\n" + out + stderr.String()}
	var exited *exec.ExitError
	switch {
	case errors.As(err, &exited):
		r.code = exited.ExitCode()
	case err != nil:
		return r, fmt.Errorf("running %s: %w", c, err)
	}
	return r, nil
}

// String is the command line without folders. Secrets go by the environment, so
// there is none in it.
func (c command) String() string {
	name := strings.TrimSuffix(filepath.Base(c.path), executableSuffix())
	return strings.Join(append([]string{name}, c.args...), " ")
}

// environment is this program's own, without what would steer Terraform or
// Postern from outside.
func environment() []string {
	var env []string
	for _, setting := range os.Environ() {
		if !strings.HasPrefix(setting, "TF_") && !strings.HasPrefix(setting, "POSTERN_") {
			env = append(env, setting)
		}
	}
	return env
}

func executableSuffix() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}
