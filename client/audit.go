package client

import (
	"context"
	"iter"
	"net/url"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

const pathAuditEvents = "/v1/audit-events"

// AuditEventService reads the audit trail of the account.
type AuditEventService struct{ core *core }

// use is the core of the service; nil for one that New did not make.
func (s *AuditEventService) use() *core {
	if s == nil {
		return nil
	}
	return s.core
}

// ListAuditEvents selects records. A field that is zero selects all; fields that
// are set must all fit.
type ListAuditEvents struct {
	Actor      string    // who did it: the id of a credential or a key, or api.CallerOperator
	Target     string    // what it was done to, by its id; a scope by its name
	Subaccount string    // the sub-account that it happened in or to, by its id
	Action     string    // such as apikey.create; with a dot at its end, such as apikey., all that begin so
	Outcome    string    // api.OutcomeAllowed or api.OutcomeDenied
	Since      time.Time // at this time or later
	Until      time.Time // before this time
	Limit      int       // records per page, 1 to api.MaxPageSize; 0 leaves it to the server, or for All is the most
	Cursor     string    // api.Page.NextCursor of the page before; empty for the first
}

// List returns one page of the trail, oldest first.
func (s *AuditEventService) List(ctx context.Context, in ListAuditEvents) (*api.Page[api.AuditEvent], error) {
	q := query{}
	q.set("actor", in.Actor)
	q.set("target", in.Target)
	q.set("subaccount", in.Subaccount)
	q.set("action", in.Action)
	q.set("outcome", in.Outcome)
	q.time("since", in.Since)
	q.time("until", in.Until)
	q.page(in.Limit, in.Cursor)
	o := get(pathAuditEvents)
	o.query = url.Values(q)
	return callPage(ctx, s.use(), o, func(*api.AuditEvent) string { return "" }, checkAuditEvent)
}

// All goes through all records that fit, oldest first, each one exactly once; those
// that are written meanwhile come last. It asks for a page when it gets there
// and not before. After an error, which comes with a nil record, it ends.
func (s *AuditEventService) All(ctx context.Context, in ListAuditEvents) iter.Seq2[*api.AuditEvent, error] {
	if in.Limit == 0 {
		in.Limit = api.MaxPageSize
	}
	return pages(pathAuditEvents, in.Cursor, rising, func(cursor string) (*api.Page[api.AuditEvent], error) {
		part := in
		part.Cursor = cursor
		return s.List(ctx, part)
	})
}

// rising wants each record to come after the one before. A trail may have any length.
func rising() sequence[api.AuditEvent] {
	var last int64
	return func(e *api.AuditEvent) string {
		if e.Seq <= last {
			return "the server listed a record twice, or not in the order of the trail"
		}
		last = e.Seq
		return ""
	}
}

func checkAuditEvent(e *api.AuditEvent) string {
	switch {
	case e.Seq < 1:
		return "has an audit event without its place in the trail"
	case e.At.IsZero():
		return "has an audit event without a time"
	case e.Action == "":
		return "has an audit event without an action"
	case e.Outcome == "":
		return "has an audit event without an outcome"
	}
	return ""
}
