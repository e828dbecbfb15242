package vendor

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"sync"
	"testing"
	"time"
)

const credential = "SG.credential-of-the-test"

// fakeTime is a clock that sleeping moves on.
type fakeTime struct {
	mu    sync.Mutex
	now   time.Time
	slept []time.Duration
}

func (f *fakeTime) Now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

func (f *fakeTime) Sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil || d <= 0 {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = f.now.Add(d)
	f.slept = append(f.slept, d)
	return nil
}

// total is all the time that was slept.
func (f *fakeTime) total() time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	var sum time.Duration
	for _, d := range f.slept {
		sum += d
	}
	return sum
}

// said reads error answers such as {"errors":[{"field":"name","message":"is missing"}]}.
func said(body []byte) []Saying {
	var in struct {
		Errors []struct{ Field, Message string }
	}
	if json.Unmarshal(body, &in) != nil {
		return nil
	}
	var out []Saying
	for _, e := range in.Errors {
		out = append(out, Saying{Field: e.Field, Text: e.Message})
	}
	return out
}

func settings(endpoint string) Settings {
	return Settings{
		Service: "Example", Endpoint: endpoint, Credential: credential, Header: map[string]string{"Authorization": "Bearer " + credential},
		UserAgent: "test", Secrets: regexp.MustCompile(`SG\.[0-9A-Za-z_.-]+`), Read: said,
	}
}

// fixed is a caller of the handler, on a clock of its own and without jitter.
func fixed(t *testing.T, handler http.HandlerFunc) (*Caller, *fakeTime) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	c, err := New(settings(server.URL))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	clock := &fakeTime{now: time.Now()}
	c.now, c.sleep, c.jitter = clock.Now, clock.Sleep, func(time.Duration) time.Duration { return 0 }
	return c, clock
}

// thing is what the service of these tests answers with.
type thing struct {
	ID string `json:"id"`
}

func get(into *thing) Call {
	return Call{Method: http.MethodGet, Path: "/things/1", Route: "/things/{id}", Into: into}
}

func post(into *thing) Call {
	return Call{Method: http.MethodPost, Path: "/things", Route: "/things", Body: thing{ID: "1"}, Into: into}
}

// script answers the nth request with the nth step, and all further ones with the last.
func script(steps ...http.HandlerFunc) http.HandlerFunc {
	var mu sync.Mutex
	n := 0
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		step := steps[min(n, len(steps)-1)]
		n++
		mu.Unlock()
		step(w, r)
	}
}

func says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// breaks ends the connection without an answer.
func breaks(w http.ResponseWriter, _ *http.Request) {
	panic(http.ErrAbortHandler)
}

// hang never answers. A server notices that its caller has left once it has read
// the body.
func hang(r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}
