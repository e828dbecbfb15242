package keyring

import (
	"context"
	"strings"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/platform"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// AuditFilter selects records of one account's audit trail. Zero fields select
// all; those that are set must all fit.
type AuditFilter struct {
	Actor  string // the id of a key or an owner credential, or ActorOperator
	Target string // the id of what it was done to, or the name of a scope
	// Subaccount is the id of a sub-account: only what happened in or to it. Whoever is
	// bound to one sees no other records.
	Subaccount string
	Action     string // such as apikey.create; with a dot at its end, all that begin so
	Outcome    string // OutcomeAllowed or OutcomeDenied
	Since      time.Time
	Until      time.Time // records before this time
	Cursor     string
	Limit      int // 1 to api.MaxPageSize
}

// AuditEvents returns a page of the audit trail of the caller's account, oldest
// first, and the cursor of the next page. Records that are written meanwhile
// come after all others, so that paging meets each one once. Reading leaves no
// record itself, or a trail that is watched would only ever grow.
func (k *Keyring) AuditEvents(ctx context.Context, who Caller, in AuditFilter) ([]AuditEvent, string, error) {
	var events []AuditEvent
	var next string
	if who.Subaccount != nil {
		in.Subaccount = who.Subaccount.ID
	}
	err := k.view(ctx, func(r Reader) error {
		if err := allow(who, platform.RightAuditRead); err != nil {
			return err
		}
		var err error
		events, next, err = auditPage(ctx, r, who.Account.ID, in)
		return err
	})
	return events, next, k.denied(ctx, who, "audit.list", "", err)
}

func auditPage(ctx context.Context, r Reader, account string, in AuditFilter) ([]AuditEvent, string, error) {
	q, err := in.query(account)
	if err != nil {
		return nil, "", err
	}
	events, next, err := r.AuditEvents(ctx, q)
	return events, nextCursor(next), err
}

// query checks the filter. No message repeats what was sent for an id: it could be
// a secret in the wrong place.
func (in AuditFilter) query(account string) (AuditQuery, error) {
	q := AuditQuery{
		Account: account, Subaccount: in.Subaccount, Target: in.Target, Outcome: in.Outcome, Since: wholeMicro(in.Since), Until: wholeMicro(in.Until),
		Limit: in.Limit,
	}
	var f faults
	switch {
	case in.Actor == ActorOperator:
		q.ActorKind = ActorOperator
	case !mayBeID(in.Actor):
		f.add("actor", "must be the id of an API key or of an owner credential, or %q", ActorOperator)
	default:
		q.Actor = in.Actor
	}
	if !mayBeID(in.Subaccount) {
		f.add("subaccount", "must be the id of a sub-account, not its handle")
	}
	if err := checkText(in.Target, maxScopeName); err != nil {
		f.add("target", "%v", err)
	}
	if in.Action != "" {
		if err := checkAction(in.Action); err != nil {
			f.add("action", "%v", err)
		}
	}
	if strings.HasSuffix(in.Action, ".") {
		q.ActionPrefix = in.Action
	} else {
		q.Action = in.Action
	}
	if in.Outcome != "" && in.Outcome != OutcomeAllowed && in.Outcome != OutcomeDenied {
		f.add("outcome", "must be %q or %q", OutcomeAllowed, OutcomeDenied)
	}
	if !in.Since.IsZero() && !in.Until.IsZero() && !in.Since.Before(in.Until) {
		f.add("until", "must be after since, which is %s", in.Since.UTC().Format(time.RFC3339Nano))
	}
	f.limit(in.Limit)
	f.cursor(in.Cursor, &q.After)
	return q, f.err()
}

// mayBeID reports whether the text is empty or could be an id of some platform.
func mayBeID(text string) bool {
	const shortest, longest = 15, 25
	return text == "" || len(text) >= shortest && len(text) <= longest && secret.Of("base64url", text)
}

// maxScopeName is the longest target: scopes are named by their name.
const maxScopeName = scope.MaxName

// wholeMicro rounds a bound up to the precision of the records' times, which
// leaves each record on its side of it.
func wholeMicro(t time.Time) time.Time {
	if whole := t.Truncate(time.Microsecond); whole.Equal(t) {
		return t
	}
	return t.Truncate(time.Microsecond).Add(time.Microsecond)
}
