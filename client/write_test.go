package client

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// run sends one operation through replies, one attempt each.
func run(t *testing.T, name string, replies ...reply) error {
	t.Helper()
	op := operations()[name]
	var steps []step
	for _, r := range replies {
		next := op.step
		next.reply = r
		steps = append(steps, next)
	}
	return op.call(t.Context(), scripted(t, steps...))
}

// A delete whose answer was lost finds nothing when it comes again: then it is
// done. Where the first attempt surely did nothing, the key never was there.
func TestDelete_gone_at_a_retry(t *testing.T) {
	t.Parallel()
	gone := problem(404, api.CodeNotFound)
	elsewhere := text(404, "text/html", "<h1>404</h1>")
	second := step{method: "GET", path: "/v1/apikeys/key_1", reply: gone} // the second look
	for name, tt := range map[string]struct {
		replies []reply
		want    error
	}{
		"dropped":                  {[]reply{drop, gone}, nil},
		"half an answer":           {[]reply{half, gone}, nil},
		"gateway lost it":          {[]reply{text(502, "text/html", ""), gone}, nil},
		"gateway timed out":        {[]reply{text(504, "text/html", ""), gone}, nil},
		"storage broke":            {[]reply{problem(503, api.CodeStorageUnavailable), gone}, nil},
		"lost, then rate limited":  {[]reply{drop, problem(429, api.CodeRateLimited), gone}, nil},
		"first attempt":            {[]reply{gone}, ErrNotFound},
		"only rate limited before": {[]reply{problem(429, api.CodeRateLimited), gone}, ErrNotFound},
		"not the API's 404":        {[]reply{drop, elsewhere}, ErrUncertain},
		"stale after all":          {[]reply{drop, problem(412, api.CodeStaleRevision)}, ErrStale},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			op := operations()["delete"]
			var steps []step
			for _, r := range tt.replies {
				next := op.step
				next.reply = r
				steps = append(steps, next)
			}
			if tt.want == nil || errors.Is(tt.want, ErrNotFound) {
				steps = append(steps, second)
			}
			err := op.call(t.Context(), scripted(t, steps...))
			if !errors.Is(err, tt.want) {
				t.Errorf("%v, want %v", err, tt.want)
			}
			if errors.Is(tt.want, ErrNotFound) && errors.Is(err, ErrUncertain) {
				t.Errorf("%v: nothing is uncertain about it", err)
			}
		})
	}
}

// Whether a stale revision is the call's own doing cannot be told, so the caller
// is told just that.
func TestUpdate_stale_at_a_retry(t *testing.T) {
	t.Parallel()
	stale := problem(412, api.CodeStaleRevision)
	for name, tt := range map[string]struct {
		replies   []reply
		uncertain bool
	}{
		"first attempt": {[]reply{stale}, false},
		"rate limited":  {[]reply{problem(429, api.CodeRateLimited), stale}, false},
		"lost":          {[]reply{drop, stale}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := run(t, "update if match", tt.replies...)
			if !errors.Is(err, ErrStale) || errors.Is(err, ErrUncertain) != tt.uncertain {
				t.Errorf("%v, uncertain %v", err, errors.Is(err, ErrUncertain))
			}
			if strings.Contains(err.Error(), "but an earlier attempt, whose answer was lost, may have taken effect") != tt.uncertain {
				t.Error(err)
			}
		})
	}
}

// The outcome of a write is uncertain when one of its attempts may have come
// through. For a read it never matters.
func TestUncertain(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		last reply
		want bool
	}{
		"refused":           {problem(403, api.CodeForbidden), false},
		"storage full":      {problem(507, api.CodeStorageFull), false},
		"internal":          {problem(500, api.CodeInternal), true},
		"gateway":           {text(502, "", ""), true},
		"dropped":           {drop, true},
		"half an answer":    {half, true},
		"not understood":    {text(200, "text/html", "<html>"), true},
		"too long to sleep": {problem(503, api.CodeStorageUnavailable, "Retry-After", "9999"), true},
		"rate limited":      {problem(429, api.CodeRateLimited, "Retry-After", "9999"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for op, o := range operations() {
				if strings.HasPrefix(op, "delete") && name == "not understood" {
					continue // its success has no body to understand
				}
				only := o.step
				only.reply = tt.last
				err := o.call(t.Context(), newScript(t, only).client(WithMaxRetries(0)))
				if err == nil || errors.Is(err, ErrUncertain) != (tt.want && isWrite(op)) {
					t.Errorf("%s: %v, uncertain %v", op, err, errors.Is(err, ErrUncertain))
				}
			}
		})
	}
	// What was lost once stays uncertain, whatever the last attempt says.
	if err := run(t, "create", drop, problem(403, api.CodeForbidden)); !errors.Is(err, ErrUncertain) || !errors.Is(err, ErrForbidden) {
		t.Error(err)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	t.Run("before", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		c := scripted(t)
		for name, op := range operations() {
			err := op.call(ctx, c)
			if !errors.Is(err, context.Canceled) || errors.Is(err, ErrUnreachable) || errors.Is(err, ErrUncertain) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
	t.Run("while the server works", func(t *testing.T) {
		t.Parallel()
		for name, op := range operations() {
			ctx, cancel := context.WithCancel(t.Context())
			only := op.step
			only.reply = func(http.ResponseWriter) { cancel(); <-ctx.Done(); panic(http.ErrAbortHandler) }
			err := op.call(ctx, scripted(t, only))
			if !errors.Is(err, context.Canceled) || errors.Is(err, ErrUnreachable) || errors.Is(err, ErrUncertain) != isWrite(name) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
	t.Run("while waiting", func(t *testing.T) {
		t.Parallel()
		for name, op := range operations() {
			ctx, cancel := context.WithCancel(t.Context())
			only := op.step
			only.reply = problem(503, api.CodeStorageUnavailable, "Retry-After", "10")
			c := newScript(t, only).client(func(s *settings) error {
				s.sleep = func(ctx context.Context, _ time.Duration) error { cancel(); return sleep(ctx, time.Hour) }
				return nil
			})
			err := op.call(ctx, c)
			var e *Error
			if !errors.Is(err, context.Canceled) || !errors.As(err, &e) || e.Status != 503 || errors.Is(err, ErrUncertain) != isWrite(name) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
	t.Run("deadline", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithTimeout(t.Context(), 1)
		defer cancel()
		_, err := scripted(t).Account.Get(ctx)
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, ErrUnreachable) {
			t.Error(err)
		}
	})
}
