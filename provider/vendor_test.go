package provider_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

const vendorKeyAddress = "postern_subaccount_apikey.test"

// One file, three services; only the provider block differs.
func TestVendors_TheSameConfigurationIsAppliedToEachBackend(t *testing.T) {
	t.Parallel()
	body := vendorChild() + `
data "postern_scopes" "all" {}
` + vendorKey(`name = "newsletter"`, `description = "sends"`, `scopes = setintersection(data.postern_scopes.all.names, ["mail.send", "api", "write"])`)
	worlds := map[string]struct {
		w   world
		hcl func(string) string
	}{}
	own := on(t, "postern")
	worlds["postern"] = struct {
		w   world
		hcl func(string) string
	}{own, own.hcl}
	for _, platform := range []string{"sendgrid", "mailchannels"} {
		w := onVendor(t, platform)
		worlds[platform] = struct {
			w   world
			hcl func(string) string
		}{w.world, w.hcl}
	}
	for name, tc := range worlds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var secret string
			apply := resource.TestStep{Config: tc.hcl(body), Check: func(s *terraform.State) error {
				secret = s.RootModule().Resources[vendorKeyAddress].Primary.Attributes["secret"]
				if v, err := tc.w.client.Verify.Verify(context.Background(), api.VerifyRequest{Secret: api.NewSecret(secret)}); err != nil || v.Code != api.VerifyValid {
					return fmt.Errorf("the secret is %+v (%w)", v, err)
				}
				return nil
			}, ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(vendorKeyAddress, tfjsonpath.New("name"), knownvalue.StringExact("newsletter")),
				statecheck.ExpectKnownValue(vendorKeyAddress, tfjsonpath.New("description"), knownvalue.StringExact("sends")),
				statecheck.ExpectKnownValue(child, tfjsonpath.New("email"), knownvalue.StringExact("ops@example.com")),
			}}
			again := resource.TestStep{Config: tc.hcl(body), PlanOnly: true}
			relabelled := resource.TestStep{Config: tc.hcl(strings.Replace(body, `"sends"`, `"sends mail"`, 1)),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(vendorKeyAddress, plancheck.ResourceActionUpdate)}}}
			suspended := resource.TestStep{Config: tc.hcl(strings.Replace(body, `name = "Acme"`, "name = \"Acme\"\n status = \"suspended\"", 1)), Check: func(*terraform.State) error {
				if v, err := tc.w.client.Verify.Verify(context.Background(), api.VerifyRequest{Secret: api.NewSecret(secret)}); err != nil || v.Code == api.VerifyValid {
					return fmt.Errorf("the sub-account is suspended and its key %s (%w)", v.Code, err)
				}
				return nil
			}}
			resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: factories(), Steps: []resource.TestStep{apply, again, relabelled, suspended}})
			if got, err := tc.w.client.Subaccounts.Get(context.Background(), "acme1"); err == nil {
				t.Errorf("after the destroy there is %+v", got)
			}
		})
	}
}

// Each optional attribute, omitted and set: the framework fails a step whose second plan
// is not empty.
func TestVendors_ASecondPlanIsEmpty(t *testing.T) {
	t.Parallel()
	for platform, configs := range map[string]map[string]string{
		"sendgrid": {
			"a key":             key(`name = "test"`, `scopes = ["mail.send"]`),
			"all of a key":      key(`name = "test"`, `scopes = ["mail.send", "alerts.read"]`, `description = "d"`, `enabled = true`, monthly, `rotate_when_changed = { a = "1" }`),
			"empty texts":       key(`name = "test"`, `scopes = ["mail.send"]`, `description = ""`),
			"a subuser":         vendorChild(),
			"a subuser's key":   vendorChild(`status = "active"`, `delete_apikeys_on_destroy = true`) + vendorKey(`name = "test"`, `scopes = ["mail.send"]`),
			"suspended at once": vendorChild(`status = "suspended"`),
		},
		"mailchannels": {
			"a sub-account":   sub(`name = "Acme"`),
			"all of it":       vendorChild(`status = "suspended"`, `send_limit = 1000`, `delete_apikeys_on_destroy = true`),
			"a limit of 0":    vendorChild(`send_limit = 0`),
			"a key":           vendorChild() + vendorKey(),
			"a key, labelled": vendorChild() + vendorKey(`name = "test"`, `description = "d"`, `scopes = ["api"]`, monthly),
			"empty labels":    vendorChild() + vendorKey(`name = ""`, `description = ""`),
		},
	} {
		for name, config := range configs {
			t.Run(platform+"/"+name, func(t *testing.T) {
				t.Parallel()
				w := onVendor(t, platform)
				resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: factories(), Steps: []resource.TestStep{
					w.apply(config),
				}})
				if left := w.keys(); len(left) > 0 {
					t.Errorf("%d keys are left", len(left))
				}
			})
		}
	}
}

// The key of the plan is made anew, by the vendor's own two calls, and the old one goes.
func TestVendors_RotationKeepsTheOldKeyThroughTheOverlap(t *testing.T) {
	t.Parallel()
	for platform, attributes := range map[string][]string{
		"sendgrid":     {`name = "test"`, `scopes = ["mail.send"]`, monthly},
		"mailchannels": {`name = "test"`, monthly},
	} {
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			w := onVendor(t, platform)
			config := vendorChild() + vendorKey(attributes...)
			count := func(want int) resource.TestCheckFunc {
				return func(*terraform.State) error {
					if got := w.keysOf("acme1"); len(got) != want {
						return fmt.Errorf("%d keys, want %d", len(got), want)
					}
					return nil
				}
			}
			at := func(name string) tfjsonpath.Path { return tfjsonpath.New(name) }
			create, due, during, after := w.apply(config), w.apply(config,
				plancheck.ExpectResourceAction(vendorKeyAddress, plancheck.ResourceActionUpdate),
				plancheck.ExpectKnownValue(vendorKeyAddress, at("secret_version"), knownvalue.Int64Exact(2)),
				plancheck.ExpectKnownValue(vendorKeyAddress, at("previous_id"), knownvalue.NotNull()),
			), w.apply(config, empty()), w.apply(config,
				plancheck.ExpectResourceAction(vendorKeyAddress, plancheck.ResourceActionUpdate),
				plancheck.ExpectKnownValue(vendorKeyAddress, at("previous_id"), knownvalue.Null()))
			create.Check, due.Check, during.Check, after.Check = count(1), count(2), count(2), count(1)
			resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: factories(), Steps: []resource.TestStep{
				create, w.later(29*day, due), w.later(time.Hour, during), w.later(day, after), w.apply(config, empty()),
			}})
		})
	}
}

func TestVendors_WhatTheyCannotDoIsSaidAtPlan(t *testing.T) {
	t.Parallel()
	for platform, cases := range map[string]map[string]struct{ body, want string }{
		"sendgrid": {
			"an unknown scope":         {key(`name = "test"`, `scopes = ["mail.sent"]`), `(?s)Unknown scope.*nearest\s+is\s+"mail.send"`},
			"billing with others":      {key(`name = "test"`, `scopes = ["mail.send", "billing.read"]`), `(?s)Scopes of several classes`},
			"no scopes":                {key(`name = "test"`), `(?s)Missing scopes.*never\s+means\s+everything`},
			"an expiry":                {key(`name = "test"`, `scopes = ["mail.send"]`, `expires_at = "2099-01-01T00:00:00Z"`), `(?s)never expire`},
			"turned off":               {key(`name = "test"`, `scopes = ["mail.send"]`, `enabled = false`), `(?s)cannot be turned off`},
			"a chosen secret":          {key(`name = "test"`, `scopes = ["mail.send"]`, `secret_wo = "x"`), `(?s)cannot be chosen`},
			"too long an overlap":      {key(`name = "test"`, `scopes = ["mail.send"]`, `rotation = { period = "2160h", overlap = "721h" }`), `(?s)Overlap too long`},
			"a subuser without email":  {sub(`handle = "acme1"`, `name = "Acme"`, `ip_addresses = ["192.0.2.10"]`), `(?s)Missing email`},
			"a subuser without IPs":    {sub(`handle = "acme1"`, `name = "Acme"`, `email = "ops@example.com"`), `(?s)Missing IP addresses`},
			"a subuser's limit":        {vendorChild(`apikey_limit = 5`), `(?s)no\s+limit\s+of\s+keys\s+of\s+their\s+own`},
			"a scope of one's own":     {"resource \"postern_scope\" \"s\" {\n  name = \"crm:read\"\n}\n", `(?s)sendgrid.*scopes`},
			"an automatic scope":       {key(`name = "test"`, `scopes = ["2fa_required"]`), `(?s)Unknown scope`},
			"an ephemeral key":         {oneRun(`scopes = ["mail.send"]`), `(?s)needs an expiry`},
			"a sub-account's bad name": {sub(`handle = " a b"`, `name = "Acme"`), `(?s)Invalid handle`},
		},
		"mailchannels": {
			"a key of the account":  {key(), `(?s)No API key can be made here.*Console`},
			"other scopes":          {vendorChild() + vendorKey(`scopes = ["inbound"]`), `(?s)Scopes are fixed`},
			"a short name":          {sub(`name = "ab"`), `(?s)Name too short.*at\s+least\s+3`},
			"a bad handle":          {sub(`handle = "a-b"`, `name = "Acme"`), `(?s)Invalid handle`},
			"turned off":            {vendorChild() + vendorKey(`enabled = false`), `(?s)cannot be turned off`},
			"a limit of keys":       {vendorChild(`apikey_limit = 5`), `(?s)no\s+limit\s+of\s+keys\s+of\s+their\s+own`},
			"a chosen secret":       {vendorChild() + vendorKey(`secret_wo = "x"`), `(?s)cannot be chosen`},
			"an account's key data": {`data "postern_apikeys" "all" {}`, `(?s)Console`},
		},
	} {
		w := onVendor(t, platform)
		for name, tc := range cases {
			t.Run(platform+"/"+name, func(t *testing.T) {
				t.Parallel()
				resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: withEcho(), Steps: []resource.TestStep{
					{Config: w.hcl(tc.body), ExpectError: regexp.MustCompile(tc.want), PlanOnly: true},
				}})
			})
		}
	}
}
