package platform_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-dev/terraform-provider-postern/internal/platform"
)

func builtin(t *testing.T, name string) *platform.Platform {
	t.Helper()
	p, err := platform.Builtin(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestEveryBuiltinPlatformReads(t *testing.T) {
	t.Parallel()
	for _, name := range platform.Names() {
		p := builtin(t, name)
		if p.Name != name {
			t.Errorf("file %s.hcl defines platform %q", name, p.Name)
		}
		for _, code := range []string{"invalid", "inactive", "expired", "account_standing", "missing_scope"} {
			if !json.Valid(p.Answer(code, "a:b")) {
				t.Errorf("%s: answer %s is not JSON: %s", name, code, p.Answer(code, "a:b"))
			}
		}
		for _, s := range p.Scopes.Names() {
			if got, _ := p.Scopes.Get(s); got.Description == "" || got.Group == "" {
				t.Errorf("%s: scope %s lacks a description or group", name, s)
			}
		}
	}
}

func TestUnknownPlatformListsTheKnownOnes(t *testing.T) {
	t.Parallel()
	_, err := platform.Builtin("bench")
	if err == nil || !strings.Contains(err.Error(), "use one of benchmark, postern") {
		t.Error(err)
	}
}

func TestPosternAdminImpliesWriteImpliesRead(t *testing.T) {
	t.Parallel()
	p := builtin(t, "postern")
	if diff := cmp.Diff([]string{"read", "write"}, p.Scopes.Effective([]string{"write"})); diff != "" {
		t.Error(diff)
	}
	admin := p.Scopes.Effective([]string{"admin"})
	if diff := cmp.Diff(p.Scopes.Names(), admin); diff != "" {
		t.Errorf("admin must imply every built-in scope: %s", diff)
	}
	want := []string{"apikeys:read", "apikeys:write", "audit:read", "scopes:write", "subaccounts:read", "subaccounts:write", "verify"}
	if diff := cmp.Diff(want, p.Rights(admin)); diff != "" {
		t.Error(diff)
	}
	if got := p.Rights(p.Scopes.Effective([]string{"write"})); len(got) != 0 {
		t.Errorf("write gives rights %v over the management API", got)
	}
}

func TestBenchmarkScopesGiveNoRightOverKeys(t *testing.T) {
	t.Parallel()
	p := builtin(t, "benchmark")
	if got := p.Rights(p.Scopes.Names()); len(got) != 0 {
		t.Errorf("got %v", got)
	}
	if got := len(p.Secret.Mint().Reveal()); got != 47 {
		t.Errorf("a secret has %d characters, want 47", got)
	}
	if got, want := len(p.Scopes.Names()), 6; got != want {
		t.Errorf("%d scopes, want %d", got, want)
	}
	want := `{"errors":[{"errorType":"ForbiddenError","message":"API key missing required scope: contacts:write"}]}`
	if got := string(p.Answer("missing_scope", "contacts:write")); got != want {
		t.Errorf("got %s", got)
	}
}

func TestAnswerEscapesTheScope(t *testing.T) {
	t.Parallel()
	if got := builtin(t, "benchmark").Answer("missing_scope", "a\"}\n<"); !json.Valid(got) {
		t.Errorf("not JSON: %s", got)
	}
}

const good = `platform "acme" {
  title = "Acme"
  secret {
    prefix   = "acme_"
    alphabet = "base62"
    length   = 43
  }
  keys {
    unique_names = true
    edit_scopes  = true
    expiry       = true
    disable      = true
    max_overlap  = "1h"
  }
  scope "read" {
    group       = "data"
    description = "Read."
  }
  answers {
    invalid          = "{}"
    inactive         = "{}"
    expired          = "{}"
    account_standing = "{}"
    missing_scope    = "{}"
  }
}
`

func TestParseErrorsNameFileAndLine(t *testing.T) {
	t.Parallel()
	if _, err := platform.Parse([]byte(good), "acme.hcl"); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct{ old, new, want string }{
		"syntax":         {`title = "Acme"`, `title = `, "acme.hcl:2"},
		"unknown field":  {`title = "Acme"`, `titel = "Acme"`, "acme.hcl:2"},
		"empty prefix":   {`"acme_"`, `""`, "acme.hcl:3,3-9: Invalid secret format; The prefix must not be empty"},
		"bad alphabet":   {`"base62"`, `"base6"`, `acme.hcl:3,3-9: Invalid secret format; The alphabet "base6"`},
		"bad overlap":    {`"1h"`, `"1 hour"`, "acme.hcl:8,3-7: Invalid max_overlap"},
		"unknown scope":  {`description = "Read."`, "description = \"Read.\"\n implies = [\"raed\"]", "acme.hcl:15,3-15: Invalid scope"},
		"cycle":          {`description = "Read."`, "description = \"Read.\"\n implies = [\"read\"]", "read -> read"},
		"bad scope name": {`scope "read"`, `scope "Read"`, "acme.hcl:15,3-15: Invalid scope"},
		"unknown right":  {`description = "Read."`, "description = \"Read.\"\n rights = [\"apikeys\"]", `acme.hcl:15,3-15: Unknown right; Scope "read" gives the right "apikeys"`},
		"bad name":       {`platform "acme"`, `platform "Acme Mail"`, "acme.hcl:1,1-21: Invalid platform name"},
		"answer no JSON": {`expired          = "{}"`, `expired          = "gone"`, `acme.hcl:19,3-10: Invalid answer; The answer "expired"`},
		"scope twice":    {`  answers {`, "  scope \"read\" {\n group = \"a\"\n description = \"b\"\n}\n answers {", "acme.hcl:19,3-15: Invalid scope; The scope \"read\" is defined twice"},
		"unknown block":  {`  answers {`, "  colour {}\n answers {", "acme.hcl:19"},
		"no such plan":   {`title = "Acme"`, "title = \"Acme\"\n default_plan = \"x\"", "Invalid default_plan"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := platform.Parse([]byte(strings.Replace(good, tc.old, tc.new, 1)), "acme.hcl")
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
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
}
