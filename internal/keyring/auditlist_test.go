package keyring_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// listed is a page of the trail as the caller reads it, by the records' numbers.
func (w *world) listed(who keyring.Caller, in keyring.AuditFilter) (string, string) {
	w.t.Helper()
	if in.Limit == 0 {
		in.Limit = 100
	}
	events, next, err := w.AuditEvents(w.t.Context(), who, in)
	if err != nil {
		w.t.Errorf("%+v: %v", in, err)
	}
	var seqs []string
	for _, e := range events {
		seqs = append(seqs, fmt.Sprint(e.Seq))
	}
	return strings.Join(seqs, " "), next
}

// history is a tenant with this trail: 1 account.create by the operator, then by
// the owner 2 and 3 apikey.create, a second later 4 apikey.rotate of ci, then 5 a
// denied apikey.create by weak, and a second later 6 account.set_standing.
func history(t *testing.T) (a *tenant, ci, weak string) {
	t.Helper()
	w := newWorld(t)
	a = w.tenant("postern", "")
	k := a.key(newKey("ci", "read"))
	caller := a.delegate("weak", "read")
	w.clock.advance(time.Second)
	a.rotate(k.ID, keyring.Rotation{})
	if _, err := w.CreateAPIKey(t.Context(), caller, newKey("more", "read"), ""); err == nil {
		t.Fatal("the weak key made a key")
	}
	w.clock.advance(time.Second)
	a.standing(api.StandingPendingCancel)
	return a, k.ID, caller.ID
}

func TestAuditEvents_Filters(t *testing.T) {
	t.Parallel()
	a, ci, weak := history(t)
	other := a.w.tenant("postern", "")
	owner := a.asOwner()
	second, third := start.Add(time.Second), start.Add(2*time.Second)
	for name, tc := range map[string]struct {
		in   keyring.AuditFilter
		want string
	}{
		"all":          {keyring.AuditFilter{}, "1 2 3 4 5 6"},
		"an owner":     {keyring.AuditFilter{Actor: owner.ID}, "2 3 4"},
		"a key":        {keyring.AuditFilter{Actor: weak}, "5"},
		"the operator": {keyring.AuditFilter{Actor: "operator"}, "1 6"},
		"nobody here":  {keyring.AuditFilter{Actor: other.asOwner().ID}, ""},
		"a target":     {keyring.AuditFilter{Target: ci}, "2 4"},
		"the account":  {keyring.AuditFilter{Target: a.ID}, "1 6"},
		"an action":    {keyring.AuditFilter{Action: "apikey.create"}, "2 3 5"},
		"a group":      {keyring.AuditFilter{Action: "apikey."}, "2 3 4 5"},
		"denied":       {keyring.AuditFilter{Outcome: keyring.OutcomeDenied}, "5"},
		"allowed":      {keyring.AuditFilter{Outcome: keyring.OutcomeAllowed}, "1 2 3 4 6"},
		// A clock has nanoseconds and a record has not: the record is before
		// what was read off the clock at the same moment.
		"since":             {keyring.AuditFilter{Since: second}, "6"},
		"since its instant": {keyring.AuditFilter{Since: second.Truncate(time.Microsecond)}, "4 5 6"},
		"until":             {keyring.AuditFilter{Until: second.Truncate(time.Microsecond)}, "1 2 3"},
		"between":           {keyring.AuditFilter{Since: second.Truncate(time.Microsecond), Until: third.Truncate(time.Microsecond)}, "4 5"},
		"all that fit":      {keyring.AuditFilter{Actor: owner.ID, Target: ci, Action: "apikey.", Since: second.Truncate(time.Second)}, "4"},
		"a far cursor":      {keyring.AuditFilter{Cursor: "4711"}, ""},
	} {
		if got, next := a.w.listed(owner, tc.in); got != tc.want || next != "" {
			t.Errorf("%s: got %q and the cursor %q, want %q", name, got, next, tc.want)
		}
	}
}

func TestAuditEvents_HoldWhatHappened(t *testing.T) {
	t.Parallel()
	a, ci, weak := history(t)
	got, _, err := a.w.AuditEvents(t.Context(), a.asOwner(), keyring.AuditFilter{Limit: 500})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the events", got, a.events())
	denied := got[4]
	if denied.ActorKind != api.CallerAPIKey || denied.Actor != weak || denied.Action != "apikey.create" || denied.Outcome != keyring.OutcomeDenied ||
		denied.Code != string(api.CodeForbidden) || got[3].Target != ci {
		t.Errorf("got %+v", got)
	}
}

// TestAuditEvents_PagesWhileOthersWrite meets each record once, those that come in
// between as well.
func TestAuditEvents_PagesWhileOthersWrite(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.tenant("postern", "")
	for range 20 {
		a.standing(api.StandingOpen)
	}
	who := a.asOwner()
	in := keyring.AuditFilter{Action: "account.set_standing", Limit: 3}
	var got []string
	for pages := 0; ; pages++ {
		page, next := w.listed(who, in)
		got = append(got, strings.Fields(page)...)
		if in.Cursor = next; next == "" {
			break
		}
		if pages < 4 {
			a.key(newKey(fmt.Sprint("not listed ", pages), "read"))
			a.standing(api.StandingOpen)
		}
	}
	var want []string
	for _, e := range a.events() {
		if e.Action == in.Action {
			want = append(want, fmt.Sprint(e.Seq))
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || len(got) != 24 {
		t.Errorf("want -, got +:\n%s", diff)
	}
	// A page that ends with the last record has no next one.
	if page, next := w.listed(who, keyring.AuditFilter{Limit: len(a.events())}); next != "" || len(strings.Fields(page)) != len(a.events()) {
		t.Errorf("got %q and the cursor %q", page, next)
	}
}

func TestAuditEvents_OfAnotherAccountAreNotThere(t *testing.T) {
	t.Parallel()
	a, ci, _ := history(t)
	other := a.w.tenant("postern", "")
	stranger := other.asOwner()
	for what, in := range map[string]keyring.AuditFilter{
		"all": {}, "a target": {Target: ci}, "an actor": {Actor: a.asOwner().ID}, "a cursor": {Cursor: "1"},
	} {
		want := ""
		if what == "all" {
			want = "1"
		}
		if got, _ := a.w.listed(stranger, in); got != want {
			t.Errorf("%s: got %q, want %q", what, got, want)
		}
	}
	events, _, err := a.w.AuditEvents(t.Context(), stranger, keyring.AuditFilter{Limit: 10})
	if err != nil || len(events) != 1 || events[0].Account != other.ID {
		t.Errorf("got %+v, %v", events, err)
	}
}

func TestAuditEvents_NeedTheirRight(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	a := w.tenant("postern", "")
	auditor, weak := a.delegate("auditor", "audit:read"), a.delegate("weak", "read", "apikeys:read")
	a.none("reading the trail", func() error { return third(w.AuditEvents(ctx, auditor, keyring.AuditFilter{Limit: 1})) })
	// Also with a filter that is no good: whoever may not read learns no more.
	for _, in := range []keyring.AuditFilter{{Limit: 1}, {Limit: 1, Action: "nothing"}} {
		e, err := a.one("a denied read", func() error { return third(w.AuditEvents(ctx, weak, in)) })
		refusedAs(t, "a denied read", err, api.CodeForbidden)
		contains(t, err, `"audit:read"`)
		if e.Action != "audit.list" || e.Actor != weak.ID || e.Outcome != keyring.OutcomeDenied || e.Code != string(api.CodeForbidden) {
			t.Errorf("the denial left %+v", e)
		}
	}
	if got, _ := w.listed(auditor, keyring.AuditFilter{Action: "audit."}); got != "4 5" {
		t.Errorf("the denials are %q", got)
	}
	a.standing(api.StandingSuspended)
	_, err := a.one("a suspended account", func() error { return third(w.AuditEvents(ctx, w.as(a.owner), keyring.AuditFilter{Limit: 1})) })
	refusedAs(t, "a suspended account", err, api.CodeAccountStanding)
}

func TestAuditEvents_BadFiltersAreNamed(t *testing.T) {
	t.Parallel()
	a, ci, _ := history(t)
	who := a.asOwner()
	hidden := a.owner.Reveal()
	for name, tc := range map[string]struct {
		in    keyring.AuditFilter
		field string
		want  string
	}{
		"actor that is no id":     {keyring.AuditFilter{Actor: "alice"}, "actor", `or "operator"`},
		"a secret for an actor":   {keyring.AuditFilter{Actor: hidden}, "actor", "must be the id"},
		"a long target":           {keyring.AuditFilter{Target: strings.Repeat("x", 129)}, "target", "at most 128"},
		"a target with a line":    {keyring.AuditFilter{Target: "a\nb"}, "target", "U+000A"},
		"a misspelt action":       {keyring.AuditFilter{Action: "apikey.craete"}, "action", `the nearest is "apikey.create"`},
		"a misspelt group":        {keyring.AuditFilter{Action: "apikeys."}, "action", `the nearest is "apikey."`},
		"a group without its dot": {keyring.AuditFilter{Action: "apikey"}, "action", `the nearest is "apikey."`},
		"an action far from all":  {keyring.AuditFilter{Action: "purchase-order"}, "action", `"account.create", "account.read"`},
		"a dot":                   {keyring.AuditFilter{Action: "."}, "action", "must be one of"},
		"an outcome":              {keyring.AuditFilter{Outcome: "refused"}, "outcome", `"allowed" or "denied"`},
		"until before since":      {keyring.AuditFilter{Since: start, Until: start.Add(-time.Second)}, "until", "must be after since, which is 2026-03-04T05:06:07.123456789Z"},
		"until at since":          {keyring.AuditFilter{Since: start, Until: start}, "until", "must be after since"},
		"a negative limit":        {keyring.AuditFilter{Limit: -1}, "limit", "1 to 500"},
		"a limit too high":        {keyring.AuditFilter{Limit: 501}, "limit", "1 to 500"},
		"a made-up cursor":        {keyring.AuditFilter{Cursor: "next"}, "cursor", "start again"},
		"a cursor before all":     {keyring.AuditFilter{Cursor: "0"}, "cursor", "start again"},
		"a cursor with a sign":    {keyring.AuditFilter{Cursor: "+1"}, "cursor", "start again"},
		"a cursor beyond numbers": {keyring.AuditFilter{Cursor: "9223372036854775808"}, "cursor", "start again"},
		"another list's cursor":   {keyring.AuditFilter{Cursor: "eyJDcmVhdGVkQXQiOiIyMDI2In0"}, "cursor", "start again"},
	} {
		in := tc.in
		if in.Limit == 0 {
			in.Limit = 10
		}
		a.none(name, func() error {
			_, _, err := a.w.AuditEvents(t.Context(), who, in)
			refusedAs(t, name, err, api.CodeValidationFailed, tc.field)
			contains(t, err, tc.want)
			if err != nil && strings.Contains(err.Error(), hidden) {
				t.Errorf("%s: the error repeats a secret", name)
			}
			return err
		})
	}
	_, _, err := a.w.AuditEvents(t.Context(), who, keyring.AuditFilter{Actor: "x", Target: ci, Action: "x", Outcome: "x", Cursor: "x"})
	refusedAs(t, "all at once", err, api.CodeValidationFailed, "actor", "action", "outcome", "limit", "cursor")
}

// TestAuditActions_AreAllThatTheTrailHolds keeps the list of actions and what the
// keyring writes the same: what is not in it is not written.
func TestAuditActions_AreAllThatTheTrailHolds(t *testing.T) {
	t.Parallel()
	a, _, _ := history(t)
	for _, action := range keyring.AuditActions() {
		if _, _, err := a.w.AuditEvents(t.Context(), a.asOwner(), keyring.AuditFilter{Action: action, Limit: 1}); err != nil {
			t.Errorf("%s: %v", action, err)
		}
	}
	for _, e := range a.events() {
		if got, _ := a.w.listed(a.asOwner(), keyring.AuditFilter{Action: e.Action}); !strings.Contains(" "+got+" ", fmt.Sprintf(" %d ", e.Seq)) {
			t.Errorf("record %d is not among those of its action: %q", e.Seq, got)
		}
	}
}
