package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "postern.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// dataDir is the data folder that init takes with these arguments.
func dataDir(t *testing.T, args ...string) string {
	t.Helper()
	code, stdout, stderr := once(t, append([]string{"init", "--json"}, args...)...)
	var made initialised
	if err := json.Unmarshal([]byte(stdout), &made); err != nil || code != 0 {
		t.Fatalf("%d: %s", code, stderr)
	}
	return made.DataDir
}

func TestConfig_FlagsThenEnvironmentThenFile(t *testing.T) {
	flag, env, file := folder(t), folder(t), folder(t)
	path := write(t, "data-dir: "+file+"\naccount-name: from the file\nlisten: 127.0.0.1:1\n")
	if got := dataDir(t, "--config", path); got != file {
		t.Errorf("from the file: %s", got)
	}
	t.Setenv("POSTERN_DATA_DIR", env)
	if got := dataDir(t, "--config", path); got != env {
		t.Errorf("the environment gives way to the file: %s", got)
	}
	if got := dataDir(t, "--config", path, "--data-dir", flag); got != flag {
		t.Errorf("the flag gives way: %s", got)
	}
}

func TestConfig_FileFromTheEnvironment(t *testing.T) {
	file := folder(t)
	t.Setenv("POSTERN_CONFIG", write(t, "# a comment\ndata-dir: "+file+"\n"))
	if got := dataDir(t); got != file {
		t.Errorf("got %s", got)
	}
}

func TestConfig_EveryKindOfValue(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	path := write(t, "data-dir: "+dir+"\ndrain: 3s\nlog-format: json\ninsecure-http: true\ntrusted-proxies: 10.0.0.0/8,unix\nclient-address-header: X-Forwarded-For\nplatform: benchmark\n")
	s := serve(t, "--config", path)
	s.stop()
	if log := s.stderr.String(); !strings.Contains(log, `"msg":"stopping","shutdown_delay":"0s","drain":"3s"`) {
		t.Errorf("got %s", log)
	}
	if !strings.Contains(s.stdout.String(), "platform benchmark") {
		t.Errorf("got %s", s.stdout)
	}
}

func TestConfig_Refusals(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ text, want string }{
		"misspelt":       {"# settings\nlisten: 127.0.0.1:0\ndata_dir: /x\n", `line 3: "data_dir" is not a setting; the nearest is "data-dir"`},
		"far off":        {"favourite-colour: green\n", `line 1: "favourite-colour" is not a setting`},
		"not in a file":  {"config: other.yaml\n", `line 1: "config" is not a setting`},
		"twice":          {"listen: a\n\nlisten: b\n", `line 3: "listen" is set on line 1 already`},
		"a list":         {"listen:\n  - a\n", `line 2: "listen" needs one plain value`},
		"nothing":        {"listen:\n", `line 1: "listen" needs one plain value`},
		"no mapping":     {"- listen\n", `line 1: settings are written as "name: value"`},
		"no YAML":        {"listen: [\n", "reading "},
		"a bad duration": {"drain: soon\n", "drain"},
		"a bad choice":   {"log-level: loud\n", "--log-level must be one of"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := folder(t)
			fails(t, tc.want, "serve", "--config", write(t, tc.text), "--data-dir", dir)
			if _, err := os.Stat(dir); !os.IsNotExist(err) {
				t.Errorf("a data folder is left behind: %v", err)
			}
		})
	}
	fails(t, "no such file", "serve", "--config", filepath.Join(t.TempDir(), "missing.yaml"))
	if got := dataDir(t, "--config", write(t, ""), "--data-dir", folder(t)); got == "" {
		t.Error("an empty file sets nothing and is no fault")
	}
}
