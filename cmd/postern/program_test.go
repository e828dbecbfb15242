package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

const asProgram = "POSTERN_TEST_AS_PROGRAM"

// TestMain lets the test binary be the program itself, for tests that need a
// process of its own.
func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// locked is a buffer that a program writes while a test reads.
type locked struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *locked) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// once runs a command that ends by itself.
func once(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
	defer stop()
	p := program{version: "v1.2.3"}
	code = p.Run(ctx, args, &out, &errs)
	return code, out.String(), errs.String()
}

// fails runs a command that must fail with one plain sentence.
func fails(t *testing.T, want string, args ...string) {
	t.Helper()
	code, stdout, stderr := once(t, args...)
	if code == 0 || !strings.Contains(stderr, want) {
		t.Errorf("%v ends with %d: %q, want %q", args, code, stderr, want)
	}
	if stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.HasPrefix(stderr, "postern: ") || strings.Contains(stderr, "error:") || strings.Contains(stderr, "goroutine") {
		t.Errorf("%v: not one plain sentence: %q %q", args, stdout, stderr)
	}
}

// serving is a program that serves.
type serving struct {
	url            string
	credentialFile string // where a first start writes the owner credential
	stdout, stderr *locked
	stop           func() int // asks it to stop, and returns its exit code
}

var listensOn = regexp.MustCompile(`listens on (\S+)`)

// serve starts "postern serve" on a free port and waits until it says that it is
// ready.
func serve(t *testing.T, args ...string) *serving {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	s := &serving{stdout: &locked{}, stderr: &locked{}, credentialFile: filepath.Join(t.TempDir(), "owner")}
	ended := make(chan int, 1)
	go func() {
		p := program{version: "v1.2.3"}
		ended <- p.Run(ctx, append([]string{"serve", "--listen", "127.0.0.1:0", "--log-level", "debug", "--credential-file", s.credentialFile}, args...), s.stdout, s.stderr)
	}()
	s.stop = sync.OnceValue(func() int {
		cancel()
		return <-ended
	})
	t.Cleanup(func() { s.stop() })
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if match := listensOn.FindStringSubmatch(s.stdout.String()); match != nil {
			s.url = match[1]
			return s
		}
		if time.Now().After(deadline) || len(ended) > 0 {
			t.Fatalf("it does not serve: %s%s", s.stdout, s.stderr)
		}
	}
}

// owner is the credential that the first start has written.
func (s *serving) owner(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(s.credentialFile)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(string(text), "\n")
}

func (s *serving) get(t *testing.T, path, credential string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set(api.HeaderAPIKey, credential)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func folder(t *testing.T) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "data")
}

var ownerCredential = regexp.MustCompile(`ptn_owner_[0-9A-Za-z]+`)

func TestVersion(t *testing.T) {
	t.Parallel()
	for _, arg := range []string{"--version", "version"} {
		if code, stdout, _ := once(t, arg); code != 0 || stdout != "v1.2.3\n" {
			t.Errorf("%s: %d %q", arg, code, stdout)
		}
	}
	if got := buildVersion(""); got == "" {
		t.Error("no version without one")
	}
	if got := buildVersion("v9"); got != "v9" {
		t.Errorf("got %s", got)
	}
}

func TestHelpAndUsage(t *testing.T) {
	t.Parallel()
	if code, stdout, _ := once(t, "serve", "--help"); code != 0 || !strings.Contains(stdout, "--insecure-http") || !strings.Contains(stdout, "POSTERN_DATA_DIR") {
		t.Errorf("%d %s", code, stdout)
	}
	if code, _, _ := once(t, "serve", "--lisen", "x"); code != 80 {
		t.Errorf("a misspelt flag ends with %d", code)
	}
	fails(t, `did you mean "--listen"`, "serve", "--lisen", "x")
	fails(t, `platform "mailgun" is not known; use one of benchmark, dotdigital, mailchannels, postern, sendgrid`, "init", "--platform", "mailgun", "--data-dir", folder(t))
}

func TestInit(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	code, stdout, stderr := once(t, "init", "--data-dir", dir, "--json")
	var made initialised
	if err := json.Unmarshal([]byte(stdout), &made); err != nil || code != 0 || stderr != "" {
		t.Fatalf("%d %q %q: %v", code, stdout, stderr, err)
	}
	if made.DataDir != dir || made.Platform != "postern" || !strings.HasPrefix(made.AccountID, "acct_") {
		t.Errorf("got %+v", made)
	}
	fails(t, dir+" is initialised already", "init", "--data-dir", dir)
	s := serve(t, "--data-dir", dir)
	if status, _ := s.get(t, "/v1/account", made.OwnerCredential); status != http.StatusOK {
		t.Errorf("the credential of init: %d", status)
	}
	code, stdout, _ = once(t, "init", "--data-dir", folder(t), "--platform", "benchmark", "--plan", "free")
	if code != 0 || len(ownerCredential.FindAllString(stdout, -1)) != 1 || !strings.Contains(stdout, "benchmark") {
		t.Errorf("%d: %s", code, stdout)
	}
	for want, args := range map[string][]string{
		`has no plan "gold"; use one of enterprise, free, pro`: {"--platform", "benchmark", "--plan", "gold"},
		"account name must not hold control":                   {"--account-name", "a\x07"},
		`platform "mailgun" is not known`:                      {"--platform", "mailgun"},
	} {
		for _, command := range [][]string{{"init"}, {"serve", "--listen", "127.0.0.1:0"}} {
			dir := folder(t)
			fails(t, want, append(append(command, "--data-dir", dir), args...)...)
			if _, err := os.Stat(dir); !os.IsNotExist(err) {
				t.Errorf("%s leaves a data folder behind: %v", command[0], err)
			}
		}
	}
}

// broken is a stdout that is gone.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestInit_SaysWhenTheCredentialIsLost(t *testing.T) {
	t.Parallel()
	var stderr bytes.Buffer
	p := program{version: "v1"}
	code := p.Run(t.Context(), []string{"init", "--data-dir", folder(t)}, broken{}, &stderr)
	if code != 1 || !strings.Contains(stderr.String(), "is lost") || ownerCredential.MatchString(stderr.String()) {
		t.Errorf("%d: %s", code, stderr.String())
	}
}
