package httpapi

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestFaults_AFloodOfReadinessIsOneLookAMoment has anybody ask as often as they like, of a
// server whose storage fails.
func TestFaults_AFloodOfReadinessIsOneLookAMoment(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	a, store := newFailing(t, &log)
	store.err = http.ErrServerClosed
	started := time.Now()
	var wg sync.WaitGroup
	const callers, each = 20, 100
	for range callers {
		wg.Go(func() {
			for range each {
				if w, _ := serve(a, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/readyz", nil)); w.Code != http.StatusServiceUnavailable {
					t.Errorf("%d: %s", w.Code, w.Body)
				}
			}
		})
	}
	wg.Wait()
	most := int64(time.Since(started)/readyFor) + 1
	if n := store.pings.Load(); n < 1 || n > most {
		t.Errorf("%d requests looked %d times at the storage, want at most %d", callers*each, n, most)
	}
	if n := int64(strings.Count(log.String(), `"msg":"not ready"`)); n > most {
		t.Errorf("the log says %d times that the server is not ready, want at most %d", n, most)
	}
}
