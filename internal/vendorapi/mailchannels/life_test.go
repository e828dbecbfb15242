package mailchannels_test

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

func TestSubaccounts_Life(t *testing.T) {
	t.Parallel()
	h := harness{servertest.Start(t, servertest.Platform("mailchannels"), servertest.Clock(time.Date(2028, 2, 29, 12, 0, 0, 0, time.UTC)))}
	h.want(t, http.MethodGet, root, "", 200, `[]`)
	h.subaccount(t, "acme1")
	h.Advance(time.Second)
	a := h.as(t, h.Owner, http.MethodPost, root, `{"company_name":"`+strings.Repeat("ä", 128)+`","handle":null}`)
	if a.Status != 201 || !regexp.MustCompile(`"enabled":true,"handle":"[a-z0-9]{20}"}$`).MatchString(a.Body) {
		t.Errorf("a handle at random: %d %s", a.Status, a.Body)
	}
	h.want(t, http.MethodPost, root+"/acme1/suspend", "", 204, "")
	h.want(t, http.MethodGet, root+"?limit=1", "", 200, `[{"company_name":"Acme","enabled":false,"handle":"acme1"}]`)
	h.want(t, http.MethodPost, root+"/acme1/activate", "{}", 204, "")
	h.want(t, http.MethodGet, root+"?limit=1&offset=0", "", 200, `[{"company_name":"Acme","enabled":true,"handle":"acme1"}]`)
	h.want(t, http.MethodGet, root+"/acme1/limit", "", 200, `{"sends":-1}`)
	h.want(t, http.MethodGet, root+"/acme1/usage", "", 200, `{"total_usage":0,"period_start_date":"2028-02-01","period_end_date":"2028-02-29"}`)
	h.want(t, http.MethodPut, root+"/acme1/limit", `{"sends":0}`, 200, `{"limit":{"sends":0}}`)
	h.want(t, http.MethodGet, root+"/acme1/limit", "", 200, `{"sends":0}`)
	h.want(t, http.MethodGet, root+"/acme1/usage", "", 200, `{"total_usage":0,"period_start_date":"2028-02-01","period_end_date":"2028-02-29","monthly_limit":0}`)
	h.want(t, http.MethodDelete, root+"/acme1/limit", "", 204, "")
	h.want(t, http.MethodGet, root+"/acme1/limit", "", 200, `{"sends":-1}`)
	h.key(t, "acme1")
	h.want(t, http.MethodDelete, root+"/acme1", "", 204, "")
	h.want(t, http.MethodDelete, root+"/acme1", "", 204, "")
	h.VerifyAudit(t)
}

func TestKeys_TheWholeKeyIsShownOnceAndListsShowItsBeginning(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.subaccount(t, "acme1")
	first := h.key(t, "acme1")
	if !regexp.MustCompile(`^[1-9][0-9]{14}$`).MatchString(first.ID.String()) || !strings.HasPrefix(first.Key, "mch_") {
		t.Errorf("made %+v", first)
	}
	h.want(t, http.MethodGet, root+"/acme1/api-key", "", 200, fmt.Sprintf(`[{"id":%s,"key":"%s********"}]`, first.ID, first.Key[:8]))
	v := h.Do(t, http.MethodPost, "/v1/verify", `{"secret":"`+first.Key+`","scopes":["api"]}`)
	if !strings.Contains(v.Body, `"valid":true`) {
		t.Errorf("the key does not work: %s", v.Body)
	}
	h.want(t, http.MethodDelete, root+"/acme1/api-key/"+first.ID.String(), "", 204, "")
	h.want(t, http.MethodGet, root+"/acme1/api-key", "", 200, `[]`)
	if v := h.Do(t, http.MethodPost, "/v1/verify", `{"secret":"`+first.Key+`"}`); !strings.Contains(v.Body, `"valid":false`) {
		t.Errorf("the deleted key works: %s", v.Body)
	}
	h.want(t, http.MethodDelete, root+"/acme1/api-key/"+first.ID.String(), "", 204, "")
}

func TestLists_CutTheWindowThatIsAskedFor(t *testing.T) {
	t.Parallel()
	h := start(t)
	var handles []string
	for i := range 7 {
		handles = append(handles, fmt.Sprintf("acme%d", i))
		h.subaccount(t, handles[i])
		h.Advance(time.Second)
	}
	for range 100 {
		h.key(t, "acme0")
	}
	h.refuse(t, "the 101st key", h.Owner, http.MethodPost, root+"/acme0/api-key", "", 422, "100 API keys")
	for query, want := range map[string]string{
		"": "0123456", "?limit=3": "012", "?limit=3&offset=3": "345", "?limit=3&offset=6": "6", "?offset=7": "", "?offset=99999": "", "?limit=1000&offset=5": "56",
	} {
		var found []struct{ Handle string }
		h.list(t, root+query, &found)
		got := ""
		for _, s := range found {
			got += strings.TrimPrefix(s.Handle, "acme")
		}
		if got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	seen := map[string]bool{}
	for offset := 0; offset < 100; offset += 30 {
		var page []key
		h.list(t, fmt.Sprintf("%s/acme0/api-key?limit=30&offset=%d", root, offset), &page)
		for _, k := range page {
			seen[k.ID.String()] = true
		}
	}
	if len(seen) != 100 {
		t.Errorf("the pages hold %d different keys, want 100", len(seen))
	}
}

func TestLists_GoBeyondOnePageOfTheKeyring(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves out what only repeats at a larger size")
	}
	t.Parallel()
	h := start(t)
	for i := range 503 {
		h.subaccount(t, fmt.Sprintf("acme%d", i))
	}
	for query, want := range map[string]int{"": 503, "?limit=500": 500, "?limit=501": 501, "?offset=500": 3, "?limit=2&offset=499": 2} {
		var found []struct{ Handle string }
		h.list(t, root+query, &found)
		seen := map[string]bool{}
		for _, s := range found {
			seen[s.Handle] = true
		}
		if len(found) != want || len(seen) != want {
			t.Errorf("%s: %d, %d different ones, want %d", query, len(found), len(seen), want)
		}
	}
}

func TestRule9_NoSecretIsInLogsAuditOrDatabase(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.subaccount(t, "acme1")
	secrets := []string{h.Owner, h.key(t, "acme1").Key, h.key(t, "acme1").Key}
	// Where a key may end up by mistake.
	inPath := strings.ToLower(strings.TrimPrefix(secrets[1], "mch_"))
	h.refuse(t, "as a handle", h.Owner, http.MethodGet, root+"/"+inPath+"/api-key", "", 404, "no such sub-account")
	h.refuse(t, "as an id", h.Owner, http.MethodDelete, root+"/acme1/api-key/"+secrets[2], "", 400, "whole number")
	h.refuse(t, "as a path", h.Owner, http.MethodGet, "/tx/v1/"+secrets[2], "", 404, "no such path")
	h.refuse(t, "as a field", h.Owner, http.MethodPost, root, `{"`+secrets[2]+`":1}`, 400, "company_name")
	h.refuse(t, "as a wrong handle", h.Owner, http.MethodPost, root, `{"company_name":"Acme","handle":"`+secrets[2]+`"}`, 400, "handle")
	h.refuse(t, "as a limit", h.Owner, http.MethodPut, root+"/acme1/limit", `{"sends":"`+secrets[2]+`"}`, 400, "sends")
	h.refuse(t, "of a stranger", secrets[0]+"x", http.MethodGet, root, "", 401, "not valid")
	h.as(t, h.Owner, http.MethodDelete, root+"/acme1", "")
	audit := h.Do(t, http.MethodGet, "/v1/audit-events?limit=500", "").Body
	h.Stop(t)
	places := map[string]string{"the log": h.Logs(), "the audit trail": audit}
	for _, file := range h.DatabaseFiles(t) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		places[file] = string(text)
	}
	for place, text := range places {
		for _, s := range append(secrets, "xxxx"+inPath) {
			if end := s[len(s)-12:]; strings.Contains(text, end) || strings.Contains(text, s[12:24]) {
				t.Errorf("%s holds a secret", place)
			}
		}
	}
	if !strings.Contains(h.Logs(), `"route":"/tx/v1/sub-account/{handle}/api-key"`) {
		t.Error("the requests are not in the log")
	}
}
