package main

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A log is read by many and kept for long: no credential gets there.
func TestServe_PrintsNoCredentialWithoutATerminal(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	fails(t, `standard output is no terminal; run "postern init --data-dir `+dir+`" first, or pass --credential-file`, "serve", "--listen", "127.0.0.1:0", "--data-dir", dir)
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("it leaves a folder behind: %v", err)
	}
}

func TestServe_FirstStartWritesTheCredentialOnce(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	first := serve(t, "--data-dir", dir, "--platform", "benchmark", "--account-name", "acme")
	owner := first.owner(t)
	if info, err := os.Stat(first.credentialFile); err != nil || info.Mode() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	if !strings.Contains(first.stdout.String(), "owner credential is in the file "+first.credentialFile) {
		t.Errorf("printed %s", first.stdout)
	}
	status, body := first.get(t, "/v1/account", owner)
	if status != http.StatusOK || !strings.Contains(body, `"name":"acme","platform":"benchmark","plan":"pro"`) {
		t.Errorf("%d: %s", status, body)
	}
	first.get(t, "/v1/account", owner+"x")
	first.get(t, "/healthz", owner) // is logged at debug level
	if code := first.stop(); code != 0 {
		t.Errorf("ends with %d: %s", code, first.stderr)
	}
	// Another start neither needs the file nor touches it.
	if err := os.WriteFile(first.credentialFile, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	second := serve(t, "--data-dir", dir, "--credential-file", first.credentialFile)
	if status, _ := second.get(t, "/v1/account", owner); status != http.StatusOK {
		t.Errorf("the credential of the first start: %d", status)
	}
	second.get(t, "/healthz", owner)
	second.stop()
	if text, err := os.ReadFile(first.credentialFile); err != nil || string(text) != "mine" {
		t.Errorf("%q %v", text, err)
	}
	for _, s := range []*serving{first, second} {
		if ownerCredential.MatchString(s.stdout.String()+s.stderr.String()) || !strings.Contains(s.stderr.String(), "level=DEBUG") {
			t.Errorf("the log at debug level holds a credential, or nothing:\n%s", s.stderr)
		}
	}
}

// Nothing is made whose credential cannot be written, and no file is overwritten: not by
// a first start and not by any command that makes a credential.
func TestCredentialFile_IsNewOrNothingIsMade(t *testing.T) {
	t.Parallel()
	dir, _ := initialisedFolder(t)
	taken, missing := write(t, "mine"), filepath.Join(t.TempDir(), "missing", "owner")
	dangling := filepath.Join(t.TempDir(), "dangling")
	if err := os.Symlink(filepath.Join(t.TempDir(), "elsewhere"), dangling); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{taken: "is there already, and none is ever overwritten", dangling: "is there already", missing: "no such file or directory; make it"} {
		for _, args := range [][]string{{"serve", "--listen", "127.0.0.1:0"}, {"init"}} {
			fresh := folder(t)
			fails(t, want, append(args, "--data-dir", fresh, "--credential-file", file)...)
			if _, err := os.Stat(fresh); !os.IsNotExist(err) {
				t.Errorf("%s leaves a folder behind: %v", args[0], err)
			}
		}
		for _, args := range [][]string{{"account", "create", "--name", "a", "--platform", "postern"}, {"owner-key", "create"}} {
			fails(t, want, append(args, "--data-dir", dir, "--credential-file", file)...)
		}
	}
	if text, err := os.ReadFile(taken); err != nil || string(text) != "mine" {
		t.Errorf("%q %v", text, err)
	}
	var owners ownerKeyList
	asJSON(t, &owners, "owner-key", "list", "--data-dir", dir)
	if len(owners.OwnerKeys) != 1 {
		t.Errorf("made all the same: %+v", owners)
	}
}

var wholeCredential = regexp.MustCompile(`ptn_[a-z]+_[0-9A-Za-z]{20}`)

var accountID = regexp.MustCompile(`acct_[0-9A-Za-z]+`)

func TestCredentialFile_HoldsWhatWorks(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	files := map[string][]string{
		"init":      {"init", "--json"},
		"account":   {"account", "create", "--name", "a", "--platform", "postern", "--json"},
		"owner key": {"owner-key", "create", "--name", "more"},
		"limited":   {"owner-key", "create", "--only", "audit:read", "--json"},
	}
	at := map[string]string{}
	var account string
	for _, name := range []string{"init", "account", "owner key", "limited"} {
		at[name] = filepath.Join(t.TempDir(), "credential")
		args := append(files[name], "--data-dir", dir, "--credential-file", at[name])
		if name == "owner key" || name == "limited" {
			args = append(args, "--account", account)
		}
		code, stdout, stderr := once(t, args...)
		if code != 0 || stderr != "" || wholeCredential.MatchString(stdout) || !strings.Contains(stdout, at[name]) {
			t.Errorf("%s: %d %s %s", name, code, stdout, stderr)
		}
		if name == "init" {
			account = accountID.FindString(stdout)
		}
	}
	s := serve(t, "--data-dir", dir)
	for name, file := range at {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if status, body := s.get(t, "/v1/account", strings.TrimSpace(string(text))); status != http.StatusOK {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
}

// A credential whose making fails after it was written leaves no file that opens nothing.
func TestCredentialFile_IsRemovedWhenNothingWasMade(t *testing.T) {
	t.Parallel()
	dir, _ := initialisedFolder(t)
	file := filepath.Join(t.TempDir(), "owner")
	fails(t, "there is no account acct_00000000000000000000", "owner-key", "create", "--data-dir", dir, "--account", "acct_00000000000000000000", "--credential-file", file)
	fails(t, dir+" is initialised already", "init", "--data-dir", dir, "--credential-file", file)
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Errorf("it is there: %v", err)
	}
}
