package keyring

import (
	"bytes"
	"fmt"
)

// AuditPosition is a place in a chain: noted outside of the database, it shows
// later that nothing up to there was changed or removed.
type AuditPosition struct {
	Seq  int64
	Hash []byte
}

// AuditProof is what a verification has found of a chain that holds.
type AuditProof struct {
	Records int64         // how many there are
	Trimmed int64         // how many older ones were removed by TrimAudit; the first record is the next one
	Head    AuditPosition // the last record; the zero value of a trail without records
	// ExpectedTrimmed says that the expected record was removed by TrimAudit, so
	// that it could not be compared any more.
	ExpectedTrimmed bool
}

// BrokenAudit names the first record that breaks a chain.
type BrokenAudit struct {
	Account string
	Seq     int64
	problem string
}

// Error is one sentence for the operator.
func (e *BrokenAudit) Error() string {
	return fmt.Sprintf("audit record %d of account %s %s", e.Seq, e.Account, e.problem)
}

func broken(account string, seq int64, format string, args ...any) error {
	return &BrokenAudit{Account: account, Seq: seq, problem: fmt.Sprintf(format, args...)}
}

// chain goes along the records of an account.
type chain struct {
	account string
	last    AuditPosition
	// trim is the last record that tells of a trim, 0 when there is none.
	trim int64
}

// next checks that the record is the next one and as it was written.
func (c *chain) next(e AuditEvent) error {
	if e.Seq != c.last.Seq+1 {
		return broken(c.account, c.last.Seq+1, "is missing")
	}
	if !bytes.Equal(e.PrevHash, c.last.Hash) || !bytes.Equal(e.Hash, e.hash()) {
		return broken(c.account, e.Seq, "is not as it was written")
	}
	if isTrim(e) {
		c.trim = e.Seq
	}
	c.last = AuditPosition{Seq: e.Seq, Hash: e.Hash}
	return nil
}

// follow begins at the anchor's place.
func follow(a AuditAnchor, account string) chain {
	return chain{account: account, last: AuditPosition{Seq: a.Seq, Hash: a.Hash}}
}
