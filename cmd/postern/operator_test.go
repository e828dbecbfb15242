package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/platform"
)

// initialisedFolder is a data folder with one account, and its first credential.
func initialisedFolder(t *testing.T) (dir string, made initialised) {
	t.Helper()
	dir = folder(t)
	asJSON(t, &made, "init", "--data-dir", dir)
	return dir, made
}

// asJSON runs a command that must succeed, with --json, and reads its one value.
// A field that the shape does not have fails the test.
func asJSON(t *testing.T, v any, args ...string) {
	t.Helper()
	code, stdout, stderr := once(t, append(args, "--json")...)
	if code != 0 || stderr != "" || strings.Count(stdout, "\n") != 1 {
		t.Fatalf("%v ends with %d: %q %q", args, code, stdout, stderr)
	}
	d := json.NewDecoder(strings.NewReader(stdout))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		t.Fatalf("%v prints %q: %v", args, stdout, err)
	}
}

// says runs a command that must succeed and say all of this.
func says(t *testing.T, want string, args ...string) {
	t.Helper()
	code, stdout, stderr := once(t, args...)
	if code != 0 || stderr != "" || !regexp.MustCompile(want).MatchString(stdout) {
		t.Errorf("%v ends with %d: %q %q, want %q", args, code, stdout, stderr, want)
	}
}

type accountList struct {
	Accounts []shownAccount `json:"accounts"`
}

type ownerKeyList struct {
	OwnerKeys []shownOwnerKey `json:"owner_keys"`
}

func TestAccount_CreateAndList(t *testing.T) {
	t.Parallel()
	dir, first := initialisedFolder(t)
	var made createdAccount
	asJSON(t, &made, "account", "create", "--data-dir", dir, "--name", "Größe", "--platform", "benchmark")
	if made.Name != "Größe" || made.Platform != "benchmark" || made.Plan != "pro" || made.Standing != api.StandingOpen ||
		time.Since(made.CreatedAt) > time.Minute || !ownerCredential.MatchString(made.OwnerCredential) {
		t.Errorf("made %+v", made)
	}
	var all accountList
	asJSON(t, &all, "account", "list", "--data-dir", dir)
	slices.SortFunc(all.Accounts, func(a, b shownAccount) int { return strings.Compare(a.Name, b.Name) })
	if len(all.Accounts) != 2 || all.Accounts[0] != made.shownAccount || all.Accounts[1].ID != first.AccountID {
		t.Errorf("listed %+v", all)
	}
	says(t, `(?m)\AID +STANDING +PLATFORM +PLAN +CREATED +NAME$(?s).*^`+made.ID+` +open +benchmark +pro +\S+Z +Größe$`, "account", "list", "--data-dir", dir)
	says(t, `(?s)\AA new account is ready: acct_\w+ on the platform postern\..*    ptn_owner_\w+\n`, "account", "create", "--data-dir", dir, "--name", "c", "--platform", "postern")
	srv := serve(t, "--data-dir", dir)
	for id, credential := range map[string]string{first.AccountID: first.OwnerCredential, made.ID: made.OwnerCredential} {
		if status, body := srv.get(t, "/v1/account", credential); status != http.StatusOK || !strings.Contains(body, id) {
			t.Errorf("%s: %d %s", id, status, body)
		}
	}
}

func TestOwnerKey_CreateListAndRevoke(t *testing.T) {
	t.Parallel()
	dir, first := initialisedFolder(t)
	var full, limited createdOwnerKey
	asJSON(t, &full, "owner-key", "create", "--data-dir", dir, "--name", "second")
	asJSON(t, &limited, "owner-key", "create", "--data-dir", dir, "--account", first.AccountID, "--only", "verify", "--only", "audit:read")
	if full.Kind != "owner" || full.Name != "second" || full.AccountID != first.AccountID || !slices.Equal(full.Rights, platform.Rights()) || !ownerCredential.MatchString(full.Credential) {
		t.Errorf("made %+v", full)
	}
	if limited.Kind != "service" || limited.Name != "" || !slices.Equal(limited.Rights, []string{"audit:read", "verify"}) || !strings.HasPrefix(limited.Credential, "ptn_service_") {
		t.Errorf("made %+v", limited)
	}
	var all ownerKeyList
	asJSON(t, &all, "owner-key", "list", "--data-dir", dir)
	if len(all.OwnerKeys) != 3 {
		t.Fatalf("listed %+v", all)
	}
	_, stdout, _ := once(t, "owner-key", "list", "--data-dir", dir, "--account", first.AccountID)
	for _, row := range []string{
		`(?m)\AID +ACCOUNT +KIND +RIGHTS +SECRET +CREATED +NAME$`,
		`(?m)^` + full.ID + ` +` + first.AccountID + ` +owner +all +ptn_owner_\w{4}\.\.\. +\S+Z +second$`,
		`(?m)^` + limited.ID + ` +` + first.AccountID + ` +service +audit:read,verify +ptn_service_\w{4}\.\.\. +\S+Z +-$`,
	} {
		if !regexp.MustCompile(row).MatchString(stdout) {
			t.Errorf("%q lacks %s", stdout, row)
		}
	}
	var gone shownOwnerKey
	asJSON(t, &gone, "owner-key", "revoke", "--data-dir", dir, limited.ID)
	if gone.ID != limited.ID || gone.Kind != "service" {
		t.Errorf("revoked %+v", gone)
	}
	says(t, full.ID+` of account `+first.AccountID+` is revoked`, "owner-key", "revoke", "--data-dir", dir, full.ID)
	asJSON(t, &all, "owner-key", "list", "--data-dir", dir)
	if len(all.OwnerKeys) != 1 {
		t.Fatalf("left are %+v", all)
	}
	last := all.OwnerKeys[0].ID
	fails(t, last+" is the last full owner credential of its account, "+first.AccountID, "owner-key", "revoke", "--data-dir", dir, last)
	fails(t, "or repeat this with --force", "owner-key", "revoke", "--data-dir", dir, last)
	says(t, "is revoked", "owner-key", "revoke", "--data-dir", dir, last, "--force")
	says(t, `(?s)owner credential of account `+first.AccountID+`.*    ptn_owner_`, "owner-key", "create", "--data-dir", dir)
	says(t, `(?s)limited credential of account `+first.AccountID+`.*    ptn_service_.*rights are verify, and it grants nothing`, "owner-key", "create", "--data-dir", dir, "--only", "verify")
}

// A server that runs on the folder sees at its next request what was done there.
func TestOperator_ARunningServerSeesItAtOnce(t *testing.T) {
	t.Parallel()
	dir, first := initialisedFolder(t)
	srv := serve(t, "--data-dir", dir)
	status := func(want int, path, credential string) string {
		t.Helper()
		got, body := srv.get(t, path, credential)
		if got != want {
			t.Errorf("%s answers %d, want %d: %s", path, got, want, body)
		}
		return body
	}
	status(http.StatusOK, "/v1/apikeys", first.OwnerCredential)
	says(t, `\AAccount `+first.AccountID+` is suspended\.\n\z`, "account", "set-standing", "--data-dir", dir, first.AccountID, "suspended")
	if body := status(http.StatusForbidden, "/v1/apikeys", first.OwnerCredential); !strings.Contains(body, "account_standing") {
		t.Error(body)
	}
	var a shownAccount
	asJSON(t, &a, "account", "set-standing", "--data-dir", dir, first.AccountID, "open")
	if a.ID != first.AccountID || a.Standing != "open" {
		t.Errorf("printed %+v", a)
	}
	var second, gateway createdOwnerKey
	asJSON(t, &second, "owner-key", "create", "--data-dir", dir)
	status(http.StatusOK, "/v1/apikeys", second.Credential)
	asJSON(t, &gateway, "owner-key", "create", "--data-dir", dir, "--only", "verify")
	if body := status(http.StatusOK, "/v1/account", gateway.Credential); !strings.Contains(body, `"kind":"service"`) {
		t.Error(body)
	}
	status(http.StatusForbidden, "/v1/apikeys", gateway.Credential)
	for _, one := range []createdOwnerKey{second, gateway} {
		says(t, "is revoked", "owner-key", "revoke", "--data-dir", dir, one.ID)
		status(http.StatusUnauthorized, "/v1/account", one.Credential)
	}
	status(http.StatusOK, "/v1/apikeys", first.OwnerCredential)
	for _, hidden := range []string{first.OwnerCredential, second.Credential, gateway.Credential} {
		if strings.Contains(srv.stdout.String()+srv.stderr.String(), hidden) {
			t.Error("the server's output holds a secret")
		}
	}
}

func TestOperator_Refusals(t *testing.T) {
	t.Parallel()
	dir, first := initialisedFolder(t)
	unknown := "acct_00000000000000000000"
	for _, tc := range []struct {
		want string
		args []string
	}{
		{"there is no account " + unknown + "; known are " + first.AccountID, []string{"account", "set-standing", unknown, "open"}},
		{`standing "opne" is not known; the nearest is "open"; use one of open, `, []string{"account", "set-standing", first.AccountID, "opne"}},
		{"missing flags: --name=STRING, --platform=STRING", []string{"account", "create"}},
		{`platform "benchmrk" is not known; the nearest is "benchmark"`, []string{"account", "create", "--name", "a", "--platform", "benchmrk"}},
		{`has no plan "gold"; use one of enterprise, free, pro`, []string{"account", "create", "--name", "a", "--platform", "benchmark", "--plan", "gold"}},
		{"account name must not hold control or invisible characters, it has U+001B", []string{"account", "create", "--name", "a\x1b[2J", "--platform", "postern"}},
		{"name must not hold control or invisible characters, it has U+000A", []string{"owner-key", "create", "--name", "a\nb"}},
		{`right "verfy" is not known; the nearest is "verify"; use one of apikeys:create, `, []string{"owner-key", "create", "--only", "verfy"}},
		{"is not known; use one of", []string{"owner-key", "create", "--only", ","}},
		{"right", []string{"owner-key", "create", "--only", ""}}, // never a full one
		{"there is no account " + unknown, []string{"owner-key", "create", "--account", unknown}},
		{"there is no account " + unknown, []string{"owner-key", "list", "--account", unknown}},
		{"there is no owner key own_00000000000000000000; known are own_", []string{"owner-key", "revoke", "own_00000000000000000000"}},
		{"what was given is no id of an owner key; known are own_", []string{"owner-key", "revoke", first.OwnerCredential, "--force"}}, // and does not repeat it
	} {
		fails(t, tc.want, append(tc.args, "--data-dir", dir)...)
	}
	var all ownerKeyList
	asJSON(t, &all, "owner-key", "list", "--data-dir", dir)
	if len(all.OwnerKeys) != 1 {
		t.Errorf("the refusals left %+v", all)
	}
	var made createdAccount
	asJSON(t, &made, "account", "create", "--data-dir", dir, "--name", "second", "--platform", "postern")
	fails(t, "there are 2 accounts; name one with --account: acct_", "owner-key", "create", "--data-dir", dir)
	fails(t, made.ID+" (second)", "owner-key", "create", "--data-dir", dir)
}

func TestOperator_MakesNoFolder(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	missing, empty := filepath.Join(parent, "missing"), filepath.Join(parent, "empty")
	if err := os.Mkdir(empty, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"account", "create", "--name", "a", "--platform", "postern"},
		{"account", "list"},
		{"account", "set-standing", "acct_00000000000000000000", "open"},
		{"owner-key", "create"},
		{"owner-key", "list"},
		{"owner-key", "revoke", "own_00000000000000000000"},
	} {
		fails(t, "there is no data folder "+missing+"; name the right one with --data-dir", append(args, "--data-dir", missing)...)
		fails(t, empty+" is no data folder, as it holds no postern.db", append(args, "--data-dir", empty)...)
	}
	for dir, want := range map[string]int{parent: 1, empty: 0} {
		if left, err := os.ReadDir(dir); err != nil || len(left) != want {
			t.Errorf("%s holds %v, %v", dir, left, err)
		}
	}
}

// The platform that serve starts with is not the one of each account that is made.
func TestAccount_TheConfigurationDecidesNothingAboutANewOne(t *testing.T) {
	t.Parallel()
	dir, _ := initialisedFolder(t)
	config := write(t, "data-dir: "+dir+"\nplatform: benchmark\nplan: free\n")
	fails(t, "missing flags: --platform=STRING", "--config", config, "account", "create", "--name", "a")
	var made createdAccount
	asJSON(t, &made, "--config", config, "account", "create", "--name", "a", "--platform", "postern")
	if made.Platform != "postern" || made.Plan != "" {
		t.Errorf("made %+v", made)
	}
}

func TestOperator_SaysWhenACredentialIsLost(t *testing.T) {
	t.Parallel()
	dir, first := initialisedFolder(t)
	for want, args := range map[string][]string{
		"make another with: postern owner-key create --account acct_":                                                             {"account", "create", "--name", "a", "--platform", "postern"},
		`make another with "postern owner-key create --account ` + first.AccountID + `", then run "postern owner-key revoke own_`: {"owner-key", "create", "--account", first.AccountID},
	} {
		var stderr strings.Builder
		p := program{version: "v1.2.3"}
		if code := p.Run(t.Context(), append(args, "--data-dir", dir), broken{}, &stderr); code == 0 || !strings.Contains(stderr.String(), want) || ownerCredential.MatchString(stderr.String()) {
			t.Errorf("%v ends with %d: %s", args, code, stderr.String())
		}
	}
}
