package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

func opened(t *testing.T) *Store {
	t.Helper()
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "postern.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// using runs fn with a connection of the pool.
func using(t *testing.T, p *pool, fn func(c *conn)) {
	t.Helper()
	c, err := p.get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer p.put(c, true)
	fn(c)
}

func TestSettingsHoldOnEveryConnection(t *testing.T) {
	t.Parallel()
	s := opened(t)
	for name, tc := range map[string]struct {
		pool *pool
		want map[string]string
	}{
		"writer": {s.writers, map[string]string{
			"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000", "trusted_schema": "0", "query_only": "0",
		}},
		"reader": {s.readers, map[string]string{"journal_mode": "wal", "busy_timeout": "5000", "trusted_schema": "0", "query_only": "1"}},
	} {
		using(t, tc.pool, func(c *conn) {
			for pragma, want := range tc.want {
				var got string
				if err := c.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
					t.Errorf("%s: %s is %q, %v, want %q", name, pragma, got, err, want)
				}
			}
		})
	}
}

// TestResultCodes makes SQLite fail in each way and looks at what comes of it.
func TestResultCodes(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "x.db")
	db := func(settings string) *sql.DB {
		db, err := sql.Open(driverName, "file:"+path+"?"+settings)
		if err != nil {
			t.Fatal(err)
		}
		db.SetMaxOpenConns(1)
		t.Cleanup(func() { _ = db.Close() })
		return db
	}
	exec := func(db *sql.DB, query string) error {
		_, err := db.ExecContext(ctx, query)
		return err
	}
	one, two := db("_pragma=foreign_keys(1)"), db("_pragma=busy_timeout(0)")
	for _, query := range []string{
		`CREATE TABLE a (id TEXT PRIMARY KEY, u TEXT UNIQUE, n TEXT NOT NULL CHECK (n <> 'bad')) STRICT`,
		`CREATE TABLE b (a TEXT REFERENCES a (id)) STRICT`,
		`INSERT INTO a VALUES ('1', '1', '1')`,
	} {
		if err := exec(one, query); err != nil {
			t.Fatal(err)
		}
	}
	other := errors.New("none of the domain's")
	check := func(what string, err, want error, ends bool) {
		t.Helper()
		if err == nil {
			t.Errorf("%s: no error", what)
			return
		}
		got := other
		for _, e := range []error{keyring.ErrNotFound, keyring.ErrDuplicate, keyring.ErrStale, keyring.ErrFull, keyring.ErrUnavailable} {
			if errors.Is(coded(err), e) {
				got = e
			}
		}
		if !errors.Is(got, want) || endsTransaction(err) != ends {
			t.Errorf("%s: %v became %q and ends the transaction: %t, want %q and %t", what, err, got, endsTransaction(err), want, ends)
		}
	}
	check("primary key", exec(one, `INSERT INTO a VALUES ('1', '2', '2')`), keyring.ErrDuplicate, false)
	check("unique", exec(one, `INSERT INTO a VALUES ('2', '1', '2')`), keyring.ErrDuplicate, false)
	check("foreign key", exec(one, `INSERT INTO b VALUES ('9')`), keyring.ErrNotFound, false)
	check("not null", exec(one, `INSERT INTO a VALUES ('2', '2', NULL)`), other, false)
	check("check", exec(one, `INSERT INTO a VALUES ('2', '2', 'bad')`), other, false)
	check("type", exec(one, `INSERT INTO a VALUES ('2', x'00', '2')`), other, false)
	check("syntax", exec(one, `INSERT AROUND a`), other, true)
	check("no row", one.QueryRowContext(ctx, `SELECT id FROM a WHERE id = '9'`).Scan(new(string)), keyring.ErrNotFound, false)

	if err := exec(one, `BEGIN IMMEDIATE`); err != nil {
		t.Fatal(err)
	}
	check("busy", exec(two, `BEGIN IMMEDIATE`), keyring.ErrUnavailable, true)
	if err := exec(one, `ROLLBACK`); err != nil {
		t.Fatal(err)
	}
	check("read only", exec(db("mode=ro"), `INSERT INTO a VALUES ('2', '2', '2')`), keyring.ErrUnavailable, true)
	check("full", exec(db("_pragma=max_page_count(1)"), `CREATE TABLE c (id TEXT)`), keyring.ErrFull, true)

	c, err := one.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
	check("closed connection", c.PingContext(ctx), keyring.ErrUnavailable, false)

	path = filepath.Join(path, "in-a-file")
	check("cannot open", exec(db(""), `SELECT 1`), keyring.ErrUnavailable, true)
}

// TestPlans keeps every statement on the index that is made for it, and every
// list in that index's order: on a million keys nothing else answers in time.
func TestPlans(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := opened(t)
	list := func(q keyring.APIKeyQuery) func(w *writer) {
		q.Limit, q.After = 1, &keyring.APIKeyPosition{}
		return func(w *writer) { _, _ = w.APIKeys(ctx, q) }
	}
	day := time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)
	events := func(q keyring.AuditQuery) func(w *writer) {
		q.Limit = 1
		return func(w *writer) { _, _ = w.AuditEvents(ctx, q) }
	}
	const (
		trail   = "SEARCH audit_events USING PRIMARY KEY (account=? AND seq>?)"
		inOrder = "SEARCH apikeys USING INDEX apikeys_in_order (account=? AND (created_at,id)>(?,?))"
		byID    = "SEARCH apikeys USING PRIMARY KEY (id=?)"
		// The OR is over the two kinds of holder, each with its own index.
		ofHolder = "MULTI-INDEX OR | INDEX 1 | SEARCH secrets USING %[1]s secrets_of_apikey (apikey=? AND version%[2]s?) | INDEX 2 | SEARCH secrets USING %[1]s secrets_of_owner (owner=? AND version%[2]s?)"
	)
	for name, tc := range map[string]struct {
		run  func(w *writer)
		want string
	}{
		"subject": {func(w *writer) { _, _ = w.Subject(ctx, [][]byte{{1}, {2}}) },
			"SEARCH s USING PRIMARY KEY (digest=?) | SEARCH k USING PRIMARY KEY (id=?) LEFT-JOIN | SEARCH o USING PRIMARY KEY (id=?) LEFT-JOIN | SEARCH a USING PRIMARY KEY (id=?)"},
		"account":     {func(w *writer) { _, _ = w.Account(ctx, "") }, "SEARCH accounts USING PRIMARY KEY (id=?)"},
		"key":         {func(w *writer) { _, _ = w.APIKey(ctx, "", "") }, byID},
		"named":       {func(w *writer) { _, _ = w.APIKeyNamed(ctx, "", "") }, "SEARCH apikeys USING INDEX apikeys_by_name (account=? AND name=?)"},
		"count":       {func(w *writer) { _, _ = w.CountAPIKeys(ctx, "") }, "SEARCH apikeys USING COVERING INDEX apikeys_in_order (account=?)"},
		"list":        {list(keyring.APIKeyQuery{}), inOrder},
		"list status": {list(keyring.APIKeyQuery{Status: api.StatusActive}), inOrder},
		"list scope":  {list(keyring.APIKeyQuery{Scope: "x"}), inOrder + " | SCAN json_each EXISTS VIRTUAL TABLE INDEX 1:"},
		"list prefix": {list(keyring.APIKeyQuery{NamePrefix: "x"}), inOrder},
		"list name":   {list(keyring.APIKeyQuery{Name: "x"}), "SEARCH apikeys USING INDEX apikeys_by_name (account=? AND name=? AND (created_at,id)>(?,?))"},
		"answer":      {func(w *writer) { _, _ = w.IdempotencyRecord(ctx, "", nil) }, "SEARCH idempotency_records USING PRIMARY KEY (account=? AND id=?)"},
		"old answers": {func(w *writer) { _ = w.DeleteIdempotencyRecordsBefore(ctx, "", time.Time{}) },
			"SEARCH idempotency_records USING INDEX idempotency_records_by_age (account=? AND created_at<?)"},
		"head":   {func(w *writer) { _, _ = w.AuditHead(ctx, "") }, "SEARCH audit_events USING PRIMARY KEY (account=?)"},
		"trail":  {events(keyring.AuditQuery{}), trail},
		"action": {events(keyring.AuditQuery{Action: "x", Outcome: "x"}), trail},
		"actor":  {events(keyring.AuditQuery{Actor: "x"}), "SEARCH audit_events USING INDEX audit_events_by_actor (account=? AND actor=? AND seq>?)"},
		"target": {events(keyring.AuditQuery{Target: "x"}), "SEARCH audit_events USING INDEX audit_events_by_target (account=? AND target=? AND seq>?)"},
		"since": {events(keyring.AuditQuery{Since: day}), "SEARCH audit_events USING PRIMARY KEY (account=? AND seq>?) | " +
			"SCALAR SUBQUERY 1 | SEARCH audit_events USING COVERING INDEX audit_events_by_time (account=? AND at>?)"},
		"since, on":   {events(keyring.AuditQuery{Since: day, Until: day, After: 1}), trail},
		"actor since": {events(keyring.AuditQuery{Actor: "x", Since: day}), "SEARCH audit_events USING INDEX audit_events_by_actor (account=? AND actor=? AND seq>?)"},
		"anchor":      {func(w *writer) { _, _ = w.AuditAnchor(ctx, "") }, "SEARCH audit_anchors USING PRIMARY KEY (account=?)"},
		"update":      {func(w *writer) { _ = w.must(ctx, updateAPIKey, make([]any, 14)...) }, byID},
		"delete":      {func(w *writer) { _ = w.DeleteAPIKey(ctx, "", "") }, byID + " | SEARCH secrets USING INDEX secrets_of_apikey (apikey=?)"},
		"end":         {func(w *writer) { _ = w.EndSecret(ctx, "", 1, time.Time{}) }, fmt.Sprintf(ofHolder, "INDEX", "=")},
		"end more":    {func(w *writer) { _ = w.DeleteSecretsBefore(ctx, "", 1) }, fmt.Sprintf(ofHolder, "INDEX", "<")},
		"peppers": {func(w *writer) { _, _ = w.PepperVersions(ctx) },
			"CO-ROUTINE v | SETUP | SEARCH secrets USING COVERING INDEX secrets_by_pepper | RECURSIVE STEP | SCAN v | CORRELATED SCALAR SUBQUERY 2 | " +
				"SEARCH secrets USING COVERING INDEX secrets_by_pepper (pepper_version>?) | SCAN v | USE TEMP B-TREE FOR ORDER BY"},
	} {
		using(t, s.writers, func(c *conn) {
			clear(c.prepared)
			tc.run(&writer{reader{c: c}})
			if len(c.prepared) != 1 {
				t.Errorf("%s: %d statements", name, len(c.prepared))
			}
			for query := range c.prepared {
				if got := plan(ctx, t, c, query); got != tc.want {
					t.Errorf("%s:\n got %s\nwant %s", name, got, tc.want)
				}
			}
		})
	}
}

// plan is how SQLite runs a statement, its steps in one line.
func plan(ctx context.Context, t *testing.T, c *conn, query string) string {
	t.Helper()
	rows, err := c.QueryContext(ctx, "EXPLAIN QUERY PLAN "+query, make([]any, 20)...) // the driver passes over what is too many
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	var steps []string
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(steps, " | ")
}
