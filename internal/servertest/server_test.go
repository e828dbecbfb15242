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
	if a := srv.Do(t, http.MethodGet, keys+"/"+id, ""); a.Status != http.StatusOK {
		t.Errorf("after the restart: %d: %s", a.Status, a.Body)
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
	if a := srv.Do(t, http.MethodGet, "/v1/account", ""); !strings.Contains(a.Body, `"server_time":"2030-01-31T13:00:00Z"`) {
		t.Errorf("the server says %s", a.Body)
	}
}

func TestServer_FailAndCount(t *testing.T) {
	t.Parallel()
	srv := servertest.Start(t)
	srv.Fail(1, http.MethodGet, "/v1/account", http.StatusServiceUnavailable, 2*time.Second)
	if a := srv.Do(t, http.MethodGet, "/v1/account", ""); a.Status != http.StatusServiceUnavailable || a.Header.Get("Retry-After") != "2" {
		t.Errorf("%d, Retry-After %q", a.Status, a.Header.Get("Retry-After"))
	}
	if a := srv.Do(t, http.MethodGet, "/v1/account", ""); a.Status != http.StatusOK {
		t.Errorf("the fault goes on: %d", a.Status)
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
	if a := srv.Do(t, http.MethodGet, keys+"?name=lost", ""); !strings.Contains(a.Body, `"name":"lost"`) {
		t.Errorf("the key is not there: %s", a.Body)
	}
}

func TestServer_FullDiskAndBack(t *testing.T) {
	t.Parallel()
	srv := servertest.Start(t)
	srv.FillDisk(t)
	create := func() int { return srv.Do(t, http.MethodPost, keys, `{"name":"ci","scopes":["read"]}`).Status }
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
	if a := srv.Do(t, http.MethodGet, "/v1/account", ""); !strings.Contains(a.Body, `"platform":"benchmark","plan":"free","standing":"past_due"`) {
		t.Errorf("got %s", a.Body)
	}
}
