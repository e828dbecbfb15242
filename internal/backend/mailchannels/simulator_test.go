package mailchannels

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/leftout"
)

// simulator starts the simulator of MailChannels' npm SDK, which knows nothing of this
// repository, and returns its address.
func simulator(t *testing.T) string {
	t.Helper()
	const longest = 2 * time.Minute
	node, err := exec.LookPath("node")
	if err != nil {
		leftout.Skip(t, "MailChannels' simulator", "Node.js 18 or newer with npm is needed, see https://nodejs.org/en/download")
	}
	program := filepath.Join("..", "..", "vendorapi", "sdktest", "node_modules", "mailchannels-sdk", "dist", "cli.mjs")
	if _, err := os.Stat(program); err != nil {
		t.Fatal("the vendors' SDKs are not installed: run make sdks")
	}
	ctx, cancel := context.WithTimeout(t.Context(), longest)
	cmd := exec.CommandContext(ctx, node, program, "simulate", "--port", "0", "--host", "127.0.0.1")
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "NO_COLOR=1"}
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait() // it was killed
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, address, ok := strings.Cut(lines.Text(), "listening on "); ok {
			go func() {
				for lines.Scan() { // or it blocks once the pipe is full
				}
			}()
			return strings.TrimSpace(address)
		}
	}
	t.Fatalf("the simulator ended without an address: %v", lines.Err())
	return ""
}

func TestSimulator_TheDriverTakesWhereItDepartsFromTheDescription(t *testing.T) {
	t.Parallel()
	f := newFront(t, simulator(t))
	b := at(t, f.URL, "any-key-at-all")
	subs, ctx := b.Subaccounts(), t.Context()

	want := backend.Subaccount{
		ID: "acme1", Handle: "acme1", Name: "Acme", Status: backend.SubaccountSuspended, KeyLimit: ptr(100), SendLimit: ptr(int64(0)),
	}
	same := func(what string, got backend.Subaccount, err error) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v, want -, got +:\n%s", what, err, diff)
		}
	}
	got, err := subs.Create(ctx, backend.SubaccountInput{Handle: "acme1", Name: "Acme", Status: backend.SubaccountSuspended, SendLimit: ptr(int64(0))})
	same("made", got, err)
	got, err = subs.Get(ctx, "acme1")
	same("read", got, err)
	// It would overwrite the sub-account, keys and all.
	says(t, "the handle twice", second(subs.Create(ctx, backend.SubaccountInput{Handle: "acme1", Name: "Other"})), nil, "already")
	if n := count(f.requests(), "POST /tx/v1/sub-account"); n != 2 {
		t.Errorf("%d POST requests, want the create and the suspension", n)
	}
	want.Status, want.SendLimit = backend.SubaccountActive, nil
	got, err = subs.Update(ctx, "acme1", backend.SubaccountChange{Status: ptr(backend.SubaccountActive), SendLimit: &backend.SendLimit{}}, 0)
	same("changed", got, err)
	random, err := subs.Create(ctx, backend.SubaccountInput{Name: "Other"})
	if err != nil || random.Handle == "" {
		t.Errorf("at random: %+v, %v", random, err)
	}
	usage, err := subs.Usage(ctx, "acme1")
	if err != nil || len(usage.PeriodStart) != 10 || len(usage.PeriodEnd) != 10 || usage.Limit != nil {
		t.Errorf("usage %+v, %v", usage, err)
	}

	keys := b.Keys("acme1")
	first, err := keys.Create(ctx, backend.APIKeyInput{})
	if err != nil || first.Secret.IsZero() || strings.Contains(first.SecretHint, first.Secret.Reveal()) || len(first.SecretHint) > 7 {
		t.Errorf("made %s with the hint %q, %v", first.ID, first.SecretHint, err)
	}
	read, err := keys.Get(ctx, first.ID)
	if diff := cmp.Diff(first.APIKey, read); diff != "" || err != nil {
		t.Errorf("read: %v\n%s", err, diff)
	}
	f.loses(endKeys, nil)
	says(t, "a lost answer", second(keys.Create(ctx, backend.APIKeyInput{})), nil, "nothing was deleted")
	f.set(nil)
	all, err := keys.List(ctx, backend.APIKeyFilter{})
	if err != nil || len(all) != 2 {
		t.Fatalf("after a lost answer: %v, %v", all, err)
	}
	for _, key := range all {
		if key.ID != first.ID {
			if err := keys.Delete(ctx, key.ID); err != nil {
				t.Error(err)
			}
		}
	}
	says(t, "with keys", subs.Delete(ctx, "acme1", false), nil, "delete_apikeys")
	if err := keys.Delete(ctx, first.ID); err != nil {
		t.Error(err)
	}
	says(t, "a key that is gone", second(keys.Get(ctx, first.ID)), backend.ErrNotFound)
	if err := subs.Delete(ctx, "acme1", false); err != nil {
		t.Error(err)
	}
	says(t, "gone", subs.Delete(ctx, "acme1", false), backend.ErrNotFound)
	says(t, "its keys", second(keys.List(ctx, backend.APIKeyFilter{})), backend.ErrNotFound)
	says(t, "its usage", second(subs.Usage(ctx, "acme1")), backend.ErrNotFound)
}

func TestSimulator_AListWithoutAWindowEnds(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves out what only repeats at a larger size")
	}
	t.Parallel()
	address := simulator(t)
	b := at(t, address, "any-key-at-all")
	for range 1000 {
		if _, err := (subaccounts{b}).make(t.Context(), backend.SubaccountInput{Name: "Acme"}, nil); err != nil {
			t.Fatal(err)
		}
	}
	a, err := b.Account(t.Context())
	if err != nil || a.Subaccounts.Used != 1000 {
		t.Errorf("%+v, %v", a.Subaccounts, err)
	}
}
