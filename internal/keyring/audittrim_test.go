package keyring_test

import (
	"encoding/hex"
	"errors"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// trim removes all records older than a time.
func (a *tenant) trim(olderThan time.Time) int64 {
	a.w.t.Helper()
	var all int64
	for {
		n, more, err := a.w.TrimAudit(a.w.t.Context(), a.ID, olderThan)
		if err != nil {
			a.w.t.Fatalf("trimming: %v", err)
		}
		if all += n; !more {
			return all
		}
	}
}

// aged is a tenant with a record for each of ten seconds, and a place in its trail
// for each of them.
func aged(t *testing.T) (*tenant, []keyring.AuditPosition) {
	t.Helper()
	w := newWorld(t)
	a := w.tenant("postern", "")
	for range 9 {
		w.clock.advance(time.Second)
		a.standing(api.StandingOpen)
	}
	noted := []keyring.AuditPosition{{}}
	for _, e := range a.events() {
		noted = append(noted, keyring.AuditPosition{Seq: e.Seq, Hash: e.Hash})
	}
	return a, noted
}

func TestTrimAudit_LeavesAChainThatHolds(t *testing.T) {
	t.Parallel()
	a, noted := aged(t)
	all := a.events()
	cut := start.Add(4 * time.Second).Truncate(time.Microsecond) // the time of the fifth record, which stays
	if n := a.trim(cut); n != 4 {
		t.Errorf("%d records were removed, want 4", n)
	}
	left := a.events()
	same(t, "what stays", left[:6], all[4:])
	if len(left) != 7 {
		t.Fatalf("%d records are left, want 7", len(left))
	}
	e := left[6]
	same(t, "the record of it", detail(t, e), map[string]any{
		"seq": 4., "hash": hex.EncodeToString(noted[4].Hash), "removed": 4., "older_than": "2026-03-04T05:06:11.123456Z",
	})
	if e.Action != "audit.trim" || e.ActorKind != keyring.ActorOperator || e.Target != a.ID || e.Seq != 11 {
		t.Errorf("the record of it is %+v", e)
	}
	p, err := a.w.VerifyAudit(t.Context(), a.ID, nil)
	if err != nil || p.Records != 7 || p.Trimmed != 4 || p.Head.Seq != 11 {
		t.Errorf("got %+v, %v", p, err)
	}
	// Again and again, over the records of earlier trims too.
	if n := a.trim(cut); n != 0 {
		t.Errorf("%d more were removed", n)
	}
	same(t, "the trail after a trim of nothing", a.events(), left)
	a.w.clock.advance(time.Second)
	a.standing(api.StandingOpen)
	if n := a.trim(a.w.clock.Now()); n != 7 {
		t.Errorf("%d records were removed, want all 7 but the newest", n)
	}
	if left = a.events(); len(left) != 2 || left[0].Seq != 12 || left[1].Seq != 13 {
		t.Errorf("%+v is left", left)
	}
	a.chain()
	a.key(newKey("ci", "read"))
	a.w.openAgain()
	a.chain()
}

func TestTrimAudit_NeverRemovesTheNewestRecord(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.tenant("postern", "")
	future := start.Add(time.Hour)
	if n := a.trim(future); n != 0 || len(a.events()) != 1 {
		t.Errorf("%d records were removed", n)
	}
	a.standing(api.StandingOpen)
	if n := a.trim(future); n != 1 || len(a.events()) != 2 {
		t.Errorf("%d records were removed", n)
	}
	// What is left is the newest record and the one that tells of the trim. An
	// account where nothing happens comes to rest.
	for _, want := range []int64{1, 1} {
		w.clock.advance(2 * time.Hour)
		if n := a.trim(w.clock.Now()); n != want {
			t.Errorf("%d records were removed, want %d", n, want)
		}
		a.chain()
	}
	if n, _, err := w.TrimAudit(t.Context(), "acct_unknown", future); n != 0 || err != nil {
		t.Errorf("an unknown account: %d, %v", n, err)
	}
}

// TestTrimAudit_StopsAtTheFirstThatIsYoungEnough keeps the chain whole after a
// clock that went back.
func TestTrimAudit_StopsAtTheFirstThatIsYoungEnough(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.tenant("postern", "")
	w.clock.step(2 * time.Hour) // too far to be believed
	a.standing(api.StandingOpen)
	w.clock.step(-2 * time.Hour)
	a.standing(api.StandingOpen)
	a.standing(api.StandingOpen)
	if n := a.trim(start.Add(time.Minute)); n != 1 {
		t.Errorf("%d records were removed, want 1", n)
	}
	a.chain()
}

func TestTrimAudit_IsBoundedAndLeavesOtherAccountsAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, other := w.tenant("postern", ""), w.tenant("postern", "")
	for range 1100 {
		a.standing(api.StandingOpen)
	}
	before := other.events()
	w.clock.advance(time.Hour)
	n, more, err := w.TrimAudit(t.Context(), a.ID, w.clock.Now())
	if n != 1000 || !more || err != nil {
		t.Errorf("one trim removes %d, more %t, %v", n, more, err)
	}
	a.chain()
	n, more, err = w.TrimAudit(t.Context(), a.ID, w.clock.Now())
	if n != 101 || more || err != nil { // the first trim's record is of now
		t.Errorf("the next trim removes %d, more %t, %v", n, more, err)
	}
	a.chain()
	same(t, "the other trail", other.events(), before)
	other.chain()
}

func TestTrimAudit_AndItsRecordAreOneWrite(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	store := &noAudit{}
	w.wrap = func(s keyring.Store) keyring.Store { store.Store = s; return store }
	w.openAgain()
	a := w.tenant("postern", "")
	a.standing(api.StandingOpen)
	before := a.events()
	store.broken.Store(true)
	if n, more, err := w.TrimAudit(t.Context(), a.ID, start.Add(time.Hour)); !errors.Is(err, errNoAudit) || n != 0 || more {
		t.Errorf("got %d, %t, %v, want %v", n, more, err, errNoAudit)
	}
	store.broken.Store(false)
	same(t, "the trail", a.events(), before)
	a.chain()
}

// TestTrimAudit_RemovesNoEvidence leaves a trail that does not hold as it is.
func TestTrimAudit_RemovesNoEvidence(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		statement string
		want      string
	}{
		"a changed record":    {`UPDATE audit_events SET target = 'x' WHERE seq = 6`, "audit record 6 of"},
		"a missing record":    {`DELETE FROM audit_events WHERE seq = 6`, "audit record 6 of"},
		"a changed mark":      {`UPDATE audit_anchors SET older_than = 0`, "audit record 11 of"},
		"a mark that is gone": {`DELETE FROM audit_anchors`, "audit record 1 of"},
		"a mark moved on":     {`UPDATE audit_anchors SET seq = 5, hash = (SELECT hash FROM audit_events WHERE seq = 5)`, "audit record 11 of"},
		"a changed trim":      {`UPDATE audit_events SET detail = CAST('{}' AS BLOB) WHERE seq = 11`, "audit record 11 of"},
		"a trim that is gone": {`DELETE FROM audit_events WHERE seq = 11`, "audit record 11 of"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, _ := aged(t)
			a.trim(start.Add(4 * time.Second).Truncate(time.Microsecond))
			a.standing(api.StandingOpen)
			a.w.tamper(tc.statement)
			before := a.events()
			n, more, err := a.w.TrimAudit(t.Context(), a.ID, start.Add(7*time.Second))
			var broken *keyring.BrokenAudit
			if n != 0 || more || !errors.As(err, &broken) || broken.Account != a.ID {
				t.Errorf("got %d, %t, %v", n, more, err)
			}
			contains(t, err, tc.want)
			same(t, "the trail", a.events(), before)
		})
	}
}
