package provider_test

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/postern-dev/terraform-provider-postern/client"
	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// child is the address of the sub-account that the tests are about.
const child = "postern_subaccount.test"

// sub is the sub-account under test, with these attributes.
func sub(attributes ...string) string {
	return "resource \"postern_subaccount\" \"test\" {\n  " + strings.Join(attributes, "\n  ") + "\n}\n"
}

// acme is a sub-account of the handle acme and these attributes more.
func acme(attributes ...string) string {
	return sub(append([]string{`handle = "acme"`, `name = "Acme"`}, attributes...)...)
}

// runSubaccounts applies the steps in order and destroys what is left; no sub-account
// may be left on the server then.
func (w world) runSubaccounts(steps ...resource.TestStep) {
	w.t.Helper()
	resource.UnitTest(w.t, resource.TestCase{
		ProtoV6ProviderFactories: factories(),
		Steps:                    steps,
		CheckDestroy: func(*terraform.State) error {
			if left := w.subaccounts(); len(left) > 0 {
				return fmt.Errorf("%d sub-accounts are still on the server, the first is %s", len(left), left[0].Handle)
			}
			return nil
		},
	})
}

func (w world) subaccounts() []api.Subaccount {
	w.t.Helper()
	var found []api.Subaccount
	for s, err := range w.client.Subaccounts.All(w.t.Context(), client.ListSubaccounts{}) {
		if err != nil {
			w.t.Fatal(err)
		}
		found = append(found, *s)
	}
	return found
}

func (w world) subaccount(handle string) api.Subaccount {
	w.t.Helper()
	s, err := w.client.Subaccounts.Get(w.t.Context(), handle)
	if err != nil {
		w.t.Fatal(err)
	}
	return *s
}

func (w world) makeSubaccount(in api.CreateSubaccount) {
	w.t.Helper()
	if _, err := w.client.Subaccounts.Create(w.t.Context(), in); err != nil {
		w.t.Fatal(err)
	}
}

// makeKeyOf makes a key of a sub-account behind Terraform's back.
func (w world) makeKeyOf(handle string, in api.CreateAPIKey) api.IssuedAPIKey {
	w.t.Helper()
	made, err := w.client.Subaccounts.APIKeys(handle).Create(w.t.Context(), in)
	if err != nil {
		w.t.Fatal(err)
	}
	return *made
}

// childKey is the address of the key of a sub-account that the tests are about.
const childKey = "postern_subaccount_apikey.test"

// keyOf is a key of the sub-account under test, with these attributes.
func keyOf(attributes ...string) string {
	return keyIn("postern_subaccount.test.handle", attributes...)
}

// keyIn is a key of the sub-account that the expression gives.
func keyIn(subaccount string, attributes ...string) string {
	return "resource \"postern_subaccount_apikey\" \"test\" {\n  subaccount = " + subaccount + "\n  " + strings.Join(attributes, "\n  ") + "\n}\n"
}

// keysOf are all keys of a sub-account.
func (w world) keysOf(handle string) []api.APIKey {
	w.t.Helper()
	page, err := w.client.Subaccounts.APIKeys(handle).List(w.t.Context(), client.ListAPIKeys{})
	if err != nil {
		w.t.Fatal(err)
	}
	return page.Items
}
