package server

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/httpapi"
)

// A request that never ends takes its part of the drain and no more: what comes after it
// has the rest, and not a drain of its own.
func TestServe_OneDeadlineForTheWholeStop(t *testing.T) {
	t.Parallel()
	begun, end := make(chan struct{}), make(chan struct{})
	defer close(end)
	const drain = 2 * time.Second
	s, err := New(t.Context(), Config{
		Data: Data{Dir: filepath.Join(t.TempDir(), "data")}, Listen: "127.0.0.1:0", Drain: drain, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Wrap: func(*httpapi.API) http.Handler {
			return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { close(begun); <-end })
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	flushed := make(chan time.Duration, 1)
	s.lastFlush = func(ctx context.Context) {
		deadline, _ := ctx.Deadline()
		flushed <- time.Until(deadline)
		<-ctx.Done() // as with a disk that hangs
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx) }()
	go func() {
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL(), nil)
		if resp, err := http.DefaultClient.Do(req); err == nil {
			resp.Body.Close()
		}
	}()
	<-begun
	stop()
	if err := <-done; err == nil {
		t.Error("it gives up its last writes and says nothing")
	}
	// The server may be done before the work that it has given up has begun.
	if left := <-flushed; left > drain/5 {
		t.Errorf("the last writes have %s of a drain of %s that the requests have used up", left, drain)
	}
}
