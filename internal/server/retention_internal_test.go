package server

import (
	"context"
	"io"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// TestRetention_ComesAgain has days of a few milliseconds.
func TestRetention_ComesAgain(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	var ahead atomic.Int64
	data, err := Open(ctx, Data{
		Dir: filepath.Join(t.TempDir(), "data"), Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer data.Close()
	a, _, err := data.Keyring.CreateAccount(ctx, keyring.NewAccount{Name: "test", Platform: "postern"})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		retention{keyring: data.Keyring, keep: time.Hour, every: 5 * time.Millisecond, log: slog.New(slog.NewTextHandler(io.Discard, nil))}.run(ctx)
	}()
	var trimmed int64
	for range 3 {
		if err := data.Keyring.SetStanding(ctx, a.ID, api.StandingOpen); err != nil {
			t.Fatal(err)
		}
		ahead.Add(int64(2 * time.Hour))
		for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
			p, err := data.Keyring.VerifyAudit(ctx, a.ID, nil)
			if err != nil {
				t.Fatal(err)
			}
			if p.Trimmed > trimmed {
				trimmed = p.Trimmed
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("no trim came after %d records", trimmed)
			}
		}
	}
	stop()
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Error("it does not end with its context")
	}
}
