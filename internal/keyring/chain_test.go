package keyring_test

import (
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// raw is the database past the store, as someone with the file in hand has it.
func (w *world) raw() *sql.DB {
	w.t.Helper()
	db, err := sql.Open("sqlite", w.path)
	if err != nil {
		w.t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	return db
}

func (w *world) query(statement string) string {
	w.t.Helper()
	db := w.raw()
	defer db.Close()
	var text string
	if err := db.QueryRowContext(w.t.Context(), statement).Scan(&text); err != nil {
		w.t.Fatalf("%s: %v", statement, err)
	}
	return text
}

func (w *world) tamper(statements ...string) {
	w.t.Helper()
	db := w.raw()
	defer db.Close()
	for _, one := range statements {
		result, err := db.ExecContext(w.t.Context(), one)
		if err != nil {
			w.t.Fatalf("%s: %v", one, err)
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			w.t.Fatalf("%s: changed %d rows, %v", one, n, err)
		}
	}
}

// trail is a world with a trail of seven records, the third of which is tampered
// with. Each test gets a copy of the same file.
func trail(t *testing.T) (*tenant, func(t *testing.T) *tenant) {
	t.Helper()
	w := newWorld(t)
	a := w.tenant("postern", "")
	weak := a.delegate("weak", "read")
	if _, err := w.CreateAPIKey(t.Context(), weak, newKey("more", "read"), ""); err == nil {
		t.Fatal("the weak key made a key")
	}
	k := a.key(newKey("ci", "read"))
	w.clock.advance(time.Second)
	a.rotate(k.ID, keyring.Rotation{})
	a.delete(k.ID)
	a.standing(api.StandingPendingCancel)
	a.chain()
	w.close()
	w.store = nil
	text, err := os.ReadFile(w.path)
	if err != nil {
		t.Fatal(err)
	}
	return a, func(t *testing.T) *tenant {
		c := *w
		c.t, c.path = t, filepath.Join(t.TempDir(), "postern.db")
		if err := os.WriteFile(c.path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		c.openAgain()
		return &tenant{Account: a.Account, w: &c, owner: a.owner}
	}
}

func TestRule7_TheChainShowsTheFirstRecordThatIsNotAsItWasWritten(t *testing.T) {
	t.Parallel()
	a, again := trail(t)
	third := fmt.Sprintf(` WHERE account = '%s' AND seq = 3`, a.ID)
	changed := func(n int) string {
		return fmt.Sprintf("audit record %d of account %s is not as it was written", n, a.ID)
	}
	missing := func(n int) string { return fmt.Sprintf("audit record %d of account %s is missing", n, a.ID) }
	for name, tc := range map[string]struct {
		statements []string
		want       string
		good       int64 // how many records before it hold
	}{
		"at":         {[]string{`UPDATE audit_events SET at = at + 1` + third}, changed(3), 2},
		"actor kind": {[]string{`UPDATE audit_events SET actor_kind = 'operator'` + third}, changed(3), 2},
		"actor":      {[]string{`UPDATE audit_events SET actor = 'key_00000000000000000000'` + third}, changed(3), 2},
		"request":    {[]string{`UPDATE audit_events SET request_id = ''` + third}, changed(3), 2},
		"address":    {[]string{`UPDATE audit_events SET address = '192.0.2.2'` + third}, changed(3), 2},
		"action":     {[]string{`UPDATE audit_events SET action = 'apikey.update'` + third}, changed(3), 2},
		"target":     {[]string{`UPDATE audit_events SET target = 'x'` + third}, changed(3), 2},
		"outcome":    {[]string{`UPDATE audit_events SET outcome = 'allowed'` + third}, changed(3), 2},
		"code":       {[]string{`UPDATE audit_events SET code = ''` + third}, changed(3), 2},
		"detail":     {[]string{`UPDATE audit_events SET detail = CAST('{ }' AS BLOB)` + third}, changed(3), 2},
		"prev hash":  {[]string{`UPDATE audit_events SET prev_hash = zeroblob(32)` + third}, changed(3), 2},
		"no prev":    {[]string{`UPDATE audit_events SET prev_hash = NULL` + third}, changed(3), 2},
		"hash":       {[]string{`UPDATE audit_events SET hash = zeroblob(32)` + third}, changed(3), 2},
		"seq":        {[]string{`UPDATE audit_events SET seq = 99` + third}, missing(3), 2},
		"deleted":    {[]string{`DELETE FROM audit_events` + third}, missing(3), 2},
		"deleted, and the gap closed": {[]string{`DELETE FROM audit_events` + third, `UPDATE audit_events SET seq = -seq WHERE seq > 3`, `UPDATE audit_events SET seq = -seq - 1 WHERE seq < 0`},
			changed(3), 2},
		"first deleted": {[]string{`DELETE FROM audit_events WHERE seq = 1`}, missing(1), 0},
		"swapped":       {[]string{`UPDATE audit_events SET seq = -4` + third, `UPDATE audit_events SET seq = 3 WHERE seq = 4`, `UPDATE audit_events SET seq = 4 WHERE seq = -4`}, changed(3), 2},
		"account": {[]string{
			`INSERT INTO accounts (id, name, platform, plan, standing, created_at) SELECT 'acct_other', name, platform, plan, standing, created_at FROM accounts`,
			`UPDATE audit_events SET account = 'acct_other'` + third,
		}, missing(3), 2},
		"added": {[]string{`INSERT INTO audit_events SELECT account, 8, at, actor_kind, actor, request_id, address, action, target, outcome, code, detail, hash, hash, subaccount FROM audit_events WHERE seq = 7`},
			changed(8), 7},
		"two, of which the first is named": {[]string{`UPDATE audit_events SET target = 'x' WHERE seq IN (4, 6)`}, changed(4), 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := again(t)
			if p, err := a.w.VerifyAudit(t.Context(), a.ID, nil); p.Records != 7 || err != nil {
				t.Fatalf("before: %d records, %v", p.Records, err)
			}
			a.w.tamper(tc.statements...)
			p, err := a.w.VerifyAudit(t.Context(), a.ID, nil)
			if err == nil || err.Error() != tc.want || p.Records != tc.good {
				t.Errorf("got %d and %v, want %d and %s", p.Records, err, tc.good, tc.want)
			}
		})
	}
	t.Run("rewritten with a hash of its own", func(t *testing.T) {
		t.Parallel()
		a := again(t)
		e := a.events()[2]
		e.Target, e.Hash = "x", nil
		text, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		a.w.tamper(fmt.Sprintf(`UPDATE audit_events SET target = 'x', hash = x'%x'`, sha256.Sum256(text)) + third)
		if p, err := a.w.VerifyAudit(t.Context(), a.ID, nil); p.Records != 3 || err == nil || err.Error() != changed(4) {
			t.Errorf("got %d and %v, want 3 and %s", p.Records, err, changed(4))
		}
	})
	t.Run("nothing is left", func(t *testing.T) {
		t.Parallel()
		a := again(t)
		a.w.tamper(`DELETE FROM audit_events`)
		if p, err := a.w.VerifyAudit(t.Context(), a.ID, nil); p.Records != 0 || err == nil || err.Error() != missing(1) {
			t.Errorf("got %d and %v, want 0 and %s", p.Records, err, missing(1))
		}
	})
	t.Run("a cut is seen by the count", func(t *testing.T) {
		t.Parallel()
		a := again(t)
		a.w.tamper(`DELETE FROM audit_events WHERE seq > 5`)
		if p, err := a.w.VerifyAudit(t.Context(), a.ID, nil); p.Records != 5 || err != nil {
			t.Errorf("got %d, %v, want 5", p.Records, err)
		}
	})
}

// TestRule7_TheChainHoldsBeyondOnePage has more records than are read at a time.
func TestRule7_TheChainHoldsBeyondOnePage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, other := w.tenant("postern", ""), w.tenant("postern", "")
	for range 1005 {
		a.standing(api.StandingOpen)
	}
	other.standing(api.StandingOpen)
	a.chain()
	other.chain()
	w.tamper(fmt.Sprintf(`UPDATE audit_events SET action = 'x' WHERE account = '%s' AND seq IN (501, 777)`, a.ID))
	if p, err := w.VerifyAudit(t.Context(), a.ID, nil); p.Records != 500 || err == nil {
		t.Errorf("got %d, %v, want record 501 to be named", p.Records, err)
	} else {
		contains(t, err, "audit record 501 of")
	}
	other.chain()
	if p, err := w.VerifyAudit(t.Context(), "acct_unknown", nil); p.Records != 0 || p.Head.Seq != 0 || err != nil {
		t.Errorf("an unknown account: %+v, %v", p, err)
	}
}
