package provider_test

import (
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

func output(name string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownOutputValue(name, want)
}

func TestVendorData_WhatThereIsCanBeRead(t *testing.T) {
	t.Parallel()
	for platform, tc := range map[string]struct {
		in     api.CreateAPIKey
		more   string
		checks []statecheck.StateCheck
	}{
		"sendgrid": {
			api.CreateAPIKey{Name: "test", Scopes: []string{"mail.send"}}, `
data "postern_apikeys" "all" { name_prefix = "test" }
data "postern_apikey" "one" { name = "test-own" }
output "own" { value = data.postern_apikeys.all.apikeys[*].name }
output "same" { value = data.postern_apikeys.all.ids == toset([data.postern_apikey.one.id]) }
`, []statecheck.StateCheck{output("own", knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact("test-own")})), output("same", knownvalue.Bool(true))},
		},
		"mailchannels": {in: api.CreateAPIKey{}},
	} {
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			w := onVendor(t, platform)
			w.makeSubaccount(api.CreateSubaccount{Handle: "acme1", Name: "Acme"})
			w.makeKeyOf("acme1", tc.in)
			if platform == "sendgrid" {
				w.makeHere("test-own", "mail.send")
			}
			config := w.hcl(`
data "postern_account" "it" {}
data "postern_scopes" "all" {}
data "postern_subaccounts" "all" {}
data "postern_subaccount" "one" { handle = "acme1" }
data "postern_subaccount_apikeys" "of" { subaccount = "acme1" }
output "platform" { value = data.postern_account.it.platform }
output "scopes" { value = length(setintersection(data.postern_scopes.all.names, ["mail.send", "api"])) }
output "handles" { value = data.postern_subaccounts.all.handles }
output "status" { value = data.postern_subaccount.one.status }
output "of" { value = length(data.postern_subaccount_apikeys.of.ids) }
` + tc.more)
			resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: factories(), Steps: []resource.TestStep{{Config: config, ConfigStateChecks: append(tc.checks,
				output("platform", knownvalue.StringExact(platform)), output("scopes", knownvalue.Int64Exact(1)), output("status", knownvalue.StringExact("active")),
				output("of", knownvalue.Int64Exact(1)), output("handles", knownvalue.SetExact([]knownvalue.Check{knownvalue.StringExact("acme1")})),
				statecheck.ExpectKnownValue("data.postern_account.it", tfjsonpath.New("platform"), knownvalue.StringExact(platform)))}}})
		})
	}
}

func TestVendorData_WhatTheyDoNotTellIsSaid(t *testing.T) {
	t.Parallel()
	for platform, cases := range map[string]map[string]struct{ config, want string }{
		"sendgrid": {
			"usage":      {`data "postern_apikey_usage" "it" { id = "x" }`, `SendGrid\s+does\s+not\s+tell\s+when`},
			"unused":     {`data "postern_apikeys" "all" { unused_for = "720h" }`, `SendGrid\s+does\s+not\s+tell\s+when`},
			"no such":    {`data "postern_apikey" "one" { name = "test-none" }`, `(?i)no\s+(such\s+)?API\s+key`},
			"no subuser": {`data "postern_subaccount" "one" { handle = "nobody" }`, `(?i)no\s+(such\s+)?sub`},
			"its keys":   {`data "postern_subaccount_apikeys" "of" { subaccount = "nobody" }`, `(?i)no\s+(such\s+)?sub`},
		},
		"mailchannels": {
			"usage":    {`data "postern_apikey_usage" "it" { id = "1" }`, `MailChannels\s+does\s+not\s+tell\s+how`},
			"keys":     {`data "postern_apikeys" "all" {}`, `Console`},
			"one key":  {`data "postern_apikey" "one" { id = "1" }`, `Console`},
			"no such":  {`data "postern_subaccount" "one" { handle = "nobody" }`, `(?i)no\s+(such\s+)?sub`},
			"its keys": {`data "postern_subaccount_apikeys" "of" { subaccount = "nobody" }`, `(?i)no\s+(such\s+)?sub`},
		},
	} {
		w := onVendor(t, platform)
		w.makeSubaccount(api.CreateSubaccount{Handle: "acme1", Name: "Acme"})
		if platform == "sendgrid" {
			w.makeHere("test-own", "mail.send")
		}
		for name, tc := range cases {
			t.Run(platform+"/"+name, func(t *testing.T) {
				t.Parallel()
				resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: factories(), Steps: []resource.TestStep{
					{Config: w.hcl(tc.config), PlanOnly: true, ExpectError: regexp.MustCompile(`(?s)` + tc.want)},
				}})
			})
		}
	}
}
