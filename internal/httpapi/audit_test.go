package httpapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/server"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

const pathAudit = "/v1/audit-events"

// trail is one page of the audit trail.
func (h *harness) trail(t *testing.T, query string) api.Page[api.AuditEvent] {
	t.Helper()
	a := h.send(t, http.MethodGet, pathAudit+query, "", nil)
	if a.status != http.StatusOK {
		t.Fatalf("%s: %d: %s", query, a.status, a.body)
	}
	var page api.Page[api.AuditEvent]
	a.decode(t, &page)
	return page
}

func seqs(events []api.AuditEvent) string {
	var all []string
	for _, e := range events {
		all = append(all, fmt.Sprint(e.Seq))
	}
	return strings.Join(all, " ")
}

func TestAuditEvents_Filters(t *testing.T) {
	t.Parallel()
	h := start(t, servertest.Clock(time.Date(2030, 1, 31, 12, 0, 0, 0, time.UTC)))
	id, _ := h.NewKey(t, "read")        // 2, after account.create
	weakID, weak := h.NewKey(t, "read") // 3
	h.Advance(time.Hour)
	h.send(t, http.MethodPost, pathKeys+"/"+id+"/rotate", `{}`, map[string]string{api.HeaderRequestID: "the-one"})          // 4
	h.send(t, http.MethodDelete, pathKeys+"/"+id, "", map[string]string{api.HeaderAPIKey: weak, api.HeaderRequestID: "no"}) // 5
	h.SetStanding(t, api.StandingPendingCancel)                                                                             // 6
	for query, want := range map[string]string{
		"":                                   "1 2 3 4 5 6",
		"?actor=" + weakID:                   "5",
		"?actor=operator":                    "1 6",
		"?target=" + id:                      "2 4 5",
		"?action=apikey.rotate":              "4",
		"?action=apikey.":                    "2 3 4 5",
		"?outcome=denied":                    "5",
		"?since=2030-01-31T13:00:00Z":        "4 5 6",
		"?since=2030-01-31T14:00:00%2B01:00": "4 5 6",
		"?until=2030-01-31T12:00:00.001Z":    "1 2 3",
		"?target=" + id + "&outcome=allowed&since=2030-01-31T12:30:00Z": "4",
		"?limit=500&cursor=4": "5 6",
		"?target=no-such-key": "",
	} {
		page := h.trail(t, query)
		if got := seqs(page.Items); got != want || page.NextCursor != "" {
			t.Errorf("%s: got %q and the cursor %q, want %q", query, got, page.NextCursor, want)
		}
	}
	events := h.trail(t, "").Items
	var detail map[string]any
	if err := json.Unmarshal(events[3].Detail, &detail); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]any{"from": 1., "to": 2.}, detail["secret_version"]); diff != "" {
		t.Errorf("the detail of a rotation: want -, got +:\n%s", diff)
	}
	denied := events[4]
	if len(denied.Hash) != 64 || denied.PrevHash != events[3].Hash || events[0].PrevHash != "" {
		t.Errorf("the hashes are %q after %q, and the first has %q before it", denied.Hash, denied.PrevHash, events[0].PrevHash)
	}
	denied.Hash, denied.PrevHash = "", ""
	if diff := cmp.Diff(api.AuditEvent{
		Seq: 5, At: time.Date(2030, 1, 31, 13, 0, 0, 0, time.UTC), ActorKind: api.CallerAPIKey, Actor: weakID, RequestID: "no", Address: "127.0.0.1",
		Action: "apikey.delete", Target: id, Outcome: api.OutcomeDenied, Code: api.CodeForbidden, Detail: json.RawMessage(`{}`),
	}, denied); diff != "" {
		t.Errorf("a denial: want -, got +:\n%s", diff)
	}
	if first := events[0]; first.ActorKind != api.CallerOperator || first.Actor != "" || first.RequestID != "" || first.Target != h.AccountID() {
		t.Errorf("the first record is %+v", first)
	}
}

func TestAuditEvents_Pages(t *testing.T) {
	t.Parallel()
	h := start(t)
	for range 7 {
		h.NewKey(t, "read")
	}
	var got []string
	query := "?limit=2&action=apikey.create"
	for cursor := ""; ; {
		page := h.trail(t, query+cursor)
		got = append(got, seqs(page.Items))
		if page.NextCursor == "" {
			break
		}
		cursor = "&cursor=" + url.QueryEscape(page.NextCursor)
		if len(got) == 1 {
			h.NewKey(t, "read")
		}
	}
	if diff := cmp.Diff([]string{"2 3", "4 5", "6 7", "8 9"}, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

func TestAuditEvents_BadRequests(t *testing.T) {
	t.Parallel()
	h := start(t)
	_, weak := h.NewKey(t, "read")
	bad := func(query, field string, want ...string) scenario {
		return scenario{
			method: http.MethodGet, path: pathAudit + query, status: http.StatusUnprocessableEntity, code: api.CodeValidationFailed, field: field, want: want,
		}
	}
	malformed := func(query, field string, want ...string) scenario {
		s := bad(query, field, want...)
		s.status, s.code = http.StatusBadRequest, api.CodeInvalidRequest
		return s
	}
	h.run(t, map[string]scenario{
		"no credential": {
			method: http.MethodGet, path: pathAudit, header: map[string]string{api.HeaderAPIKey: "-"},
			status: http.StatusUnauthorized, code: api.CodeMissingCredential,
		},
		"no right": {
			method: http.MethodGet, path: pathAudit, header: map[string]string{api.HeaderAPIKey: weak},
			status: http.StatusForbidden, code: api.CodeForbidden, want: []string{`\"audit:read\"`}, forbid: []string{"apikey.create"},
		},
		"actor":              bad("?actor=alice", "actor", "or \\\"operator\\\""),
		"secret for actor":   bad("?actor={secret}", "actor"),
		"secret for target":  {method: http.MethodGet, path: pathAudit + "?target={secret}", status: http.StatusOK},
		"action":             bad("?action=apikey.crate", "action", `the nearest is \"apikey.create\"`),
		"outcome":            bad("?outcome=no", "outcome"),
		"until before since": bad("?since=2030-01-02T00:00:00Z&until=2030-01-01T00:00:00Z", "until", "must be after since"),
		"cursor":             bad("?cursor=abc", "cursor", "start again"),
		"limit":              bad("?limit=501", "limit"),
		"limit 0":            bad("?limit=0", "limit"),
		"several":            bad("?actor=x&action=x", "action", `"field":"actor"`),
		"limit in words":     malformed("?limit=all", "limit", "a whole number"),
		"a day":              malformed("?since=2030-01-31", "since", "as in RFC 3339, such as 2030-01-31T12:00:00Z"),
		"a bare plus":        malformed("?until=2030-01-31T12:00:00+01:00", "until", "%2B"),
		"unknown parameter":  malformed("?actors=x", "actors", `the nearest is \"actor\"`),
		"empty parameter":    malformed("?actor=", "actor", "leave it out"),
		"two of one":         malformed("?action=apikey.&action=verify", "action", "must be sent once"),
		"another method": {
			method: http.MethodDelete, path: pathAudit, status: http.StatusMethodNotAllowed, code: api.CodeMethodNotAllowed,
		},
	})
	denials := h.trail(t, "?action=audit.list&outcome=denied").Items
	if len(denials) != 1 || denials[0].ActorKind != api.CallerAPIKey || denials[0].Code != api.CodeForbidden {
		t.Errorf("the denials are %+v", denials)
	}
}

func TestAuditEvents_RightAloneIsEnough(t *testing.T) {
	t.Parallel()
	h := start(t)
	_, auditor := h.NewKey(t, "audit:read")
	with := map[string]string{api.HeaderAPIKey: auditor}
	if a := h.send(t, http.MethodGet, pathAudit, "", with); a.status != http.StatusOK {
		t.Errorf("%d: %s", a.status, a.body)
	}
	if a := h.send(t, http.MethodGet, pathKeys, "", with); a.status != http.StatusForbidden {
		t.Errorf("an auditor lists keys: %d", a.status)
	}
}

func TestAuditEvents_OfAnotherAccountAreNotThere(t *testing.T) {
	t.Parallel()
	h := start(t)
	id, _ := h.NewKey(t, "read")
	data, err := server.OpenExisting(t.Context(), server.Data{Dir: h.Dir})
	if err != nil {
		t.Fatal(err)
	}
	defer data.Close()
	_, stranger, err := data.Keyring.CreateAccount(t.Context(), keyring.NewAccount{Name: "other", Platform: "postern"})
	if err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{"", "?target=" + id, "?target=" + h.AccountID(), "?action=apikey."} {
		a := h.send(t, http.MethodGet, pathAudit+query, "", map[string]string{api.HeaderAPIKey: stranger.Reveal()})
		if a.status != http.StatusOK || strings.Contains(a.body, id) || strings.Contains(a.body, h.AccountID()) || query != "" && !strings.Contains(a.body, `"items":[]`) {
			t.Errorf("%s: %d: %s", query, a.status, a.body)
		}
	}
}

func TestAuditEvents_DocumentSaysWhatADetailIs(t *testing.T) {
	t.Parallel()
	h := start(t)
	event := at(h.contract.document, "components", "schemas", "AuditEvent")
	if got := fmt.Sprint(at(event, "properties", "detail", "type")); got != "object" {
		t.Errorf("detail is %s, want an object", got)
	}
	if required, _ := at(event, "required").([]any); len(required) != 14 {
		t.Errorf("%d fields are required, want all 14: %v", len(required), required)
	}
	if at(h.contract.document, "paths", pathAudit, "get", "summary") == nil {
		t.Error("the call is not described")
	}
}
