package platform_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2/hclwrite"

	"github.com/postern-dev/terraform-provider-postern/internal/platform"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

// Every code with which a caller may be refused.
var codes = []string{
	"invalid", "inactive", "expired", "account_standing", "missing_scope", "locked", "subaccount_suspended",
	"rate_limited", "quota_exceeded", "blocked",
}

func TestEveryBuiltinPlatformReads(t *testing.T) {
	t.Parallel()
	for _, name := range platform.Names() {
		p := builtin(t, name)
		if p.Name != name {
			t.Errorf("file %s.hcl defines platform %q", name, p.Name)
		}
		for _, s := range p.Scopes.Names() {
			if got, _ := p.Scopes.Get(s); got.Description == "" || got.Group == "" {
				t.Errorf("%s: scope %s lacks a description or group", name, s)
			}
		}
	}
}

func TestEveryAnswerIsJSONWithoutAPlaceholder(t *testing.T) {
	t.Parallel()
	for _, name := range platform.Names() {
		for _, code := range codes {
			got := builtin(t, name).Answer(code, "a:b", 90*time.Second)
			if !json.Valid(got) || regexp.MustCompile(`\{[a-z]+\}`).Match(got) {
				t.Errorf("%s: answer %s: %s", name, code, got)
			}
		}
	}
}

func TestAnswersAreTheVendorsOwn(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ platform, code, want string }{
		{"benchmark", "invalid", `{"errors":[{"errorType":"UnauthorizedError","message":"Invalid API key"}]}`},
		{"benchmark", "expired", `{"errors":[{"errorType":"UnauthorizedError","message":"API key expired"}]}`},
		{"benchmark", "account_standing", `{"errors":[{"errorType":"ForbiddenError","message":"Account does not have API access"}]}`},
		{"benchmark", "missing_scope", `{"errors":[{"errorType":"ForbiddenError","message":"API key missing required scope: a:b"}]}`},
		{"benchmark", "rate_limited", `{"errors":[{"errorType":"TooManyRequestsError","message":"Rate limit exceeded. Retry after 45 seconds."}]}`},
		{"benchmark", "quota_exceeded", `{"errors":[{"errorType":"TooManyRequestsError","message":"Monthly API quota exceeded."}]}`},
		{"benchmark", "blocked", `{"errors":[{"errorType":"TooManyRequestsError","message":"Too many failed authentication attempts. Please try again later."}]}`},
		{"benchmark", "locked", `{"errors":[{"errorType":"UnauthorizedError","message":"Invalid API key"}]}`},
		{"sendgrid", "invalid", `{"errors":[{"field":null,"message":"The provided authorization grant is invalid, expired, or revoked"}]}`},
		{"sendgrid", "missing_scope", `{"errors":[{"field":null,"message":"access forbidden"}]}`},
		{"sendgrid", "subaccount_suspended", `{"errors":[{"field":null,"message":"access forbidden"}]}`},
		{"mailchannels", "missing_scope", `{"errors":["The API key lacks the scope a:b."]}`},
		{"dotdigital", "locked", `{"message":"Error: ERROR_APIUSER_INVALID"}`},
	} {
		if got := string(builtin(t, tc.platform).Answer(tc.code, "a:b", 45*time.Second+time.Millisecond)); got != tc.want {
			t.Errorf("%s: got %s, want %s", tc.platform, got, tc.want)
		}
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
	if diff := cmp.Diff(platform.Rights(), p.Rights(admin)); diff != "" {
		t.Error(diff)
	}
	if got := p.Rights(p.Scopes.Effective([]string{"write"})); len(got) != 0 {
		t.Errorf("write gives rights %v over the management API", got)
	}
	if !p.OpenScopes || !p.Subaccounts.Generate || p.Subaccounts.KeyLimit != nil {
		t.Errorf("got %+v", p.Subaccounts)
	}
}

func TestBenchmarkScopesGiveNoRightOverKeys(t *testing.T) {
	t.Parallel()
	p := builtin(t, "benchmark")
	if got := p.Rights(p.Scopes.Names()); len(got) != 0 {
		t.Errorf("got %v", got)
	}
	if got := p.Secret.Mint(p.NewKeyID()).Reveal(); !regexp.MustCompile(`^bme_[0-9A-Za-z]{43}$`).MatchString(got) {
		t.Errorf("a secret of %d characters is no %s", len(got), "bme_ and 43 more")
	}
	if got, want := len(p.Scopes.Names()), 6; got != want {
		t.Errorf("%d scopes, want %d", got, want)
	}
}

func TestBenchmarkLimitsAreThoseOfItsPlans(t *testing.T) {
	t.Parallel()
	p := builtin(t, "benchmark")
	got := map[string][2]int{}
	for name, plan := range p.Plans {
		if plan.APIKeys != nil && plan.MonthlyRequests != nil {
			got[name] = [2]int{*plan.APIKeys, *plan.MonthlyRequests}
		} else if plan != (platform.Plan{}) {
			t.Errorf("plan %s has one limit of two", name)
		}
	}
	if diff := cmp.Diff(map[string][2]int{"free": {2, 5000}, "pro": {10, 250000}}, got); diff != "" {
		t.Error(diff)
	}
	if *p.Requests.PerHour != 3600 || *p.Attempts != (platform.AttemptRules{Failures: 20, Within: 5 * time.Minute, Block: 15 * time.Minute}) {
		t.Errorf("got %d, %+v", *p.Requests.PerHour, *p.Attempts)
	}
	if p.Level("contacts:read") != platform.LevelRead || p.Level("contacts:write") != platform.LevelFull {
		t.Error("contacts are not read and full")
	}
	want := platform.Group{Name: "contacts", Title: "contacts", Read: []string{"contacts:read"}, Full: []string{"contacts:read", "contacts:write"}}
	if diff := cmp.Diff(want, p.Groups[slices.IndexFunc(p.Groups, func(g platform.Group) bool { return g.Name == "contacts" })]); diff != "" {
		t.Error(diff)
	}
}

func TestMailChannelsSubaccountsHoldTheOneScopeAndNoOwnerKeyIsMadeByAKey(t *testing.T) {
	t.Parallel()
	p := builtin(t, "mailchannels")
	if keys := p.KeysOf(false); !keys.OwnerOnly || keys.NameRequired || keys.EditScopes || keys.FixedScopes != nil || *keys.Limit != 100 {
		t.Errorf("got %+v", keys)
	}
	sub := p.KeysOf(true)
	if diff := cmp.Diff([]string{"api"}, *sub.FixedScopes); diff != "" || *sub.Limit != 100 {
		t.Error(diff, sub.Limit)
	}
	want := slices.DeleteFunc(platform.Rights(), func(r string) bool {
		return !strings.HasPrefix(r, "apikeys:") && !strings.HasPrefix(r, "subaccounts:")
	})
	if diff := cmp.Diff(want, p.Rights([]string{"api"})); diff != "" {
		t.Error(diff)
	}
	if got := p.Rights([]string{"inbound"}); len(got) != 0 {
		t.Errorf("inbound gives %v", got)
	}
}

func TestDotdigitalKeysAreUsersWithPasswordsAndNoScopes(t *testing.T) {
	t.Parallel()
	p := builtin(t, "dotdigital")
	want := &platform.PasswordRules{
		UsernamePrefix: "apiuser-", UsernameSuffix: "@apiconnector.com", MinLength: 8, NotOnlyLetters: true,
		Forbidden: []string{"password"}, LockAfter: 5,
	}
	if diff := cmp.Diff(want, p.Password); diff != "" {
		t.Error(diff)
	}
	if p.Keys.FixedScopes == nil || len(*p.Keys.FixedScopes) != 0 || p.Subaccounts != nil || !p.Keys.Rotate || p.Keys.MaxOverlap != 0 {
		t.Errorf("got %+v", p.Keys)
	}
}

func TestHandlesAreThoseOfThePlatform(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ good, bad []string }{
		"mailchannels": {[]string{"abc", "0a9", strings.Repeat("a", 128)}, []string{"ab", "Abc", "a-b", "abc\n", strings.Repeat("a", 129)}},
		"postern":      {[]string{"abc", "0-_", strings.Repeat("a", 64)}, []string{"ab", "-ab", "a.b", "a/b", strings.Repeat("a", 65)}},
		"sendgrid":     {[]string{"abc", "Me@b.c", "a.."}, []string{"ab", "..a", "a b", "a/b", "a%2e"}},
	} {
		handle := builtin(t, name).Subaccounts.Handle
		for _, text := range tc.good {
			if !handle.MatchString(text) {
				t.Errorf("%s refuses %q", name, text)
			}
		}
		for _, text := range tc.bad {
			if handle.MatchString(text) {
				t.Errorf("%s accepts %q", name, text)
			}
		}
	}
}

func TestKeyIDs(t *testing.T) {
	t.Parallel()
	for name, shape := range map[string]string{
		"postern": `^key_[0-9A-Za-z]{20}$`, "dotdigital": `^key_[0-9A-Za-z]{20}$`,
		"sendgrid": `^[0-9A-Za-z_-]{22}$`, "mailchannels": `^[1-9][0-9]{14}$`,
	} {
		p := builtin(t, name)
		seen := map[string]bool{}
		for range 1000 {
			id := p.NewKeyID()
			if !p.IsKeyID(id) || !regexp.MustCompile(shape).MatchString(id) || seen[id] {
				t.Fatalf("%s makes the id %q", name, id)
			}
			seen[id] = true
			if n, err := strconv.ParseInt(id, 10, 64); p.IDs == platform.IDsNumber && (err != nil || n >= 1<<53) {
				t.Fatalf("%s is no number that JavaScript reads exactly: %v", id, err)
			}
			for _, bad := range []string{"", id + "0", id[1:], id[:len(id)-1] + "/", "key_", "0" + id[1:]} {
				if p.IsKeyID(bad) && bad[0] != '0' || p.IDs == platform.IDsNumber && p.IsKeyID(bad) {
					t.Fatalf("%s takes %q for an id", name, bad)
				}
			}
		}
	}
}

func TestBuiltinFilesAreFormatted(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("files/*.hcl")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, filepath.Join("..", "..", "examples", "platforms", "acme.hcl")) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(hclwrite.Format(text)), string(text)); diff != "" {
			t.Errorf("%s: %s", file, diff)
		}
	}
}

// What a level or a preset gives must fit into one key.
func TestEveryLevelAndPresetIsOfOneClass(t *testing.T) {
	t.Parallel()
	for _, name := range platform.Names() {
		p := builtin(t, name)
		for _, g := range p.Groups {
			if len(p.Scopes.Classes(g.Full)) != 1 || len(scope.Added(g.Full, g.Read)) > 0 {
				t.Errorf("%s: group %s", name, g.Name)
			}
		}
		for _, preset := range p.Presets {
			if len(p.Scopes.Classes(preset.Scopes)) != 1 || preset.Description == "" {
				t.Errorf("%s: preset %s", name, preset.Name)
			}
		}
	}
}
