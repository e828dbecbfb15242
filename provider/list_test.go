package provider_test

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// brownfield is a world with keys, sub-accounts and scopes that Terraform did not make.
func brownfield(t *testing.T) world {
	t.Helper()
	w := newWorld(t)
	for _, in := range []api.CreateScope{{Name: "team.build", Group: "team", Implies: []string{"read"}}, {Name: "team.deploy", Group: "team"}, {Name: "other", Description: "d"}} {
		if _, err := w.client.Scopes.Create(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	off := false
	for _, in := range []api.CreateAPIKey{
		{Name: "test-1", Scopes: []string{"team.build"}, Description: "d"}, {Name: "test-2", Scopes: []string{"read"}, Enabled: &off},
		{Name: "test-3", Scopes: []string{"write"}}, {Name: "build", Scopes: []string{"team.build"}},
	} {
		if _, err := w.client.APIKeys.Create(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	for _, handle := range []string{"acme", "beta", "empty"} {
		w.makeSubaccount(api.CreateSubaccount{Handle: handle, Name: "The " + handle})
		w.server.Advance(time.Second) // so that they have an order
	}
	w.makeKeyOf("acme", api.CreateAPIKey{Name: "app", Scopes: []string{"write"}})
	w.makeKeyOf("acme", api.CreateAPIKey{Name: "ci", Scopes: []string{"read"}})
	w.makeKeyOf("beta", api.CreateAPIKey{Name: "app", Scopes: []string{"read"}, Description: "d"})
	return w
}

// calledOf is what results are called, without the ids and sorted: what was made in one
// second comes in any order.
func calledOf(found []listed) []string {
	var out []string
	for _, one := range found {
		out = append(out, strings.ReplaceAll(one.called, " ("+one.identity["id"]+")", ""))
	}
	slices.Sort(out)
	return out
}

// What a list finds is imported by the identity that it gives, and the state is then
// what the list has shown: the generated configuration fits.
func TestPain15_ManyThingsAreFoundAndImportedByTheirIdentity(t *testing.T) {
	t.Parallel()
	w := brownfield(t)
	p := w.inProcess()
	for resourceType, want := range map[string][]string{
		"postern_apikey":            {"build", "test-1", "test-2", "test-3"},
		"postern_subaccount_apikey": {"app of acme", "app of beta", "ci of acme"},
		"postern_subaccount":        {"The acme (acme)", "The beta (beta)", "The empty (empty)"},
		"postern_scope":             {"other", "team.build", "team.deploy"},
	} {
		found := p.mustList(query{resourceType: resourceType, whole: true})
		if got := calledOf(found); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", resourceType, got, want)
		}
		for _, one := range found {
			if id := one.identity["id"]; id != "" && !strings.Contains(one.called, id) {
				t.Errorf("%s is called %q without its id", resourceType, one.called)
			}
			_, state := p.imported(resourceType, "", one.identity)
			if len(state) == 0 || len(state) != len(one.resource) {
				t.Fatalf("%s: %s has %d attributes in the list, %d after an import", resourceType, one.called, len(one.resource), len(state))
			}
			for name, value := range state {
				if !value.Equal(one.resource[name]) {
					t.Errorf("%s.%s of %s is %v in the list, %v after an import", resourceType, name, one.called, one.resource[name], value)
				}
			}
			if secret, ok := one.resource["secret"]; ok && !secret.IsNull() {
				t.Errorf("%s: %s has a secret", resourceType, one.called)
			}
		}
	}
}

// On a Terraform before 1.14 the data source finds them and import blocks take them, in
// one configuration for any number of keys.
func TestPain15_ThePluralDataSourceAndAnImportBlockTakeManyKeys(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "examples", "brownfield", "main.tf"))
	if err != nil {
		t.Fatal(err)
	}
	c := brownfield(t).pipeline(strings.Replace(string(text), `"ci-"`, `"test-"`, 1))
	if out := c.ok("apply", "-no-color", "-auto-approve"); !strings.Contains(out, "3 imported, 0 added, 0 changed, 0 destroyed") {
		t.Errorf("the apply says: %s", out)
	}
	c.unchanged()
}

func TestList_FiltersAllFit(t *testing.T) {
	t.Parallel()
	p := brownfield(t).inProcess()
	for _, tc := range []struct {
		resourceType string
		config       object
		want         []string
	}{
		{"postern_apikey", object{"name": text("test-2")}, []string{"test-2"}},
		{"postern_apikey", object{"name_prefix": text("test")}, []string{"test-1", "test-2", "test-3"}},
		{"postern_apikey", object{"status": text("inactive")}, []string{"test-2"}},
		{"postern_apikey", object{"scope": text("team.build")}, []string{"build", "test-1"}},
		{"postern_apikey", object{"scope": text("team.build"), "name_prefix": text("test")}, []string{"test-1"}},
		{"postern_apikey", object{"name": text("app")}, nil},
		{"postern_subaccount_apikey", object{"name": text("app")}, []string{"app of acme", "app of beta"}},
		{"postern_subaccount_apikey", object{"subaccount": text("acme")}, []string{"app of acme", "ci of acme"}},
		{"postern_subaccount_apikey", object{"subaccount": text("acme"), "scope": text("read"), "status": text("active"), "name_prefix": text("c")}, []string{"ci of acme"}},
		{"postern_subaccount_apikey", object{"subaccount": text("empty")}, nil},
		{"postern_subaccount", object{"handle_prefix": text("a")}, []string{"The acme (acme)"}},
		{"postern_subaccount", object{"status": text("suspended")}, nil},
		{"postern_scope", object{"group": text("team")}, []string{"team.build", "team.deploy"}},
		{"postern_scope", object{"group": text("team"), "name_prefix": text("team.b")}, []string{"team.build"}},
		{"postern_scope", object{"name_prefix": text("re")}, nil}, // read is the platform's
	} {
		found := p.mustList(query{resourceType: tc.resourceType, config: tc.config})
		if got := calledOf(found); !slices.Equal(got, tc.want) {
			t.Errorf("%s %v: %q, want %q", tc.resourceType, tc.config, got, tc.want)
		}
		for _, one := range found {
			if one.resource != nil {
				t.Errorf("%s: a resource that was not asked for", tc.resourceType)
			}
		}
	}
}

func TestList_ALimitEndsTheRequestsToo(t *testing.T) {
	t.Parallel()
	w := brownfield(t)
	for resourceType, tc := range map[string]struct {
		route string
		calls int
	}{
		"postern_apikey": {"GET /v1/apikeys", 1},
		// The keys of one sub-account are enough.
		"postern_subaccount_apikey": {"GET /v1/subaccounts/{handle}/apikeys", 1},
		"postern_subaccount":        {"GET /v1/subaccounts", 1},
		"postern_scope":             {"GET /v1/scopes", 1},
	} {
		p := w.inProcess()
		w.server.Reset()
		if found := p.mustList(query{resourceType: resourceType, limit: 2}); len(found) != 2 {
			t.Errorf("%s: %d results, want 2", resourceType, len(found))
		}
		if got := w.server.Counts()[tc.route]; got != tc.calls {
			t.Errorf("%s: %d calls of %s, want %d", resourceType, got, tc.route, tc.calls)
		}
		if last := w.server.Requests()[len(w.server.Requests())-1]; resourceType != "postern_scope" && !strings.HasSuffix(last.Path, "limit=2") {
			t.Errorf("%s: more was asked for than is wanted: %s", resourceType, last.Path)
		}
	}
	p := w.inProcess()
	if found := p.mustList(query{resourceType: "postern_subaccount_apikey", limit: 3}); len(found) != 3 {
		t.Errorf("%d keys over two sub-accounts, want 3", len(found))
	}
}

func TestList_WhatGoesWrongIsSaidInTheStream(t *testing.T) {
	t.Parallel()
	w := brownfield(t)
	_, reader := w.server.NewKey(t, "read")
	_, manager := w.server.NewKey(t, "apikeys:write")
	bound := w.makeKeyOf("acme", api.CreateAPIKey{Name: "manager", Scopes: []string{"apikeys:write"}})
	unconfigured := inProcessWith(t, object{"endpoint": unknownText})
	owner, other, own := w.inProcess(), on(t, "benchmark").inProcess(), w.inProcessAs(bound.Secret.Reveal())
	for name, tc := range map[string]struct {
		p    inProcess
		q    query
		want string
	}{
		"a right that is missing":    {w.inProcessAs(reader), query{resourceType: "postern_apikey"}, "Unable to list API keys"},
		"no right to look for them":  {w.inProcessAs(manager), query{resourceType: "postern_subaccount_apikey"}, "Set subaccount to the handle of one"},
		"an unknown scope":           {owner, query{resourceType: "postern_apikey", config: object{"scope": text("raed")}}, `"read"`},
		"an unknown status":          {owner, query{resourceType: "postern_apikey", config: object{"status": text("off")}}, "Invalid Attribute Value Match"},
		"an empty handle":            {owner, query{resourceType: "postern_subaccount_apikey", config: object{"subaccount": text("")}}, "Invalid Attribute Value Length"},
		"no such sub-account":        {owner, query{resourceType: "postern_subaccount_apikey", config: object{"subaccount": text("acne")}}, `There is no sub-account "acne"`},
		"another sub-account":        {own, query{resourceType: "postern_subaccount_apikey", config: object{"subaccount": text("beta")}}, `There is no sub-account "beta"`},
		"a platform without them":    {other, query{resourceType: "postern_subaccount_apikey"}, "has no sub-accounts"},
		"the same, of themselves":    {other, query{resourceType: "postern_subaccount"}, "has no sub-accounts"},
		"of themselves, by its key":  {own, query{resourceType: "postern_subaccount"}, "belongs to the sub-account acme itself"},
		"unconfigured: keys":         {unconfigured, query{resourceType: "postern_apikey"}, "The provider is not configured yet"},
		"unconfigured: others' keys": {unconfigured, query{resourceType: "postern_subaccount_apikey"}, "The provider is not configured yet"},
		"unconfigured: sub-accounts": {unconfigured, query{resourceType: "postern_subaccount"}, "The provider is not configured yet"},
		"unconfigured: scopes":       {unconfigured, query{resourceType: "postern_scope"}, "The provider is not configured yet"},
	} {
		found, diags := tc.p.list(tc.q)
		if len(found) != 0 || !failed(diags) || !strings.Contains(say(diags), tc.want) {
			t.Errorf("%s: %d results and %s", name, len(found), say(diags))
		}
	}
	if found := own.mustList(query{resourceType: "postern_subaccount_apikey"}); !slices.Equal(calledOf(found), []string{"app of acme", "ci of acme", "manager of acme"}) {
		t.Errorf("a credential of a sub-account finds %q", calledOf(found))
	}
}

// A review must not miss the keys of a sub-account because of a stray answer.
func TestList_AStrayMissLeavesNoSubaccountOut(t *testing.T) {
	t.Parallel()
	w := brownfield(t)
	w.server.Fail(1, http.MethodGet, "/v1/subaccounts/beta/apikeys", http.StatusNotFound, 0)
	found, diags := w.inProcess().list(query{resourceType: "postern_subaccount_apikey"})
	if len(found) != 2 || !strings.Contains(say(diags), `of sub-account "beta"`) {
		t.Errorf("%d results and %s", len(found), say(diags))
	}
}
