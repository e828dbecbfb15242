package provider_test

import (
	"net/http"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

// SendGrid's list may leave out disabled subusers: one is forgotten only when SendGrid
// itself says that it is gone.
func TestVendorSubaccounts_ADisabledOneThatTheListLeavesOutIsNotForgotten(t *testing.T) {
	t.Parallel()
	quirks := servertest.SendGridQuirks{ListOmitsDisabled: true}
	w := vendorWorld{newWorld(t, servertest.Platform("sendgrid"), servertest.SendGrid(quirks)), "sendgrid"}
	w.makeBystander()
	c := w.program(w.server.Owner, vendorChild(`status = "suspended"`))
	c.ok(applyIt...)
	c.unchanged()
	w.server.Inject(servertest.Fault{Kind: servertest.ServerError, Method: http.MethodGet, Prefix: "/v3/subusers/acme1", Status: http.StatusMethodNotAllowed, Times: 100})
	c.fails(planIt, "Unable to read sub-account", "Nothing is taken for deleted", "terraform state rm")
	told(t, c.ok("state", "list"), "postern_subaccount.test")
	w.server.ClearFaults()
	c.unchanged()
	if err := w.client.Subaccounts.Delete(t.Context(), "acme1"); err != nil {
		t.Fatal(err)
	}
	told(t, c.ok(planIt...), "1 to add")
}

// Where SendGrid has no call for one subuser, a plan of new ones and their keys goes on.
func TestVendorSubaccounts_NewOnesAreMadeWhereNoneCanBeAskedForByName(t *testing.T) {
	t.Parallel()
	w := onVendor(t, "sendgrid")
	w.server.Inject(servertest.Fault{Kind: servertest.ServerError, Method: http.MethodGet, Prefix: "/v3/subusers/", Status: http.StatusMethodNotAllowed, Times: 1000})
	c := w.program(w.server.Owner, vendorChild()+vendorKey(`name = "test"`, `scopes = ["mail.send"]`))
	c.ok(applyIt...)
	c.unchanged()
	if w.subaccount("acme1").Status == "" || len(w.keysOf("acme1")) != 1 {
		t.Error("they were not made")
	}
}
