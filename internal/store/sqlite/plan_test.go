package sqlite

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// planned is what a call runs, and how SQLite is to run it. One of several
// statements is named by how it begins.
type planned struct {
	run    func(w *writer)
	want   string
	begins string
}

// TestPlans keeps every statement on the index that is made for it, and every
// list in that index's order: on a million keys nothing else answers in time.
func TestPlans(t *testing.T) {
	t.Parallel()
	s := opened(t)
	for _, group := range []map[string]planned{
		lookupPlans(t.Context()), keyPlans(t.Context()), subaccountPlans(t.Context()), usagePlans(t.Context()), trailPlans(t.Context()), secretPlans(t.Context()),
	} {
		for name, tc := range group {
			using(t, s.writers, func(c *conn) { checkPlan(t, c, name, tc) })
		}
	}
}

func checkPlan(t *testing.T, c *conn, name string, tc planned) {
	t.Helper()
	clear(c.prepared)
	tc.run(&writer{reader: reader{c: c, reach: pageReach}})
	ran := 0
	for query := range c.prepared {
		if !strings.HasPrefix(query, tc.begins) {
			continue
		}
		ran++
		if got := plan(t.Context(), t, c, query); got != tc.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, tc.want)
		}
	}
	if ran != 1 {
		t.Errorf("%s: %d statements", name, ran)
	}
}

const byID = "SEARCH apikeys USING PRIMARY KEY (id=?)"

func lookupPlans(ctx context.Context) map[string]planned {
	return map[string]planned{
		"subject": {run: func(w *writer) { _, _ = w.Subject(ctx, [][]byte{{1}, {2}}) },
			want: "SEARCH s USING PRIMARY KEY (digest=?) | SEARCH k USING PRIMARY KEY (id=?) LEFT-JOIN | SEARCH o USING PRIMARY KEY (id=?) LEFT-JOIN | " +
				"SEARCH a USING PRIMARY KEY (id=?) | SEARCH u USING PRIMARY KEY (id=?) LEFT-JOIN"},
		"api user": {run: func(w *writer) { _, _ = w.APIUser(ctx, "") },
			want: "SEARCH k USING INDEX apikeys_by_username (username=?) | SEARCH a USING PRIMARY KEY (id=?) | SEARCH p USING PRIMARY KEY (apikey=?) | SEARCH u USING PRIMARY KEY (id=?) LEFT-JOIN"},
		"account": {run: func(w *writer) { _, _ = w.Account(ctx, "") }, want: "SEARCH accounts USING PRIMARY KEY (id=?)"},
		"scopes":  {run: func(w *writer) { _, _ = w.CustomScopes(ctx, "") }, want: "SEARCH custom_scopes USING PRIMARY KEY (account=?)"},
		"answer":  {run: func(w *writer) { _, _ = w.IdempotencyRecord(ctx, "", nil) }, want: "SEARCH idempotency_records USING PRIMARY KEY (account=? AND id=?)"},
		"old answers": {run: func(w *writer) { _ = w.DeleteIdempotencyRecordsBefore(ctx, "", time.Time{}, 1) },
			want: "SEARCH idempotency_records USING PRIMARY KEY (account=? AND id=?) | LIST SUBQUERY 1 | SEARCH idempotency_records USING COVERING INDEX idempotency_records_by_age (account=? AND created_at<?)"},
	}
}

// listed is how a list reads: along an index, which alone says what fits, and then the
// records of the page by their ids.
func listed(table, along string) string {
	return "CO-ROUTINE (subquery-1) | SEARCH " + along + " | SCAN (subquery-1) | SEARCH " + table + " USING PRIMARY KEY (id=?)"
}

func keyPlans(ctx context.Context) map[string]planned {
	list := func(q keyring.APIKeyQuery) func(w *writer) {
		q.Limit = 1
		return func(w *writer) { _, _, _ = w.APIKeys(ctx, q) }
	}
	const (
		page   = "SELECT id, account" // how the statement begins that reads it
		ofRare = "apikeys USING COVERING INDEX apikeys_%s (account=? AND subaccount=? AND seq>?)"
	)
	inOrder := listed("apikeys", fmt.Sprintf(ofRare, "in_order"))
	return map[string]planned{
		"key":           {run: func(w *writer) { _, _ = w.APIKey(ctx, "", "") }, want: byID},
		"named":         {run: func(w *writer) { _, _ = w.APIKeyNamed(ctx, "", "", "") }, want: "SEARCH apikeys USING INDEX apikeys_by_name (account=? AND subaccount=? AND name=?)"},
		"count":         {run: func(w *writer) { _, _ = w.CountAPIKeys(ctx, "", "") }, want: "SEARCH accounts USING PRIMARY KEY (id=?)"},
		"count in one":  {run: func(w *writer) { _, _ = w.CountAPIKeys(ctx, "", "x") }, want: "SEARCH subaccounts USING PRIMARY KEY (id=?)"},
		"count in some": {run: func(w *writer) { _, _ = w.CountAPIKeysIn(ctx, "", nil) }, want: "SEARCH subaccounts USING PRIMARY KEY (id=?) | LIST SUBQUERY 1 | SCAN json_each VIRTUAL TABLE INDEX 1:"},
		"list":          {run: list(keyring.APIKeyQuery{}), want: inOrder},
		"list of one":   {run: list(keyring.APIKeyQuery{Subaccount: "x"}), want: inOrder},
		"list active":   {run: list(keyring.APIKeyQuery{Status: api.StatusActive}), begins: page, want: inOrder},
		"list inactive": {run: list(keyring.APIKeyQuery{Status: api.StatusInactive}), begins: page, want: listed("apikeys", fmt.Sprintf(ofRare, "inactive"))},
		"list locked":   {run: list(keyring.APIKeyQuery{Status: api.StatusLocked}), begins: page, want: listed("apikeys", fmt.Sprintf(ofRare, "locked"))},
		"list expired":  {run: list(keyring.APIKeyQuery{Status: api.StatusExpired}), begins: page, want: listed("apikeys", fmt.Sprintf(ofRare, "expiring"))},
		"list scope": {run: list(keyring.APIKeyQuery{Scope: "x"}), begins: page,
			want: listed("apikeys", "apikey_scopes USING PRIMARY KEY (account=? AND scope=? AND subaccount=? AND seq>?)")},
		"list name": {run: list(keyring.APIKeyQuery{Name: "x"}), begins: page,
			want: listed("apikeys", "apikeys USING COVERING INDEX apikeys_by_name (account=? AND subaccount=? AND name=? AND seq>?)")},
		"list prefix": {run: list(keyring.APIKeyQuery{NamePrefix: "x"}), begins: page, // of few keys, so they are sorted
			want: strings.Replace(listed("apikeys", "apikeys USING COVERING INDEX apikeys_by_name (account=? AND subaccount=? AND name>? AND name<?)"),
				" | SCAN (", " | USE TEMP B-TREE FOR ORDER BY | SCAN (", 1)},
		"given, any": {run: func(w *writer) { _, _ = w.HasAPIKeyGiven(ctx, "", []string{"x"}) },
			want: "SCAN CONSTANT ROW | SCALAR SUBQUERY 1 | SCAN json_each VIRTUAL TABLE INDEX 1: | SEARCH apikey_scopes USING PRIMARY KEY (account=? AND scope=?)"},
		"given, how many": {run: func(w *writer) { _, _, _ = w.APIKeysGiven(ctx, "", []string{"x"}, 1) }, begins: "SELECT count",
			want: "SEARCH apikey_scopes USING PRIMARY KEY (account=? AND scope=?)"},
		"insert":   {run: func(w *writer) { _ = w.must(ctx, insertAPIKey, make([]any, 19)...) }, want: "SCAN CONSTANT ROW | SCALAR SUBQUERY 1 | SEARCH subaccounts USING PRIMARY KEY (id=?) | SEARCH spent_passwords USING PRIMARY KEY (apikey=?) | SEARCH passwords USING PRIMARY KEY (apikey=?) | SEARCH usage USING PRIMARY KEY (apikey=?) | SEARCH secrets USING INDEX secrets_of_apikey (apikey=?)"},
		"update":   {run: func(w *writer) { _ = w.must(ctx, updateAPIKey, make([]any, 14)...) }, want: byID},
		"failures": {run: func(w *writer) { _ = w.SetFailures(ctx, "", "", 1, nil) }, want: byID},
		"delete": {run: func(w *writer) { _ = w.DeleteAPIKey(ctx, "", "") },
			want: byID + " | SEARCH spent_passwords USING PRIMARY KEY (apikey=?) | SEARCH passwords USING PRIMARY KEY (apikey=?) | SEARCH usage USING PRIMARY KEY (apikey=?) | SEARCH secrets USING INDEX secrets_of_apikey (apikey=?)"},
	}
}

func subaccountPlans(ctx context.Context) map[string]planned {
	list := func(q keyring.SubaccountQuery) func(w *writer) {
		q.Limit = 1
		return func(w *writer) { _, _, _ = w.Subaccounts(ctx, q) }
	}
	const page = "SELECT id, account"
	return map[string]planned{
		"sub-account":  {run: func(w *writer) { _, _ = w.Subaccount(ctx, "", "") }, want: "SEARCH subaccounts USING INDEX subaccounts_by_handle (account=? AND handle=?)"},
		"sub-accounts": {run: list(keyring.SubaccountQuery{}), want: listed("subaccounts", "subaccounts USING COVERING INDEX subaccounts_in_order (account=? AND seq>?)")},
		"sub-accounts status": {run: list(keyring.SubaccountQuery{Status: "x"}), begins: page,
			want: listed("subaccounts", "subaccounts USING COVERING INDEX subaccounts_by_status (account=? AND status=? AND seq>?)")},
		"sub-accounts count": {run: func(w *writer) { _, _ = w.CountSubaccounts(ctx, "") }, want: "SEARCH accounts USING PRIMARY KEY (id=?)"},
		"sub-account update": {run: func(w *writer) { _ = w.must(ctx, updateSubaccount, make([]any, 8)...) }, want: "SEARCH subaccounts USING PRIMARY KEY (id=?)"},
		"sub-account delete": {run: func(w *writer) { _ = w.DeleteSubaccount(ctx, "", "") },
			want: "SEARCH subaccounts USING PRIMARY KEY (id=?) | SEARCH apikeys USING INDEX apikeys_of_subaccount (subaccount=?)"},
	}
}

func usagePlans(ctx context.Context) map[string]planned {
	return map[string]planned{
		"usage": {run: func(w *writer) { _, _ = w.UsageOf(ctx, "", "", time.Time{}) },
			want: "SEARCH k USING PRIMARY KEY (id=?) | SEARCH u USING PRIMARY KEY (apikey=? AND day>?)"},
		"usage add": {run: func(w *writer) { _ = w.AddUsage(ctx, "", make([]keyring.UsageCount, 1)) }, want: byID},
		"requests":  {run: func(w *writer) { _, _ = w.Requests(ctx, "", time.Time{}) }, want: "SEARCH requests USING PRIMARY KEY (account=? AND hour>?)"},
		"usage, old": {run: func(w *writer) { _ = w.DeleteUsageBefore(ctx, "", time.Time{}) }, begins: "DELETE FROM usage",
			want: "SEARCH usage USING PRIMARY KEY (apikey=? AND day<?) | LIST SUBQUERY 1 | SEARCH apikeys USING COVERING INDEX apikeys_by_name (account=?)"},
		"requests, old": {run: func(w *writer) { _ = w.DeleteUsageBefore(ctx, "", time.Time{}) }, begins: "DELETE FROM requests", want: "SEARCH requests USING PRIMARY KEY (account=? AND hour<?)"},
	}
}

func trailPlans(ctx context.Context) map[string]planned {
	day := time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)
	events := func(q keyring.AuditQuery) func(w *writer) {
		q.Limit = 1
		return func(w *writer) { _, _, _ = w.AuditEvents(ctx, q) }
	}
	const page = "SELECT account"
	const trail = "SEARCH audit_events USING PRIMARY KEY (account=? AND seq>?)"
	return map[string]planned{
		"head":   {run: func(w *writer) { _, _ = w.AuditHead(ctx, "") }, want: "SEARCH audit_events USING PRIMARY KEY (account=?)"},
		"trail":  {run: events(keyring.AuditQuery{}), begins: page, want: trail},
		"action": {run: events(keyring.AuditQuery{Action: "x", Outcome: "x"}), begins: page, want: trail},
		"actor":  {run: events(keyring.AuditQuery{Actor: "x"}), begins: page, want: "SEARCH audit_events USING INDEX audit_events_by_actor (account=? AND actor=? AND seq>?)"},
		"target": {run: events(keyring.AuditQuery{Target: "x"}), begins: page, want: "SEARCH audit_events USING INDEX audit_events_by_target (account=? AND target=? AND seq>?)"},
		"since": {run: events(keyring.AuditQuery{Since: day}), begins: page, want: "SEARCH audit_events USING PRIMARY KEY (account=? AND seq>?) | " +
			"SCALAR SUBQUERY 1 | SEARCH audit_events USING COVERING INDEX audit_events_by_time (account=? AND at>?)"},
		"since, on":        {run: events(keyring.AuditQuery{Since: day, Until: day, After: 1}), begins: page, want: trail},
		"actor since":      {run: events(keyring.AuditQuery{Actor: "x", Since: day}), begins: page, want: "SEARCH audit_events USING INDEX audit_events_by_actor (account=? AND actor=? AND seq>?)"},
		"anchor":           {run: func(w *writer) { _, _ = w.AuditAnchor(ctx, "") }, want: "SEARCH audit_anchors USING PRIMARY KEY (account=?)"},
		"in a sub-account": {run: events(keyring.AuditQuery{Subaccount: "x", Since: day}), begins: page, want: "SEARCH audit_events USING INDEX audit_events_by_subaccount (account=? AND subaccount=? AND seq>?)"},
	}
}

func secretPlans(ctx context.Context) map[string]planned {
	// The OR is over the two kinds of holder, each with its own index.
	const ofHolder = "MULTI-INDEX OR | INDEX 1 | SEARCH secrets USING %[1]s secrets_of_apikey (apikey=? AND version%[2]s?) | INDEX 2 | SEARCH secrets USING %[1]s secrets_of_owner (owner=? AND version%[2]s?)"
	return map[string]planned{
		"password": {run: func(w *writer) { _ = w.SetPassword(ctx, keyring.StoredPassword{}) }, begins: "INSERT INTO passwords", want: byID},
		"password, spent": {run: func(w *writer) { _ = w.SetPassword(ctx, keyring.StoredPassword{}) }, begins: "INSERT INTO spent_passwords",
			want: "SEARCH k USING PRIMARY KEY (id=?) | SEARCH p USING PRIMARY KEY (apikey=?)"},
		"passwords": {run: func(w *writer) { _, _ = w.PasswordHistory(ctx, "", "") },
			want: "COMPOUND QUERY | LEFT-MOST SUBQUERY | SEARCH k USING PRIMARY KEY (id=?) | SEARCH p USING PRIMARY KEY (apikey=?) | UNION ALL | SEARCH k USING PRIMARY KEY (id=?) | SEARCH s USING PRIMARY KEY (apikey=?)"},
		"fingerprint": {run: func(w *writer) { _ = w.InsertSecret(ctx, keyring.StoredSecret{HolderKind: keyring.HolderAPIKey}) }, begins: "SELECT EXISTS",
			want: "SCAN CONSTANT ROW | SCALAR SUBQUERY 1 | SEARCH secrets USING COVERING INDEX secrets_by_fingerprint (fingerprint=?) | SCALAR SUBQUERY 2 | SEARCH spent_secrets USING PRIMARY KEY (fingerprint=?)"},
		"ended, any": {run: func(w *writer) { _, _ = w.HasEndedSecrets(ctx, time.Time{}) },
			want: "SCAN CONSTANT ROW | SCALAR SUBQUERY 1 | SEARCH secrets USING COVERING INDEX secrets_by_end (ends_at<?)"},
		"ended": {run: func(w *writer) { _, _ = w.DeleteEndedSecrets(ctx, time.Time{}, 1) },
			want: "SEARCH secrets USING PRIMARY KEY (digest=?) | LIST SUBQUERY 1 | SEARCH secrets USING COVERING INDEX secrets_by_end (ends_at<?)"},
		"replaced after": {run: func(w *writer) { _, _ = w.DeleteSecretsReplacedAfter(ctx, time.Time{}) },
			want: "SEARCH secrets USING INDEX secrets_by_end (ends_at>?) | CORRELATED SCALAR SUBQUERY 1 | SEARCH k USING PRIMARY KEY (id=?)"},
		"end":      {run: func(w *writer) { _ = w.EndSecret(ctx, "", 1, time.Time{}) }, want: fmt.Sprintf(ofHolder, "INDEX", "=")},
		"end more": {run: func(w *writer) { _ = w.DeleteSecretsBefore(ctx, "", 1) }, want: fmt.Sprintf(ofHolder, "INDEX", "<")},
		"peppers": {run: func(w *writer) { _, _ = w.PepperVersions(ctx) },
			want: "MERGE (UNION) | LEFT | " + leap("s", "secrets", 2) + " | RIGHT | " + leap("p", "passwords", 5)},
	}
}

// leap is the way through one index of peppers.
func leap(name, table string, subquery int) string {
	return fmt.Sprintf("CO-ROUTINE %[1]s | SETUP | SEARCH %[2]s USING COVERING INDEX %[2]s_by_pepper | RECURSIVE STEP | SCAN %[1]s | CORRELATED SCALAR SUBQUERY %[3]d | "+
		"SEARCH %[2]s USING COVERING INDEX %[2]s_by_pepper (pepper_version>?) | SCAN %[1]s | USE TEMP B-TREE FOR ORDER BY", name, table, subquery)
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
