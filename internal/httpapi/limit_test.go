package httpapi_test

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

// limitHeaders are the headers of an answer that are about limits.
func limitHeaders(a answer) map[string]string {
	found := map[string]string{}
	for _, name := range []string{"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "X-Monthly-Limit", "X-Monthly-Remaining", "Retry-After"} {
		if v := a.header.Get(name); v != "" {
			found[name] = v
		}
	}
	return found
}

// gateway asks about the key of a caller of that address, if any.
func (h *harness) gateway(t *testing.T, query, key, address string) answer {
	t.Helper()
	header := map[string]string{api.HeaderAuthorize: h.Owner, api.HeaderAPIKey: key}
	if address != "" {
		header["X-Real-IP"] = address
	}
	return h.send(t, http.MethodGet, "/v1/authorize"+query, "", header)
}

// exhaust asks n times, and wants to be let in each time. It is quick, as only the last
// answer is looked at closely.
func (h *harness) exhaust(t *testing.T, n int, key string) answer {
	t.Helper()
	for range n - 1 {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.URL+"/v1/authorize?scope=contacts:read", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set(api.HeaderAuthorize, h.Owner)
		req.Header.Set(api.HeaderAPIKey, key)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusNoContent {
			t.Fatalf("answered %d", resp.StatusCode)
		}
	}
	h.Reset() // thousands of requests are slow to copy
	return h.gateway(t, "?scope=contacts:read", key, "")
}

func TestLimits_OfTheHourAndTheMonth(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves out thousands of requests, one after another")
	}
	t.Parallel()
	h := start(t, servertest.Platform("benchmark"), servertest.Plan("free"), servertest.Clock(time.Date(2026, 3, 31, 12, 30, 0, 0, time.UTC)))
	key := h.create(t, `{"name":"a","scopes":["contacts:read"]}`, nil)
	other := h.create(t, `{"name":"b","scopes":["contacts:read"]}`, nil)
	is := func(a answer, status int, body string, want map[string]string) {
		t.Helper()
		if a.status != status || a.body != body {
			t.Errorf("%d %s, want %d %s", a.status, a.body, status, body)
		}
		if diff := cmp.Diff(want, limitHeaders(a)); diff != "" {
			t.Errorf("the headers: want -, got +:\n%s", diff)
		}
	}
	left := func(hour, reset, month, retry string) map[string]string {
		headers := map[string]string{"X-RateLimit-Limit": "3600", "X-RateLimit-Remaining": hour, "X-RateLimit-Reset": reset, "X-Monthly-Limit": "5000", "X-Monthly-Remaining": month}
		if retry != "" {
			headers["Retry-After"] = retry
		}
		return headers
	}
	const one, two = "1774962000", "1774965600" // 13:00 and 14:00
	is(h.gateway(t, "?scope=contacts:read", key.Secret.Reveal(), ""), http.StatusNoContent, "", left("3599", one, "4999", ""))
	is(h.gateway(t, "?scope=reports:read", key.Secret.Reveal(), ""), http.StatusForbidden,
		`{"errors":[{"errorType":"ForbiddenError","message":"API key missing required scope: reports:read"}]}`, left("3598", one, "4998", ""))
	is(h.gateway(t, "", "bme_unknown", ""), http.StatusUnauthorized, `{"errors":[{"errorType":"UnauthorizedError","message":"Invalid API key"}]}`, map[string]string{})
	is(h.exhaust(t, 3598, key.Secret.Reveal()), http.StatusNoContent, "", left("0", one, "1400", ""))
	// It is the account's limit, not the key's, and what is refused is not counted.
	for _, k := range []string{key.Secret.Reveal(), other.Secret.Reveal(), other.Secret.Reveal()} {
		is(h.gateway(t, "?scope=contacts:read", k, ""), http.StatusTooManyRequests,
			`{"errors":[{"errorType":"TooManyRequestsError","message":"Rate limit exceeded. Retry after 1800 seconds."}]}`, left("0", one, "1400", "1800"))
	}
	v := h.verify(t, key.Secret.Reveal())
	hour := api.RequestUsage{Used: 3600, Limit: 3600, ResetAt: time.Date(2026, 3, 31, 13, 0, 0, 0, time.UTC)}
	month := api.RequestUsage{Used: 3600, Limit: 5000, ResetAt: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)}
	if diff := cmp.Diff(&api.Requests{Hour: &hour, Month: &month}, v.Requests); diff != "" || v.Valid || v.Code != api.VerifyRateLimited || v.Status != http.StatusTooManyRequests || v.RetryAfter != 1800 {
		t.Errorf("the verdict is %+v\n%s", v, diff)
	}
	account := must[api.Account](t, h, http.StatusOK, http.MethodGet, pathAccount, "", nil)
	if diff := cmp.Diff([]*api.RequestUsage{&hour, &month}, []*api.RequestUsage{account.RequestsHour, account.RequestsMonth}); diff != "" {
		t.Errorf("the account: want -, got +:\n%s", diff)
	}
	// The management API itself is not limited, and a new hour begins anew.
	h.Advance(30 * time.Minute)
	is(h.exhaust(t, 1400, other.Secret.Reveal()), http.StatusNoContent, "", left("2200", two, "0", ""))
	is(h.gateway(t, "?scope=contacts:read", key.Secret.Reveal(), ""), http.StatusTooManyRequests,
		`{"errors":[{"errorType":"TooManyRequestsError","message":"Monthly API quota exceeded."}]}`, left("2200", two, "0", "39600"))
	if v := h.verify(t, key.Secret.Reveal()); v.Code != api.VerifyQuotaExceeded || v.Status != http.StatusTooManyRequests || v.RetryAfter != 39600 {
		t.Errorf("the verdict is %+v", v)
	}
	h.FlushUsage(t)
	h.Restart(t)
	if a := h.gateway(t, "", key.Secret.Reveal(), ""); a.status != http.StatusTooManyRequests {
		t.Errorf("a restart forgives: %d", a.status)
	}
	h.Advance(11 * time.Hour)
	is(h.gateway(t, "?scope=contacts:read", key.Secret.Reveal(), ""), http.StatusNoContent, "", left("3599", "1775005200", "4999", ""))
}

// A platform without limits says nothing of them.
func TestLimits_None(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.subaccount(t, "one")
	key := h.createIn(t, "one", `{"name":"a","scopes":["read"]}`)
	own := h.create(t, `{"name":"a","scopes":["read"]}`, nil)
	a := h.gateway(t, "?scope=read", key.Secret.Reveal(), "")
	if a.status != http.StatusNoContent || len(limitHeaders(a)) != 0 || a.header.Get("X-Postern-Subaccount") != "one" {
		t.Errorf("%d %v", a.status, a.header)
	}
	if a := h.gateway(t, "?scope=read", own.Secret.Reveal(), ""); a.status != http.StatusNoContent || a.header.Values("X-Postern-Subaccount") != nil {
		t.Errorf("%d %v", a.status, a.header)
	}
	if a := h.send(t, http.MethodPost, pathVerify, `{"secret":"`+own.Secret.Reveal()+`"}`, nil); strings.Contains(a.body, "requests") || strings.Contains(a.body, "retry_after") || strings.Contains(a.body, "subaccount") {
		t.Errorf("the verdict is %s", a.body)
	}
	must[api.Subaccount](t, h, http.StatusOK, http.MethodPatch, pathSubs+"/one", `{"status":"suspended"}`, nil)
	if v := h.verify(t, key.Secret.Reveal(), "read"); v.Code != api.VerifySubaccountSuspended || v.Status != http.StatusForbidden || v.Subaccount != "one" {
		t.Errorf("suspended: %+v", v)
	}
	if a := h.gateway(t, "?scope=read", key.Secret.Reveal(), ""); a.status != http.StatusForbidden || !strings.Contains(a.body, "subaccount_suspended") {
		t.Errorf("suspended: %d %s", a.status, a.body)
	}
}

// Counts that are being written are neither lost nor counted twice: of many callers at
// once exactly as many are let in as the limit says.
func TestLimits_HoldWhileCountsAreWritten(t *testing.T) {
	t.Parallel()
	h := start(t, servertest.Platform("benchmark"), servertest.Clock(time.Date(2026, 3, 31, 12, 30, 0, 0, time.UTC)))
	key := h.create(t, `{"name":"a","scopes":["contacts:read"]}`, nil)
	h.exhaust(t, 3000, key.Secret.Reveal())
	stop, flushed := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(flushed)
		for {
			select {
			case <-stop:
				return
			default:
				h.FlushUsage(t)
			}
		}
	}()
	var letIn atomic.Int64
	var callers sync.WaitGroup
	for range 8 {
		callers.Go(func() {
			for range 100 {
				req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.URL+"/v1/authorize", nil)
				if err != nil {
					t.Error(err)
					return
				}
				req.Header.Set(api.HeaderAuthorize, h.Owner)
				req.Header.Set(api.HeaderAPIKey, key.Secret.Reveal())
				resp, err := http.DefaultClient.Do(req)
				if err != nil {
					t.Error(err)
					return
				}
				resp.Body.Close()
				if resp.StatusCode == http.StatusNoContent {
					letIn.Add(1)
				}
			}
		})
	}
	callers.Wait()
	close(stop)
	<-flushed
	if n := letIn.Load(); n != 600 {
		t.Errorf("%d of the last 600 are let in", n)
	}
}
