package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What a person reads after a mistake says what to do, in one sentence.
func TestMessages_SayWhatToDo(t *testing.T) {
	t.Parallel()
	dir, made := initialisedFolder(t)
	another := filepath.Join(t.TempDir(), "another")
	if err := os.Mkdir(another, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(another, "postern.db"), []byte("of another program"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		want string
		args []string
	}{
		{"see: postern --help", []string{"nope"}},
		{"see: postern account --help", []string{"account"}},
		{"see: postern account set-standing --help", []string{"account", "set-standing", "nope"}},
		{`--drain: "soon" is not a duration, such as 10s, 5m or 24h`, []string{"serve", "--drain", "soon", "--data-dir", dir}},
		{"must not be negative", []string{"serve", "--drain=-5s", "--data-dir", dir}},
		{`--limit: "x" is not a whole number`, []string{"audit", "list", "--limit", "x", "--data-dir", dir}},
		{`platform "postern" has no plan "gold": it has no plans; leave the plan out`, []string{"init", "--plan", "gold", "--data-dir", folder(t)}},
		{`platform "dotdigital" has no plan "gold": it has no plans; leave the plan out`, []string{"account", "create", "--name", "a", "--platform", "dotdigital", "--plan", "gold", "--data-dir", dir}},
		{"what was given is no id of an account; known are " + made.AccountID, []string{"account", "set-standing", "nope", "open", "--data-dir", dir}},
		{"what was given is no id of an account; known are " + made.AccountID, []string{"account", "set-standing", "", "open", "--data-dir", dir}},
		{"the data folder's name is empty; name one with --data-dir", []string{"init", "--data-dir", ""}},
		{"the data folder's name is empty; name one with --data-dir", []string{"account", "list", "--data-dir", ""}},
		{"the file is not an SQLite database; name another path, or move the file away", []string{"account", "list", "--data-dir", another, "--pepper-file", filepath.Join(dir, "pepper")}},
		{"is no regular file; name a file", []string{"account", "list", "--data-dir", dir, "--pepper-file", os.DevNull}},
		{"reading the platform file: stat nope: no such file", []string{"platform", "check", "nope"}},
		{dir + " is a folder; name a platform file", []string{"platform", "check", dir}},
		{"must be in Unicode's form NFC, in which an accented letter is one character; write it as \"caf\\u00e9\"", []string{"account", "create", "--name", "cafe\u0301", "--platform", "postern", "--data-dir", dir}},
	} {
		fails(t, tc.want, tc.args...)
	}
	if code, stdout, stderr := once(t); code != 0 || stderr != "" || !strings.Contains(stdout, "set-standing") {
		t.Errorf("postern alone ends with %d: %s%s", code, stdout, stderr)
	}
}

// A credential that was put in the wrong place is not repeated, wherever that was.
func TestMessages_RepeatNoSecret(t *testing.T) {
	t.Parallel()
	dir, made := initialisedFolder(t)
	for _, secret := range []string{made.OwnerCredential, "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", "k9Xw2Lq8Zr5Tn1Vb6Yc3Md7P"} {
		for _, args := range [][]string{
			{secret}, {"--" + secret}, {"serve", secret}, {"account", "list", secret},
			{"serve", "--listen", secret, "--data-dir", dir}, {"serve", "--drain", secret}, {"serve", "--log-level", secret}, {"serve", "--trusted-proxies", secret},
			{"serve", "--config", secret}, {"serve", "--config", write(t, "drain: "+secret+"\n")}, {"serve", "--config", write(t, secret+": 1\n")},
			{"init", "--platform", secret, "--data-dir", folder(t)}, {"init", "--platform", "benchmark", "--plan", secret, "--data-dir", folder(t)},
			{"account", "set-standing", secret, "open"}, {"account", "set-standing", made.AccountID, secret},
			{"account", "create", "--name", "a", "--platform", secret}, {"owner-key", "create", "--only", secret}, {"owner-key", "create", "--account", secret},
			{"owner-key", "revoke", secret}, {"owner-key", "list", "--account", secret},
			{"audit", "list", "--account", secret}, {"audit", "list", "--actor", secret}, {"audit", "list", "--action", secret}, {"audit", "list", "--outcome", secret},
			{"audit", "list", "--since", secret}, {"audit", "list", "--limit", secret}, {"audit", "verify", "--expect-head", secret},
			{"platform", "show", secret}, {"platform", "check", secret},
		} {
			if len(args) > 1 && (args[0] == "account" || args[0] == "owner-key" || args[0] == "audit") {
				args = append(args, "--data-dir", dir)
			}
			code, stdout, stderr := once(t, args...)
			// A file's name stays in its path where only its letters look random.
			inPath := strings.Contains(stderr, "/"+secret) && secret[0] == 'k'
			if (code == 0) != (stderr == "") || stdout != "" || strings.Contains(stderr, secret) && !inPath {
				t.Errorf("%v ends with %d: %s%s", args[:len(args)-1], code, stdout, stderr)
			}
		}
	}
	for _, kept := range []string{made.AccountID, dir, "TestOperator_Refusals12345678901/001/data", "--insecure-file-modes"} {
		if got := hideSecrets("see " + kept + "."); got != "see "+kept+"." {
			t.Errorf("it hides %s", got)
		}
	}
}

// An empty variable is one that is not set, on its own and beside a file.
func TestConfig_AnEmptyVariableIsNotSet(t *testing.T) {
	for _, name := range []string{"DATA_DIR", "PEPPER_FILE", "PLATFORM_FILE", "PLATFORM", "PLAN", "ACCOUNT_NAME", "LISTEN", "DRAIN", "LOG_LEVEL", "LOG_FORMAT", "AUDIT_RETENTION", "TLS_CERT", "INSECURE_HTTP", "CREDENTIAL_FILE", "CONFIG", "INSECURE_FILE_MODES"} {
		t.Setenv("POSTERN_"+name, "")
	}
	dir := folder(t)
	if got := dataDir(t, "--config", write(t, "\ufeffdata-dir: "+dir+"\r\nlog-level: warn\r\n")); got != dir {
		t.Errorf("got %s", got)
	}
	s := serve(t, "--data-dir", dir)
	s.stop()
}
