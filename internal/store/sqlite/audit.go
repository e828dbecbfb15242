package sqlite

import (
	"context"
	"errors"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

const auditColumns = `account, seq, at, actor_kind, actor, request_id, address, action, target, outcome, code, detail, prev_hash, hash, subaccount`

func scanAudit(scan func(...any) error) (keyring.AuditEvent, error) {
	var e keyring.AuditEvent
	var at int64
	err := scan(&e.Account, &e.Seq, &at, &e.ActorKind, &e.Actor, &e.RequestID, &e.Address, &e.Action, &e.Target, &e.Outcome, &e.Code,
		&e.Detail, &e.PrevHash, &e.Hash, &e.Subaccount)
	e.At = utc(at)
	return e, err
}

func (r *reader) AuditHead(ctx context.Context, account string) (keyring.AuditEvent, error) {
	return orNone(scanAudit(r.one(ctx, `SELECT `+auditColumns+` FROM audit_events WHERE account = ? ORDER BY seq DESC LIMIT 1`, account)))
}

func (r *reader) AuditEvents(ctx context.Context, q keyring.AuditQuery) ([]keyring.AuditEvent, int64, error) {
	s, err := r.choose(ctx, auditWay(q))
	if err != nil {
		return nil, 0, err
	}
	events := []keyring.AuditEvent{}
	c := s.conditions()
	query := `SELECT ` + auditColumns + ` FROM ` + s.from + c.where() + ` ORDER BY seq LIMIT ?`
	err = r.each(ctx, query, append(c.args, q.Limit+1), func(scan func(...any) error) error {
		e, err := scanAudit(scan)
		events = append(events, e)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	page, next := cut(events, q.Limit, s, func(e keyring.AuditEvent) int64 { return e.Seq })
	return page, next, nil
}

// auditWay names the index to use: without figures of its own SQLite takes the
// primary key for as good, and reads the whole trail.
func auditWay(q keyring.AuditQuery) way {
	w := way{from: "audit_events"}
	w.on.add("account = ?", q.Account)
	rest := q
	switch {
	case q.Target != "": // before the actor: more is done by one than to one
		w.from += " INDEXED BY audit_events_by_target"
		w.on.add("target = ?", q.Target)
		rest.Target = ""
	case q.Actor != "":
		w.from += " INDEXED BY audit_events_by_actor"
		w.on.add("actor = ?", q.Actor)
		rest.Actor = ""
	case q.Subaccount != "": // last: what is done in a sub-account can be most of a trail
		w.from += " INDEXED BY audit_events_by_subaccount"
		// The second says no more than the first, but to SQLite, which takes the
		// index for no value that could be the one it leaves out.
		w.on.add("subaccount = ? AND subaccount <> ''", q.Subaccount)
		rest.Subaccount = ""
	}
	if !q.Since.IsZero() && q.After == 0 && q.Target == "" && q.Actor == "" && q.Subaccount == "" {
		// The way to the first record in time leads through the index; from there
		// on the order of seq is nearly that of time, as far as the clock only
		// went forward, so a later page need not look again. Of two lower bounds
		// SQLite would use one, so this is the only one.
		w.on.add("seq >= (SELECT min(seq) FROM audit_events WHERE account = ? AND at >= ?)", q.Account, micros(q.Since))
	} else {
		w.on.add("seq > ?", q.After)
	}
	w.rest = auditFilters(rest)
	return w
}

func auditFilters(q keyring.AuditQuery) clause {
	var c clause
	for _, f := range []struct{ condition, value string }{
		{"actor_kind = ?", q.ActorKind},
		{"actor = ?", q.Actor},
		{"target = ?", q.Target},
		{"subaccount = ?", q.Subaccount},
		{"action = ?", q.Action},
		{"outcome = ?", q.Outcome},
	} {
		if f.value != "" {
			c.add(f.condition, f.value)
		}
	}
	if q.ActionPrefix != "" {
		c.addPrefix("action", q.ActionPrefix)
	}
	if !q.Since.IsZero() {
		c.add("at >= ?", micros(q.Since))
	}
	if !q.Until.IsZero() {
		c.add("at < ?", micros(q.Until))
	}
	return c
}

// AppendAudit inserts only right behind the head. With a gap the chain would
// look cut, so that is no less a duplicate of a place than the place itself.
func (w *writer) AppendAudit(ctx context.Context, e keyring.AuditEvent) error {
	n, err := w.change(ctx, `INSERT INTO audit_events (`+auditColumns+`)
		SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15
		WHERE ?2 = 1 + (SELECT coalesce(max(seq), 0) FROM audit_events WHERE account = ?1)`,
		e.Account, e.Seq, micros(e.At), e.ActorKind, e.Actor, e.RequestID, e.Address, e.Action, e.Target, e.Outcome, e.Code,
		e.Detail, e.PrevHash, e.Hash, e.Subaccount)
	if err == nil && n == 0 {
		return keyring.ErrDuplicate
	}
	return err
}

const anchorColumns = `account, seq, hash, removed, older_than, record`

func (r *reader) AuditAnchor(ctx context.Context, account string) (keyring.AuditAnchor, error) {
	var a keyring.AuditAnchor
	var olderThan int64
	err := r.one(ctx, `SELECT `+anchorColumns+` FROM audit_anchors WHERE account = ?`, account)(
		&a.Account, &a.Seq, &a.Hash, &a.Removed, &olderThan, &a.Record)
	a.OlderThan = utc(olderThan)
	return orNone(a, err)
}

func (w *writer) TrimAudit(ctx context.Context, a keyring.AuditAnchor) error {
	if _, err := w.change(ctx, `DELETE FROM audit_events WHERE account = ? AND seq <= ?`, a.Account, a.Seq); err != nil {
		return err
	}
	return w.must(ctx, `INSERT INTO audit_anchors (`+anchorColumns+`) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (account) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, removed = excluded.removed,
			older_than = excluded.older_than, record = excluded.record`,
		a.Account, a.Seq, a.Hash, a.Removed, micros(a.OlderThan), a.Record)
}

// orNone makes no error of a record that is not there, and the zero value of it.
func orNone[T any](record T, err error) (T, error) {
	record, err = found(record, err)
	if errors.Is(err, keyring.ErrNotFound) {
		return record, nil
	}
	return record, err
}
