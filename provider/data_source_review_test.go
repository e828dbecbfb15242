package provider_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

// reads is a test that applies data sources and looks at them.
func (w world) reads(config string, checks ...statecheck.StateCheck) {
	w.t.Helper()
	resource.UnitTest(w.t, resource.TestCase{ProtoV6ProviderFactories: factories(), Steps: []resource.TestStep{
		{Config: w.hcl(config), ConfigStateChecks: checks},
		{Config: w.hcl(config), PlanOnly: true},
	}})
}

func (w world) refuses(cases map[string]struct{ config, want string }) {
	w.t.Helper()
	for name, tc := range cases {
		w.t.Run(name, func(t *testing.T) {
			t.Parallel()
			resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: factories(), Steps: []resource.TestStep{
				{Config: w.hcl(tc.config), ExpectError: regexp.MustCompile(tc.want)},
			}})
		})
	}
}

func (w world) make(name string, expires time.Duration, scopes ...string) *api.IssuedAPIKey {
	w.t.Helper()
	in := api.CreateAPIKey{Name: name, Scopes: scopes}
	if expires > 0 {
		at := w.server.Now().Add(expires)
		in.ExpiresAt = &at
	}
	made, err := w.client.APIKeys.Create(w.t.Context(), in)
	if err != nil {
		w.t.Fatal(err)
	}
	return made
}

func TestDataSourceAPIKeys_FiltersAllFit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	soon, late := w.make("ci-soon", 10*day, "write"), w.make("ci-late", 100*day, "verify")
	dead, other := w.make("ci-dead", day, "read"), w.make("web", 0, "read")
	used, idle := w.make("ci-used", 0, "verify"), w.make("ci-idle", 0, "verify")
	w.server.Advance(5 * day)
	w.verdict(used.Secret.Reveal(), "verify")
	w.server.Advance(2 * day)
	fresh := w.make("ci-fresh", 0, "verify")
	const config = `
data "postern_apikeys" "all" {}
data "postern_apikeys" "none" { name_prefix = "nothing" }
data "postern_apikeys" "prefix" { name_prefix = "web" }
data "postern_apikeys" "expired" { status = "expired" }
data "postern_apikeys" "scope" { scope = "read" }
data "postern_apikeys" "group" {
  group       = "data"
  name_prefix = "ci-"
}
data "postern_apikeys" "expiring" { expiring_within = "720h" }
data "postern_apikeys" "unused" {
  unused_for = "96h"
  scope      = "verify"
}
`
	exactly := func(which string, keys ...*api.IssuedAPIKey) statecheck.StateCheck {
		ids := []string{}
		for _, key := range keys {
			ids = append(ids, key.ID)
		}
		return statecheck.ExpectKnownValue("data.postern_apikeys."+which, at("ids"), names(ids...))
	}
	w.reads(config,
		exactly("all", soon, late, dead, other, used, idle, fresh), exactly("none"), exactly("prefix", other), exactly("expired", dead), exactly("scope", dead, other),
		exactly("group", soon, dead), exactly("expiring", soon), exactly("unused", late, idle),
		statecheck.ExpectKnownValue("data.postern_apikeys.prefix", at("apikeys"), knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectPartial(map[string]knownvalue.Check{
			"name": knownvalue.StringExact("web"), "effective_scopes": names("read"), "expires_at": knownvalue.Null(), "last_used_at": knownvalue.Null(), "status": knownvalue.StringExact("active"),
		})})),
		statecheck.ExpectKnownValue("data.postern_apikeys.none", at("apikeys"), knownvalue.ListSizeExact(0)))
}

// Usage is one request a key, and only for keys that could be meant.
func TestDataSourceAPIKeys_UsageIsAskedForLast(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.make("ci-old", 0, "read")
	for _, name := range []string{"a", "b", "c"} {
		w.make(name, 0, "read")
	}
	w.server.Advance(2 * day)
	w.make("ci-new", 0, "read")
	c := w.pipeline("data \"postern_apikeys\" \"x\" {\n  unused_for = \"24h\"\n  name_prefix = \"ci-\"\n}\n")
	w.server.Reset()
	c.ok("plan", "-no-color")
	if got := w.server.Counts()["GET /v1/apikeys/{id}/usage"]; got != 1 {
		t.Errorf("asked for the usage of %d keys, want 1", got)
	}
}

func TestDataSourceAPIKeys_Refused(t *testing.T) {
	t.Parallel()
	newWorld(t).refuses(map[string]struct{ config, want string }{
		"a status that is none":    {`data "postern_apikeys" "x" { status = "dead" }`, `(?s)status.*one of`},
		"an unknown group":         {`data "postern_apikeys" "x" { group = "nothing" }`, `(?s)Unknown group`},
		"an unknown scope":         {`data "postern_apikeys" "x" { scope = "reed" }`, `(?s)"reed"\s+does\s+not\s+exist;\s+the\s+nearest\s+is\s+"read"`},
		"a time that is none":      {`data "postern_apikeys" "x" { expiring_within = "soon" }`, `(?s)expiring_within`},
		"no time at all":           {`data "postern_apikeys" "x" { unused_for = "0s" }`, `(?s)longer than 0s`},
		"an empty prefix of names": {`data "postern_apikeys" "x" { name_prefix = "" }`, `(?s)at least 1`},
	})
}

func TestDataSourceAccount_ShowsWhoAsksAndTheLimits(t *testing.T) {
	t.Parallel()
	w, limited := newWorld(t), on(t, "benchmark")
	w.make("one", 0, "read")
	const address = "data.postern_account.x"
	is := func(name string, want knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue(address, at(name), want)
	}
	const config = `data "postern_account" "x" {}`
	w.reads(config, is("id", knownvalue.StringExact(w.server.AccountID())), is("platform", knownvalue.StringExact("postern")), is("standing", knownvalue.StringExact("open")),
		is("plan", knownvalue.Null()), is("custom_scopes", knownvalue.Bool(true)), is("requests_hour", knownvalue.Null()),
		statecheck.ExpectKnownValue(address, at("apikeys").AtMapKey("used"), knownvalue.Int64Exact(1)),
		statecheck.ExpectKnownValue(address, at("apikeys").AtMapKey("limit"), knownvalue.Null()),
		statecheck.ExpectKnownValue(address, at("caller").AtMapKey("kind"), knownvalue.StringExact("owner")))
	limited.reads(config, is("custom_scopes", knownvalue.Bool(false)),
		statecheck.ExpectKnownValue(address, at("requests_hour").AtMapKey("limit"), knownvalue.NotNull()))
}

// TestPain19: least privilege can be seen and held to.
func TestPain19_UsageNamesWhatCouldBeTakenFromAKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made := w.make("ci", 0, "write", "verify")
	born := made.CreatedAt.Format(time.RFC3339)
	w.verdict(made.Secret.Reveal(), "read")
	w.verdict(made.Secret.Reveal(), "read")
	w.verdict(made.Secret.Reveal())
	const address = "data.postern_apikey_usage.x"
	w.reads(`data "postern_apikey_usage" "x" { id = "`+made.ID+`" }`,
		statecheck.ExpectKnownValue(address, at("unused_scopes"), names("verify", "write")),
		statecheck.ExpectKnownValue(address, at("observed_since"), knownvalue.StringExact(born)),
		statecheck.ExpectKnownValue(address, at("last_used_at"), knownvalue.StringExact(w.server.Now().Format(time.RFC3339))),
		statecheck.ExpectKnownValue(address, at("days"), knownvalue.Null()),
		statecheck.ExpectKnownValue(address, at("scopes"), knownvalue.ListSizeExact(4)),
		statecheck.ExpectKnownValue(address, at("scopes").AtSliceIndex(0).AtMapKey("name"), knownvalue.StringExact("")),
		statecheck.ExpectKnownValue(address, at("scopes").AtSliceIndex(1).AtMapKey("uses"), knownvalue.Int64Exact(2)))
	w.server.Advance(10 * day)
	w.reads("data \"postern_apikey_usage\" \"x\" {\n  id = \""+made.ID+"\"\n  days = 5\n}\n",
		statecheck.ExpectKnownValue(address, at("unused_scopes"), names("read", "verify", "write")),
		statecheck.ExpectKnownValue(address, at("observed_since"), knownvalue.StringExact(w.server.Now().Truncate(day).AddDate(0, 0, -4).Format(time.RFC3339))),
		statecheck.ExpectKnownValue(address, at("last_used_at"), knownvalue.NotNull()))
	w.refuses(map[string]struct{ config, want string }{
		"a key that is not there": {`data "postern_apikey_usage" "x" { id = "key_nothere" }`, `(?s)No such API key.*key_nothere`},
		"too many days":           {"data \"postern_apikey_usage\" \"x\" {\n  id = \"" + made.ID + "\"\n  days = 401\n}\n", `(?s)between 1 and 400`},
	})
}

func TestDataSourceScopes_FiltersAllFit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, servertest.Platform("benchmark"))
	w.reads(`
data "postern_scopes" "prefix" { name_prefix = "contacts:" }
data "postern_scopes" "level" {
  level = "read"
  group = "contacts"
}
`,
		statecheck.ExpectKnownValue("data.postern_scopes.prefix", at("names"), names("contacts:read", "contacts:write")),
		statecheck.ExpectKnownValue("data.postern_scopes.level", at("names"), names("contacts:read")),
		statecheck.ExpectKnownValue("data.postern_scopes.level", at("scopes").AtSliceIndex(0).AtMapKey("level"), knownvalue.StringExact("read")))
	w.refuses(map[string]struct{ config, want string }{"a level that is none": {`data "postern_scopes" "x" { level = "half" }`, `(?s)level.*one of`}})
}
