package provider_test

import (
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

var vendorNames = []string{"sendgrid", "mailchannels"}

func TestVendorSubaccounts_OneThatCannotBeCompletedIsNotLeftHalfMade(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]servertest.Fault{
		"no limit":      {Kind: servertest.ServerError, Method: http.MethodPut, Prefix: "/tx/v1/sub-account/acme1/limit", Status: http.StatusForbidden},
		"no suspension": {Kind: servertest.ServerError, Method: http.MethodPost, Prefix: "/tx/v1/sub-account/acme1/suspend", Status: http.StatusForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := onVendor(t, "mailchannels")
			c := w.program(w.server.Owner, vendorChild(`status = "suspended"`, `send_limit = 1000`))
			w.server.Inject(fault)
			c.fails(applyIt, "Unable to create sub-account", `The sub-account "acme1" was made, but not as it was asked for, and so it was deleted again.`)
			if left := w.subaccounts(); len(left) != 0 {
				t.Errorf("%+v is left", left[0])
			}
			c.ok(applyIt...)
			if got := w.subaccount("acme1"); got.Status != api.SubaccountSuspended {
				t.Errorf("%+v", got)
			}
			c.unchanged()
		})
	}
}

func TestVendorSubaccounts_ALimitOfMessagesIsSetChangedAndTakenAway(t *testing.T) {
	t.Parallel()
	w := onVendor(t, "mailchannels")
	var steps []resource.TestStep
	for _, attribute := range []string{``, `send_limit = 1000`, `send_limit = 2000`, `send_limit = 0`, ``, `send_limit = 0`} {
		steps = append(steps, w.apply(vendorChild(attribute)), resource.TestStep{Config: w.hcl(vendorChild(attribute)), PlanOnly: true})
	}
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: factories(), Steps: steps})
}

func TestVendorSubaccounts_ASuspensionElsewhereIsPlannedBackAndARemovalIsMadeAgain(t *testing.T) {
	t.Parallel()
	for _, platform := range vendorNames {
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			w := onVendor(t, platform)
			w.makeBystander()
			c := w.program(w.server.Owner, vendorChild())
			c.ok(applyIt...)
			suspended := api.SubaccountSuspended
			if _, err := w.client.Subaccounts.Update(t.Context(), "acme1", api.UpdateSubaccount{Status: &suspended}); err != nil {
				t.Fatal(err)
			}
			told(t, c.ok(planIt...), "1 to change", `"suspended" -> "active"`)
			c.ok(applyIt...)
			if got := w.subaccount("acme1").Status; got != api.SubaccountActive {
				t.Errorf("it is %s", got)
			}
			c.unchanged()
			if err := w.client.Subaccounts.Delete(t.Context(), "acme1"); err != nil {
				t.Fatal(err)
			}
			told(t, c.ok(planIt...), "1 to add")
			c.ok(applyIt...)
			c.unchanged()
		})
	}
}

func TestVendorSubaccounts_ADestroyIsRefusedWhileThereAreKeysUnlessItIsToTakeThem(t *testing.T) {
	t.Parallel()
	for _, platform := range vendorNames {
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			w := onVendor(t, platform)
			c := w.program(w.server.Owner, vendorChild())
			c.ok(applyIt...)
			in := api.CreateAPIKey{}
			if platform == "sendgrid" {
				in = api.CreateAPIKey{Name: "test", Scopes: []string{"mail.send"}}
			}
			w.makeKeyOf("acme1", in)
			c.fails(destroyIt, "Unable to delete sub-account", "delete_apikeys_on_destroy", "1")
			if len(w.keysOf("acme1")) != 1 {
				t.Error("the key is gone")
			}
			replaced(c, `name = "Acme"`, "name = \"Acme\"\n  delete_apikeys_on_destroy = true")
			c.ok(applyIt...)
			told(t, c.ok(destroyIt...), "API keys are deleted with their sub-account")
			if left := w.subaccounts(); len(left) != 0 {
				t.Errorf("%+v is left", left[0])
			}
		})
	}
}

// MailChannels cannot rename: the keys go with the sub-account, in the same plan.
func TestVendorSubaccounts_AnotherNameMakesAnotherOneAndItsKeysAnew(t *testing.T) {
	t.Parallel()
	w := onVendor(t, "mailchannels")
	c := w.program(w.server.Owner, vendorChild()+vendorKey(`name = "test"`))
	c.ok(applyIt...)
	before := secretInState(t, c)
	replaced(c, `name = "Acme"`, `name = "Acme Ltd"`)
	plan, out := c.plan("rename.tfplan")
	told(t, out, "Another name makes another sub-account", "goes with its sub-account")
	for _, r := range plan.ResourceChanges {
		if !r.Change.Actions.Replace() {
			t.Errorf("%s: %v", r.Address, r.Change.Actions)
		}
	}
	c.ok("apply", "-no-color", "rename.tfplan")
	if was, is := w.verdict(before), w.verdict(secretInState(t, c)); was == api.VerifyValid || is != api.VerifyValid {
		t.Errorf("the old secret is %s, the new one %s", was, is)
	}
	if got := w.subaccount("acme1").Name; got != "Acme Ltd" {
		t.Errorf("it is called %s", got)
	}
	c.unchanged()
}

func TestVendorSubaccounts_AnImportShowsLabelsAndSaysWhatCannotBeKnown(t *testing.T) {
	t.Parallel()
	w := onVendor(t, "sendgrid")
	w.makeSubaccount(api.CreateSubaccount{Handle: "acme1", Name: "ops@example.com"}) // where that server keeps the address
	c := w.program(w.server.Owner, vendorChild())
	c.ok("import", "-no-color", child, "acme1")
	_, out := c.plan("first.tfplan")
	told(t, out, "0 to add, 1 to change, 0 to destroy", "The name is a label in the state only", "Whether the ip_addresses change is not known")
	if strings.Contains(out, "email ") && strings.Contains(out, "~ email") {
		t.Errorf("the address changes: %s", out)
	}
	c.ok("apply", "-no-color", "first.tfplan")
	c.unchanged()

	m := onVendor(t, "mailchannels")
	m.makeSubaccount(api.CreateSubaccount{Handle: "acme1", Name: "Acme"})
	c = m.program(m.server.Owner, sub(`handle = "acme1"`, `name = "Acme"`))
	c.ok("import", "-no-color", child, "acme1")
	c.unchanged()
}

func TestVendorSubaccounts_OnlyAddressesOfVersion4AreTaken(t *testing.T) {
	t.Parallel()
	w := onVendor(t, "sendgrid")
	with := func(ip string) string {
		return sub(`handle = "acme1"`, `name = "Acme"`, `email = "ops@example.com"`, `ip_addresses = ["192.0.2.10", "`+ip+`"]`)
	}
	bad := resource.TestStep{Config: w.hcl(with("2001:db8::1")), PlanOnly: true, ExpectError: regexp.MustCompile(`(?s)Not an IPv4 address.*2001:db8::1`)}
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: factories(), Steps: []resource.TestStep{
		bad, w.apply(with("192.0.2.11")), bad, w.apply(with("192.0.2.12")),
	}})
}

// Whether SendGrid keeps how an address is written is not documented.
func TestVendorSubaccounts_TheSpellingOfAnAddressIsNoDifference(t *testing.T) {
	t.Parallel()
	w := onVendor(t, "sendgrid")
	lower := w.middle(new(atomic.Bool), func(r *http.Response) error {
		text, err := bodyOf(r)
		answer(r, []byte(strings.ReplaceAll(text, "Ops@Example.com", "ops@example.com")))
		return err
	})
	c := w.programAt(lower, w.server.Owner, strings.ReplaceAll(vendorChild(), "ops@example.com", "Ops@Example.com"))
	c.ok(applyIt...)
	c.unchanged()
}
