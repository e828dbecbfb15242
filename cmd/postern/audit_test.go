package main

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	_ "modernc.org/sqlite"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/server"
)

// auditedFolder is a data folder with a trail of five records: account.create, two
// times account.set_standing, owner.create, and the denied audit.list of that
// credential.
func auditedFolder(t *testing.T) (dir string, made initialised) {
	t.Helper()
	dir, made = initialisedFolder(t)
	for _, standing := range []string{api.StandingPastDue, api.StandingOpen} {
		says(t, "is "+standing, "account", "set-standing", made.AccountID, standing, "--data-dir", dir)
	}
	data, err := server.OpenExisting(t.Context(), server.Data{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer data.Close()
	_, credential, err := data.Keyring.CreateOwner(t.Context(), made.AccountID, keyring.NewOwner{Rights: []string{"verify"}})
	if err != nil {
		t.Fatal(err)
	}
	who, err := data.Keyring.Authenticate(t.Context(), credential, keyring.Origin{RequestID: "req_1", Address: "192.0.2.1"})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := data.Keyring.AuditEvents(t.Context(), who, keyring.AuditFilter{Limit: 1}); err == nil {
		t.Fatal("a gateway reads the trail")
	}
	return dir, made
}

// tamper changes the database past the program.
func tamper(t *testing.T, dir, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, server.DatabaseFile))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// audited runs audit list with --json and returns its records by their numbers.
func audited(t *testing.T, args ...string) (events []listedEvent, seqs string) {
	t.Helper()
	code, stdout, stderr := once(t, append([]string{"audit", "list", "--json"}, args...)...)
	if code != 0 || stderr != "" {
		t.Fatalf("%v ends with %d: %s", args, code, stderr)
	}
	for line := range strings.Lines(stdout) {
		var e listedEvent
		d := json.NewDecoder(strings.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(&e); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		events = append(events, e)
		seqs += fmt.Sprint(e.Seq, " ")
	}
	return events, strings.TrimSpace(seqs)
}

func TestAuditList(t *testing.T) {
	t.Parallel()
	dir, made := auditedFolder(t)
	for _, tc := range []struct {
		want string
		args []string
	}{
		{"1 2 3 4 5", nil},
		{"1 2 3 4 5", []string{"--account", made.AccountID}},
		{"1 2 3 4", []string{"--actor", "operator"}},
		{"1 2 3", []string{"--target", made.AccountID}},
		{"2 3", []string{"--action", "account.set_standing"}},
		{"1 2 3", []string{"--action", "account."}},
		{"5", []string{"--outcome", "denied"}},
		{"1 2 3 4 5", []string{"--since", "1h"}},
		{"1 2 3 4 5", []string{"--since", "2020-01-01T00:00:00Z", "--until", "2120-01-01T02:00:00+02:00"}},
		{"", []string{"--until", "1h"}},
		{"1 2", []string{"--limit", "2"}},
		{"2", []string{"--limit", "1", "--action", "account.set_standing"}},
	} {
		if _, got := audited(t, append(tc.args, "--data-dir", dir)...); got != tc.want {
			t.Errorf("%v: got %q, want %q", tc.args, got, tc.want)
		}
	}
	events, _ := audited(t, "--data-dir", dir)
	denied := events[4]
	if denied.AccountID != made.AccountID || denied.ActorKind != api.CallerService || denied.Action != "audit.list" || denied.Code != api.CodeForbidden ||
		denied.Address != "192.0.2.1" || denied.RequestID != "req_1" || len(denied.Hash) != 64 || denied.PrevHash != events[3].Hash {
		t.Errorf("the denial is %+v", denied)
	}
	says(t, `(?m)\AAccount `+made.AccountID+` \(default\):$(?s).*`+
		`    2  \S+Z  account.set_standing  `+made.AccountID+`  allowed, by operator: \{"standing":\{"from":"open","to":"past_due"\}\}\n.*`+
		`    5  \S+Z  audit.list            -                          denied \(forbidden\), by service svc_\w+ from 192.0.2.1, request req_1: \{\}\n\z`,
		"audit", "list", "--data-dir", dir)
	says(t, `\A\z`, "audit", "list", "--data-dir", dir, "--until", "1h")
}

// TestAuditList_OfMoreThanAPageAndAnAccount meets each record once.
func TestAuditList_OfMoreThanAPageAndAnAccount(t *testing.T) {
	t.Parallel()
	dir, first := initialisedFolder(t)
	var second createdAccount
	asJSON(t, &second, "account", "create", "--data-dir", dir, "--name", "second", "--platform", "postern")
	data, err := server.OpenExisting(t.Context(), server.Data{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	for range 1200 {
		if err := data.Keyring.SetStanding(t.Context(), first.AccountID, api.StandingOpen); err != nil {
			t.Fatal(err)
		}
	}
	if err := data.Close(); err != nil {
		t.Fatal(err)
	}
	for limit, want := range map[string]int{"0": 1202, "500": 500, "501": 501, "5000": 1202} {
		events, _ := audited(t, "--data-dir", dir, "--limit", limit)
		seen := map[string]bool{}
		for _, e := range events {
			seen[fmt.Sprint(e.AccountID, e.Seq)] = true
		}
		if len(events) != want || len(seen) != want {
			t.Errorf("--limit %s: %d records, %d of them different, want %d", limit, len(events), len(seen), want)
		}
	}
	if events, _ := audited(t, "--data-dir", dir, "--account", second.ID); len(events) != 1 || events[0].AccountID != second.ID {
		t.Errorf("the second trail is %+v", events)
	}
	says(t, `trail holds, records 1 to 1201\.`, "audit", "verify", "--data-dir", dir, "--account", first.AccountID)
}

// TestAuditList_SteersNoTerminal prints what was planted in the database as text.
func TestAuditList_SteersNoTerminal(t *testing.T) {
	t.Parallel()
	dir, _ := auditedFolder(t)
	tamper(t, dir, `UPDATE audit_events SET action = 'x' || char(27) || '[2J', detail = CAST('{' || char(10) AS BLOB) WHERE seq = 2`)
	code, stdout, _ := once(t, "audit", "list", "--data-dir", dir)
	if code != 0 || strings.ContainsRune(stdout, 27) || strings.Count(stdout, "\n") != 6 || !strings.Contains(stdout, `"x\x1b[2J"`) {
		t.Errorf("it ends with %d: %q", code, stdout)
	}
	code, _, stderr := once(t, "audit", "list", "--data-dir", dir, "--json")
	if code != 1 || !strings.Contains(stderr, "audit record 2 of account") {
		t.Errorf("it ends with %d: %q", code, stderr)
	}
}

func TestAuditVerify(t *testing.T) {
	t.Parallel()
	dir, made := auditedFolder(t)
	var all verified
	asJSON(t, &all, "audit", "verify", "--data-dir", dir)
	if !all.Holds || len(all.Accounts) != 1 || !regexp.MustCompile(`^5:[0-9a-f]{64}$`).MatchString(all.Accounts[0].Head) {
		t.Fatalf("got %+v", all)
	}
	head := all.Accounts[0].Head
	says(t, `\AAccount `+made.AccountID+`: the trail holds, records 1 to 5\.\n  head `+head+`\n\z`, "audit", "verify", "--data-dir", dir)
	srv := serve(t, "--data-dir", dir) // and while a server writes
	if status, _ := srv.get(t, "/v1/account", made.OwnerCredential); status != http.StatusOK {
		t.Errorf("the server answers %d", status)
	}
	says(t, "is past_due", "account", "set-standing", made.AccountID, "past_due", "--data-dir", dir)
	asJSON(t, &all, "audit", "verify", "--data-dir", dir, "--expect-head", head)
	if all.Accounts[0].Records != 6 || all.Accounts[0].ExpectedHead != "found" {
		t.Errorf("got %+v", all)
	}
	says(t, `records 1 to 6\. The expected head is in it as it was\.\n`, "audit", "verify", "--data-dir", dir, "--expect-head", head)
	srv.stop()
	tamper(t, dir, `DELETE FROM audit_events WHERE seq > 4`)
	says(t, `records 1 to 4\.\n`, "audit", "verify", "--data-dir", dir) // by itself, a cut is not seen
	fails(t, "audit record 5 of account "+made.AccountID+" is missing: record 5 was noted", "audit", "verify", "--data-dir", dir, "--expect-head", head)
}

func TestAuditVerify_NamesTheFirstBrokenRecord(t *testing.T) {
	t.Parallel()
	dir, made := auditedFolder(t)
	var second createdAccount
	asJSON(t, &second, "account", "create", "--data-dir", dir, "--name", "second", "--platform", "postern")
	tamper(t, dir, `UPDATE audit_events SET target = '' WHERE seq IN (2, 4) AND account = '`+made.AccountID+`'`)
	fails(t, "postern: audit record 2 of account "+made.AccountID+" is not as it was written\n", "audit", "verify", "--data-dir", dir, "--account", made.AccountID)
	code, stdout, stderr := once(t, "audit", "verify", "--data-dir", dir) // the others are told about all the same
	if code != 1 || !strings.Contains(stdout, "Account "+second.ID+": the trail holds") || strings.Contains(stdout, made.AccountID) ||
		strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, "audit record 2 of account "+made.AccountID) {
		t.Errorf("it ends with %d: %q %q", code, stdout, stderr)
	}
	code, stdout, _ = once(t, "audit", "verify", "--data-dir", dir, "--account", made.AccountID, "--json")
	var all verified
	if err := json.Unmarshal([]byte(stdout), &all); err != nil || code != 1 {
		t.Fatalf("it ends with %d: %q, %v", code, stdout, err)
	}
	if one := all.Accounts[0]; all.Holds || one.Holds || one.BrokenRecord != 2 || one.Records != 1 || one.Head != "" || !strings.Contains(one.Problem, "audit record 2") {
		t.Errorf("got %+v", all)
	}
}

func TestAuditVerify_AfterATrim(t *testing.T) {
	t.Parallel()
	dir, made := auditedFolder(t)
	events, _ := audited(t, "--data-dir", dir)
	noted := fmt.Sprintf("1:%s", events[0].Hash)
	data, err := server.OpenExisting(t.Context(), server.Data{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = data.Keyring.TrimAudit(t.Context(), made.AccountID, events[2].At)
	if err := errors.Join(err, data.Close()); err != nil {
		t.Fatal(err)
	}
	says(t, `records 3 to 6\. The older ones were trimmed\. The expected head was trimmed since, so it could not be compared\.\n`,
		"audit", "verify", "--data-dir", dir, "--expect-head", noted)
	var all verified
	asJSON(t, &all, "audit", "verify", "--data-dir", dir, "--expect-head", noted)
	if one := all.Accounts[0]; one.Trimmed != 2 || one.Records != 4 || one.ExpectedHead != "trimmed" {
		t.Errorf("got %+v", all)
	}
	tamper(t, dir, `UPDATE audit_anchors SET seq = 1`)
	fails(t, "begins the trail, but record 6 tells of another beginning", "audit", "verify", "--data-dir", dir)
}

func TestAudit_Refusals(t *testing.T) {
	t.Parallel()
	dir, made := auditedFolder(t)
	unknown := "acct_00000000000000000000"
	for _, tc := range []struct {
		want string
		args []string
	}{
		{"there is no account " + unknown + "; known are " + made.AccountID, []string{"list", "--account", unknown}},
		{"there is no account " + unknown + "; known are " + made.AccountID, []string{"verify", "--account", unknown}},
		{"what was given is no id of an account; known are acct_", []string{"list", "--account", made.OwnerCredential}}, // and does not repeat it
		{`--action is no action; the nearest is "apikey.create"`, []string{"list", "--action", "apikey.craete"}},
		{`--actor must be the id of an API key`, []string{"list", "--actor", "alice"}},
		{`--outcome must be "allowed" or "denied"`, []string{"list", "--outcome", "refused"}},
		{`--since "yesterday" is no time; write it as 2030-01-31T12:00:00Z`, []string{"list", "--since", "yesterday"}},
		{`--until "-1h" is no time`, []string{"list", "--until=-1h"}},
		{"--until must be after since", []string{"list", "--since", "1h", "--until", "2h"}},
		{"--limit must not be negative", []string{"list", "--limit=-1"}},
		{"--expect-head is not a head; write it as SEQ:HASH", []string{"verify", "--expect-head", "5"}},
		{"--expect-head is not a head", []string{"verify", "--expect-head", "0:" + strings.Repeat("0", 64)}},
		{"--expect-head is not a head", []string{"verify", "--expect-head", "1:" + strings.Repeat("0", 62)}},
		{"--expect-head is not a head", []string{"verify", "--expect-head", "1:" + strings.Repeat("x", 64)}},
		{"audit record 1 of account " + made.AccountID + " is not the one that was noted", []string{"verify", "--expect-head", "1:" + strings.Repeat("0", 64)}},
		{"audit record 6 of account " + made.AccountID + " is missing: record 7 was noted", []string{"verify", "--expect-head", "7:" + strings.Repeat("0", 64)}},
	} {
		fails(t, tc.want, append(append([]string{"audit"}, tc.args...), "--data-dir", dir)...)
	}
	asJSON(t, &createdAccount{}, "account", "create", "--data-dir", dir, "--name", "second", "--platform", "postern")
	fails(t, "there are 2 accounts; name one with --account", "audit", "verify", "--data-dir", dir, "--expect-head", "1:"+strings.Repeat("0", 64))
	fails(t, "an audit retention of 6h5m0s is too short", "serve", "--data-dir", dir, "--listen", "127.0.0.1:0", "--audit-retention", "365m")
}

func TestAudit_MakesNoFolder(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "missing")
	for _, command := range []string{"list", "verify"} {
		fails(t, "there is no data folder "+missing, "audit", command, "--data-dir", missing)
		fails(t, "holds no postern.db", "audit", command, "--data-dir", filepath.Dir(missing))
	}
	if _, err := os.Stat(missing); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder is left behind: %v", err)
	}
}
