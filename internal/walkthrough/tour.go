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
	"github.com/postern-dev/terraform-provider-postern/internal/tfcli"
)

// The configurations that are walked through.
const (
	quickstart  = "examples/quickstart"
	replacement = "examples/replacement"
	apiUser     = "examples/api-user"
)

// tour is one walk. Its steps are in the order of walk; each leaves behind what
// the next ones need.
type tour struct {
	platform platform
	narrator *narrator
	secrets  *secrets
	work     string // the temporary folder
	last     string // what the last command printed, for a report

	tools    workspace
	program  string // of the server
	provider string
	server   *server
	pastLog  []byte // of the server before its restart
	owner    string // credential
	client   *client.Client
	gateway  gateway
	password string // that Terraform sets, where passwords are chosen
	key      apiKey // as in the state after the last apply
	old      caller // who it was before the rotation
	second   secondKey
}

func newTour(p platform, cli tfcli.Tool, out io.Writer) (*tour, error) {
	work, err := os.MkdirTemp("", "postern-walkthrough-")
	if err != nil {
		return nil, fmt.Errorf("making a temporary folder: %w", err)
	}
	t := &tour{platform: p, work: work, secrets: &secrets{}}
	t.narrator = &narrator{out: out, redact: t.secrets.redact}
	t.tools = workspace{cli: cli, dir: filepath.Join(work, "configuration"), last: &t.last}
	return t, nil
}

// step is one numbered part of the walk.
type step struct {
	label string
	take  func(context.Context) error
}

// steps are the same on each platform, but for how a secret changes.
func (t *tour) steps() []step {
	change := []step{{"plan", t.planRotation}, {"apply", t.applyRotation}, {"use", t.useBoth}}
	if t.platform.replaced {
		change = []step{{"plan", t.planReplacement}, {"apply", t.applyReplacement}, {"use", t.useReplaced}}
	}
	all := []step{
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
	}
	return append(append(all, change...), []step{
		{"plan", t.planNothingAgain},
		{"restart", t.restart},
		{"second", t.makeSecond},
		{"edit", t.editSecond},
		{"off, on", t.turnSecond},
		{"expire", t.expireSecond},
		{"lock", t.lockSecond},
		{"limit", t.fill},
		{"scope", t.defineScope},
		{"subaccount", t.serveCustomer},
		{"requests", t.countRequests},
		{"usage", t.readUsage},
		{"delete", t.deleteSecond},
		{"destroy", t.destroy},
		{"use", t.useNone},
		{"stop", t.stop},
	}...)
}

// walk takes all steps and stops at the first that is not as said.
func (t *tour) walk(ctx context.Context) error {
	for _, s := range t.steps() {
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
	if t.client != nil {
		t.client.CloseIdleConnections()
	}
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
