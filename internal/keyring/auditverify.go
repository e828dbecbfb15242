package keyring

import (
	"bytes"
	"context"
	"errors"
)

// verifyPage is how many records a verification reads at a time.
const verifyPage = 500

// errTrimmed says that records were trimmed while a chain was being verified.
var errTrimmed = errors.New("the audit trail was trimmed meanwhile")

// VerifyAudit proves the account's chain: that no record was changed, added,
// removed or moved since it was written, apart from those at its beginning that
// TrimAudit removed and a later record tells of. A chain that does not hold is
// a *BrokenAudit; the proof then counts the records before it.
//
// A cut at the end of the chain, and a chain that was computed anew as a whole,
// are seen only by comparing with a position that was noted before: with
// expect, that record must still be there as it was.
func (t Trail) VerifyAudit(ctx context.Context, account string, expect *AuditPosition) (AuditProof, error) {
	for {
		v := verification{chain: chain{account: account}, expect: expect}
		err := v.run(ctx, t)
		if !errors.Is(err, errTrimmed) { // which leaves fewer records: it ends
			return v.proof(), err
		}
	}
}

// VerifyAudit is Trail.VerifyAudit.
func (k *Keyring) VerifyAudit(ctx context.Context, account string, expect *AuditPosition) (AuditProof, error) {
	return NewTrail(k.store).VerifyAudit(ctx, account, expect)
}

// verification is one way along a chain, in pages of one snapshot each.
type verification struct {
	chain
	expect *AuditPosition
	begun  bool
	exists bool // the account does, so that there is at least one record
	begin  AuditAnchor
}

func (v *verification) run(ctx context.Context, t Trail) error {
	for {
		var page []AuditEvent
		err := t.view(ctx, func(r Reader) error {
			if err := v.place(ctx, r); err != nil {
				return err
			}
			var err error
			page, _, err = r.AuditEvents(ctx, AuditQuery{Account: v.account, After: v.last.Seq, Limit: verifyPage})
			return err
		})
		if err != nil {
			return err
		}
		for _, e := range page {
			if err := v.next(e); err != nil {
				return err
			}
			if err := v.compare(); err != nil {
				return err
			}
		}
		if len(page) < verifyPage {
			return v.end()
		}
	}
}

// place finds where to begin, and later that the beginning is still there.
func (v *verification) place(ctx context.Context, r Reader) error {
	anchor, err := r.AuditAnchor(ctx, v.account)
	if err != nil {
		return err
	}
	if v.begun {
		if anchor.Seq != v.begin.Seq {
			return errTrimmed
		}
		return nil
	}
	if _, err = r.Account(ctx, v.account); err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	v.begun, v.exists, v.begin, v.chain = true, err == nil, anchor, follow(anchor, v.account)
	record, err := anchor.record(ctx, r)
	if err != nil {
		return err
	}
	// A record that is not as it was written says nothing about the anchor; it
	// is met on the way, as the first broken one or behind that.
	if isTrim(record) && bytes.Equal(record.Hash, record.hash()) && !anchor.attestedBy(record) {
		return broken(v.account, anchor.Seq+1, "begins the trail, but record %d tells of another beginning: the mark of the trim was changed", record.Seq)
	}
	return v.compare()
}

// compare holds the place that is reached against the one that is expected.
func (v *verification) compare() error {
	if v.expect != nil && v.expect.Seq == v.last.Seq && !bytes.Equal(v.expect.Hash, v.last.Hash) {
		return broken(v.account, v.last.Seq, "is not the one that was noted: the trail was written anew")
	}
	return nil
}

// end checks what only the whole chain shows.
func (v *verification) end() error {
	if v.exists && v.last.Seq == v.begin.Seq {
		return broken(v.account, v.begin.Seq+1, "is missing")
	}
	if v.trim != v.begin.Record {
		return broken(v.account, v.begin.Seq+1, "begins the trail, but no record tells of this beginning: older ones were removed by someone else, or the mark of the trim was")
	}
	if v.expect != nil && v.expect.Seq > v.last.Seq {
		return broken(v.account, v.last.Seq+1, "is missing: record %d was noted, and the trail ends before it", v.expect.Seq)
	}
	return nil
}

func (v *verification) proof() AuditProof {
	p := AuditProof{
		Records: v.last.Seq - v.begin.Seq, Trimmed: v.begin.Seq,
		ExpectedTrimmed: v.expect != nil && v.expect.Seq < v.begin.Seq,
	}
	if p.Records > 0 {
		p.Head = v.last
	}
	return p
}
