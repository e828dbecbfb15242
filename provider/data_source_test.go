package provider_test

import (
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

func TestDataSourceAPIKey_ByIDAndByName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	step := resource.TestStep{Config: w.hcl(written(`description = "d"`) + `
data "postern_apikey" "by_id" { id = postern_apikey.test.id }
data "postern_apikey" "by_name" { name = postern_apikey.test.name }
`)}
	for _, address := range []string{"data.postern_apikey.by_id", "data.postern_apikey.by_name"} {
		for name, want := range map[string]knownvalue.Check{
			"name": knownvalue.StringExact("test"), "description": knownvalue.StringExact("d"), "effective_scopes": names("read", "write"),
			"scopes": names("write"), "enabled": knownvalue.Bool(true), "status": knownvalue.StringExact("active"), "expires_at": knownvalue.Null(),
			"secret_version": knownvalue.Int64Exact(1), "id": knownvalue.StringRegexp(regexp.MustCompile("^key_")),
		} {
			step.ConfigStateChecks = append(step.ConfigStateChecks, statecheck.ExpectKnownValue(address, at(name), want))
		}
	}
	w.run(step)
}

func TestDataSources_OnOtherPlatforms(t *testing.T) {
	t.Parallel()
	users, grid := on(t, "dotdigital"), on(t, "sendgrid")
	users.run(resource.TestStep{
		Config: users.hcl(key(chosen) + `data "postern_apikey" "x" { id = postern_apikey.test.id }`),
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue("data.postern_apikey.x", at("username"), knownvalue.StringRegexp(regexp.MustCompile("^apiuser-"))),
			statecheck.ExpectKnownValue("data.postern_apikey.x", at("name"), knownvalue.StringExact("")),
			statecheck.ExpectKnownValue("data.postern_apikey.x", at("secret_hint"), knownvalue.Null()),
		},
	})
	grid.run(resource.TestStep{
		Config: grid.hcl(key(`name = "test"`, `scopes = [data.postern_scope.x.name]`) + `
data "postern_apikey" "x" { id = postern_apikey.test.id }
data "postern_scope" "x" { name = "alerts.read" }
data "postern_scopes" "x" { group = "alerts" }
`),
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue("data.postern_apikey.x", at("username"), knownvalue.Null()),
			statecheck.ExpectKnownValue("data.postern_apikey.x", at("automatic_scopes"), names("2fa_required", "sender_verification_eligible")),
			statecheck.ExpectKnownValue("data.postern_scope.x", at("level"), knownvalue.StringExact("read")),
			statecheck.ExpectKnownValue("data.postern_scopes.x", at("scopes").AtSliceIndex(0).AtMapKey("level"), knownvalue.StringExact("full")),
		},
	})
}

func TestDataSourceAPIKey_Refused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, tc := range map[string]struct{ body, want string }{
		"an id that is not there":  {`data "postern_apikey" "x" { id = "key_nothere" }`, `(?s)No such API key.*key_nothere`},
		"a name that is not there": {`data "postern_apikey" "x" { name = "nothere" }`, `(?s)No such API key.*nothere`},
		"an empty name":            {`data "postern_apikey" "x" { name = "" }`, `(?s)name.*at least 1`},
		"both":                     {"data \"postern_apikey\" \"x\" {\n name = \"a\"\n id = \"b\"\n}", `Exactly one of these attributes must be configured`},
		"neither":                  {`data "postern_apikey" "x" {}`, `Exactly one of these attributes must be configured`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: factories(), Steps: []resource.TestStep{
				{Config: w.hcl(tc.body), ExpectError: regexp.MustCompile(tc.want)},
			}})
		})
	}
}

func TestDataSourceScope_ShowsWhatItReallyGrants(t *testing.T) {
	t.Parallel()
	w := newWorld(t, servertest.Platform("benchmark"))
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: factories(), Steps: []resource.TestStep{
		{
			Config: w.hcl(`data "postern_scope" "x" { name = "contacts:write" }`),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("data.postern_scope.x", at("effective_scopes"), names("contacts:read", "contacts:write")),
				statecheck.ExpectKnownValue("data.postern_scope.x", at("implies"), names("contacts:read")),
				statecheck.ExpectKnownValue("data.postern_scope.x", at("group"), knownvalue.StringExact("contacts")),
				statecheck.ExpectKnownValue("data.postern_scope.x", at("class"), knownvalue.StringExact("general")),
				statecheck.ExpectKnownValue("data.postern_scope.x", at("level"), knownvalue.StringExact("full")),
			},
		},
		{Config: w.hcl(`data "postern_scope" "x" { name = "contact:write" }`), ExpectError: regexp.MustCompile(`(?s)nearest\s+is\s+"contacts:write"`)},
	}})
}

func TestDataSourceScopes_ByGroup(t *testing.T) {
	t.Parallel()
	w := newWorld(t, servertest.Platform("benchmark"))
	const all, some, none = "data.postern_scopes.all", "data.postern_scopes.some", "data.postern_scopes.none"
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: factories(), Steps: []resource.TestStep{{
		Config: w.hcl(`
data "postern_scopes" "all" {}
data "postern_scopes" "some" { group = "contacts" }
data "postern_scopes" "none" { class = "billing" }
`),
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue(all, at("names"), knownvalue.SetSizeExact(6)),
			statecheck.ExpectKnownValue(all, at("scopes"), knownvalue.ListSizeExact(6)),
			statecheck.ExpectKnownValue(some, at("names"), names("contacts:read", "contacts:write")),
			statecheck.ExpectKnownValue(some, at("scopes").AtSliceIndex(1).AtMapKey("effective_scopes"), names("contacts:read", "contacts:write")),
			statecheck.ExpectKnownValue(none, at("names"), knownvalue.SetSizeExact(0)),
			statecheck.ExpectKnownValue(none, at("scopes"), knownvalue.ListSizeExact(0)),
		},
	}}})
}
