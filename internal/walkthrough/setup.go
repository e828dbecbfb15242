package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/postern-dev/terraform-provider-postern/client"
	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// These are the steps before there is a key.

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
	if t.server, err = startServer(ctx, t.program, t.dataDir(), anyPort); err != nil {
		return err
	}
	if t.client, err = client.New(t.server.endpoint, t.owner); err != nil {
		return fmt.Errorf("connecting: %w", err)
	}
	t.narrator.say("the management API answers at %s", t.server.endpoint)
	return nil
}

// issueGatewayKey gives the gateway no more than it needs: a key where the platform
// has keys for that, and a limited credential of the account where it has none.
func (t *tour) issueGatewayKey(ctx context.Context) error {
	t.gateway = gateway{endpoint: t.server.endpoint, let: map[string]int64{}}
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
	issued, err := t.client.APIKeys.Create(ctx, api.CreateAPIKey{Name: "gateway", Scopes: []string{t.platform.gatewayScope}})
	if err != nil {
		return fmt.Errorf("creating the gateway's key: %w", err)
	}
	t.secrets.add(issued.Secret.Reveal())
	t.gateway.credential = issued.Secret.Reveal()
	t.narrator.say("gets a key of its own through the Go client, with the scope %s only", t.platform.gatewayScope)
	return nil
}

// configure copies the example and lets the tool find the provider.
func (t *tour) configure(ctx context.Context) error {
	p := t.platform
	if err := os.CopyFS(t.tools.dir, os.DirFS(p.example)); err != nil {
		return fmt.Errorf("copying %s: %w", p.example, err)
	}
	config, err := mirror(t.work, t.provider, t.tools.cli.Registry())
	if err != nil {
		return err
	}
	t.tools.env = append(p.variables(),
		"TF_CLI_CONFIG_FILE="+config, "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1",
		"POSTERN_ENDPOINT="+t.server.endpoint, "POSTERN_API_KEY="+t.owner)
	if p.password {
		t.choosePassword()
	}
	if _, err := t.tools.run(ctx, command{args: []string{"init", "-input=false", "-no-color"}}, 0); err != nil {
		return err
	}
	t.narrator.say("%s init on a copy of %s, with the credential in POSTERN_API_KEY", t.tools.cli.Name(), p.example)
	return nil
}

// choosePassword gives the tool a new password, as someone does who rotates it.
func (t *tour) choosePassword() {
	t.password = t.newPassword()
	t.tools.env = append(t.tools.env, "TF_VAR_password="+t.password) // the last one counts
}

// newPassword returns one that no platform finds too weak: chance alone might give
// letters only.
func (t *tour) newPassword() string {
	text := rand.Text() + "-1"
	t.secrets.add(text)
	return text
}
