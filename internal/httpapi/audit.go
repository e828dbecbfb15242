package httpapi

import (
	"context"
	"encoding/hex"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

type listAuditEventsInput struct {
	Actor      string    `query:"actor" doc:"Only what this credential or key did, by its id, or operator for what was done on the server's own machine."`
	Target     string    `query:"target" doc:"Only what was done to this, by its id, or a scope by its name."`
	Subaccount string    `query:"subaccount" doc:"Only what happened in or to this sub-account, by its id."`
	Action     string    `query:"action" doc:"Only this action, such as apikey.create; with a dot at its end, such as apikey., all that begin so."`
	Outcome    string    `query:"outcome" enum:"allowed,denied" doc:"Only what was done, or only what was denied."`
	Since      time.Time `query:"since" doc:"Only what happened at this time or later."`
	Until      time.Time `query:"until" doc:"Only what happened before this time."`
	Limit      int       `query:"limit" minimum:"1" maximum:"500" default:"100" doc:"The most items on a page."`
	Cursor     string    `query:"cursor" doc:"The next_cursor of the page before; absent for the first page."`
}

type auditEventPageOutput struct {
	Body api.Page[api.AuditEvent]
}

func (a *API) registerAudit() {
	huma.Register(a.huma, operation("list-audit-events", http.MethodGet, "/v1/audit-events", tagAudit,
		"List audit events",
		"The account's audit trail, oldest first, a page at a time: every write and every attempt that was denied. Denials of one credential that repeat within a minute are summed up in a record of denial.repeat, verifications that were refused in one of verify.refuse an address and reason. Filters narrow the list "+
			"together. The records form a chain by their hashes, which postern audit verify proves on the server's machine. Where the server "+
			"is set to keep them for a time only, older ones are gone, and a record of audit.trim says which.",
		http.StatusUnprocessableEntity), a.listAuditEvents)
}

func (a *API) listAuditEvents(ctx context.Context, in *listAuditEventsInput) (*auditEventPageOutput, error) {
	events, next, err := a.keyring.AuditEvents(ctx, callerOf(ctx), keyring.AuditFilter{
		Actor: in.Actor, Target: in.Target, Subaccount: in.Subaccount, Action: in.Action, Outcome: in.Outcome, Since: in.Since, Until: in.Until,
		Cursor: in.Cursor, Limit: in.Limit,
	})
	if err != nil {
		return nil, err
	}
	page := api.Page[api.AuditEvent]{Items: make([]api.AuditEvent, 0, len(events)), NextCursor: next}
	for _, e := range events {
		page.Items = append(page.Items, AuditEvent(e))
	}
	return &auditEventPageOutput{Body: page}, nil
}

// AuditEvent is a record as it goes over the wire.
func AuditEvent(e keyring.AuditEvent) api.AuditEvent {
	return api.AuditEvent{
		Seq:        e.Seq,
		At:         e.At,
		ActorKind:  e.ActorKind,
		Actor:      e.Actor,
		RequestID:  e.RequestID,
		Address:    e.Address,
		Action:     e.Action,
		Target:     e.Target,
		Subaccount: e.Subaccount,
		Outcome:    e.Outcome,
		Code:       api.Code(e.Code),
		Detail:     e.Detail,
		Hash:       hex.EncodeToString(e.Hash),
		PrevHash:   hex.EncodeToString(e.PrevHash),
	}
}
