package platform_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-dev/terraform-provider-postern/internal/platform"
)

// The least that a file may have.
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
    rotate       = true
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

// All that it may have, beside a password.
const full = `platform "acme" {
  title        = "Acme"
  open_scopes  = true
  default_plan = "free"
  secret {
    prefix    = "acme_"
    alphabet  = "base62"
    id_length = 22
    length    = 43
    checksum  = true
  }
  keys {
    name_required = true
    unique_names  = true
    edit_scopes   = false
    expiry        = true
    disable       = true
    rotate        = false
    max_overlap   = "0s"
    owner_only    = true
    fixed_scopes  = ["mail.send", "mail.read"]
    limit         = 7
  }
  subaccounts {
    handle       = "[a-z0-9]{3,20}"
    handle_words = "letters and digits"
    generate     = true
    limit        = 5
    key_limit    = 4
    fixed_scopes = []
  }
  plan "free" {
    apikeys          = 2
    monthly_requests = 3
  }
  requests {
    per_hour = 9
  }
  attempts {
    failures = 6
    within   = "5m"
    block    = "15m"
  }
  group "mail" {
    title  = "Mail"
    read   = ["mail.read"]
    full   = ["mail.send", "mail.batch.create"]
    rights = {
      "mail.send" = ["verify"]
    }
  }
  group "ops" {
    title = "Operations"
    class = "ops"
    full  = ["ops.act"]
  }
  scope "extra.read" {
    group       = "extra"
    level       = "read"
    description = "Read more."
  }
  scope "plain" {
    group       = "plain"
    description = "No level."
  }
  automatic_scopes {
    names = ["b_auto", "a_auto"]
    added = ["b_auto"]
  }
  preset "send" {
    description = "Send mail."
    access      = { extra = "read" }
    scopes      = ["mail.send"]
  }
  preset "act" {
    description = "Act."
    access      = { ops = "full" }
  }
  answers {
    invalid              = "{}"
    inactive             = "{}"
    expired              = "{}"
    account_standing     = "{}"
    missing_scope        = "{}"
    locked               = "[1]"
    subaccount_suspended = "[2]"
    rate_limited         = "{\"wait\":{seconds}}"
    quota_exceeded       = "[4]"
    blocked              = "[5]"
  }
}
`

// Keys that are users with passwords, and have no scopes.
const users = `platform "acme" {
  title = "Acme"
  ids   = "number"
  password {
    username_prefix = "user-"
    username_suffix = "@acme"
    min_length      = 8
    forbidden       = ["PassWord"]
    lock_after      = 5
  }
  keys {
    name_required = false
    unique_names  = false
    edit_scopes   = false
    expiry        = true
    disable       = true
    rotate        = true
    max_overlap   = "0s"
    fixed_scopes  = []
  }
  answers {
    invalid          = "[1]"
    inactive         = "{}"
    expired          = "{}"
    account_standing = "[2]"
    locked           = "{}"
  }
}
`

func TestAFileFillsEveryField(t *testing.T) {
	t.Parallel()
	p, err := platform.Parse([]byte(full), "acme.hcl")
	if err != nil {
		t.Fatal(err)
	}
	ptr := func(n int) *int { return &n }
	for what, pair := range map[string][2]any{
		"ids":  {platform.IDsInSecret, p.IDs},
		"open": {true, p.OpenScopes},
		"keys": {platform.KeyRules{NameRequired: true, UniqueNames: true, Expiry: true, Disable: true, OwnerOnly: true, FixedScopes: &[]string{"mail.read", "mail.send"}, Limit: ptr(7)}, p.Keys},
		"sub":  {platform.KeyRules{NameRequired: true, UniqueNames: true, Expiry: true, Disable: true, OwnerOnly: true, FixedScopes: &[]string{}, Limit: ptr(4)}, p.KeysOf(true)},
		"plan": {map[string]platform.Plan{"free": {APIKeys: ptr(2), MonthlyRequests: ptr(3)}}, p.Plans},
		"hour": {platform.RequestRules{PerHour: ptr(9)}, p.Requests},
		"try":  {&platform.AttemptRules{Failures: 6, Within: 5 * time.Minute, Block: 15 * time.Minute}, p.Attempts},
		"auto": {platform.AutomaticScopes{Names: []string{"a_auto", "b_auto"}, Added: []string{"b_auto"}}, p.Automatic},
		"groups": {[]platform.Group{
			{Name: "extra", Title: "extra", Read: []string{"extra.read"}, Full: []string{"extra.read"}},
			{Name: "mail", Title: "Mail", Read: []string{"mail.read"}, Full: []string{"mail.batch.create", "mail.read", "mail.send"}},
			{Name: "ops", Title: "Operations", Read: []string{}, Full: []string{"ops.act"}},
		}, p.Groups},
		"presets": {[]platform.Preset{
			{Name: "act", Description: "Act.", Scopes: []string{"ops.act"}},
			{Name: "send", Description: "Send mail.", Scopes: []string{"extra.read", "mail.send"}},
		}, p.Presets},
		"rights": {[]string{"verify"}, p.Rights([]string{"mail.send", "mail.read"})},
		"levels": {[]string{"read", "full", "read", ""}, []string{p.Level("mail.read"), p.Level("mail.send"), p.Level("extra.read"), p.Level("plain")}},
		"handle": {[]any{"letters and digits", true, 5, false}, []any{p.Subaccounts.HandleWords, p.Subaccounts.Generate, *p.Subaccounts.Limit, p.Subaccounts.Handle.MatchString("ab")}},
		"wait":   {`{"wait":61}`, string(p.Answer("rate_limited", "", 61*time.Second))},
	} {
		if diff := cmp.Diff(pair[0], pair[1]); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
	for i, code := range []string{"locked", "subaccount_suspended", "", "quota_exceeded", "blocked"} {
		if got := string(p.Answer(code, "", 0)); code != "" && got != fmt.Sprintf("[%d]", i+1) {
			t.Errorf("%s: %s", code, got)
		}
	}
}

func TestWhatIsLeftOutIsTheStricterRule(t *testing.T) {
	t.Parallel()
	p, err := platform.Parse([]byte(good), "acme.hcl")
	if err != nil {
		t.Fatal(err)
	}
	if !p.Keys.NameRequired || p.Keys.OwnerOnly || p.Keys.FixedScopes != nil || p.OpenScopes || p.Subaccounts != nil || p.Attempts != nil || p.IDs != platform.IDsOpaque {
		t.Errorf("got %+v", p)
	}
	p, err = platform.Parse([]byte(users), "acme.hcl")
	if err != nil {
		t.Fatal(err)
	}
	if !p.Password.NotOnlyLetters || !slices.Equal(p.Password.Forbidden, []string{"password"}) || p.IDs != platform.IDsNumber {
		t.Errorf("got %+v, %s", p.Password, p.IDs)
	}
	for code, want := range map[string]string{"locked": "{}", "blocked": "[1]", "missing_scope": "[2]", "subaccount_suspended": "[2]", "rate_limited": "[2]", "quota_exceeded": "[2]"} {
		if got := string(p.Answer(code, "a", 0)); got != want {
			t.Errorf("%s: got %s, want %s", code, got, want)
		}
	}
}

func TestFixedScopesOfSubaccountsAreNeverEdited(t *testing.T) {
	t.Parallel()
	// The longest of the ways to match is what counts, not all of them together.
	const subaccounts = `
  subaccounts {
    handle       = "[a-z]{100}|[a-z]{3,60}"
    handle_words = "letters"
    fixed_scopes = ["read"]
  }
  scope`
	p, err := platform.Parse([]byte(strings.Replace(good, "\n  scope", subaccounts, 1)), "acme.hcl")
	if err != nil {
		t.Fatal(err)
	}
	if !p.KeysOf(false).EditScopes || p.KeysOf(true).EditScopes || p.KeysOf(true).Limit != nil {
		t.Errorf("got %+v and %+v", p.KeysOf(false), p.KeysOf(true))
	}
}

func TestFaultsAreToldTogetherInTheOrderOfTheLines(t *testing.T) {
	t.Parallel()
	text := strings.NewReplacer(`"acme_"`, `""`, `limit         = 7`, `limit = 0`, `failures = 6`, `failures = 0`, `["ops.act"]`, `["Ops"]`, `"{}"`, `"no"`).Replace(full)
	_, err := platform.Parse([]byte(text), "acme.hcl")
	if err == nil {
		t.Fatal("accepted")
	}
	var got []string
	for line := range strings.Lines(err.Error()) {
		got = append(got, strings.SplitN(line, ",", 2)[0])
	}
	want := []string{"acme.hcl:5", "acme.hcl:12", "acme.hcl:39", "acme.hcl:55", "acme.hcl:79", "acme.hcl:79", "acme.hcl:79", "acme.hcl:79", "acme.hcl:79"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff, err)
	}
}
