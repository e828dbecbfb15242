package sqlite

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// TestFaults_NoListScansWhatIsStored asks SQLite how it runs every statement of every
// combination of filters: each step goes along an index of the account, or looks single
// records up. No clock is read, so it holds on any machine.
func TestFaults_NoListScansWhatIsStored(t *testing.T) {
	t.Parallel()
	ctx, s := t.Context(), opened(t)
	lists := map[string]func(w *writer) error{}
	for _, q := range keyQueries() {
		lists[fmt.Sprintf("keys %+v", q)] = func(w *writer) error { _, _, err := w.APIKeys(ctx, q); return err }
	}
	for _, q := range subaccountQueries() {
		lists[fmt.Sprintf("sub-accounts %+v", q)] = func(w *writer) error { _, _, err := w.Subaccounts(ctx, q); return err }
	}
	for _, q := range auditQueries() {
		lists[fmt.Sprintf("records %+v", q)] = func(w *writer) error { _, _, err := w.AuditEvents(ctx, q); return err }
	}
	for _, scopes := range [][]string{{"a"}, {"a", "b"}} {
		lists[fmt.Sprintf("given %v", scopes)] = func(w *writer) error { _, _, err := w.APIKeysGiven(ctx, "", scopes, 1); return err }
	}
	// With a reach of no entry each way counts as a long one, and its end is looked for.
	for _, reach := range []int{0, pageReach} {
		using(t, s.writers, func(c *conn) {
			for name, list := range lists {
				clear(c.prepared)
				if err := list(&writer{reader: reader{c: c, reach: reach}}); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				for query := range c.prepared {
					for step := range strings.SplitSeq(plan(ctx, t, c, query), " | ") {
						if !harmless(step) {
							t.Errorf("%s:\n%s\nscans: %s", name, query, step)
						}
					}
				}
			}
		})
	}
	t.Logf("%d lists", len(lists))
}

// harmless reports whether a step of a plan costs no more than the page, or than its reach.
func harmless(step string) bool {
	for _, start := range []string{
		"SCAN (subquery", "CO-ROUTINE", "SCALAR SUBQUERY", "CORRELATED SCALAR SUBQUERY", "LIST SUBQUERY", "CREATE BLOOM FILTER", "USE TEMP B-TREE", // of what the steps below found
		"SCAN json_each", // what the caller sent
		"SEARCH apikeys USING PRIMARY KEY (id=?", "SEARCH subaccounts USING PRIMARY KEY (id=?", "SEARCH k USING PRIMARY KEY (id=?",
		"SEARCH s EXISTS USING PRIMARY KEY (account=? AND scope=? AND subaccount=? AND seq=?",
		"SEARCH s USING PRIMARY KEY (account=? AND scope=? AND subaccount=? AND seq=?",
		"SEARCH k EXISTS USING PRIMARY KEY (id=?",
	} {
		if strings.HasPrefix(step, start) {
			return true
		}
	}
	for _, index := range []string{
		"apikeys USING COVERING INDEX", "subaccounts USING COVERING INDEX", "subaccounts USING INDEX subaccounts_by_handle", "apikey_scopes USING PRIMARY KEY",
		"audit_events USING PRIMARY KEY", "audit_events USING INDEX audit_events_by", "audit_events USING COVERING INDEX audit_events_by",
	} {
		if strings.HasPrefix(step, "SEARCH "+index) && strings.Contains(step, "(account=? AND ") {
			return true
		}
	}
	return false
}

func keyQueries() []keyring.APIKeyQuery {
	var all []keyring.APIKeyQuery
	for _, place := range []string{"", "x"} {
		for _, ids := range [][]string{nil, {"x"}} {
			for _, name := range []string{"", "x"} {
				for _, prefix := range []string{"", "x"} {
					for _, status := range []string{"", api.StatusActive, api.StatusInactive, api.StatusLocked, api.StatusExpired} {
						for _, scope := range []string{"", "x"} {
							all = append(all, keyring.APIKeyQuery{Subaccount: place, IDs: ids, Name: name, NamePrefix: prefix, Status: status, Scope: scope, Limit: 1})
						}
					}
				}
			}
		}
	}
	return all
}

func subaccountQueries() []keyring.SubaccountQuery {
	var all []keyring.SubaccountQuery
	for _, prefix := range []string{"", "x"} {
		for _, anyCase := range []string{"", "x"} {
			for _, status := range []string{"", "x"} {
				all = append(all, keyring.SubaccountQuery{HandlePrefix: prefix, HandlePrefixAnyCase: anyCase, Status: status, Limit: 1})
			}
		}
	}
	return all
}

func auditQueries() []keyring.AuditQuery {
	all := []keyring.AuditQuery{{Limit: 1}}
	for _, set := range []func(q *keyring.AuditQuery){
		func(q *keyring.AuditQuery) { q.Subaccount = "x" }, func(q *keyring.AuditQuery) { q.ActorKind = "x" }, func(q *keyring.AuditQuery) { q.Actor = "x" },
		func(q *keyring.AuditQuery) { q.Target = "x" }, func(q *keyring.AuditQuery) { q.Action = "x" }, func(q *keyring.AuditQuery) { q.ActionPrefix = "x" },
		func(q *keyring.AuditQuery) { q.Outcome = "x" }, func(q *keyring.AuditQuery) { q.Since = time.Unix(1, 0) }, func(q *keyring.AuditQuery) { q.Until = time.Unix(2, 0) },
	} {
		for _, q := range all {
			set(&q)
			all = append(all, q)
		}
	}
	return all
}
