package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	builtin "github.com/postern-dev/terraform-provider-postern/internal/platform"
)

// What the walkthrough claims of a platform must follow from the platform's file.
func TestPlatforms_SayWhatTheirFilesSay(t *testing.T) {
	t.Parallel()
	if names := slices.Sorted(slices.Values(platformNames())); !slices.Equal(names, builtin.Names()) {
		t.Errorf("walkthrough has %v, there are %v", names, builtin.Names())
	}
	for _, p := range platforms {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			rules, err := builtin.Builtin(p.name)
			if err != nil {
				t.Fatal(err)
			}
			p.holdScopes(t, rules)
			p.holdRules(t, rules)
			p.holdAnswers(t, rules)
		})
	}
}

func (p platform) holdScopes(t *testing.T, rules *builtin.Platform) {
	t.Helper()
	var want []string
	for _, name := range []string{p.implied, p.granted} {
		if name != "" {
			want = append(want, name)
		}
	}
	effective := rules.Scopes.Effective(p.scopes())
	if !slices.Equal(effective, slices.Sorted(slices.Values(want))) {
		t.Errorf("%s grants %v, want %v", p.granted, effective, want)
	}
	all := slices.Concat(p.scopes(), p.second)
	for _, name := range []string{p.lacking, p.added} {
		if name != "" {
			all = append(all, name)
		}
	}
	if err := rules.Scopes.Check(all); err != nil {
		t.Error(err)
	}
	if slices.Contains(effective, p.lacking) {
		t.Errorf("%s grants %s", p.granted, p.lacking)
	}
	if p.added != "" && slices.Contains(rules.Scopes.Effective(p.second), p.added) {
		t.Errorf("%v grants %s before it is added", p.second, p.added)
	}
	if p.gatewayScope != "" && !slices.Contains(rules.Rights([]string{p.gatewayScope}), "verify") {
		t.Errorf("scope %q gives no right to verify", p.gatewayScope)
	}
}

func (p platform) holdRules(t *testing.T, rules *builtin.Platform) {
	t.Helper()
	for claim, one := range map[string]struct{ got, want bool }{
		"keys without scopes":     {p.granted == "", rules.Keys.FixedScopes != nil},
		"keys keep their secret":  {p.replaced, !rules.Keys.Rotate},
		"overlap":                 {p.hasOverlap(), rules.Keys.MaxOverlap > 0},
		"passwords":               {p.password, rules.Password != nil},
		"edited scopes":           {p.added != "", rules.Keys.EditScopes},
		"keys turned off":         {p.disable, rules.Keys.Disable},
		"expiry":                  {p.expiry, rules.Keys.Expiry},
		"scopes of one's own":     {p.openScopes, rules.OpenScopes},
		"sub-accounts":            {p.subaccounts, rules.Subaccounts != nil},
		"scopes of sub-accounts":  {p.fixedScopes, rules.Subaccounts != nil && rules.Subaccounts.FixedScopes != nil},
		"keys that may verify":    {p.gatewayScope != "", verifies(rules)},
		"scopes that imply other": {p.implied != "", p.granted != "" && len(rules.Scopes.Effective([]string{p.granted})) > 1},
	} {
		if one.got != one.want {
			t.Errorf("%s: the walkthrough says %v, the file %v", claim, one.got, one.want)
		}
	}
	limit := rules.Keys.Limit
	if plan := rules.Plans[rules.DefaultPlan]; plan.APIKeys != nil {
		limit = plan.APIKeys
	}
	for claim, one := range map[string]struct {
		got  int
		want *int
	}{
		"keys":             {p.limit, limit},
		"requests an hour": {p.hourly, rules.Requests.PerHour},
	} {
		if one.want == nil {
			one.want = new(int)
		}
		if one.got != *one.want {
			t.Errorf("%s: the walkthrough says %d, the file %d", claim, one.got, *one.want)
		}
	}
	if rules.Password != nil && rules.Password.LockAfter != lockAfter {
		t.Errorf("%d wrong passwords lock", rules.Password.LockAfter)
	}
	if rules.Subaccounts != nil && !rules.Subaccounts.Handle.MatchString(customer) {
		t.Errorf("%s is no handle", customer)
	}
}

func (p platform) holdAnswers(t *testing.T, rules *builtin.Platform) {
	t.Helper()
	code := api.VerifyMissingScope
	if p.granted == "" {
		code = api.VerifyInvalid
	}
	if got := string(rules.Answer(code, p.lacking, 0)); got != p.refusal {
		t.Errorf("a caller is refused by %s, and not by %s", got, p.refusal)
	}
}

// verifies reports whether a scope of the platform lets its keys verify others.
func verifies(rules *builtin.Platform) bool {
	for _, name := range rules.Scopes.Names() {
		if slices.Contains(rules.Rights([]string{name}), "verify") {
			return true
		}
	}
	return false
}

func TestPlatformNamed_UnknownListsTheKnownOnes(t *testing.T) {
	t.Parallel()
	_, err := platformNamed("bench")
	if err == nil || !strings.Contains(err.Error(), "postern, benchmark, sendgrid, mailchannels or dotdigital") {
		t.Error(err)
	}
}

func TestPlatform_Variables(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"postern":      nil,
		"benchmark":    {`TF_VAR_scopes=["contacts:write"]`, "TF_VAR_overlap=0s"},
		"sendgrid":     nil,
		"mailchannels": {`TF_VAR_scopes=["api"]`},
		"dotdigital":   nil,
	} {
		p, err := platformNamed(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.variables(); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}
