package server_test

import (
	"bytes"
	"database/sql"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/faults"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/server"
)

// lines collects a log.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

// wait waits for a line that says something, and returns all of the log.
func (l *lines) wait(t *testing.T, want string) string {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		l.mu.Lock()
		text := l.text.String()
		l.mu.Unlock()
		if strings.Contains(text, want) {
			return text
		}
		if time.Now().After(deadline) {
			t.Fatalf("the log never says %q:\n%s", want, text)
		}
	}
}

// old makes a folder with two accounts whose records are of some days ago, two
// in each, and one of now in the first.
func old(t *testing.T) (dir string, first, second keyring.Account) {
	t.Helper()
	ctx := t.Context()
	dir = folder(t)
	now := time.Now().Add(-72 * time.Hour)
	data, err := server.Open(ctx, server.Data{Dir: dir, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer data.Close()
	account := func(name string) keyring.Account {
		a, _, err := data.Keyring.CreateAccount(ctx, keyring.NewAccount{Name: name, Platform: "postern"})
		if err := errors.Join(err, data.Keyring.SetStanding(ctx, a.ID, api.StandingOpen)); err != nil {
			t.Fatal(err)
		}
		return a
	}
	first, second = account("first"), account("second")
	now = time.Now()
	if err := data.Keyring.SetStanding(ctx, first.ID, api.StandingOpen); err != nil {
		t.Fatal(err)
	}
	return dir, first, second
}

// trail is what is left of an account's trail, which must hold.
func trail(t *testing.T, dir, account string) keyring.AuditProof {
	t.Helper()
	open, err := server.OpenAudit(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	proof, err := open.VerifyAudit(t.Context(), account, nil)
	if err != nil {
		t.Error(err)
	}
	return proof
}

func TestRetention_TrimsAtTheStart(t *testing.T) {
	t.Parallel()
	dir, first, second := old(t)
	log := &lines{}
	c := config(dir)
	c.AuditRetention, c.Log = 48*time.Hour, slog.New(slog.NewTextHandler(log, nil))
	_, stop := run(t, c)
	log.wait(t, "account="+first.ID+" removed=2")
	text := log.wait(t, "account="+second.ID+" removed=1") // its newest record stays, old as it is
	if err := stop(); err != nil {
		t.Error(err)
	}
	if strings.Contains(text, "level=ERROR") {
		t.Errorf("the log says\n%s", text)
	}
	if p := trail(t, dir, first.ID); p.Records != 2 || p.Trimmed != 2 {
		t.Errorf("the first trail has %+v", p)
	}
	if p := trail(t, dir, second.ID); p.Records != 2 || p.Trimmed != 1 {
		t.Errorf("the second trail has %+v", p)
	}
}

func TestRetention_KeepsAllUnlessToldOtherwise(t *testing.T) {
	t.Parallel()
	dir, first, _ := old(t)
	_, stop := run(t, config(dir))
	time.Sleep(50 * time.Millisecond)
	if err := stop(); err != nil {
		t.Error(err)
	}
	if p := trail(t, dir, first.ID); p.Records != 3 || p.Trimmed != 0 {
		t.Errorf("the trail has %+v", p)
	}
}

// TestRetention_WorksOffABacklog has more old records than one transaction removes.
func TestRetention_WorksOffABacklog(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	data, err := server.Open(t.Context(), server.Data{Dir: dir, Now: func() time.Time { return time.Now().Add(-72 * time.Hour) }})
	if err != nil {
		t.Fatal(err)
	}
	a, _, err := data.Keyring.CreateAccount(t.Context(), keyring.NewAccount{Name: "test", Platform: "postern"})
	for range 1500 {
		err = errors.Join(err, data.Keyring.SetStanding(t.Context(), a.ID, api.StandingOpen))
	}
	if err := errors.Join(err, data.Close()); err != nil {
		t.Fatal(err)
	}
	log := &lines{}
	c := config(dir)
	c.AuditRetention, c.Log = 48*time.Hour, slog.New(slog.NewTextHandler(log, nil))
	_, stop := run(t, c)
	log.wait(t, "account="+a.ID+" removed=1501")
	if err := stop(); err != nil {
		t.Error(err)
	}
	// The records of both trims are left.
	if p := trail(t, dir, a.ID); p.Records != 2 || p.Trimmed != 1501 {
		t.Errorf("the trail has %+v", p)
	}
}

// TestFaults_OneWrongStartTrimsNoTrail has clocks that are years ahead, for a start each.
func TestFaults_OneWrongStartTrimsNoTrail(t *testing.T) {
	t.Parallel()
	dir, first, second := old(t)
	for years := range faults.Rounds(t, 3) {
		log := &lines{}
		c := config(dir)
		c.Data.Now = func() time.Time { return time.Now().AddDate(1+years, 0, 0) }
		c.AuditRetention, c.Log = 24*time.Hour, slog.New(slog.NewTextHandler(log, nil))
		_, stop := run(t, c)
		log.wait(t, "audit trails not trimmed")
		if err := stop(); err != nil {
			t.Error(err)
		}
	}
	for _, a := range []keyring.Account{first, second} {
		if p := trail(t, dir, a.ID); p.Trimmed != 0 || p.Records < 2 {
			t.Errorf("the trail has %+v", p)
		}
	}
	// And the next right start goes on as if nothing had been.
	_, stop := run(t, config(dir))
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// TestRetention_GoesByTheServersClock has a clock that is 20 days ahead, as when a server
// was off for so long.
func TestRetention_GoesByTheServersClock(t *testing.T) {
	t.Parallel()
	dir, first, _ := old(t)
	log := &lines{}
	c := config(dir)
	c.Data.Now = func() time.Time { return time.Now().AddDate(0, 0, 20) }
	c.AuditRetention, c.Log = 480*time.Hour, slog.New(slog.NewTextHandler(log, nil))
	_, stop := run(t, c)
	log.wait(t, "account="+first.ID+" removed=2")
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// TestRetention_LeavesABrokenTrailAndServes keeps the evidence, says so, and goes on.
func TestRetention_LeavesABrokenTrailAndServes(t *testing.T) {
	t.Parallel()
	dir, first, second := old(t)
	db, err := sql.Open("sqlite", filepath.Join(dir, server.DatabaseFile))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), `UPDATE audit_events SET actor_kind = 'owner' WHERE seq = 2 AND account = ?`, first.ID); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	log := &lines{}
	c := config(dir)
	c.AuditRetention, c.Log = 48*time.Hour, slog.New(slog.NewTextHandler(log, nil))
	srv, _ := run(t, c)
	log.wait(t, "account="+second.ID+" removed=1")
	log.wait(t, "audit record 2 of account "+first.ID+" is not as it was written")
	if status := get(t, http.DefaultClient, srv.URL()+"/healthz", ""); status != http.StatusOK {
		t.Errorf("the server answers %d", status)
	}
	if p, err := srv.Data().Keyring.VerifyAudit(t.Context(), first.ID, nil); err == nil || p.Trimmed != 0 {
		t.Errorf("the broken trail was trimmed: %+v, %v", p, err)
	}
}

func TestRetention_TooShortIsRefused(t *testing.T) {
	t.Parallel()
	for _, keep := range []time.Duration{-time.Hour, time.Nanosecond, 365 * time.Minute, 24*time.Hour - 1} {
		c := config(folder(t))
		c.AuditRetention = keep
		srv, err := server.New(t.Context(), c)
		if err == nil {
			_ = srv.Close()
		}
		if err == nil || !strings.Contains(err.Error(), "8760h for a year") {
			t.Errorf("%s: %v", keep, err)
		}
		if _, err := os.Stat(c.Data.Dir); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s leaves a folder behind: %v", keep, err)
		}
	}
}

func TestOpenAudit_NeedsTheDatabaseOnly(t *testing.T) {
	t.Parallel()
	dir, first, _ := old(t)
	text, err := os.ReadFile(filepath.Join(dir, server.DatabaseFile))
	if err != nil {
		t.Fatal(err)
	}
	copied := t.TempDir()
	if _, err := server.OpenAudit(t.Context(), copied); err == nil || !strings.Contains(err.Error(), server.DatabaseFile) {
		t.Errorf("a folder without a database: %v", err)
	}
	if err := os.WriteFile(filepath.Join(copied, server.DatabaseFile), text, 0o600); err != nil {
		t.Fatal(err)
	}
	if p := trail(t, copied, first.ID); p.Records != 3 {
		t.Errorf("the copy has %+v", p)
	}
}
