package keyring

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// AuditAnchor marks where an account's trail begins after its oldest records were
// removed. It is worth no more than what attests it: the record of the trim,
// which is part of the chain that goes on behind it.
type AuditAnchor struct {
	Account   string
	Seq       int64 // of the last record that was removed
	Hash      []byte
	Removed   int64     // how many records that trim removed
	OlderThan time.Time // the records were older than this
	Record    int64     // the Seq of the record that tells of the trim
}

// isTrim reports whether the record tells of a trim.
func isTrim(e AuditEvent) bool { return e.Action == actionTrim && e.Outcome == OutcomeAllowed }

// detail is what the record of the trim says.
func (a AuditAnchor) detail() map[string]any {
	return map[string]any{"seq": a.Seq, "hash": hex.EncodeToString(a.Hash), "removed": a.Removed, "older_than": a.OlderThan.UTC()}
}

// record returns the record that the anchor names; the zero value when there is
// none.
func (a AuditAnchor) record(ctx context.Context, r Reader) (AuditEvent, error) {
	if a.Record == 0 {
		return AuditEvent{}, nil
	}
	found, _, err := r.AuditEvents(ctx, AuditQuery{Account: a.Account, After: a.Record - 1, Limit: 1})
	if err != nil || len(found) == 0 || found[0].Seq != a.Record {
		return AuditEvent{}, err
	}
	return found[0], nil
}

// attestedBy reports whether the record tells of this anchor.
func (a AuditAnchor) attestedBy(e AuditEvent) bool {
	want, err := json.Marshal(a.detail())
	return err == nil && isTrim(e) && e.Seq == a.Record && bytes.Equal(e.Detail, want)
}

// trimAtOnce bounds how long one trim keeps other writers waiting.
const trimAtOnce = 1000

// TrimAudit removes the account's records older than a time, from the first one
// on up to the first that is not, but never the newest of all. One call removes
// no more than a bounded number, and tells whether there are more.
//
// What it removes it verifies first: a trail that does not hold stays as it is,
// as evidence, and the error is a *BrokenAudit. The last removed record's place
// in the chain is kept as its anchor, and a record of the trim attests that, in
// the same transaction.
//
// While the machine's clock is doubted it removes nothing: what is old may be of today.
func (k *Keyring) TrimAudit(ctx context.Context, account string, olderThan time.Time) (removed int64, more bool, err error) {
	if k.ClockDoubted() {
		return 0, false, nil
	}
	err = k.update(ctx, account, func(w Writer) error {
		anchor, left, err := trimmable(ctx, w, account, olderThan)
		if removed, more = anchor.Removed, left; err != nil || removed == 0 {
			return err
		}
		if err := w.TrimAudit(ctx, anchor); err != nil {
			return err
		}
		return k.record(ctx, w, operator(account), event{Action: actionTrim, Target: account, Detail: anchor.detail()})
	})
	if err != nil {
		return 0, false, fmt.Errorf("trimming the audit trail: %w", err)
	}
	return removed, more, nil
}

// trimmable verifies the records that may go, and returns the anchor that is to
// take their place; one that removes none when there are none.
func trimmable(ctx context.Context, r Reader, account string, olderThan time.Time) (next AuditAnchor, more bool, err error) {
	anchor, err := r.AuditAnchor(ctx, account)
	if err != nil {
		return next, false, err
	}
	head, err := r.AuditHead(ctx, account)
	if err != nil {
		return next, false, err
	}
	page, _, err := r.AuditEvents(ctx, AuditQuery{Account: account, After: anchor.Seq, Limit: trimAtOnce + 1})
	if err != nil {
		return next, false, err
	}
	c := follow(anchor, account)
	for _, e := range page {
		if e.Seq >= head.Seq || !e.At.Before(olderThan) {
			break
		}
		if more = c.last.Seq-anchor.Seq == trimAtOnce; more {
			break
		}
		if err := c.next(e); err != nil {
			return next, false, err
		}
	}
	if c.last.Seq == anchor.Seq {
		return next, false, nil
	}
	if err := anchor.check(ctx, r); err != nil {
		return next, false, err
	}
	return AuditAnchor{
		Account: account, Seq: c.last.Seq, Hash: c.last.Hash, Removed: c.last.Seq - anchor.Seq,
		OlderThan: olderThan.UTC().Truncate(time.Microsecond), Record: head.Seq + 1,
	}, more, nil
}

// check refuses an anchor that no sound record attests.
func (a AuditAnchor) check(ctx context.Context, r Reader) error {
	if a.Record == 0 && a.Seq == 0 {
		return nil // nothing was ever removed
	}
	e, err := a.record(ctx, r)
	if err != nil {
		return err
	}
	if !a.attestedBy(e) || !bytes.Equal(e.Hash, e.hash()) {
		return broken(a.Account, a.Record, "does not tell of the trim before record %d as it was", a.Seq+1)
	}
	return nil
}
