package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/client"
	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// exampleDir is the configuration that is walked through.
const exampleDir = "examples/quickstart"

// tour is one walk. Its steps are in the order of walk; each leaves behind what
// the next ones need.
type tour struct {
	platform platform
	narrator *narrator
	secrets  *secrets
	work     string // the temporary folder
	last     string // what the last command printed, for a report

	tools     workspace
	program   string // of the server
	provider  string
	server    *server
	owner     string // credential
	gateway   gateway
	key       apiKey // as in the state after the last apply
	oldSecret string // the first one, after the rotation
}

func newTour(p platform, cli terraformCLI, out io.Writer) (*tour, error) {
	work, err := os.MkdirTemp("", "postern-walkthrough-")
	if err != nil {
		return nil, fmt.Errorf("making a temporary folder: %w", err)
	}
	t := &tour{platform: p, work: work, secrets: &secrets{}}
	t.narrator = &narrator{out: out, redact: t.secrets.redact}
	t.tools = workspace{cli: cli, dir: filepath.Join(work, "configuration"), last: &t.last}
	return t, nil
}

// walk takes all steps and stops at the first that is not as said.
func (t *tour) walk(ctx context.Context) error {
	steps := []struct {
		label string
		take  func(context.Context) error
	}{
		{"build", t.build},
		{"init", t.initServer},
		{"serve", t.serve},
		{"gateway", t.issueGatewayKey},
		{"configure", t.configure},
		{"plan", t.planCreate},
		{"apply", t.applyCreate},
		{"use", t.useFirst},
		{"secrets", t.searchSecrets},
		{"plan", t.planNothing},
		{"plan", t.planRotation},
		{"apply", t.applyRotation},
		{"use", t.useBoth},
		{"plan", t.planNothingAgain},
		{"destroy", t.destroy},
		{"use", t.useNone},
		{"stop", t.stop},
	}
	for _, s := range steps {
		t.narrator.begin(s.label)
		t.last = ""
		if err := s.take(ctx); err != nil {
			return fmt.Errorf("step %d, %s: %w", t.narrator.step, s.label, err)
		}
	}
	return nil
}

// close ends what still runs and removes the temporary folder. With which code a
// server ends that was stopped on the way is not its business.
func (t *tour) close() error {
	err := t.server.stop()
	var exited *exec.ExitError
	if errors.As(err, &exited) {
		err = nil
	}
	return errors.Join(err, os.RemoveAll(t.work))
}

// report tells what was not as said and what was printed about it.
func (t *tour) report(err error) string {
	text := "\nwalkthrough: not as said: " + err.Error() + "\n"
	if t.last != "" {
		text += "\nThe step's last command and what it printed:\n\n" + t.last + "\n"
	}
	if t.server != nil {
		text += "\nThe last lines that the server printed:\n\n" + tail(t.server.log.Bytes(), 12) + "\n"
	}
	return t.secrets.redact(text)
}

// tail returns the last lines of a text.
func tail(text []byte, n int) string {
	lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

func (t *tour) build(ctx context.Context) error {
	compiler, err := exec.LookPath("go")
	if err != nil {
		return fmt.Errorf("go is not on the PATH: %w", err)
	}
	t.narrator.say("compiling, which takes some minutes the first time and seconds later")
	bin := filepath.Join(t.work, "bin")
	c := command{
		path: compiler, args: []string{"build", "-buildvcs=false", "-o", bin + string(filepath.Separator), ".", "./cmd/postern"},
		env: []string{"CGO_ENABLED=0"},
	}
	r, err := c.run(ctx)
	if t.last = r.shown; err != nil {
		return err
	}
	if r.code != 0 {
		return fmt.Errorf("go build ended with exit code %d", r.code)
	}
	t.program = filepath.Join(bin, "postern"+executableSuffix())
	t.provider = filepath.Join(bin, "terraform-provider-postern"+executableSuffix())
	t.narrator.say("the server postern and terraform-provider-postern, from these sources")
	return nil
}

func (t *tour) initServer(ctx context.Context) error {
	owner, err := initServer(ctx, t.program, t.dataDir(), t.platform.name)
	if err != nil {
		return err
	}
	t.owner = owner
	t.secrets.add(owner)
	t.narrator.say("an account on a fresh SQLite folder, and its owner credential")
	return nil
}

func (t *tour) dataDir() string { return filepath.Join(t.work, "postern-data") }

func (t *tour) serve(ctx context.Context) error {
	var err error
	if t.server, err = startServer(ctx, t.program, t.dataDir()); err != nil {
		return err
	}
	t.narrator.say("the management API answers at %s", t.server.endpoint)
	return nil
}

// issueGatewayKey gives the gateway no more than it needs: a key where the platform
// has keys for that, and a limited credential of the account where it has none.
func (t *tour) issueGatewayKey(ctx context.Context) error {
	t.gateway.endpoint = t.server.endpoint
	if t.platform.gatewayScope == "" {
		limited, err := limitedKey(ctx, t.program, t.dataDir())
		if err != nil {
			return err
		}
		t.secrets.add(limited)
		t.gateway.credential = limited
		t.narrator.say("gets a credential that may verify only, by owner-key create: no key of this platform may")
		return nil
	}
	c, err := client.New(t.server.endpoint, t.owner)
	if err != nil {
		return fmt.Errorf("connecting: %w", err)
	}
	defer c.CloseIdleConnections()
	issued, err := c.APIKeys.Create(ctx, api.CreateAPIKey{Name: "gateway", Scopes: []string{t.platform.gatewayScope}})
	if err != nil {
		return fmt.Errorf("creating the gateway's key: %w", err)
	}
	t.secrets.add(issued.Secret)
	t.gateway.credential = issued.Secret
	t.narrator.say("gets a key of its own through the Go client, with the scope %s only", t.platform.gatewayScope)
	return nil
}

// configure copies the example and lets terraform find the provider.
func (t *tour) configure(ctx context.Context) error {
	if err := os.CopyFS(t.tools.dir, os.DirFS(exampleDir)); err != nil {
		return fmt.Errorf("copying %s: %w", exampleDir, err)
	}
	config, err := mirror(t.work, t.provider)
	if err != nil {
		return err
	}
	t.tools.env = append(t.platform.variables(),
		"TF_CLI_CONFIG_FILE="+config, "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1",
		"POSTERN_ENDPOINT="+t.server.endpoint, "POSTERN_API_KEY="+t.owner)
	if _, err := t.tools.run(ctx, command{args: []string{"init", "-input=false", "-no-color"}}, 0); err != nil {
		return err
	}
	t.narrator.say("terraform init on a copy of %s, with the credential in POSTERN_API_KEY", exampleDir)
	return nil
}

// stop ends the server in order.
func (t *tour) stop(context.Context) error {
	if err := t.server.stop(); err != nil {
		return err
	}
	t.narrator.say("the server was asked to end, and ended without an error")
	return nil
}
