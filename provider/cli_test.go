package provider_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/postern-dev/terraform-provider-postern/internal/tfcli"
)

// builtProvider is the provider as a program, built once for all tests.
var builtProvider = sync.OnceValues(func() (string, error) { return built("terraform-provider-postern", "..") })

// builtVault and builtSendGrid are what stands in for the providers of others.
var (
	builtVault    = sync.OnceValues(func() (string, error) { return built("terraform-provider-vault", "../internal/vaultstub") })
	builtSendGrid = sync.OnceValues(func() (string, error) {
		return built("terraform-provider-sendgrid", "../internal/sendgridstub")
	})
)

// builtByOthers are they, by their source in a configuration.
var builtByOthers = map[string]func() (string, error){"hashicorp/vault": builtVault, "kenzo0107/sendgrid": builtSendGrid, "Trois-Six/sendgrid": builtSendGrid}

// programs are the folders that leave notes, to be removed at the end.
var programs struct {
	sync.Mutex
	dirs []string
}

func leave(dir string) {
	programs.Lock()
	programs.dirs = append(programs.dirs, dir)
	programs.Unlock()
}

func built(name, source string) (dir string, err error) {
	if dir, err = os.MkdirTemp("", name+"-"); err != nil {
		return "", err
	}
	leave(dir)
	out, err := exec.CommandContext(context.Background(), "go", "build", "-o", filepath.Join(dir, name), source).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building %s: %w: %s", name, err, out)
	}
	return dir, nil
}

// tool is what all tests drive; see tfcli.Find for which. toolErr says why there is none.
var tool, toolErr = tfcli.Find(context.Background(), "..")

// toolbox is a folder for the PATH of scripts and of guides' commands: there the tool is
// called terraform, and jq is this very program. See TestMain.
var toolbox = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "toolbox-")
	if err != nil {
		return "", err
	}
	leave(dir)
	self, err := os.Executable()
	return dir, errors.Join(err, os.Symlink(tool.Path, filepath.Join(dir, "terraform")), os.Symlink(self, filepath.Join(dir, "jq")))
})

func TestMain(m *testing.M) {
	if program := os.Getenv(envStandsFor); program != "" {
		os.Exit(standIn(program))
	}
	if filepath.Base(os.Args[0]) == "jq" {
		os.Exit(jq(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	// The test framework takes the same tool.
	os.Setenv("TF_ACC_TERRAFORM_PATH", tool.Path)
	os.Setenv("TF_ACC_PROVIDER_HOST", tool.Registry())
	os.Unsetenv("TF_CLI_CONFIG_FILE") // whose machine this is plays no part
	code := m.Run()
	for _, dir := range programs.dirs {
		os.RemoveAll(dir)
	}
	os.Exit(code)
}

// needs skips a test that the tool has no feature for.
func needs(t *testing.T, feature tfcli.Feature) {
	t.Helper()
	if !tool.Has(feature) {
		t.Skipf("%s has no %s", tool, feature)
	}
}

// cli drives the tool, be it terraform or tofu, as a pipeline does, with the provider as a program of its
// own: for what the test framework does not show, such as warnings, saved
// plans and every byte that terraform writes.
type cli struct {
	t   *testing.T
	dir string
	env []string
}

func newCLI(t *testing.T, config string, env ...string) cli {
	t.Helper()
	if testing.Short() {
		t.Skip("with -short: the provider is a program of its own here, which make race has no use for")
	}
	built, err := builtProvider()
	box, failed := toolbox()
	if err := errors.Join(toolErr, err, failed); err != nil {
		t.Fatal(err)
	}
	dir, home := t.TempDir(), t.TempDir()
	rc := filepath.Join(home, "terraform.rc")
	others := ""
	for source, build := range builtByOthers {
		if !strings.Contains(config, source) {
			continue
		}
		stub, err := build()
		if err != nil {
			t.Fatal(err)
		}
		others += fmt.Sprintf("    %q = %q\n", source, stub)
	}
	overrides := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"postern-dev/postern\" = %q\n%s  }\n}\n", built, others)
	if err := os.WriteFile(rc, []byte(overrides), 0o600); err != nil {
		t.Fatal(err)
	}
	c := cli{t: t, dir: dir, env: append(os.Environ(), append([]string{
		"TF_CLI_CONFIG_FILE=" + rc, "HOME=" + home, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1",
		"PATH=" + box + string(os.PathListSeparator) + os.Getenv("PATH"),
	}, env...)...)}
	if !strings.Contains(config, "required_providers") {
		config = "terraform {\n  required_providers {\n    postern = {\n      source = \"postern-dev/postern\"\n    }\n  }\n}\n" + config
	}
	c.write(config)
	return c
}

// traced makes terraform log all that it can, for filesWith to search too. It is slow.
func (c cli) traced() cli {
	c.env = append(slices.Clone(c.env), "TF_LOG=TRACE", "TF_LOG_PATH="+filepath.Join(c.dir, logFile))
	return c
}

const logFile = "terraform.log"

// write replaces the configuration.
func (c cli) write(text string) {
	c.t.Helper()
	if err := os.WriteFile(filepath.Join(c.dir, "main.tf"), []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

func (c cli) read(name string) string {
	c.t.Helper()
	text, err := os.ReadFile(filepath.Join(c.dir, name))
	if err != nil {
		c.t.Fatal(err)
	}
	return string(text)
}

// command is the tool with these arguments, in the folder of the configuration.
func (c cli) command(args ...string) *exec.Cmd {
	c.t.Helper()
	cmd := exec.CommandContext(c.t.Context(), tool.Path, append([]string{"-chdir=" + c.dir}, args...)...)
	cmd.Env = c.env
	return cmd
}

// run runs terraform and returns its exit code and all that it printed, with
// the frames of its diagnostics and its line breaks removed.
func (c cli) run(args ...string) (int, string) {
	c.t.Helper()
	cmd := c.command(args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if cmd.ProcessState == nil {
		c.t.Fatalf("starting terraform: %v", err)
	}
	plain := strings.NewReplacer("│ ", "", "│", "", "╷", "", "╵", "", "\n", " ").Replace(out.String())
	return cmd.ProcessState.ExitCode(), strings.Join(strings.Fields(plain), " ")
}

// ok runs terraform and fails the test unless it exits with 0.
func (c cli) ok(args ...string) string {
	c.t.Helper()
	code, out := c.run(args...)
	if code != 0 {
		c.t.Fatalf("terraform %s exits with %d: %s", args[0], code, out)
	}
	return out
}

// plan saves a plan and returns it as terraform shows it to a policy.
func (c cli) plan(name string) (tfjson.Plan, string) {
	c.t.Helper()
	out := c.ok("plan", "-no-color", "-out="+name)
	text, err := c.command("show", "-json", name).Output()
	if err != nil {
		c.t.Fatal(err)
	}
	var p tfjson.Plan
	if err := json.Unmarshal(text, &p); err != nil {
		c.t.Fatal(err)
	}
	return p, out
}

// attribute is what the state has for a resource of the root module.
func (c cli) attribute(address, name string) string {
	c.t.Helper()
	text, err := c.command("show", "-json").Output()
	if err != nil {
		c.t.Fatal(err)
	}
	var state tfjson.State
	if err := json.Unmarshal(text, &state); err != nil {
		c.t.Fatal(err)
	}
	for _, r := range state.Values.RootModule.Resources {
		if value, ok := r.AttributeValues[name].(string); ok && r.Address == address {
			return value
		}
	}
	c.t.Fatalf("the state has no %s of %s", name, address)
	return ""
}

// unchanged fails the test unless a plan is empty.
func (c cli) unchanged() {
	c.t.Helper()
	if code, out := c.run("plan", "-no-color", "-detailed-exitcode"); code != 0 {
		c.t.Errorf("a plan is not empty (exit %d): %s", code, out)
	}
}

// filesWith returns the files that terraform wrote which hold the text, those
// packed in a saved plan included, by name.
func (c cli) filesWith(text string) []string {
	c.t.Helper()
	if _, err := os.Stat(filepath.Join(c.dir, logFile)); err != nil {
		c.t.Fatal("there is no log to search: make the CLI traced")
	}
	var found []string
	err := filepath.WalkDir(c.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if strings.HasSuffix(path, ".tfplan") {
			content = unzipped(c.t, content)
		}
		if bytes.Contains(content, []byte(text)) {
			found = append(found, filepath.Base(path))
		}
		return nil
	})
	if err != nil {
		c.t.Fatal(err)
	}
	slices.Sort(found)
	return found
}

func unzipped(t *testing.T, packed []byte) []byte {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		t.Fatal(err)
	}
	var all []byte
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, text...)
	}
	return all
}
