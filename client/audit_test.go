package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

func testEvent(seq int64) api.AuditEvent {
	return api.AuditEvent{
		Seq: seq, At: time.Date(2026, 1, 2, 3, 4, 5, 678000, time.UTC), ActorKind: api.CallerOwner, Actor: "own_1", RequestID: "req_1", Address: "192.0.2.1",
		Action: "apikey.create", Target: "key_1", Outcome: api.OutcomeAllowed, Detail: json.RawMessage(`{"name":"ci"}`),
		Hash: fmt.Sprintf("%064x", seq), PrevHash: fmt.Sprintf("%064x", seq-1),
	}
}

func eventsPage(next string, seqs ...int64) api.Page[api.AuditEvent] {
	page := api.Page[api.AuditEvent]{Items: []api.AuditEvent{}, NextCursor: next}
	for _, seq := range seqs {
		page.Items = append(page.Items, testEvent(seq))
	}
	return page
}

func TestAuditEvents_List(t *testing.T) {
	t.Parallel()
	since := time.Date(2026, 1, 2, 4, 0, 0, 5, time.FixedZone("east", 3600))
	c := scripted(t,
		step{method: "GET", path: "/v1/audit-events", reply: reveal(200, eventsPage("2", 1, 2))},
		step{method: "GET", path: "/v1/audit-events",
			query: "action=apikey.&actor=own_1&cursor=2&limit=7&outcome=denied&since=2026-01-02T03:00:00.000000005Z&subaccount=sub_1&target=key_1&until=2026-01-02T03:00:01.000000005Z",
			reply: reveal(200, eventsPage(""))},
		step{method: "GET", path: "/v1/audit-events", query: "actor=x", reply: problem(422, api.CodeValidationFailed)},
	)
	page, err := c.AuditEvents.List(t.Context(), ListAuditEvents{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(eventsPage("2", 1, 2), *page); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	page, err = c.AuditEvents.List(t.Context(), ListAuditEvents{
		Actor: "own_1", Target: "key_1", Subaccount: "sub_1", Action: "apikey.", Outcome: api.OutcomeDenied, Since: since, Until: since.Add(time.Second), Limit: 7, Cursor: "2",
	})
	if err != nil || len(page.Items) != 0 || page.NextCursor != "" {
		t.Errorf("%+v, %v", page, err)
	}
	if _, err := c.AuditEvents.List(t.Context(), ListAuditEvents{Actor: "x"}); !errors.Is(err, ErrValidation) {
		t.Error(err)
	}
}

func TestAuditEvents_All(t *testing.T) {
	t.Parallel()
	page := func(cursor string, r reply) step {
		q := "limit=500&outcome=denied"
		if cursor != "" {
			q += "&cursor=" + cursor
		}
		return step{method: "GET", path: "/v1/audit-events", query: q, reply: r}
	}
	c := scripted(t,
		page("", reveal(200, eventsPage("5", 1, 5))),
		page("5", reveal(200, eventsPage("9"))),
		page("9", reveal(200, eventsPage("11", 11))),
		page("11", problem(403, api.CodeForbidden)),
	)
	var seqs []int64
	var errs []error
	for e, err := range c.AuditEvents.All(t.Context(), ListAuditEvents{Outcome: api.OutcomeDenied}) {
		if err != nil {
			errs = append(errs, err)
			continue
		}
		seqs = append(seqs, e.Seq)
	}
	if !slices.Equal(seqs, []int64{1, 5, 11}) || len(errs) != 1 || !errors.Is(errs[0], ErrForbidden) {
		t.Error(seqs, errs)
	}
	c = scripted(t, step{method: "GET", path: "/v1/audit-events", query: "limit=2&cursor=3", reply: reveal(200, eventsPage("5", 4, 5))})
	for e, err := range c.AuditEvents.All(t.Context(), ListAuditEvents{Limit: 2, Cursor: "3"}) {
		if err != nil || e.Seq != 4 {
			t.Errorf("%+v, %v", e, err)
		}
		break // and no second page
	}
}

func TestAuditEvents_HalfAnAnswerIsAnError(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*api.AuditEvent){
		"place":   func(e *api.AuditEvent) { e.Seq = 0 },
		"time":    func(e *api.AuditEvent) { e.At = time.Time{} },
		"action":  func(e *api.AuditEvent) { e.Action = "" },
		"outcome": func(e *api.AuditEvent) { e.Outcome = "" },
	} {
		page := eventsPage("", 1, 2)
		change(&page.Items[1])
		c := scripted(t, step{method: "GET", path: "/v1/audit-events", reply: reveal(200, page)})
		_, err := c.AuditEvents.List(t.Context(), ListAuditEvents{})
		if !errors.Is(err, ErrUnexpectedAnswer) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}
