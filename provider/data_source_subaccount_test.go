package provider_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

func TestDataSourceSubaccount_OneAndMany(t *testing.T) {
	t.Parallel()
	w := on(t, "sendgrid")
	most := 3
	w.makeSubaccount(api.CreateSubaccount{Handle: "acme", Name: "Acme", APIKeyLimit: &most})
	w.makeSubaccount(api.CreateSubaccount{Handle: "acme-2", Name: "Acme 2", Status: api.SubaccountSuspended})
	w.makeSubaccount(api.CreateSubaccount{Handle: "other", Name: "Other"})
	w.makeKeyOf("acme", api.CreateAPIKey{Name: "a", Scopes: []string{"mail.send"}})
	step := resource.TestStep{Config: w.hcl(`
data "postern_subaccount" "acme" { handle = "acme" }
data "postern_subaccount" "other" { handle = "other" }
data "postern_subaccounts" "all" {}
data "postern_subaccounts" "acme" { handle_prefix = "acme" }
data "postern_subaccounts" "suspended" { status = "suspended" }
data "postern_subaccounts" "none" {
  handle_prefix = "o"
  status        = "suspended"
}
`)}
	for address, attributes := range map[string]map[string]knownvalue.Check{
		"data.postern_subaccount.acme": {
			"name": knownvalue.StringExact("Acme"), "status": knownvalue.StringExact("active"), "id": knownvalue.StringRegexp(regexp.MustCompile("^sub_")),
			"apikey_limit": knownvalue.Int64Exact(3), "apikeys_used": knownvalue.Int64Exact(1), "apikeys_limit": knownvalue.Int64Exact(3),
		},
		"data.postern_subaccount.other":      {"apikey_limit": knownvalue.Null(), "apikeys_used": knownvalue.Int64Exact(0), "apikeys_limit": knownvalue.Int64Exact(100)},
		"data.postern_subaccounts.all":       {"handles": names("acme", "acme-2", "other"), "subaccounts": knownvalue.ListSizeExact(3)},
		"data.postern_subaccounts.acme":      {"handles": names("acme", "acme-2")},
		"data.postern_subaccounts.suspended": {"handles": names("acme-2")},
		"data.postern_subaccounts.none":      {"handles": knownvalue.SetSizeExact(0), "subaccounts": knownvalue.ListSizeExact(0)},
	} {
		for name, want := range attributes {
			step.ConfigStateChecks = append(step.ConfigStateChecks, statecheck.ExpectKnownValue(address, at(name), want))
		}
	}
	w.run(step)
}

func TestDataSourceSubaccountAPIKeys_StayInTheirSubaccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.makeSubaccount(api.CreateSubaccount{Handle: "acme", Name: "Acme"})
	w.makeSubaccount(api.CreateSubaccount{Handle: "other", Name: "Other"})
	off := false
	a := w.makeKeyOf("acme", api.CreateAPIKey{Name: "ci-a", Scopes: []string{"write"}})
	b := w.makeKeyOf("acme", api.CreateAPIKey{Name: "ci-b", Scopes: []string{"read"}, Enabled: &off})
	c := w.makeKeyOf("acme", api.CreateAPIKey{Name: "web", Scopes: []string{"read"}})
	w.makeKeyOf("other", api.CreateAPIKey{Name: "ci-a", Scopes: []string{"read"}})
	step := resource.TestStep{Config: w.hcl(`
data "postern_subaccount_apikey" "by_name" {
  subaccount = "acme"
  name       = "ci-a"
}
data "postern_subaccount_apikey" "by_id" {
  subaccount = "acme"
  id         = "` + a.ID + `"
}
data "postern_subaccount_apikeys" "all" { subaccount = "acme" }
data "postern_subaccount_apikeys" "ci" {
  subaccount  = "acme"
  name_prefix = "ci-"
}
data "postern_subaccount_apikeys" "off" {
  subaccount = "acme"
  status     = "inactive"
}
data "postern_subaccount_apikeys" "readers" {
  subaccount = "acme"
  scope      = "read"
}
data "postern_subaccount_apikeys" "none" {
  subaccount  = "acme"
  name_prefix = "web"
  scope       = "write"
}
`)}
	for address, want := range map[string]knownvalue.Check{
		"all": names(a.ID, b.ID, c.ID), "ci": names(a.ID, b.ID), "off": names(b.ID), "readers": names(b.ID, c.ID), "none": knownvalue.SetSizeExact(0),
	} {
		step.ConfigStateChecks = append(step.ConfigStateChecks, statecheck.ExpectKnownValue("data.postern_subaccount_apikeys."+address, at("ids"), want))
	}
	for _, address := range []string{"by_name", "by_id"} {
		step.ConfigStateChecks = append(step.ConfigStateChecks,
			statecheck.ExpectKnownValue("data.postern_subaccount_apikey."+address, at("id"), knownvalue.StringExact(a.ID)),
			statecheck.ExpectKnownValue("data.postern_subaccount_apikey."+address, at("effective_scopes"), names("read", "write")))
	}
	step.ConfigStateChecks = append(step.ConfigStateChecks,
		statecheck.ExpectKnownValue("data.postern_subaccount_apikeys.off", at("apikeys").AtSliceIndex(0).AtMapKey("enabled"), knownvalue.Bool(false)))
	w.run(step)
}

// The filters are those of data.postern_apikeys.
func TestDataSourceSubaccountAPIKeys_FiltersByGroupExpiryAndUse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.makeSubaccount(api.CreateSubaccount{Handle: "acme", Name: "Acme"})
	w.makeSubaccount(api.CreateSubaccount{Handle: "other", Name: "Other"})
	expires := func(after time.Duration) *time.Time { at := w.server.Now().Add(after); return &at }
	soon := w.makeKeyOf("acme", api.CreateAPIKey{Name: "soon", Scopes: []string{"write"}, ExpiresAt: expires(10 * day)})
	late := w.makeKeyOf("acme", api.CreateAPIKey{Name: "late", Scopes: []string{"verify"}, ExpiresAt: expires(100 * day)})
	used := w.makeKeyOf("acme", api.CreateAPIKey{Name: "used", Scopes: []string{"verify"}})
	w.makeKeyOf("other", api.CreateAPIKey{Name: "soon", Scopes: []string{"write"}, ExpiresAt: expires(10 * day)})
	w.server.Advance(5 * day)
	if _, err := newClient(t, w.server.URL, used.Secret.Reveal()).Verify.Verify(t.Context(), api.VerifyRequest{Secret: used.Secret, Scopes: []string{"verify"}}); err != nil {
		t.Fatal(err)
	}
	w.server.Advance(2 * day)
	w.makeKeyOf("acme", api.CreateAPIKey{Name: "fresh", Scopes: []string{"verify"}})
	found := func(which string) string { return "data.postern_subaccount_apikeys." + which }
	w.reads(`
data "postern_subaccount_apikeys" "group" {
  subaccount = "acme"
  group      = "data"
}
data "postern_subaccount_apikeys" "expiring" {
  subaccount      = "acme"
  expiring_within = "720h"
}
data "postern_subaccount_apikeys" "unused" {
  subaccount = "acme"
  unused_for = "96h"
}
data "postern_subaccount_apikeys" "used" {
  subaccount  = "acme"
  name_prefix = "used"
  unused_for  = "24h"
}
`,
		statecheck.ExpectKnownValue(found("group"), at("ids"), names(soon.ID)), statecheck.ExpectKnownValue(found("expiring"), at("ids"), names(soon.ID)),
		statecheck.ExpectKnownValue(found("unused"), at("ids"), names(soon.ID, late.ID)), statecheck.ExpectKnownValue(found("used"), at("ids"), names(used.ID)),
		statecheck.ExpectKnownValue(found("used"), at("apikeys").AtSliceIndex(0).AtMapKey("last_used_at"), knownvalue.StringExact(w.server.Now().Add(-2*day).Format(time.RFC3339))))
}

func TestDataSourceSubaccount_Refused(t *testing.T) {
	t.Parallel()
	w, none := newWorld(t), on(t, "dotdigital")
	w.makeSubaccount(api.CreateSubaccount{Handle: "acme", Name: "Acme"})
	w.makeSubaccount(api.CreateSubaccount{Handle: "other", Name: "Other"})
	elsewhere := w.makeKeyOf("other", api.CreateAPIKey{Name: "ci", Scopes: []string{"read"}})
	key := func(subaccount, selector string) string {
		return w.hcl("data \"postern_subaccount_apikey\" \"x\" {\n subaccount = \"" + subaccount + "\"\n " + selector + "\n}\n")
	}
	for name, tc := range map[string]struct{ config, want string }{
		"a handle that is not there":     {w.hcl(`data "postern_subaccount" "x" { handle = "gone" }`), `(?s)No such sub-account.*"gone"`},
		"keys of one that is not there":  {w.hcl(`data "postern_subaccount_apikeys" "x" { subaccount = "gone" }`), `(?s)No such sub-account.*"gone"`},
		"a key of one that is not there": {key("gone", `name = "ci"`), `(?s)No such API key.*"gone", or no\s+such\s+sub-account`},
		"a key of another by name":       {key("acme", `name = "ci"`), `(?s)No such API key`},
		"a key of another by id":         {key("acme", `id = "`+elsewhere.ID+`"`), `(?s)No such API key`},
		"an empty handle":                {key("", `name = "ci"`), `(?s)subaccount.*at least 1`},
		"neither id nor name":            {key("acme", ""), `Exactly one of these attributes must be configured`},
		"an unknown group":               {w.hcl("data \"postern_subaccount_apikeys\" \"x\" {\n subaccount = \"acme\"\n group = \"nothing\"\n}\n"), `(?s)Unknown group`},
		"keys of nobody":                 {w.hcl(`data "postern_subaccount_apikeys" "x" {}`), `(?s)Missing sub-account.*POSTERN_SUBACCOUNT`},
		"a key of nobody":                {w.hcl(`data "postern_subaccount_apikey" "x" { name = "ci" }`), `(?s)Missing sub-account.*POSTERN_SUBACCOUNT`},
		"another status":                 {w.hcl(`data "postern_subaccounts" "x" { status = "paused" }`), `(?s)status.*must be one of`},
		"a platform that has none":       {none.hcl(`data "postern_subaccounts" "x" {}`), `(?s)Unable to list sub-accounts.*has\s+no\s+sub-accounts`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: factories(), Steps: []resource.TestStep{
				{Config: tc.config, ExpectError: regexp.MustCompile(tc.want)},
			}})
		})
	}
}
