package client

import (
	"context"
	"errors"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// Every call survives five answers that are lost or a matter of time, and sends
// the same each time.
func TestRetry_until_it_works(t *testing.T) {
	t.Parallel()
	for name, op := range operations() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var steps []step
			for _, r := range []reply{drop, problem(503, api.CodeStorageUnavailable), text(502, "text/html", "<html>"), problem(429, api.CodeRateLimited), text(504, "", ""), op.good} {
				next := op.step
				next.reply = r
				steps = append(steps, next)
			}
			s := newScript(t, steps...)
			if err := op.call(t.Context(), s.client()); err != nil {
				t.Fatal(err)
			}
			want := []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second}
			if diff := cmp.Diff(want, s.waits); diff != "" {
				t.Errorf("waits (-want +got):\n%s", diff)
			}
			keys := map[string]bool{}
			for _, r := range s.seen {
				keys[r.Header.Get(api.HeaderIdempotencyKey)] = true
			}
			minting := name == "create" || name == "rotate"
			if len(keys) != 1 || keys[""] == minting {
				t.Errorf("idempotency keys %v: a minting call needs one, the same at each attempt", keys)
			}
		})
	}
}

func TestRetry_half_an_answer(t *testing.T) {
	t.Parallel()
	for name, op := range operations() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first, second := op.step, op.step
			first.reply, second.reply = half, op.good
			if err := op.call(t.Context(), scripted(t, first, second)); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestRetry_not_for_other_answers(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 307, 400, 401, 403, 404, 405, 408, 409, 412, 413, 415, 422, 500, 501, 507} {
		for name, op := range operations() {
			only := op.step
			only.reply = problem(status, api.CodeInternal)
			s := newScript(t, only)
			err := op.call(t.Context(), s.client())
			var e *Error
			if !errors.As(err, &e) || e.Status != status || len(s.waits) != 0 {
				t.Errorf("%s, %d: %v after %v", name, status, err, s.waits)
			}
			if got, want := errors.Is(err, ErrUncertain), status == 500 && isWrite(name); got != want {
				t.Errorf("%s, %d: uncertain is %v, want %v", name, status, got, want)
			}
		}
	}
}

func TestRetry_is_bounded(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 7, 20} {
		var steps []step
		for range n + 1 {
			steps = append(steps, step{method: "GET", path: "/v1/account", reply: problem(503, api.CodeStorageUnavailable, "Retry-After", "1")})
		}
		s := newScript(t, steps...)
		_, err := s.client(WithMaxRetries(n)).Account.Get(t.Context())
		var e *Error
		if !errors.As(err, &e) || e.Code != api.CodeStorageUnavailable || e.RetryAfter != time.Second || !errors.Is(err, ErrUnavailable) || len(s.waits) != n {
			t.Errorf("%d: %v after %v", n, err, s.waits)
		}
		if n == 7 && !strings.Contains(err.Error(), "after 8 attempts") {
			t.Errorf("%v does not say how often it was tried", err)
		}
		if n == 20 && (s.waits[5] != 17*time.Second || !slices.Equal(s.waits[6:], slices.Repeat([]time.Duration{longWait + time.Second}, 14))) {
			t.Errorf("the waits do not end at %v: %v", longWait, s.waits)
		}
	}
}

func TestRetry_waits_as_long_as_asked(t *testing.T) {
	t.Parallel()
	s := newScript(t,
		step{method: "GET", path: "/v1/account", reply: problem(429, api.CodeRateLimited, "Retry-After", "60")},
		// The server's clock is far off the local one; only the difference counts.
		step{method: "GET", path: "/v1/account", reply: problem(503, api.CodeStorageUnavailable, "Date", "Tue, 01 Jan 2008 00:00:00 GMT", "Retry-After", "Tue, 01 Jan 2008 00:00:10 GMT")},
		step{method: "GET", path: "/v1/account", reply: problem(429, api.CodeRateLimited, "Retry-After", "soon")},
		step{method: "GET", path: "/v1/account", reply: problem(403, api.CodeForbidden)},
	)
	_, err := s.client().Account.Get(t.Context())
	if !errors.Is(err, ErrForbidden) {
		t.Fatal(err)
	}
	want := []time.Duration{60*time.Second + 500*time.Millisecond, 10*time.Second + time.Second, 2 * time.Second}
	if diff := cmp.Diff(want, s.waits); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	const none = -1
	longest := time.Duration(math.MaxInt64).Truncate(time.Second)
	for name, tt := range map[string]struct {
		after, date string
		want        time.Duration
	}{
		"nothing":            {"", "", none},
		"seconds":            {"7", "", 7 * time.Second},
		"zero":               {"0", "", 0},
		"negative":           {"-7", "", none},
		"very negative":      {"-99999999999999999999", "", none},
		"fraction":           {"1.5", "", none},
		"words":              {"soon", "", none},
		"more than a time":   {"9223372037", "", longest},
		"more than a number": {"99999999999999999999", "", longest},
		"date, own clock":    {"Thu, 01 Jan 2026 12:00:30 GMT", "", 30 * time.Second},
		"date, its clock":    {"Thu, 01 Jan 2026 12:00:30 GMT", "Thu, 01 Jan 2026 12:00:10 GMT", 20 * time.Second},
		"date, bad clock":    {"Thu, 01 Jan 2026 12:00:30 GMT", "noon", 30 * time.Second},
		"old date format":    {"Thursday, 01-Jan-26 12:00:30 GMT", "", 30 * time.Second},
		"past":               {"Thu, 01 Jan 2026 11:00:00 GMT", "", 0},
		"past for it":        {"Thu, 01 Jan 2026 12:00:30 GMT", "Thu, 01 Jan 2026 12:00:40 GMT", 0},
	} {
		h := http.Header{}
		h.Set("Retry-After", tt.after)
		h.Set("Date", tt.date)
		got := time.Duration(none)
		if wait := retryAfter(h, now); wait != nil {
			got = *wait
		}
		if got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

// A wait that is too long to sit through is told, at once.
func TestRetry_gives_up_early(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		after  string
		left   time.Duration // of the context; 0 for no deadline
		want   string
		attend time.Duration
	}{
		"five minutes":       {"300", 0, "", 300500 * time.Millisecond},
		"over five minutes":  {"301", 0, "the server asks to wait 5m1s, and a call waits 5m0s at most", 0},
		"forever":            {"99999999999999999999", 0, "and a call waits 5m0s at most", 0},
		"within the context": {"60", 61 * time.Second, "", 60500 * time.Millisecond},
		"beyond the context": {"90", time.Minute, "the server asks to wait 1m30s, and this call's context ends before that", 0},
		"backoff fits":       {"", time.Second, "", 500 * time.Millisecond},
		"backoff too long":   {"", 400 * time.Millisecond, "this call's context ends before another attempt is due", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			steps := []step{{method: "GET", path: "/v1/account", reply: problem(429, api.CodeRateLimited, "Retry-After", tt.after)}}
			if tt.want == "" {
				steps = append(steps, step{method: "GET", path: "/v1/account", reply: problem(403, api.CodeForbidden)})
			}
			s := newScript(t, steps...)
			ctx := t.Context()
			var opts []Option
			if tt.left != 0 {
				// Only the client's clock is near the deadline; the real one has
				// an hour left, so that nothing depends on the machine's speed.
				deadline := time.Now().Add(time.Hour)
				opts = append(opts, func(s *settings) error {
					s.now = func() time.Time { return deadline.Add(-tt.left) }
					return nil
				})
				var cancel context.CancelFunc
				ctx, cancel = context.WithDeadline(ctx, deadline)
				defer cancel()
			}
			_, err := s.client(opts...).Account.Get(ctx)
			if tt.want == "" {
				if !errors.Is(err, ErrForbidden) || !slices.Equal(s.waits, []time.Duration{tt.attend}) {
					t.Errorf("%v after %v", err, s.waits)
				}
				return
			}
			if !errors.Is(err, ErrRateLimited) || !strings.Contains(err.Error(), tt.want) || len(s.waits) != 0 {
				t.Errorf("%v after %v, want %q", err, s.waits, tt.want)
			}
		})
	}
}
