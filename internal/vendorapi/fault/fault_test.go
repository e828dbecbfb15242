package fault_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/vendorapi/fault"
)

// start serves a handler that counts what reaches it and answers "worked".
func start(t *testing.T) (*fault.Injector, string, chan string) {
	t.Helper()
	reached := make(chan string, 10)
	faults := &fault.Injector{}
	srv := httptest.NewServer(faults.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		reached <- r.Method + " " + r.URL.Path + " " + string(body)
		_, _ = io.WriteString(w, "worked")
	})))
	t.Cleanup(srv.Close)
	return faults, srv.URL, reached
}

type answer struct {
	status int
	header http.Header
	body   string
}

func do(ctx context.Context, t *testing.T, method, url, body string) (answer, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, string(text)}, err
}

func TestFault_AnswersInsteadOfTheServer(t *testing.T) {
	t.Parallel()
	reset := time.Unix(1900000000, 0)
	for name, tc := range map[string]struct {
		fault        fault.Fault
		status       int
		header, want string
		text         string
	}{
		"rate limited":              {fault.Fault{Kind: fault.RateLimited, Reset: reset}, 429, "X-RateLimit-Reset", "1900000000", "too many requests"},
		"server error":              {fault.Fault{Kind: fault.ServerError}, 500, "Content-Type", "application/json", "internal server error"},
		"a page":                    {fault.Fault{Kind: fault.HTML}, 502, "Content-Type", "text/html; charset=utf-8", "<!doctype html>"},
		"a page that claims 200":    {fault.Fault{Kind: fault.HTML, Status: 200}, 200, "Content-Type", "text/html; charset=utf-8", "<!doctype html>"},
		"nothing":                   {fault.Fault{Kind: fault.Empty, Status: 201}, 201, "Content-Length", "0", ""},
		"half of an answer":         {fault.Fault{Kind: fault.Truncated}, 200, "Content-Type", "application/json", `{"result":`},
		"half of another":           {fault.Fault{Kind: fault.Truncated, Body: `[{`}, 200, "Content-Type", "application/json", `[{`},
		"to another place":          {fault.Fault{Kind: fault.Redirect, Location: "http://127.0.0.1:1/"}, 302, "Location", "http://127.0.0.1:1/", ""},
		"for good to another place": {fault.Fault{Kind: fault.Redirect, Status: 308, Location: "/x"}, 308, "Location", "/x", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			faults, url, reached := start(t)
			faults.Add(tc.fault)
			resp, err := do(t.Context(), t, http.MethodPost, url+"/v3/api_keys", "{}")
			if err != nil {
				t.Fatal(err)
			}
			if resp.status != tc.status || resp.header.Get(tc.header) != tc.want || !strings.Contains(resp.body, tc.text) || (tc.text == "") != (resp.body == "") {
				t.Errorf("%d %q %q", resp.status, resp.header.Get(tc.header), resp.body)
			}
			if tc.fault.Kind == fault.Truncated && json.Valid([]byte(resp.body)) {
				t.Errorf("%q is whole", resp.body)
			}
			if len(reached) != 0 {
				t.Errorf("the server saw %q", <-reached)
			}
		})
	}
}

func TestFault_HitsOnlyWhatFitsAndOnlySoOften(t *testing.T) {
	t.Parallel()
	faults, url, _ := start(t)
	faults.Add(fault.Fault{Kind: fault.ServerError, Times: 2, Method: http.MethodPost, Prefix: "/v3/api_keys"})
	status := func(method, path string) int {
		t.Helper()
		resp, err := do(t.Context(), t, method, url+path, "")
		if err != nil {
			t.Fatal(err)
		}
		return resp.status
	}
	for _, tc := range []struct {
		method, path string
		want         int
	}{
		{http.MethodGet, "/v3/api_keys", 200},
		{http.MethodPost, "/v3/subusers", 200},
		{http.MethodPost, "/v3/api_keys", 500},
		{http.MethodPost, "/v3/api_keys/x", 500},
		{http.MethodPost, "/v3/api_keys", 200},
	} {
		if got := status(tc.method, tc.path); got != tc.want {
			t.Errorf("%s %s: %d, want %d", tc.method, tc.path, got, tc.want)
		}
	}
	faults.Add(fault.Fault{Kind: fault.ServerError})
	if faults.Left() != 1 {
		t.Errorf("%d left", faults.Left())
	}
	faults.Clear()
	if got := status(http.MethodPost, "/"); got != 200 {
		t.Errorf("after Clear: %d", got)
	}
}

func TestFault_SlowWaitsForItsRelease(t *testing.T) {
	t.Parallel()
	faults, url, reached := start(t)
	release := make(chan struct{})
	faults.Add(fault.Fault{Kind: fault.Slow, Release: release})
	answered := make(chan string)
	go func() {
		resp, _ := do(t.Context(), t, http.MethodPost, url+"/slow", "the body")
		answered <- resp.body
	}()
	for faults.Left() > 0 { // until the request is in it
		time.Sleep(time.Millisecond)
	}
	if len(reached) != 0 {
		t.Error("it did not wait")
	}
	close(release)
	if got := <-answered; got != "worked" {
		t.Errorf("got %q", got)
	}
	if got := <-reached; got != "POST /slow the body" {
		t.Errorf("the server saw %q", got)
	}
}

func TestFault_SlowEndsWhenTheCallerLeaves(t *testing.T) {
	t.Parallel()
	faults, url, reached := start(t)
	faults.Add(fault.Fault{Kind: fault.Slow})
	ctx, leave := context.WithCancel(t.Context())
	left := make(chan error)
	go func() {
		_, err := do(ctx, t, http.MethodPost, url, "{}")
		left <- err
	}()
	for faults.Left() > 0 {
		time.Sleep(time.Millisecond)
	}
	leave()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	// The end of the test closes the server, which waits for its handlers.
	if len(reached) != 0 {
		t.Error("the server saw it")
	}
}

func TestFault_LostIsDoneButNotAnswered(t *testing.T) {
	t.Parallel()
	faults, url, reached := start(t)
	faults.Add(fault.Fault{Kind: fault.Lost})
	if resp, err := do(t.Context(), t, http.MethodPost, url+"/lost", "work"); err == nil {
		t.Errorf("an answer came: %s", resp.body)
	}
	if got := <-reached; got != "POST /lost work" {
		t.Errorf("the server saw %q", got)
	}
}

func TestTheProgramHasNoFaults(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "github.com/postern-dev/terraform-provider-postern/cmd/postern").Output()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(out), "internal/vendorapi/sendgrid\n") || strings.Contains(string(out), "vendorapi/fault") || strings.Contains(string(out), "servertest") {
		t.Error("the program must have SendGrid's paths and no faults")
	}
}
