package servertest_test

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

const keys = "/v1/apikeys"

func TestServer_RestartKeepsKeysAndURL(t *testing.T) {
	t.Parallel()
	srv := servertest.Start(t)
	id, _ := srv.NewKey(t, "read")
	before := srv.URL
	srv.Restart(t)
	if srv.URL != before {
		t.Errorf("URL %s, was %s", srv.URL, before)
	}
	if resp, body := srv.Do(t, http.MethodGet, keys+"/"+id, nil); resp.StatusCode != http.StatusOK {
		t.Errorf("after the restart: %s: %s", resp.Status, body)
	}
	if n := srv.VerifyAudit(t); n != 2 {
		t.Errorf("%d audit records, want 2", n)
	}
}

func TestServer_StopRefusesConnections(t *testing.T) {
	t.Parallel()
	srv := servertest.Start(t)
	srv.Stop(t)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+"/healthz", nil)
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := http.DefaultClient.Do(req); err == nil {
		resp.Body.Close()
		t.Error("a stopped server answered")
	}
}

func TestServer_ClockMovesOnlyWhenTold(t *testing.T) {
	t.Parallel()
	start := time.Date(2030, 1, 31, 12, 0, 0, 0, time.UTC)
	srv := servertest.Start(t, servertest.Clock(start))
	srv.Advance(time.Hour)
	if got := srv.Now(); !got.Equal(start.Add(time.Hour)) {
		t.Errorf("the clock shows %s", got)
	}
	if _, body := srv.Do(t, http.MethodGet, "/v1/account", nil); !strings.Contains(string(body), `"server_time":"2030-01-31T13:00:00Z"`) {
		t.Errorf("the server says %s", body)
	}
}

func TestServer_FailAndCount(t *testing.T) {
	t.Parallel()
	srv := servertest.Start(t)
	srv.Fail(1, http.MethodGet, "/v1/account", http.StatusServiceUnavailable, 2*time.Second)
	if resp, _ := srv.Do(t, http.MethodGet, "/v1/account", nil); resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") != "2" {
		t.Errorf("%s, Retry-After %q", resp.Status, resp.Header.Get("Retry-After"))
	}
	if resp, _ := srv.Do(t, http.MethodGet, "/v1/account", nil); resp.StatusCode != http.StatusOK {
		t.Errorf("the fault goes on: %s", resp.Status)
	}
	if n := srv.Counts()["GET /v1/account"]; n != 2 {
		t.Errorf("counted %d, want 2: %v", n, srv.Requests())
	}
	srv.Reset()
	if n := len(srv.Requests()); n != 0 {
		t.Errorf("%d requests after the reset", n)
	}
}

func TestServer_LoseAnswersAfterTheWorkIsDone(t *testing.T) {
	t.Parallel()
	srv := servertest.Start(t)
	srv.LoseAnswers(1, http.MethodPost, keys)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL+keys, strings.NewReader(`{"name":"lost","scopes":["read"]}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set(api.HeaderAPIKey, srv.Owner)
	req.Header.Set("Content-Type", "application/json")
	if resp, err := http.DefaultClient.Do(req); err == nil {
		resp.Body.Close()
		t.Errorf("an answer came: %s", resp.Status)
	}
	if _, body := srv.Do(t, http.MethodGet, keys+"?name=lost", nil); !strings.Contains(string(body), `"name":"lost"`) {
		t.Errorf("the key is not there: %s", body)
	}
}

func TestServer_FullDiskAndBack(t *testing.T) {
	t.Parallel()
	srv := servertest.Start(t)
	srv.FillDisk(t)
	create := func() int {
		resp, _ := srv.Do(t, http.MethodPost, keys, strings.NewReader(`{"name":"ci","scopes":["read"]}`))
		return resp.StatusCode
	}
	if got := create(); got != http.StatusInsufficientStorage {
		t.Errorf("on a full disk: %d", got)
	}
	srv.FreeDisk(t)
	if got := create(); got != http.StatusCreated {
		t.Errorf("with space again: %d", got)
	}
	srv.VerifyAudit(t)
}

func TestServer_DatabaseFilesHoldTheKeysAndNoSecret(t *testing.T) {
	t.Parallel()
	srv := servertest.Start(t)
	id, key := srv.NewKey(t, "read")
	srv.Stop(t)
	all := ""
	for _, path := range srv.DatabaseFiles(t) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all += string(text)
	}
	if !strings.Contains(all, id) {
		t.Error("the files do not hold the key's id")
	}
	for _, hidden := range []string{key, srv.Owner} {
		if strings.Contains(all, hidden) || strings.Contains(srv.Logs(), hidden) {
			t.Error("a secret is in the database or in the log")
		}
	}
}

func TestServer_Platforms(t *testing.T) {
	t.Parallel()
	srv := servertest.Start(t, servertest.Platform("benchmark"), servertest.Plan("free"))
	srv.SetStanding(t, api.StandingPastDue)
	if _, body := srv.Do(t, http.MethodGet, "/v1/account", nil); !strings.Contains(string(body), `"platform":"benchmark","plan":"free","standing":"past_due"`) {
		t.Errorf("got %s", body)
	}
}
