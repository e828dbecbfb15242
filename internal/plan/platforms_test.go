package plan_test

import (
	"sync"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/plan"
	"github.com/postern-dev/terraform-provider-postern/internal/platform"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

// testPlatform is a platform as the provider meets it: the rules for keys that a backend tells,
// written down by hand.
type testPlatform struct {
	builtin      string // the platform's file
	rules        backend.KeyRules
	ofSubaccount bool
	fixed        []string // the scopes that a key of the place holds; nil where they are chosen
	vendor       bool     // spoken to directly, and so with other rules than the file's
}

func testPlatforms() map[string]testPlatform {
	api, none := []string{"api"}, []string{}
	return map[string]testPlatform{
		"postern":                {builtin: "postern", rules: backend.KeyRules{NameRequired: true, EditScopes: true, Expiry: true, Disable: true, Rotate: true, MaxOverlap: 720 * time.Hour, ChooseSecret: true}},
		"benchmark":              {builtin: "benchmark", rules: backend.KeyRules{NameRequired: true, EditScopes: true, Expiry: true, Disable: true, Rotate: true, ChooseSecret: true}},
		"one that keeps secrets": {vendor: true, rules: backend.KeyRules{EditScopes: true, Expiry: true, Disable: true}},
		"dotdigital": {builtin: "dotdigital", rules: backend.KeyRules{Disable: true, Rotate: true, FixedScopes: &none, Password: true, ChooseSecret: true},
			fixed: none},
		"sendgrid on a server": {builtin: "sendgrid", rules: backend.KeyRules{NameRequired: true, EditScopes: true, Replace: true, MaxOverlap: backend.LongestOverlap, ChooseSecret: true}},
		"sendgrid": {builtin: "sendgrid", vendor: true,
			rules: backend.KeyRules{NameRequired: true, EditScopes: true, Replace: true, MaxOverlap: backend.LongestOverlap, DescriptionInState: true, NamesRepeat: true}},
		"mailchannels on a server": {builtin: "mailchannels", rules: backend.KeyRules{OwnerOnly: true, Replace: true, MaxOverlap: backend.LongestOverlap, ChooseSecret: true}},
		"mailchannels": {builtin: "mailchannels", vendor: true, ofSubaccount: true, fixed: api,
			rules: backend.KeyRules{FixedScopes: &api, Replace: true, MaxOverlap: backend.LongestOverlap, NameInState: true, DescriptionInState: true}},
	}
}

// The table of platforms is that of the files, where a server goes by them.
func TestPlatforms_TableFitsTheFiles(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for name, p := range testPlatforms() {
		if p.builtin == "" {
			continue
		}
		seen[p.builtin] = true
		builtin, err := platform.Builtin(p.builtin)
		if err != nil {
			t.Fatal(err)
		}
		file, rules := builtin.Keys, p.rules
		if file.EditScopes != rules.EditScopes || file.Expiry != rules.Expiry || file.Disable != rules.Disable || file.Rotate != rules.Rotate ||
			file.NameRequired != rules.NameRequired || rules.Replace != (!file.Rotate && !file.UniqueNames) {
			t.Errorf("%s: %+v, the file says %+v", name, rules, file)
		}
		if !rules.Replace && file.MaxOverlap != rules.MaxOverlap || (builtin.Password != nil) != rules.Password || !p.ofSubaccount && (file.FixedScopes == nil) != (rules.FixedScopes == nil) {
			t.Errorf("%s: %+v, the file says %+v", name, rules, file)
		}
	}
	for _, name := range platform.Names() {
		if !seen[name] {
			t.Errorf("%s is not in the table", name)
		}
	}
}

// testCatalogue has a chain, an island and another class.
var testCatalogue = sync.OnceValue(func() *plan.Catalogue {
	c, err := scope.NewCatalogue([]scope.Scope{
		{Name: "read"}, {Name: "write", Implies: []string{"read"}}, {Name: "admin", Implies: []string{"write"}}, {Name: "mail"}, {Name: "api"}, {Name: "other", Class: "other"},
	})
	if err != nil {
		panic(err)
	}
	return &plan.Catalogue{Coming: c, Now: c, Managing: map[string]bool{"admin": true, "api": true}}
})
