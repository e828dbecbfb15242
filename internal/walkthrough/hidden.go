package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// searchSecrets shows where secrets are, and where they are not.
func (t *tour) searchSecrets(ctx context.Context) error {
	files, err := t.hidden()
	if err != nil {
		return err
	}
	t.narrator.say("no credential is in the server's %d files, and none in its log", files)
	state, err := os.ReadFile(filepath.Join(t.tools.dir, "terraform.tfstate"))
	if err != nil {
		return fmt.Errorf("reading the state: %w", err)
	}
	if t.platform.password {
		return t.searchPassword(ctx, state)
	}
	if !bytes.Contains(state, []byte(t.key.Secret)) || t.secrets.in(state) != 1 {
		return errors.New("the state holds other secrets than the key's own, or not that one")
	}
	t.narrator.say("the state holds the key's secret in clear text: treat the state as a secret")
	return nil
}

// searchPassword looks into both that Terraform keeps.
func (t *tour) searchPassword(ctx context.Context, state []byte) error {
	if t.secrets.in(state) > 0 {
		return errors.New("the state holds the password or another secret")
	}
	plan, err := t.tools.run(ctx, command{args: []string{"show", "-json", savedPlan}, clear: true}, 0)
	if err != nil {
		return err
	}
	if t.secrets.in(plan.stdout) > 0 {
		return errors.New("the saved plan holds the password or another secret")
	}
	t.narrator.say("nor is the password in the plan or in the state: secret_wo is written and never kept")
	return nil
}

// hidden fails where a secret is in what the server wrote. It returns the number of
// its files.
func (t *tour) hidden() (files int, err error) {
	if files, err = t.secrets.below(t.dataDir()); err != nil {
		return 0, err
	}
	if n := t.secrets.in(t.pastLog) + t.secrets.in(t.server.log.Bytes()); n > 0 {
		return 0, fmt.Errorf("%d secrets are in the server's log", n)
	}
	return files, nil
}
