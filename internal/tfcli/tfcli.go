// Package tfcli finds the command line tool that runs configurations, Terraform or OpenTofu,
// and knows where the two differ. It is for tests and for make run.
package tfcli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// Env names the tool to use, by its path or by a name on the PATH.
const Env = "POSTERN_TEST_CLI"

// The products, as they call themselves.
const (
	Terraform = "Terraform"
	OpenTofu  = "OpenTofu"
)

// The oldest release of either that can be used: the first with write-only attributes.
const minMajor, minMinor = 1, 11

// Tool is a command line tool. The number of a release says nothing without the product.
type Tool struct {
	Path    string
	Product string
	Version string
}

// Feature is something that not every tool has.
type Feature struct {
	name            string
	terraform, tofu release // the first release that has it; none is the zero value
}

type release struct{ major, minor int }

// What tests ask for.
var (
	Actions         = Feature{name: "actions", terraform: release{1, 14}}
	Queries         = Feature{name: "queries", terraform: release{1, 14}}
	IdentityImport  = Feature{name: "imports by identity", terraform: release{1, 12}, tofu: release{1, 12}}
	ProviderForEach = Feature{name: "for_each of a provider", tofu: release{1, 9}}
	StateEncryption = Feature{name: "encryption of the state", tofu: release{1, 7}}
)

func (f Feature) String() string { return f.name }

// Has reports whether the tool has a feature.
func (t Tool) Has(f Feature) bool {
	first := f.terraform
	if t.Product == OpenTofu {
		first = f.tofu
	}
	return first != release{} && newEnough(t.Version, first)
}

// Name is what one types.
func (t Tool) Name() string { return strings.TrimSuffix(filepath.Base(t.Path), ".exe") }

// Registry is the host of a provider whose source names none.
func (t Tool) Registry() string {
	if t.Product == OpenTofu {
		return "registry.opentofu.org"
	}
	return "registry.terraform.io"
}

func (t Tool) String() string { return t.Product + " " + t.Version }

// where says how to get one.
var where = fmt.Sprintf("terraform or tofu %d.%d or newer is needed, see https://developer.hashicorp.com/terraform/install and https://opentofu.org/docs/intro/install/", minMajor, minMinor)

// Find looks for the tool that Env names; else for terraform or tofu on the PATH; else for
// a tofu in bin/tools. The root is that of the repository. Its errors say what is missing and
// where to get it.
func Find(ctx context.Context, root string) (Tool, error) {
	path, err := look(root)
	if err != nil {
		return Tool{}, err
	}
	return Ask(ctx, path)
}

func look(root string) (string, error) {
	if named := os.Getenv(Env); named != "" {
		path, err := exec.LookPath(named)
		if err == nil {
			path, err = filepath.Abs(path)
		}
		if err != nil {
			return "", fmt.Errorf("%s is %q, which cannot be run: %w", Env, named, err)
		}
		return path, nil
	}
	ours, err := filepath.Abs(filepath.Join(root, "bin", "tools", "tofu"))
	if err != nil {
		return "", fmt.Errorf("looking for a tool: %w", err)
	}
	for _, name := range []string{"terraform", "tofu", ours} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("neither terraform nor tofu is on the PATH: " + where)
}

// said is a line of what `version` prints, after warnings if there are any; the JSON of it
// names no product.
var said = regexp.MustCompile(`(?m)^(Terraform|OpenTofu) v(\S+)`)

// Ask asks a program what it is.
func Ask(ctx context.Context, path string) (Tool, error) {
	cmd := exec.CommandContext(ctx, path, "version")
	cmd.Env = append(os.Environ(), "CHECKPOINT_DISABLE=1")
	out, err := cmd.Output()
	if ctx.Err() != nil {
		return Tool{}, fmt.Errorf("asking %s for its version: %w", path, context.Cause(ctx))
	}
	found := said.FindSubmatch(out)
	if err != nil || found == nil {
		return Tool{}, fmt.Errorf("%s does not tell its version: %s", path, where)
	}
	t := Tool{Path: path, Product: string(found[1]), Version: string(found[2])}
	if !newEnough(t.Version, release{minMajor, minMinor}) {
		return Tool{}, fmt.Errorf("%s is %s: %s", path, t, where)
	}
	return t, nil
}

func newEnough(version string, first release) bool {
	parts := strings.SplitN(version, ".", 3)
	if len(parts) < 2 {
		return false
	}
	major, errMajor := strconv.Atoi(parts[0])
	minor, errMinor := strconv.Atoi(parts[1])
	return errMajor == nil && errMinor == nil && (major > first.major || major == first.major && minor >= first.minor)
}
