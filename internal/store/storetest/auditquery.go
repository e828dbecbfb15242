package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

func (d *db) find(q keyring.AuditQuery) []keyring.AuditEvent {
	d.t.Helper()
	return whole(d, q.After, q.Limit, func(r keyring.Reader, after int64, limit int) ([]keyring.AuditEvent, int64, error) {
		q.After, q.Limit = after, limit
		return r.AuditEvents(d.t.Context(), q)
	})
}

func seqs(events []keyring.AuditEvent) string {
	found := []string{}
	for _, e := range events {
		found = append(found, fmt.Sprint(e.Seq))
	}
	return strings.Join(found, " ")
}

// trail is one in which each filter tells some records from others. The clock
// goes back once, as clocks do.
func trail(account string) []keyring.AuditEvent {
	var all []keyring.AuditEvent
	add := func(at time.Time, kind, actor, action, target, outcome string) {
		e := event(account, int64(len(all)+1))
		e.At, e.ActorKind, e.Actor, e.Action, e.Target, e.Outcome = at, kind, actor, action, target, outcome
		all = append(all, e)
	}
	add(at(1), "operator", "", "account.create", "acct_1", "allowed")
	add(at(2), "owner", "own_1", "apikey.create", "key_1", "allowed")
	add(at(5), "apikey", "key_1", "apikey.create", "", "denied")
	add(at(3), "apikey", "key_1", "apikey.rotate", "key_2", "allowed")
	add(at(5).Add(time.Microsecond), "apikey", "KEY_1", "apikeys.list", "", "denied")
	add(at(6), "operator", "", "apikey_x", "key_1", "allowed")
	add(at(7), "owner", "own_1", "apikey.delete", "key_1", "denied")
	for i, subaccount := range []string{"", "sub_1", "", "sub_1", "sub_2", "SUB_1", "sub_1"} {
		all[i].Subaccount = subaccount
	}
	return all
}

func testAuditFilters(t *testing.T, d *db) {
	d.seed("acct_1", "acct_2")
	d.append(trail("acct_1")...)
	other := event("acct_2", 1)
	other.Actor, other.Subaccount = "key_other", "sub_other"
	d.append(other)
	for name, tc := range map[string]struct {
		q    keyring.AuditQuery
		want string
	}{
		"all":                               {keyring.AuditQuery{}, "1 2 3 4 5 6 7"},
		"kind":                              {keyring.AuditQuery{ActorKind: "operator"}, "1 6"},
		"actor":                             {keyring.AuditQuery{Actor: "key_1"}, "3 4"},
		"actor of another case":             {keyring.AuditQuery{Actor: "Key_1"}, ""},
		"actor of another account":          {keyring.AuditQuery{Actor: "key_other"}, ""},
		"target":                            {keyring.AuditQuery{Target: "key_1"}, "2 6 7"},
		"action":                            {keyring.AuditQuery{Action: "apikey.create"}, "2 3"},
		"action, not its beginning":         {keyring.AuditQuery{Action: "apikey"}, ""},
		"prefix":                            {keyring.AuditQuery{ActionPrefix: "apikey."}, "2 3 4 7"},
		"prefix with a wildcard":            {keyring.AuditQuery{ActionPrefix: "apikey_"}, "6"},
		"prefix of another case":            {keyring.AuditQuery{ActionPrefix: "APIKEY."}, ""},
		"sub-account":                       {keyring.AuditQuery{Subaccount: "sub_1"}, "2 4 7"},
		"sub-account of another account":    {keyring.AuditQuery{Subaccount: "sub_other"}, ""},
		"sub-account and actor":             {keyring.AuditQuery{Subaccount: "sub_1", Actor: "own_1"}, "2 7"},
		"sub-account and target":            {keyring.AuditQuery{Subaccount: "sub_1", Target: "key_2"}, "4"},
		"sub-account since":                 {keyring.AuditQuery{Subaccount: "sub_1", Since: at(3)}, "4 7"},
		"outcome":                           {keyring.AuditQuery{Outcome: "denied"}, "3 5 7"},
		"since":                             {keyring.AuditQuery{Since: at(5)}, "3 5 6 7"},
		"since, before the clock went back": {keyring.AuditQuery{Since: at(3)}, "3 4 5 6 7"},
		"since a microsecond later":         {keyring.AuditQuery{Since: at(5).Add(time.Microsecond)}, "5 6 7"},
		"since, in another zone":            {keyring.AuditQuery{Since: at(7).In(time.FixedZone("east", 3600))}, "7"},
		"since the end":                     {keyring.AuditQuery{Since: at(8)}, ""},
		"since, on the next page":           {keyring.AuditQuery{Since: at(5), After: 3}, "5 6 7"},
		"until":                             {keyring.AuditQuery{Until: at(5)}, "1 2 4"},
		"until a microsecond later":         {keyring.AuditQuery{Until: at(5).Add(time.Microsecond)}, "1 2 3 4"},
		"since and until":                   {keyring.AuditQuery{Since: at(3), Until: at(5)}, "4"},
		"after":                             {keyring.AuditQuery{After: 5}, "6 7"},
		"limit":                             {keyring.AuditQuery{Outcome: "denied", Limit: 2}, "3 5"},
		"limit and after":                   {keyring.AuditQuery{Outcome: "denied", Limit: 2, After: 3}, "5 7"},
	} {
		q := tc.q
		q.Account = "acct_1"
		if q.Limit == 0 {
			q.Limit = 100
		}
		if got := seqs(d.find(q)); got != tc.want {
			t.Errorf("%s: got %q, want %q", name, got, tc.want)
		}
	}
	same(t, d.find(keyring.AuditQuery{Account: "acct_unknown", Limit: 1}), []keyring.AuditEvent{})
}

// fits is what a query means, in the words of the domain.
func fits(q keyring.AuditQuery, e keyring.AuditEvent) bool {
	return (q.Subaccount == "" || e.Subaccount == q.Subaccount) && (q.ActorKind == "" || e.ActorKind == q.ActorKind) && (q.Actor == "" || e.Actor == q.Actor) &&
		(q.Target == "" || e.Target == q.Target) && (q.Action == "" || e.Action == q.Action) &&
		strings.HasPrefix(e.Action, q.ActionPrefix) && (q.Outcome == "" || e.Outcome == q.Outcome) &&
		!e.At.Before(q.Since) && (q.Until.IsZero() || e.At.Before(q.Until)) && e.Seq > q.After
}

func testAuditCombinations(t *testing.T, d *db) {
	d.seed("acct_1")
	all := trail("acct_1")
	d.append(all...)
	tried := 0
	for bits := range 1 << 10 {
		q := keyring.AuditQuery{Account: "acct_1", Limit: 2 + bits%2*100}
		for i, set := range []func(){
			func() { q.ActorKind = "apikey" }, func() { q.Actor = "key_1" }, func() { q.Target = "key_1" }, func() { q.Action = "apikey.create" },
			func() { q.ActionPrefix = "apikey." }, func() { q.Outcome = "denied" }, func() { q.Since = at(3) }, func() { q.Until = at(6) }, func() { q.After = 2 }, func() { q.Subaccount = "sub_1" },
		} {
			if bits&(1<<i) != 0 {
				set()
			}
		}
		want := slices.DeleteFunc(slices.Clone(all), func(e keyring.AuditEvent) bool { return !fits(q, e) })
		want = want[:min(len(want), q.Limit)]
		if got := d.find(q); seqs(got) != seqs(want) {
			t.Fatalf("%+v: got %q, want %q", q, seqs(got), seqs(want))
		}
		tried++
	}
	t.Logf("%d combinations", tried)
}
