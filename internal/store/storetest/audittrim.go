package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

func (d *db) anchor(account string) keyring.AuditAnchor {
	d.t.Helper()
	return read(d, func(r keyring.Reader) (keyring.AuditAnchor, error) { return r.AuditAnchor(d.t.Context(), account) })
}

func anchor(account string, seq, removed int64) keyring.AuditAnchor {
	return keyring.AuditAnchor{
		Account: account, Seq: seq, Hash: event(account, seq).Hash, Removed: removed, OlderThan: at(100).Add(time.Microsecond), Record: seq + 5,
	}
}

func testAuditTrim(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1", "acct_2")
	same(t, d.anchor("acct_1"), keyring.AuditAnchor{})
	same(t, d.anchor("acct_unknown"), keyring.AuditAnchor{})
	var all []keyring.AuditEvent
	for seq := range int64(9) {
		all = append(all, event("acct_1", seq+1))
	}
	d.append(all...)
	d.append(event("acct_2", 1), event("acct_2", 2))

	undo := errors.New("undo")
	d.refused(undo, "acct_1", func(w keyring.Writer) error {
		return errors.Join(w.TrimAudit(ctx, anchor("acct_1", 3, 3)), undo)
	})
	same(t, d.events("acct_1", 0, 10), all)
	same(t, d.anchor("acct_1"), keyring.AuditAnchor{})

	for _, step := range []keyring.AuditAnchor{anchor("acct_1", 3, 3), anchor("acct_1", 8, 5)} {
		d.update("acct_1", func(w keyring.Writer) error { return w.TrimAudit(ctx, step) })
		same(t, d.events("acct_1", 0, 10), all[step.Seq:])
		same(t, d.anchor("acct_1"), step)
	}
	// The numbers go on, and the other account has lost nothing.
	d.refused(keyring.ErrDuplicate, "acct_1", func(w keyring.Writer) error { return w.AppendAudit(ctx, event("acct_1", 1)) })
	d.append(event("acct_1", 10))
	same(t, d.events("acct_1", 0, 10), []keyring.AuditEvent{event("acct_1", 9), event("acct_1", 10)})
	same(t, d.events("acct_2", 0, 10), []keyring.AuditEvent{event("acct_2", 1), event("acct_2", 2)})
	same(t, d.anchor("acct_2"), keyring.AuditAnchor{})
}
