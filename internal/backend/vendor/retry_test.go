package vendor

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

func TestWhatMayBeSentAgain(t *testing.T) {
	t.Parallel()
	good := says(http.StatusOK, `{"id":"1"}`)
	for name, c := range map[string]struct {
		method string
		first  http.HandlerFunc
		again  bool
	}{
		"a read after 500":              {http.MethodGet, says(500, ""), true},
		"a read after 503":              {http.MethodGet, says(503, "<html>"), true},
		"a read after a lost answer":    {http.MethodGet, breaks, true},
		"a put after 502":               {http.MethodPut, says(502, ""), true},
		"a patch after a lost answer":   {http.MethodPatch, breaks, true},
		"a delete after a lost answer":  {http.MethodDelete, breaks, true},
		"a read after 429":              {http.MethodGet, says(429, ""), true},
		"a create after 429":            {http.MethodPost, says(429, ""), false},
		"a create after 500":            {http.MethodPost, says(500, ""), false},
		"a create after 503":            {http.MethodPost, says(503, ""), false},
		"a create after a lost answer":  {http.MethodPost, breaks, false},
		"a read after 400":              {http.MethodGet, says(400, ""), false},
		"a read after 501":              {http.MethodGet, says(501, ""), false},
		"a read after an answer of air": {http.MethodGet, says(200, ""), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int32
			call, good := Call{Method: c.method, Path: "/things/1", Route: "/things/{id}", Into: &thing{}}, good
			if c.method == http.MethodDelete {
				call.Into, good = nil, says(http.StatusNoContent, "")
			}
			steps := script(c.first, good)
			caller, _ := fixed(t, func(w http.ResponseWriter, r *http.Request) {
				calls.Add(1)
				steps(w, r)
			})
			err := caller.Do(t.Context(), call)
			if again := calls.Load() == 2; again != c.again || (err == nil) != c.again {
				t.Errorf("%d calls, %v", calls.Load(), err)
			}
		})
	}
}

func TestALostCreateIsToldApartFromARefusedOne(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		lost   bool
	}{
		"broken connection": {breaks, true},
		"server error":      {says(500, `{"errors":[{"message":"internal server error"}]}`), true},
		"bad request":       {says(400, `{"errors":[{"message":"no"}]}`), false},
		"forbidden":         {says(403, ""), false},
		"throttled":         {says(429, ""), true},
	} {
		caller, _ := fixed(t, c.answer)
		if err := caller.Do(t.Context(), post(&thing{})); err == nil || errors.Is(err, ErrLost) != c.lost {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A 429 may come after the work was done.
func TestACreateIsSentAgainAfterA429AndALook(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		found  error
		second http.HandlerFunc
		calls  int32
		lost   bool
	}{
		"nothing is there":    {nil, says(http.StatusOK, `{"id":"1"}`), 2, false},
		"and then it is not":  {nil, says(http.StatusForbidden, ""), 2, false},
		"and limited for all": {nil, says(http.StatusTooManyRequests, ""), 1 + defaultMaxRetries, true},
		"it is there":         {errors.New("there"), says(http.StatusOK, `{"id":"1"}`), 1, true},
	} {
		var calls atomic.Int32
		steps := script(says(http.StatusTooManyRequests, ""), c.second)
		caller, clock := fixed(t, func(w http.ResponseWriter, r *http.Request) {
			calls.Add(1)
			steps(w, r)
		})
		call := post(&thing{})
		call.Look = func(context.Context) error {
			if clock.total() == 0 {
				t.Error("it looks before the limit is over")
			}
			return c.found
		}
		if err := caller.Do(t.Context(), call); calls.Load() != c.calls || errors.Is(err, ErrLost) != c.lost {
			t.Errorf("%s: %d calls, %v", name, calls.Load(), err)
		}
	}
}

func TestACreateIsSentAgainWhereNoConnectionCameAbout(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	caller, err := New(settings("http://" + address))
	if err != nil {
		t.Fatal(err)
	}
	clock := &fakeTime{now: time.Now()}
	caller.now, caller.sleep = clock.Now, clock.Sleep
	err = caller.Do(t.Context(), post(&thing{}))
	if !errors.Is(err, backend.ErrUnreachable) || errors.Is(err, ErrLost) || len(clock.slept) != defaultMaxRetries {
		t.Errorf("%d waits, %v", len(clock.slept), err)
	}
}

func TestADeleteThatIsGoneAtARepeatSaysSo(t *testing.T) {
	t.Parallel()
	call := Call{Method: http.MethodDelete, Path: "/things/1", Route: "/things/{id}"}
	for _, c := range []struct {
		first    http.HandlerFunc
		repeated bool
	}{{breaks, true}, {says(502, ""), true}, {says(429, ""), false}, {says(404, ""), false}} {
		caller, _ := fixed(t, script(c.first, says(404, "")))
		var failed *Error
		if err := caller.Do(t.Context(), call); !errors.As(err, &failed) || failed.Status != 404 || failed.Repeated != c.repeated {
			t.Errorf("%v, want repeated %t", err, c.repeated)
		}
	}
}

func TestRetriesEndAndCanBeTurnedOff(t *testing.T) {
	t.Parallel()
	for _, most := range []int{0, 3} {
		var calls atomic.Int32
		caller, _ := fixed(t, func(w http.ResponseWriter, _ *http.Request) {
			calls.Add(1)
			w.WriteHeader(http.StatusTooManyRequests)
		})
		caller.maxRetries = most
		if err := caller.Do(t.Context(), get(&thing{})); err == nil || int(calls.Load()) != most+1 {
			t.Errorf("%d calls with %d retries, %v", calls.Load(), most, err)
		}
	}
}

// throttled answers 429 once, as a service whose clock differs from ours by skew.
func throttled(skew time.Duration, header func(now time.Time, h http.Header)) http.HandlerFunc {
	return script(func(w http.ResponseWriter, _ *http.Request) {
		now := time.Now().Add(skew).UTC().Truncate(time.Second)
		w.Header().Set("Date", now.Format(http.TimeFormat))
		header(now, w.Header())
		w.WriteHeader(http.StatusTooManyRequests)
	}, says(http.StatusOK, `{"id":"1"}`))
}

func TestAWaitGoesByTheServicesClockAndIsBounded(t *testing.T) {
	t.Parallel()
	reset := func(after time.Duration) func(time.Time, http.Header) {
		return func(now time.Time, h http.Header) {
			h.Set("X-RateLimit-Reset", strconv.FormatInt(now.Add(after).Unix(), 10))
		}
	}
	plain := func(name, value string) func(time.Time, http.Header) {
		return func(_ time.Time, h http.Header) { h.Set(name, value) }
	}
	for name, c := range map[string]struct {
		skew   time.Duration
		header func(time.Time, http.Header)
		want   time.Duration
	}{
		"a reset":                        {0, reset(7 * time.Second), 7 * time.Second},
		"our clock is an hour behind":    {time.Hour, reset(7 * time.Second), 7 * time.Second},
		"our clock is an hour ahead":     {-time.Hour, reset(7 * time.Second), 7 * time.Second},
		"a reset that is over":           {0, reset(-time.Hour), time.Second},
		"a reset in a day":               {0, reset(24 * time.Hour), time.Minute},
		"a reset in seconds":             {0, plain("X-RateLimit-Reset", "9"), 9 * time.Second},
		"a reset that overflows":         {0, plain("X-RateLimit-Reset", "9223372036854775807"), time.Minute},
		"a reset that is no number":      {0, plain("X-RateLimit-Reset", "soon"), time.Second},
		"Retry-After in seconds":         {0, plain("Retry-After", "5"), 5 * time.Second},
		"Retry-After that overflows":     {0, plain("Retry-After", "9223372036854775807"), time.Minute},
		"Retry-After of less than a 1 s": {0, plain("Retry-After", "0"), time.Second},
		"nothing":                        {0, plain("X-Other", "1"), time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			caller, clock := fixed(t, throttled(c.skew, c.header))
			if err := caller.Do(t.Context(), get(&thing{})); err != nil {
				t.Fatal(err)
			}
			if got := clock.total(); got != c.want {
				t.Errorf("waited %v, want %v", got, c.want)
			}
		})
	}
}

func TestACallGivenUpInTheMiddleOfAWaitEndsThere(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{"429": says(429, ""), "503": says(503, "")} {
		ctx, cancel := context.WithCancel(t.Context())
		var calls atomic.Int32
		caller, _ := fixed(t, func(w http.ResponseWriter, r *http.Request) {
			calls.Add(1)
			answer(w, r)
		})
		caller.sleep = func(ctx context.Context, d time.Duration) error {
			if d <= 0 {
				return ctx.Err()
			}
			cancel() // while it waits
			return Sleep(ctx, time.Hour)
		}
		call := get(&thing{})
		call.Method = http.MethodPut
		err := caller.Do(ctx, call)
		if !errors.Is(err, context.Canceled) || calls.Load() != 1 || errors.Is(err, ErrLost) != (name == "503") {
			t.Errorf("%s: %d calls, %v", name, calls.Load(), err)
		}
	}
}

func TestACreateGivenUpOnItsWayMayHaveBeenDone(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	caller, _ := fixed(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		hang(r)
	})
	if err := caller.Do(ctx, post(&thing{})); !errors.Is(err, ErrLost) || !errors.Is(err, context.Canceled) || errors.Is(err, backend.ErrUnreachable) {
		t.Errorf("got %v", err)
	}
}

func TestAnAttemptThatTakesTooLongIsToldAsSuch(t *testing.T) {
	t.Parallel()
	caller, _ := fixed(t, func(_ http.ResponseWriter, r *http.Request) { hang(r) })
	caller.timeout = time.Millisecond
	if err := caller.Do(t.Context(), post(&thing{})); !errors.Is(err, backend.ErrUnreachable) {
		t.Errorf("got %v", err)
	}
}
