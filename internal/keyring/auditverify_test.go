package keyring_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

func TestVerifyAudit_ShowsWhatHappenedToATrimmedTrail(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		statements []string
		want       string
	}{
		"a changed record": {[]string{`UPDATE audit_events SET target = 'x' WHERE seq = 7`}, "audit record 7 of account %s is not as it was written"},
		"a missing record": {[]string{`DELETE FROM audit_events WHERE seq = 7`}, "audit record 7 of account %s is missing"},
		"swapped":          {[]string{`UPDATE audit_events SET seq = -8 WHERE seq = 7`, `UPDATE audit_events SET seq = 7 WHERE seq = 8`, `UPDATE audit_events SET seq = 8 WHERE seq = -8`}, "audit record 7 of account %s is not as it was written"},
		"more removed":     {[]string{`DELETE FROM audit_events WHERE seq = 5`}, "audit record 5 of account %s is missing"},
		"more removed, and the mark moved on": {[]string{`UPDATE audit_anchors SET seq = 5, hash = (SELECT hash FROM audit_events WHERE seq = 5)`, `DELETE FROM audit_events WHERE seq = 5`},
			"audit record 6 of account %s begins the trail, but record 11 tells of another beginning"},
		"the mark's hash":                    {[]string{`UPDATE audit_anchors SET hash = zeroblob(32)`}, "audit record 5 of account %s begins the trail, but record 11 tells"},
		"the mark's place":                   {[]string{`UPDATE audit_anchors SET seq = 3`}, "audit record 4 of account %s begins the trail, but record 11 tells"},
		"the mark's count":                   {[]string{`UPDATE audit_anchors SET removed = 3`}, "audit record 5 of account %s begins the trail, but record 11 tells"},
		"the mark's record":                  {[]string{`UPDATE audit_anchors SET record = 9`}, "audit record 5 of account %s begins the trail, but no record tells of this beginning"},
		"the mark is gone":                   {[]string{`DELETE FROM audit_anchors`}, "audit record 1 of account %s is missing"},
		"the trim's record":                  {[]string{`UPDATE audit_events SET detail = CAST('{}' AS BLOB) WHERE seq = 11`}, "audit record 11 of account %s is not as it was written"},
		"the trim's record gone":             {[]string{`DELETE FROM audit_events WHERE seq = 11`}, "audit record 11 of account %s is missing"},
		"all from the trim's record on gone": {[]string{`DELETE FROM audit_events WHERE seq >= 11`}, "audit record 5 of account %s begins the trail, but no record tells of this beginning"},
		"all gone":                           {[]string{`DELETE FROM audit_events`}, "audit record 5 of account %s is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, _ := aged(t)
			a.trim(start.Add(4 * time.Second).Truncate(time.Microsecond))
			a.standing(api.StandingOpen)
			a.chain()
			a.w.tamper(tc.statements...)
			_, err := a.w.VerifyAudit(t.Context(), a.ID, nil)
			var broken *keyring.BrokenAudit
			if !errors.As(err, &broken) {
				t.Fatalf("got %v", err)
			}
			contains(t, err, fmt.Sprintf(tc.want, a.ID))
		})
	}
}

func TestVerifyAudit_HoldsAgainstWhatWasNoted(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	a, noted := aged(t)
	verify := func(what string, at keyring.AuditPosition, trimmed bool, want string) {
		t.Helper()
		p, err := a.w.VerifyAudit(ctx, a.ID, &at)
		if want == "" && (err != nil || p.ExpectedTrimmed != trimmed) {
			t.Errorf("%s: %+v, %v", what, p, err)
		}
		if want != "" {
			contains(t, err, want)
		}
	}
	wrong := keyring.AuditPosition{Seq: 3, Hash: noted[4].Hash}
	verify("the first", noted[1], false, "")
	verify("the last", noted[10], false, "")
	verify("another hash", wrong, false, "audit record 3 of account "+a.ID+" is not the one that was noted")
	verify("beyond the end", keyring.AuditPosition{Seq: 12, Hash: noted[1].Hash}, false, "audit record 11 of account "+a.ID+" is missing: record 12 was noted")
	a.trim(start.Add(4 * time.Second).Truncate(time.Microsecond))
	verify("a trimmed one", noted[3], true, "")
	verify("the last trimmed one", noted[4], false, "") // the mark has its hash
	verify("another hash of that", keyring.AuditPosition{Seq: 4, Hash: noted[3].Hash}, false, "audit record 4 of account "+a.ID+" is not the one that was noted")
	verify("the first that stays", noted[5], false, "")
}

// TestVerifyAudit_WhileTheTrailIsTrimmed reads on from the new beginning.
func TestVerifyAudit_WhileTheTrailIsTrimmed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	store := &between{}
	w.wrap = func(s keyring.Store) keyring.Store { store.Store = s; return store }
	w.openAgain()
	a := w.tenant("postern", "")
	for range 1300 {
		a.standing(api.StandingOpen)
	}
	w.clock.advance(time.Hour)
	trimmed := 0
	store.after = func() {
		if trimmed++; trimmed == 1 {
			if n, _, err := w.TrimAudit(t.Context(), a.ID, w.clock.Now()); n != 1000 || err != nil {
				t.Errorf("trimming: %d, %v", n, err)
			}
		}
	}
	p, err := w.VerifyAudit(t.Context(), a.ID, nil)
	if err != nil || p.Records != 302 || p.Trimmed != 1000 || trimmed < 2 {
		t.Errorf("got %+v, %v after %d pages", p, err, trimmed)
	}
}

// between is a store that does something after each read.
type between struct {
	keyring.Store
	after func()
}

// View reads, and then does it.
func (s *between) View(ctx context.Context, fn func(keyring.Reader) error) error {
	return s.reads(s.Store.View(ctx, fn))
}

// Lookup is View.
func (s *between) Lookup(ctx context.Context, fn func(keyring.Reader) error) error {
	return s.reads(s.Store.Lookup(ctx, fn))
}

func (s *between) reads(err error) error {
	if s.after != nil {
		s.after()
	}
	return err
}
