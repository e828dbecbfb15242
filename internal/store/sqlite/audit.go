package sqlite

import (
	"context"
	"errors"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

const auditColumns = `account, seq, at, actor_kind, actor, request_id, address, action, target, outcome, code, detail, prev_hash, hash`

func scanAudit(scan func(...any) error) (keyring.AuditEvent, error) {
	var e keyring.AuditEvent
	var at int64
	err := scan(&e.Account, &e.Seq, &at, &e.ActorKind, &e.Actor, &e.RequestID, &e.Address, &e.Action, &e.Target, &e.Outcome, &e.Code,
		&e.Detail, &e.PrevHash, &e.Hash)
	e.At = utc(at)
	return e, err
}

func (r *reader) AuditHead(ctx context.Context, account string) (keyring.AuditEvent, error) {
	head, err := found(scanAudit(r.one(ctx, `SELECT `+auditColumns+` FROM audit_events WHERE account = ? ORDER BY seq DESC LIMIT 1`, account)))
	if errors.Is(err, keyring.ErrNotFound) {
		return head, nil
	}
	return head, err
}

func (r *reader) AuditEvents(ctx context.Context, account string, after int64, limit int) ([]keyring.AuditEvent, error) {
	events := []keyring.AuditEvent{}
	err := r.each(ctx, `SELECT `+auditColumns+` FROM audit_events WHERE account = ? AND seq > ? ORDER BY seq LIMIT ?`,
		[]any{account, after, limit}, func(scan func(...any) error) error {
			e, err := scanAudit(scan)
			events = append(events, e)
			return err
		})
	if err != nil {
		return nil, err
	}
	return events, nil
}

// AppendAudit inserts only right behind the head. With a gap the chain would
// look cut, so that is no less a duplicate of a place than the place itself.
func (w *writer) AppendAudit(ctx context.Context, e keyring.AuditEvent) error {
	n, err := w.change(ctx, `INSERT INTO audit_events (`+auditColumns+`)
		SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14
		WHERE ?2 = 1 + (SELECT coalesce(max(seq), 0) FROM audit_events WHERE account = ?1)`,
		e.Account, e.Seq, micros(e.At), e.ActorKind, e.Actor, e.RequestID, e.Address, e.Action, e.Target, e.Outcome, e.Code,
		e.Detail, e.PrevHash, e.Hash)
	if err == nil && n == 0 {
		return keyring.ErrDuplicate
	}
	return err
}
