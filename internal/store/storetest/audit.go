package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

func event(account string, seq int64) keyring.AuditEvent {
	e := keyring.AuditEvent{
		Account: account, Seq: seq, At: at(int(seq)).Add(123456 * time.Microsecond), ActorKind: "apikey", Actor: "key_1", RequestID: "req_1",
		Address: "192.0.2.1", Action: "apikey.create", Target: fmt.Sprintf("key_%d", seq), Outcome: keyring.OutcomeAllowed,
		Detail: []byte(`{}`), Hash: digest(fmt.Sprint(account, seq)),
	}
	if seq > 1 {
		e.PrevHash = digest(fmt.Sprint(account, seq-1))
	}
	return e
}

func (d *db) append(events ...keyring.AuditEvent) {
	d.t.Helper()
	for _, e := range events {
		d.update(e.Account, func(w keyring.Writer) error { return w.AppendAudit(d.t.Context(), e) })
	}
}

func (d *db) head(account string) keyring.AuditEvent {
	d.t.Helper()
	return read(d, func(r keyring.Reader) (keyring.AuditEvent, error) { return r.AuditHead(d.t.Context(), account) })
}

func (d *db) events(account string, after int64, limit int) []keyring.AuditEvent {
	d.t.Helper()
	return d.find(keyring.AuditQuery{Account: account, After: after, Limit: limit})
}

func testAuditRoundTrip(t *testing.T, d *db) {
	d.seed("acct_1")
	same(t, d.head("acct_1"), keyring.AuditEvent{})
	same(t, d.head("acct_unknown"), keyring.AuditEvent{})
	same(t, d.events("acct_1", 0, 10), []keyring.AuditEvent{})
	// The chain's hash covers every byte, and tells nil from empty. A store
	// that tidies JSON up breaks the chain.
	first := event("acct_1", 1)
	first.Detail = []byte("{ \"b\":1, \"a\": [1.0,\t1e2 ],\"a\":\"\\u00e9 é\"}\n")
	second := event("acct_1", 2)
	second.ActorKind, second.Actor, second.RequestID, second.Address, second.Target = "operator", "", "", "", ""
	second.Outcome, second.Code = keyring.OutcomeDenied, "forbidden"
	second.At = at(2).Add(time.Microsecond)
	second.Subaccount = "sub_gone" // no record needs what it tells of
	d.append(first, second)
	same(t, d.events("acct_1", 0, 10), []keyring.AuditEvent{first, second})
	same(t, d.head("acct_1"), second)
}

func testAuditSequence(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1", "acct_2")
	for _, seq := range []int64{0, 2, -1} {
		d.refused(keyring.ErrDuplicate, "acct_1", func(w keyring.Writer) error { return w.AppendAudit(ctx, event("acct_1", seq)) })
	}
	d.append(event("acct_1", 1), event("acct_1", 2))
	for _, seq := range []int64{1, 2, 4} {
		d.refused(keyring.ErrDuplicate, "acct_1", func(w keyring.Writer) error { return w.AppendAudit(ctx, event("acct_1", seq)) })
	}
	d.append(event("acct_2", 1), event("acct_1", 3)) // each account counts for itself
	same(t, d.events("acct_1", 0, 10), []keyring.AuditEvent{event("acct_1", 1), event("acct_1", 2), event("acct_1", 3)})
	same(t, d.events("acct_2", 0, 10), []keyring.AuditEvent{event("acct_2", 1)})

	// Events of one transaction follow each other, and go with it.
	d.update("acct_2", func(w keyring.Writer) error {
		return errors.Join(w.AppendAudit(ctx, event("acct_2", 2)), w.AppendAudit(ctx, event("acct_2", 3)))
	})
	undo := errors.New("undo")
	d.refused(undo, "acct_2", func(w keyring.Writer) error {
		return errors.Join(w.AppendAudit(ctx, event("acct_2", 4)), undo)
	})
	same(t, d.head("acct_2"), event("acct_2", 3))
}

func testAuditPages(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1", "acct_2")
	var all []keyring.AuditEvent
	for seq := range int64(25) {
		all = append(all, event("acct_1", seq+1))
	}
	d.append(event("acct_2", 1))
	d.update("acct_1", func(w keyring.Writer) error {
		for _, e := range all {
			if err := w.AppendAudit(ctx, e); err != nil {
				return err
			}
		}
		return nil
	})
	for _, size := range []int{1, 5, 24, 25, 26} {
		got, after := []keyring.AuditEvent{}, int64(0)
		for {
			page := d.events("acct_1", after, size)
			got = append(got, page...)
			if len(page) < size {
				break
			}
			after = page[len(page)-1].Seq
		}
		same(t, got, all)
	}
	same(t, d.events("acct_1", 25, 5), []keyring.AuditEvent{})
	same(t, d.events("acct_1", 1<<60, 5), []keyring.AuditEvent{})
	same(t, d.events("acct_1", -1, 2), all[:2])
}
