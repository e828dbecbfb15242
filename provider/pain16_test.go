package provider_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

const three = `
locals { customers = toset(["one", "two", "three"]) }
resource "postern_subaccount" "each" {
  for_each = local.customers
  handle   = each.key
  name     = "Customer ${each.key}"
}
resource "postern_subaccount_apikey" "each" {
  for_each   = postern_subaccount.each
  subaccount = each.value.handle
  name       = "send"
  scopes     = ["mail.send"]
}
output "secrets" {
  value     = { for handle, key in postern_subaccount_apikey.each : handle => key.secret }
  sensitive = true
}
`

// Keys of the same name in several sub-accounts, on a service whose other providers
// need an alias for each of them.
func TestPain16_SeveralSubaccountsInOneConfigurationNeedNoAlias(t *testing.T) {
	t.Parallel()
	w := on(t, "sendgrid")
	c := w.pipeline(three)
	plan, out := c.plan("three.tfplan")
	if strings.Contains(out, "belongs to a sub-account that is not there") {
		t.Errorf("a sub-account of this very plan is warned of: %s", out)
	}
	for _, change := range plan.ResourceChanges {
		after, ok := change.Change.After.(map[string]any)
		if strings.HasPrefix(change.Address, "postern_subaccount_apikey") && (!ok || after["effective_scopes"] == nil) {
			t.Errorf("the saved plan does not show what %s grants", change.Address)
		}
	}
	c.ok("apply", "-no-color", "three.tfplan")
	c.unchanged()
	if secrets := c.ok("output", "-json", "secrets"); strings.Count(secrets, "SG.") != 3 {
		t.Error("not three secrets in the state")
	}
	ids := map[string]bool{}
	for _, handle := range []string{"one", "two", "three"} {
		keys := w.keysOf(handle)
		if len(keys) != 1 || keys[0].Name != "send" || keys[0].Subaccount != handle {
			t.Fatalf("in %s: %+v", handle, keys)
		}
		ids[keys[0].ID] = true
	}
	if len(ids) != 3 || len(w.keys()) != 0 {
		t.Errorf("%d keys in sub-accounts, %d in the account", len(ids), len(w.keys()))
	}
	// Keys go before their sub-accounts, or the service would refuse.
	c.ok("destroy", "-no-color", "-auto-approve")
	if left := w.subaccounts(); len(left) != 0 {
		t.Errorf("left: %+v", left)
	}
}

func TestPain16_AnImportKeepsEverythingAndTheWrongPlaceIsNotFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.makeSubaccount(api.CreateSubaccount{Handle: "acme", Name: "Acme"})
	w.makeSubaccount(api.CreateSubaccount{Handle: "other", Name: "Other"})
	made := w.makeKeyOf("acme", api.CreateAPIKey{Name: "ci", Scopes: []string{"write"}, Description: "d"})
	w.makeKeyOf("other", api.CreateAPIKey{Name: "ci", Scopes: []string{"read"}}) // of the same name, and not the one
	c := w.pipeline(keyIn(`"acme"`, `name = "ci"`, `scopes = ["write"]`, `description = "d"`))
	for id, want := range map[string]string{
		"other/" + made.ID: "Cannot import non-existent remote object", "gone/" + made.ID: "Cannot import non-existent remote object",
		made.ID: "Invalid import id", "acme/": "Invalid import id", "/" + made.ID: "Invalid import id", "acme/x/" + made.ID: "Cannot import non-existent remote object",
	} {
		if code, out := c.run("import", "-no-color", childKey, id); code == 0 || !strings.Contains(out, want) {
			t.Errorf("import of %s: %d %s", id, code, out)
		}
	}
	if out := c.ok("import", "-no-color", childKey, "acme/"+made.ID); !strings.Contains(out, "has no secret in state") {
		t.Errorf("no word of the secret: %s", out)
	}
	c.unchanged()
	if got := w.keysOf("acme"); len(got) != 1 || got[0].Revision != made.Revision || w.verdict(made.Secret.Reveal(), "write") != api.VerifyValid {
		t.Errorf("after the import: %+v", got)
	}
	// As a key of the account it is not there.
	account := w.pipeline(written())
	if code, out := account.run("import", "-no-color", subject, made.ID); code == 0 || !strings.Contains(out, "Cannot import non-existent remote object") {
		t.Errorf("%d %s", code, out)
	}
}

func TestPain16_ASubaccountThatIsNotThereOrSuspendedIsWarnedOf(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(keyIn(`"acme"`, `name = "a"`, `scopes = ["read"]`))
	if out := c.ok("plan", "-no-color"); !strings.Contains(out, "belongs to a sub-account that is not there") || !strings.Contains(out, "Refer to the handle of a postern_subaccount") {
		t.Errorf("not there: %s", out)
	}
	if code, out := c.run("apply", "-no-color", "-auto-approve"); code != 1 || !strings.Contains(out, `There is no sub-account "acme"`) {
		t.Errorf("exit %d: %s", code, out)
	}
	most := 1
	w.makeSubaccount(api.CreateSubaccount{Handle: "acme", Name: "Acme", Status: api.SubaccountSuspended, APIKeyLimit: &most})
	if out := c.ok("plan", "-no-color"); !strings.Contains(out, "belongs to a suspended sub-account") || strings.Contains(out, "limit of API keys") {
		t.Errorf("suspended: %s", out)
	}
	w.makeKeyOf("acme", api.CreateAPIKey{Name: "other", Scopes: []string{"read"}})
	if out := c.ok("plan", "-no-color"); !strings.Contains(out, "The sub-account holds 1 of 1 API keys") {
		t.Errorf("full: %s", out)
	}
}

// A sub-account that is replaced under its handle takes its keys along, in the right order.
func TestPain16_AReplacedSubaccountReplacesItsKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(acme() + keyOf(`name = "a"`, `scopes = ["read"]`, "lifecycle {\n replace_triggered_by = [postern_subaccount.test.id]\n}"))
	c.ok("apply", "-no-color", "-auto-approve")
	old, key := w.subaccount("acme"), w.keysOf("acme")[0]
	c.ok("apply", "-no-color", "-auto-approve", "-replace="+child)
	if now := w.subaccount("acme"); now.ID == old.ID || w.keysOf("acme")[0].ID == key.ID {
		t.Errorf("%s is %s, %s is %s", old.ID, now.ID, key.ID, w.keysOf("acme")[0].ID)
	}
	c.unchanged()
}

func TestPain16_ImportByIdentity(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.makeSubaccount(api.CreateSubaccount{Handle: "acme", Name: "Acme"})
	made := w.makeKeyOf("acme", api.CreateAPIKey{Name: "ci", Scopes: []string{"write"}})
	p := w.inProcess()
	for resourceType, tc := range map[string]struct {
		identity, want map[string]string
	}{
		"postern_subaccount":        {map[string]string{"handle": "acme"}, map[string]string{"handle": "acme", "name": "Acme", "status": "active"}},
		"postern_subaccount_apikey": {map[string]string{"subaccount": "acme", "id": made.ID}, map[string]string{"subaccount": "acme", "id": made.ID, "name": "ci"}},
	} {
		_, state := p.imported(resourceType, "", tc.identity)
		for name, want := range tc.want {
			if got := state[name]; !got.Equal(tftypes.NewValue(tftypes.String, want)) {
				t.Errorf("%s.%s is %v, want %s", resourceType, name, got, want)
			}
		}
	}
	diags, _ := p.imported("postern_subaccount_apikey", "", map[string]string{"subaccount": "", "id": made.ID})
	if len(diags) != 1 || diags[0].Summary != "Invalid import id" {
		t.Errorf("an empty handle: %+v", diags)
	}
}
