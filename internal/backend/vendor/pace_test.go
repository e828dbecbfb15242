package vendor

import (
	"net/http"
	"strconv"
	"testing"
	"time"
)

func TestUsedUpRequestsHoldBackTheirRouteOnly(t *testing.T) {
	t.Parallel()
	now := time.Now().UTC().Truncate(time.Second)
	caller, clock := fixed(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", now.Format(http.TimeFormat))
		if r.Method == http.MethodPost {
			w.Header().Set("X-RateLimit-Remaining", "0")
			w.Header().Set("X-RateLimit-Reset", strconv.FormatInt(now.Unix()+30, 10))
		}
		says(http.StatusOK, `{"id":"1"}`)(w, r)
	})
	for _, step := range []struct {
		call Call
		want time.Duration
	}{{post(&thing{}), 0}, {get(&thing{}), 0}, {post(&thing{}), 30 * time.Second}} {
		if err := caller.Do(t.Context(), step.call); err != nil {
			t.Fatal(err)
		}
		if got := clock.total(); got != step.want {
			t.Errorf("%s: waited %v in all, want %v", step.call.Method, got, step.want)
		}
	}
}

func TestABurstIsSpread(t *testing.T) {
	t.Parallel()
	caller, clock := fixed(t, says(http.StatusOK, `{"id":"1"}`))
	for range defaultBurst + defaultPerSecond {
		if err := caller.Do(t.Context(), get(&thing{})); err != nil {
			t.Fatal(err)
		}
	}
	// Each request after the burst waits for its turn.
	if len(clock.slept) != defaultPerSecond {
		t.Errorf("%d waits", len(clock.slept))
	}
}

func TestTheServicesClockIsThatOfItsLastAnswer(t *testing.T) {
	t.Parallel()
	ahead := time.Now().Add(48 * time.Hour).UTC().Truncate(time.Second)
	caller, _ := fixed(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", ahead.Format(http.TimeFormat))
		says(http.StatusForbidden, "")(w, r)
	})
	if _, known := caller.Now(); known {
		t.Error("a clock is known before any answer")
	}
	if err := caller.Do(t.Context(), get(&thing{})); err == nil {
		t.Fatal("no error")
	}
	if now, known := caller.Now(); !known || now.Before(ahead) || now.After(ahead.Add(time.Hour)) {
		t.Errorf("%v, %t", now, known)
	}
}
