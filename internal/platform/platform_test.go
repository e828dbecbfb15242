package platform_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-dev/terraform-provider-postern/internal/platform"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

func builtin(t *testing.T, name string) *platform.Platform {
	t.Helper()
	p, err := platform.Builtin(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestUnknownPlatformListsTheKnownOnes(t *testing.T) {
	t.Parallel()
	_, err := platform.Builtin("bench")
	if err == nil || !strings.Contains(err.Error(), "use one of benchmark, dotdigital, mailchannels, postern, sendgrid") {
		t.Error(err)
	}
}

func TestAnswerEscapesTheScope(t *testing.T) {
	t.Parallel()
	if got := builtin(t, "benchmark").Answer("missing_scope", "a\"}\n<", 0); !json.Valid(got) {
		t.Errorf("not JSON: %s", got)
	}
}

func TestLoadRefusesAFileThatTakesAnotherPlatformsName(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	acme := write("acme.hcl", good)
	all, err := platform.Load(acme)
	if err != nil || all["acme"] == nil || all["postern"] == nil {
		t.Fatalf("got %v, %v", all, err)
	}
	for want, path := range map[string]string{
		`there is a platform "postern" already`: write("taken.hcl", strings.Replace(good, `"acme"`, `"postern"`, 1)),
		`there is a platform "acme" already`:    acme,
		"larger than":                           write("large.hcl", strings.Repeat("#", 1<<20+1)),
		"no such file":                          filepath.Join(dir, "none.hcl"),
	} {
		if _, err := platform.Load(acme, path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestTheExampleFileIsGood(t *testing.T) {
	t.Parallel()
	p, err := platform.ReadFile(filepath.Join("..", "..", "examples", "platforms", "acme.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"mail:read", "mail:send"}, p.Scopes.Effective([]string{"mail:send"})); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{platform.RightVerify}, p.Rights([]string{"gateway"})); diff != "" {
		t.Error(diff)
	}
	if got := *p.Plans[p.DefaultPlan].APIKeys; got != 20 {
		t.Errorf("the default plan has %d keys", got)
	}
	got, err := p.Expand(map[string]string{"mail": platform.LevelRead}, "sender")
	if diff := cmp.Diff([]string{"mail:read", "mail:send"}, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

func TestTheGuideNamesEveryBlockAndAttribute(t *testing.T) {
	t.Parallel()
	read := func(path ...string) string {
		text, err := os.ReadFile(filepath.Join(path...))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	guide := read("..", "..", "templates", "guides", "platform-files.md")
	names := regexp.MustCompile("`hcl:\"(\\w+)[\",]").FindAllStringSubmatch(read("shape.go"), -1)
	if len(names) < 60 {
		t.Fatalf("found %d names in shape.go", len(names))
	}
	for _, name := range names {
		if !regexp.MustCompile("[`.]"+name[1]+"[`. ]").MatchString(guide) && name[1] != "name" {
			t.Errorf("the guide does not tell of %s", name[1])
		}
	}
	for _, word := range append(platform.Rights(), secret.Alphabets()...) {
		if !strings.Contains(guide, "`"+word+"`") {
			t.Errorf("the guide does not tell of %s", word)
		}
	}
}
