package plan_test

import (
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/plan"
)

// Nothing that is left out ever means everything: it means what the platform fixes, or
// an error.
func TestAPIKey_ScopesLeftOut(t *testing.T) {
	t.Parallel()
	none, unknown, half := plan.NullSet(), plan.UnknownSet(), plan.PartOf(1, "api")
	api, other := plan.SetOf("api"), plan.SetOf("inbound")
	for name, tt := range map[string]struct {
		fixed      *[]string
		configured plan.Set
		want       plan.Set
		fault      plan.Code
	}{
		"chosen, set":           {nil, other, other, ""},
		"chosen, unknown":       {nil, unknown, unknown, ""},
		"chosen, left out":      {nil, none, unknown, plan.CodeMissingScopes},
		"fixed, left out":       {&[]string{"api"}, none, api, ""},
		"fixed, the same":       {&[]string{"api"}, api, api, ""},
		"fixed, another":        {&[]string{"api"}, other, other, plan.CodeFixedScopes},
		"fixed, unknown":        {&[]string{"api"}, unknown, unknown, ""},
		"fixed, known in part":  {&[]string{"api"}, half, half, ""},
		"fixed to several":      {&[]string{"b", "a"}, plan.SetOf("a", "b"), plan.SetOf("a", "b"), ""},
		"without any, left out": {&[]string{}, none, none, ""},
		"without any, set":      {&[]string{}, other, other, plan.CodeNoScopes},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := plan.APIKeyInput{Create: true, Account: &backend.Account{Owner: true, Rules: backend.KeyRules{FixedScopes: tt.fixed, Disable: true}}}
			in.Config.Scopes = tt.configured
			// Terraform proposes what is configured, and for a new key unknown.
			if in.Proposed.Scopes = tt.configured; tt.configured.IsNull() {
				in.Proposed.Scopes = unknown
			}
			got := plan.APIKey(in)
			if !got.Planned.Scopes.Equal(tt.want) {
				t.Errorf("planned %v, want %v", got.Planned.Scopes, tt.want)
			}
			if has(got, tt.fault) != (tt.fault != "") || plan.HasError(got.Findings) != (tt.fault != "") {
				t.Errorf("%v, want %q", got.Findings, tt.fault)
			}
		})
	}
}

// has reports whether the plan has a finding of that code.
func has(p plan.APIKeyPlan, code plan.Code) bool {
	for _, f := range p.Findings {
		if f.Code == code {
			return true
		}
	}
	return false
}

// A key that has expired is renewed, or replaced where its platform rotates none.
func TestAPIKey_ExpiredKey(t *testing.T) {
	t.Parallel()
	was, later := plan.Known(plan.Instant("2026-01-01T00:00:00Z")), plan.Known(plan.Instant("2027-01-01T00:00:00Z"))
	for name, tt := range map[string]struct {
		rotate  bool
		expires plan.Value[plan.Instant]
		action  plan.Action
		finding plan.Code
	}{
		"renewed":            {true, later, plan.Rotate, ""},
		"renewed for never":  {true, plan.Null[plan.Instant](), plan.Rotate, ""},
		"replaced":           {false, later, plan.Replace, plan.CodeExpiredAnew},
		"replaced for never": {false, plan.Null[plan.Instant](), plan.Replace, plan.CodeExpiredAnew},
		"left as it is":      {false, was, plan.None, plan.CodeExpired},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := plan.APIKeyInput{Account: &backend.Account{Platform: "x", Owner: true, Rules: backend.KeyRules{Expiry: true, Disable: true, EditScopes: true, Rotate: tt.rotate}}}
			in.State = plan.APIKeyValues{
				ID: plan.Known("key_1"), Status: plan.Known(backend.StatusExpired), ExpiresAt: was, SecretVersion: plan.Known[int64](1),
				Scopes: plan.SetOf("read"), EffectiveScopes: plan.SetOf("read"),
			}
			in.Config.Scopes = plan.SetOf("read")
			in.Proposed = in.State
			in.Proposed.ExpiresAt = tt.expires
			got := plan.APIKey(in)
			if got.Action != tt.action || plan.HasError(got.Findings) || tt.finding != "" && !has(got, tt.finding) || tt.finding == "" && len(got.Findings) > 0 {
				t.Errorf("%s: %v", got.Action, got.Findings)
			}
		})
	}
}

// A summary names the key and the fact, however long the names are.
func TestAPIKey_SummariesNameTheKey(t *testing.T) {
	t.Parallel()
	summary := func(id, name string) string {
		in := plan.APIKeyInput{Policy: plan.Policy{SecretsInState: plan.Warn}}
		in.State = plan.APIKeyValues{ID: plan.Known(id), Name: plan.Known(name), Secret: plan.Known(secretOf("s"))}
		in.Proposed = in.State
		p := plan.APIKey(in)
		if len(p.Findings) != 1 {
			t.Fatal(p.Findings)
		}
		return p.Findings[0].Summary
	}
	one, two := summary("key_1", "ci"), summary("key_2", "ci")
	if one == two || !strings.Contains(one, `"ci" (key_1)`) || !strings.Contains(one, "secret in the state") {
		t.Errorf("%q and %q", one, two)
	}
	if long := summary(strings.Repeat("k", 1000), strings.Repeat("n\n", 1000)); len(long) > 300 || strings.Contains(long, "\n") {
		t.Errorf("%q", long)
	}
}

// The service refuses a secret that was replaced to rotate its own key, and so does the plan.
func TestAPIKey_AReplacedSecretRotatesNotItsOwnKey(t *testing.T) {
	t.Parallel()
	ends := noon.Add(time.Hour)
	for name, tt := range map[string]struct {
		key       string // the caller's
		ends      *time.Time
		unclaimed bool
		same      bool // nothing asks for a rotation
		replace   bool // a rotation makes a new key
		refused   bool
	}{
		"its own":               {key: "key_1", ends: &ends, refused: true},
		"by the current secret": {key: "key_1"},
		"another key":           {key: "key_2", ends: &ends},
		"an owner":              {},
		"a lost answer":         {key: "key_1", ends: &ends, unclaimed: true},
		"no rotation":           {key: "key_1", ends: &ends, same: true},
		"a new key":             {key: "key_1", ends: &ends, replace: true},
	} {
		account := backend.Account{Platform: "x", Owner: true, CallerID: tt.key, SecretEndsAt: tt.ends, Rules: backend.KeyRules{Expiry: true, Rotate: !tt.replace, Replace: tt.replace, MaxOverlap: time.Hour}}
		in := plan.APIKeyInput{Account: &account, Memory: plan.APIKeyMemory{Unclaimed: tt.unclaimed}}
		in.State = plan.APIKeyValues{ID: plan.Known("key_1"), Status: plan.Known(backend.StatusActive), SecretVersion: plan.Known[int64](1), RotateWhenChanged: plan.MapOf(map[string]plan.Text{"a": plan.Known("1")})}
		in.Proposed = in.State
		if !tt.same {
			in.Proposed.RotateWhenChanged = plan.MapOf(map[string]plan.Text{"a": plan.Known("2")})
		}
		got := plan.APIKey(in)
		if has(got, plan.CodeOldSecret) != tt.refused || tt.same == got.Mints {
			t.Errorf("%s: %s, %v", name, got.Action, got.Findings)
		}
	}
}
