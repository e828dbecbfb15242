package keyring_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/faults"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/platform"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
	"github.com/postern-dev/terraform-provider-postern/internal/store/sqlite"
)

// childFolder makes the test program the server that is to be killed.
const childFolder = "POSTERN_TEST_KILL"

// child makes, rotates and deletes keys for as long as it lives. It writes a line
// before it begins what takes something away, and one when the keyring has
// acknowledged a thing, which is when a caller gets to know.
func child(folder string) int {
	if err := work(context.Background(), folder); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	return 1
}

func work(ctx context.Context, folder string) error {
	pepper, err := os.ReadFile(filepath.Join(folder, "pepper"))
	if err != nil {
		return err
	}
	peppers, err := secret.ParsePeppers(pepper)
	if err != nil {
		return err
	}
	owner, err := os.ReadFile(filepath.Join(folder, "owner"))
	if err != nil {
		return err
	}
	p, err := platform.Builtin("postern")
	if err != nil {
		return err
	}
	store, err := sqlite.Open(ctx, filepath.Join(folder, "postern.db"))
	if err != nil {
		return err
	}
	k, err := keyring.New(ctx, keyring.Config{Store: store, Peppers: peppers, Platforms: map[string]*platform.Platform{p.Name: p}})
	if err != nil {
		return err
	}
	who, err := k.Authenticate(ctx, secret.From(string(owner)), keyring.Origin{})
	if err != nil {
		return err
	}
	failed := make(chan error)
	for range 4 {
		go func() { failed <- churn(ctx, k, who) }()
	}
	return <-failed
}

func say(words ...string) {
	_, _ = os.Stdout.WriteString(strings.Join(words, " ") + "\n") // at once, so that no line is half of two
}

func churn(ctx context.Context, k *keyring.Keyring, who keyring.Caller) error {
	for {
		issued, err := k.CreateAPIKey(ctx, who, newKey(secret.Random("base62", 20), "read"), "")
		if err != nil {
			return err
		}
		say("made", issued.ID, issued.Secret.Reveal())
		switch rand.Intn(3) {
		case 0:
			say("deleting", issued.ID)
			if err := k.DeleteAPIKey(ctx, who, issued.ID, nil); err != nil {
				return err
			}
			say("deleted", issued.ID)
		case 1:
			say("rotating", issued.ID)
			rotated, err := k.RotateAPIKey(ctx, who, issued.ID, keyring.Rotation{}, nil, "")
			if err != nil {
				return err
			}
			say("rotated", issued.ID, rotated.Secret.Reveal())
		}
	}
}

// witness is who has read the lines: what it was told must hold.
type witness struct {
	good     map[string]secret.Secret // by id: works
	dead     []secret.Secret          // works never again
	made     int
	deleted  int
	rotated  int
	in       map[string]secret.Secret // begun and not acknowledged: either is right
	wreckage int                      // how many of those there were
}

func (n *witness) hear(line string) error {
	words := strings.Fields(line)
	if len(words) < 2 {
		return fmt.Errorf("the child says %q", line)
	}
	id := words[1]
	switch words[0] {
	case "made":
		n.good[id] = secret.From(words[2])
		n.made++
	case "deleting", "rotating":
		n.in[id] = n.good[id]
		delete(n.good, id)
	case "deleted":
		n.dead = append(n.dead, n.in[id])
		delete(n.in, id)
		n.deleted++
	case "rotated":
		n.dead = append(n.dead, n.in[id])
		n.good[id] = secret.From(words[2])
		delete(n.in, id)
		n.rotated++
	default:
		return fmt.Errorf("the child says %q", line)
	}
	return nil
}

// killed runs a child until it has said so many lines, and kills it after a
// moment more. It returns all that the child has said in whole lines.
func killed(ctx context.Context, folder string, lines int, moment time.Duration) ([]string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self)
	cmd.Env = append(os.Environ(), childFolder+"="+folder)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	var all []string
	reader := bufio.NewReader(out)
	var kill sync.Once
	end := func() { kill.Do(func() { time.Sleep(moment); _ = cmd.Process.Kill() }) }
	if lines == 0 {
		end()
	}
	for {
		line, err := reader.ReadString('\n')
		if err != nil {
			break // what is left is no whole line, so nobody was told
		}
		all = append(all, line)
		if len(all) == lines {
			go end()
		}
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.Exited() || said.Len() > 0 {
		return nil, fmt.Errorf("the child was not killed but ended: %w: %s", err, said.String())
	}
	return all, nil
}

func TestFaults_Rule8NothingAcknowledgedIsLostByAKill(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves out what is about other processes")
	}
	t.Parallel()
	ctx := t.Context()
	rng := random(t)
	w := newWorld(t)
	w.clock.until(time.Now())
	a := w.tenant("postern", "")
	folder := filepath.Dir(w.path)
	for name, text := range map[string]string{"pepper": w.peppers[0].Line(), "owner": a.owner.Reveal()} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	heard := &witness{good: map[string]secret.Secret{}, in: map[string]secret.Secret{}}
	for round := range faults.Rounds(t, 20) {
		w.close()
		w.store = nil
		lines := 1 + rng.Intn(100)
		if round%5 == 4 {
			lines = 0 // while it starts
		}
		said, err := killed(ctx, folder, lines, time.Duration(rng.Intn(5000))*time.Microsecond)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range said {
			if err := heard.hear(line); err != nil {
				t.Fatal(err)
			}
		}
		w.openAgain()
		w.clock.until(time.Now())
		heard.check(t, a)
	}
	if heard.made < 100 || heard.deleted < 10 || heard.rotated < 10 {
		t.Errorf("heard of %d keys made, %d deleted and %d rotated: too few to show anything", heard.made, heard.deleted, heard.rotated)
	}
	t.Logf("%d made, %d deleted, %d rotated, %d begun when the child was killed", heard.made, heard.deleted, heard.rotated, heard.wreckage)
	if sound := w.query(`SELECT group_concat(integrity_check) FROM pragma_integrity_check`); sound != "ok" {
		t.Errorf("the database is %q", sound)
	}
	if dangling := w.query(`SELECT count(*) FROM pragma_foreign_key_check`); dangling != "0" {
		t.Errorf("%s records refer to nothing", dangling)
	}
}

// check holds the database against what was acknowledged. What was only begun is
// done or not done, and from now on stays what it is.
func (n *witness) check(t *testing.T, a *tenant) {
	t.Helper()
	keys := map[string]keyring.APIKeyView{}
	for _, k := range a.keys() {
		keys[k.ID] = k
	}
	for id, s := range n.in {
		n.wreckage++
		k, there := keys[id]
		switch v := a.verify(s); {
		case !there && v.Code == api.VerifyInvalid, there && k.SecretVersion == 2 && v.Code == api.VerifyInvalid:
			n.dead = append(n.dead, s)
		case there && k.SecretVersion == 1 && v.Code == api.VerifyValid:
			n.good[id] = s
		default:
			t.Errorf("key %s is half done: there: %t, version %d, verdict %q", id, there, k.SecretVersion, v.Code)
		}
		delete(n.in, id)
	}
	for id, s := range n.good {
		if v := a.verify(s, "read"); v.Code != api.VerifyValid || v.APIKey.ID != id || keys[id].Status != api.StatusActive {
			t.Errorf("key %s was acknowledged and its verdict is %q", id, v.Code)
		}
	}
	for _, s := range n.dead {
		if v := a.verify(s); v.Code != api.VerifyInvalid {
			t.Errorf("a revocation of key %s was acknowledged and the verdict is %q", v.APIKey.ID, v.Code)
		}
	}
	a.chain()
}
