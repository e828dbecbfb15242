package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/postern-dev/terraform-provider-postern/internal/tfcli"
)

// The provider's address as files in a mirror, after the host of the tool's registry, and
// the version it has there.
const (
	providerAddress = "postern-dev/postern"
	providerVersion = "0.0.1"
)

// mirror puts the provider into a filesystem mirror below dir and writes a CLI
// configuration beside it that knows of nothing else: no registry is asked, and
// the user's own configuration plays no part. It returns the configuration.
func mirror(dir, provider, registry string) (config string, err error) {
	root := filepath.Join(dir, "mirror")
	home := filepath.Join(root, registry, filepath.FromSlash(providerAddress), providerVersion, runtime.GOOS+"_"+runtime.GOARCH)
	if err := os.MkdirAll(home, 0o700); err != nil {
		return "", fmt.Errorf("making the provider's mirror: %w", err)
	}
	name := "terraform-provider-postern_v" + providerVersion + executableSuffix()
	if err := os.Rename(provider, filepath.Join(home, name)); err != nil {
		return "", fmt.Errorf("moving the provider into its mirror: %w", err)
	}
	config = filepath.Join(dir, "terraform.tfrc")
	text := fmt.Sprintf("disable_checkpoint = true\nprovider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", filepath.ToSlash(root))
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return "", fmt.Errorf("writing the Terraform configuration: %w", err)
	}
	return config, nil
}

// workspace is a folder with a configuration, and the tool to run in it.
type workspace struct {
	cli  tfcli.Tool
	dir  string
	env  []string
	last *string // what the last command printed, for a report
}

// savedPlan is the file of a plan, in the workspace.
const savedPlan = "key.tfplan"

// plan makes and saves a plan. It returns whether the plan has changes.
func (w workspace) plan(ctx context.Context, args ...string) (changes bool, err error) {
	args = append([]string{"plan", "-input=false", "-no-color", "-detailed-exitcode", "-out=" + savedPlan}, args...)
	r, err := w.run(ctx, command{args: args}, 0, 2)
	return r.code == 2, err
}

// planned reads what the saved plan does to the key.
func (w workspace) planned(ctx context.Context) (keyChange, error) {
	r, err := w.run(ctx, command{args: []string{"show", "-json", savedPlan}, clear: true}, 0)
	if err != nil {
		return keyChange{}, err
	}
	return parsePlan(r.stdout)
}

// apply carries out the saved plan.
func (w workspace) apply(ctx context.Context) error {
	_, err := w.run(ctx, command{args: []string{"apply", "-input=false", "-no-color", savedPlan}}, 0)
	return err
}

// key reads the key from the state.
func (w workspace) key(ctx context.Context) (apiKey, error) {
	r, err := w.run(ctx, command{args: []string{"show", "-json"}, clear: true}, 0)
	if err != nil {
		return apiKey{}, err
	}
	return parseState(r.stdout)
}

// run runs the tool and fails when its exit code is none of those.
func (w workspace) run(ctx context.Context, c command, codes ...int) (result, error) {
	c.path, c.dir, c.env = w.cli.Path, w.dir, w.env
	r, err := c.run(ctx)
	// A command that shows nothing must not hide the one before it.
	if !c.clear || r.code != 0 {
		*w.last = r.shown
	}
	if err != nil {
		return r, err
	}
	for _, code := range codes {
		if r.code == code {
			return r, nil
		}
	}
	return r, fmt.Errorf("%s %s ended with exit code %d", w.cli.Name(), c.args[0], r.code)
}
