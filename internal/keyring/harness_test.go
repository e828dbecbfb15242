package keyring_test

import (
	"errors"
	"flag"
	"log/slog"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/platform"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
	"github.com/postern-dev/terraform-provider-postern/internal/store/sqlite"
)

var seed = flag.Int64("seed", 0, "seed of the random tests; 0 for a new one each time")

func TestMain(m *testing.M) {
	if folder := os.Getenv(childFolder); folder != "" {
		os.Exit(child(folder))
	}
	os.Exit(m.Run())
}

// random is a source whose seed a failed test shows, to be given again as -seed.
func random(t *testing.T) *rand.Rand {
	t.Helper()
	n := *seed
	if n == 0 {
		n = time.Now().UnixNano()
	}
	t.Logf("-seed %d", n)
	return rand.New(rand.NewSource(n))
}

// clock is set by the test: what the machine's clock shows, and the monotonic one.
type clock struct {
	mu      sync.Mutex
	now     time.Time
	elapsed time.Duration
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Elapsed() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.elapsed
}

// advance lets time pass.
func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now, c.elapsed = c.now.Add(d), c.elapsed+d
}

// step sets the machine's clock, forwards or back, while no time passes.
func (c *clock) step(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// until lets time pass until then.
func (c *clock) until(at time.Time) { c.advance(at.Sub(c.Now())) }

// world is a keyring over a database of its own.
type world struct {
	*keyring.Keyring
	t         *testing.T
	path      string
	store     keyring.Store
	clock     *clock
	peppers   secret.Peppers
	platforms map[string]*platform.Platform
	log       *slog.Logger                      // of the keyring; may be nil
	wrap      func(keyring.Store) keyring.Store // stands between the keyring and its store; may be nil
}

// start is within a second, and not in UTC, as a real clock is.
var start = time.Date(2026, 3, 4, 6, 6, 7, 123456789, time.FixedZone("east", 3600))

func newWorld(t *testing.T, more ...*platform.Platform) *world {
	t.Helper()
	w := &world{
		t: t, path: filepath.Join(t.TempDir(), "postern.db"), clock: &clock{now: start},
		peppers: secret.Peppers{secret.NewPepper(1)}, platforms: map[string]*platform.Platform{},
	}
	for _, name := range []string{"postern", "benchmark"} {
		p, err := platform.Builtin(name)
		if err != nil {
			t.Fatal(err)
		}
		more = append(more, p)
	}
	for _, p := range more {
		w.platforms[p.Name] = p
	}
	w.openAgain()
	return w
}

// openAgain closes the database and opens it, as a new process does.
func (w *world) openAgain() {
	w.t.Helper()
	ctx := w.t.Context()
	w.close()
	s, err := sqlite.Open(ctx, w.path)
	if err != nil {
		w.t.Fatal(err)
	}
	w.store = s
	w.t.Cleanup(func() { _ = s.Close() })
	if w.Keyring, err = keyring.New(ctx, w.config()); err != nil {
		w.t.Fatal(err)
	}
}

// later runs fn as a process would that looks at the database so much later. What it sees
// there leaves no trace.
func (w *world) later(after time.Duration, fn func()) {
	w.t.Helper()
	c := w.config()
	c.Now = func() time.Time { return w.clock.Now().Add(after) }
	now := w.Keyring
	defer func() { w.Keyring = now }()
	var err error
	if w.Keyring, err = keyring.New(w.t.Context(), c); err != nil {
		w.t.Fatal(err)
	}
	fn()
}

func (w *world) close() {
	w.t.Helper()
	if w.store == nil {
		return
	}
	if err := w.store.Close(); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) config() keyring.Config {
	c := keyring.Config{Store: w.store, Peppers: w.peppers, Platforms: w.platforms, Now: w.clock.Now, Elapsed: w.clock.Elapsed, Log: w.log}
	if w.wrap != nil {
		c.Store = w.wrap(c.Store)
	}
	return c
}

// refusedAs checks the code of a refusal, and that it is about these fields only.
func refusedAs(t *testing.T, what string, err error, want api.Code, fields ...string) {
	t.Helper()
	var e *keyring.Error
	if !errors.As(err, &e) {
		t.Errorf("%s: got %v, want the code %s", what, err, want)
		return
	}
	var got []string
	for _, f := range e.Fields {
		got = append(got, f.Field)
	}
	if e.Code != want || !slices.Equal(got, fields) {
		t.Errorf("%s: got the code %s about %v, want %s about %v: %v", what, e.Code, got, want, fields, err)
	}
}

// contains checks that an error says something.
func contains(t *testing.T, err error, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%v lacks %q", err, part)
		}
	}
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: want -, got +:\n%s", what, diff)
	}
}

func ptr[T any](v T) *T { return &v }

// in is a whole second, that long after start.
func in(d time.Duration) *time.Time { return ptr(start.UTC().Truncate(time.Second).Add(d)) }
