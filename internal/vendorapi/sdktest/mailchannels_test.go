package sdktest_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

// result is what the SDK makes of an answer.
type result struct {
	Data    any
	Success *bool
	Error   *struct {
		StatusCode int
		Message    string
	}
}

func TestMailChannelsSDK_EachCallAboutSubaccountsAndKeys(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Platform("mailchannels"), servertest.Clock(time.Date(2027, 4, 5, 6, 7, 8, 0, time.UTC)))
	_, stranger := s.NewAccount(t, "postern")
	var report map[string]result
	node(t, "mailchannels.mjs", map[string]string{"POSTERN_URL": s.URL, "POSTERN_KEY": s.Owner, "POSTERN_STRANGER": stranger}, &report)

	for step, status := range map[string]int{
		"create again": 409, "key of none": 404, "keys of none": 404, "key 101": 422, "suspend none": 404, "activate none": 404,
		"delete no key": 400, "smtp password": 501, "smtp passwords": 501, "delete smtp password": 501, "stranger": 403, "unknown key": 401,
	} {
		got := report[step]
		if got.Error == nil || got.Error.StatusCode != status || got.Error.Message == "" {
			t.Errorf("%s: got %+v, want the status %d", step, got.Error, status)
		}
		delete(report, step)
	}
	for step, got := range report {
		if got.Error != nil || got.Success != nil && !*got.Success {
			t.Errorf("%s: failed: %+v", step, got.Error)
		}
	}
	acme := map[string]any{"companyName": "Acme", "enabled": true, "handle": "acme1"}
	suspended := map[string]any{"companyName": "Acme", "enabled": false, "handle": "acme1"}
	random := report["create at random"].Data
	key, _ := report["key"].Data.(map[string]any)
	secret, _ := key["value"].(string)
	if !strings.HasPrefix(secret, "mch_") || len(secret) < 20 {
		t.Fatal("the key has no secret")
	}
	for step, want := range map[string]any{
		"create": acme, "list after": []any{},
		"keys": []any{map[string]any{"id": key["id"], "value": secret[:8] + "********"}}, "keys after": []any{},
		"limit before": map[string]any{"sends": -1.}, "limit": map[string]any{"sends": 5000.}, "limit after": map[string]any{"sends": -1.},
		"usage": map[string]any{"total": 0., "startDate": "2027-04-01", "endDate": "2027-04-30"},
	} {
		if diff := cmp.Diff(want, report[step].Data); diff != "" {
			t.Errorf("%s: want -, got +:\n%s", step, diff)
		}
	}
	// Both were made in the same second, so either may be the first.
	all, _ := report["list"].Data.([]any)
	if len(all) != 2 || !contains(all, acme) || !contains(all, random) {
		t.Errorf("the list holds %v", all)
	}
	if after, _ := report["list suspended"].Data.([]any); !contains(after, suspended) {
		t.Errorf("after the suspension the list holds %v", after)
	}
	notShown(t, s, secret)
}

func contains(all []any, one any) bool {
	for _, other := range all {
		if cmp.Equal(one, other) {
			return true
		}
	}
	return false
}

// notShown fails the test when a secret is where none belongs.
func notShown(t *testing.T, s *servertest.Server, secrets ...string) {
	t.Helper()
	places := map[string]string{"the audit trail": s.Do(t, "GET", "/v1/audit-events?limit=500", "").Body}
	s.Stop(t)
	places["the log"] = s.Logs()
	for _, file := range s.DatabaseFiles(t) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		places[file] = string(text)
	}
	for place, text := range places {
		for _, secret := range append(secrets, s.Owner) {
			if strings.Contains(text, secret[len(secret)-12:]) {
				t.Errorf("%s holds a secret", place)
			}
		}
	}
}
