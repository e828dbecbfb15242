package provider_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

const oldKey = "sendgrid_api_key.newsletter"

// migrating is terraform after the old provider has made its key.
func migrating(t *testing.T, before string) (w vendorWorld, c cli, id, secret string) {
	t.Helper()
	w = onVendor(t, "sendgrid")
	// One CLI configuration knows both providers: before is the first of three.
	c = w.pipeline(exampleText(t, "migrating-sendgrid/adopt"))
	c.write(before)
	c.ok("apply", "-no-color", "-auto-approve")
	return w, c, c.attribute(oldKey, "id"), c.attribute(oldKey, "api_key")
}

func (w vendorWorld) adopting(t *testing.T, id string) string {
	t.Helper()
	const shown = "qfTQ6KG0QBiwWdJ0-pCLCA"
	text := w.addressed(exampleText(t, "migrating-sendgrid/adopt"))
	if strings.Count(text, shown) != 1 {
		t.Fatal("the example does not name the key once")
	}
	return strings.Replace(text, shown, id, 1)
}

func TestMigration_OneApplyTakesAKeyOverAndLeavesItAloneAndTheNextRotatesIt(t *testing.T) {
	t.Parallel()
	w, c, id, old := migrating(t, exampleText(t, "migrating-sendgrid/before"))
	c.write(w.adopting(t, id))
	w.server.Reset()
	out := c.ok("apply", "-no-color", "-auto-approve")
	for _, r := range w.server.Requests() {
		if r.Method != http.MethodGet {
			t.Errorf("the key is not left alone: %s %s", r.Method, r.Path)
		}
	}
	for _, want := range []string{"1 imported, 0 added, 1 changed, 0 destroyed", oldKey + " will no longer be managed by Terraform", "The imported API key has no secret in state"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in: %s", want, out)
		}
	}
	if got := c.attribute("postern_apikey.newsletter", "id"); got != id {
		t.Errorf("the id is %s and was %s", got, id)
	}
	if text := c.read("terraform.tfstate"); strings.Contains(text, "sendgrid_api_key") || strings.Contains(text, old) {
		t.Error("the old resource, or its secret, is in the state still")
	}
	w.good(old)
	c.unchanged()

	c.write(w.addressed(exampleText(t, "migrating-sendgrid/rotate")))
	c.ok("apply", "-no-color", "-auto-approve")
	if got := c.attribute("postern_apikey.newsletter", "previous_id"); got != id {
		t.Errorf("the previous key is %s", got)
	}
	fresh := secretInState(t, c)
	w.verdicts(old, api.VerifyValid, fresh, api.VerifyValid)
	c.unchanged()
	w.server.Advance(2 * day)
	c.ok("apply", "-no-color", "-auto-approve")
	w.verdicts(old, api.VerifyInvalid, fresh, api.VerifyValid)
	c.unchanged()
}

// Other providers send such scopes along with every key.
func TestMigration_ScopesThatSendGridAddsAreLeftOutAndAreNoDifference(t *testing.T) {
	t.Parallel()
	before := strings.Replace(exampleText(t, "migrating-sendgrid/before"), `"stats.read"]`, `"stats.read", "2fa_required", "sender_verification_eligible"]`, 1)
	w, c, id, old := migrating(t, before)
	c.write(w.adopting(t, id))
	if out := c.ok("apply", "-no-color", "-auto-approve"); !strings.Contains(out, "1 imported, 0 added, 1 changed, 0 destroyed") {
		t.Errorf("%s", out)
	}
	c.unchanged()
	w.good(old)
}

// Where the configuration hands the secret on, the old resource stays until there is a new one.
func TestMigration_AConfigurationThatHandsTheSecretOnNeverHandsOutNone(t *testing.T) {
	t.Parallel()
	handsOn := func(secret string) string {
		return "\nresource \"terraform_data\" \"app\" {\n  input = " + secret + "\n}\n"
	}
	before := exampleText(t, "migrating-sendgrid/before")
	w, c, id, old := migrating(t, before+handsOn(oldKey+".api_key"))
	adopt := w.adopting(t, id)
	start, end := strings.Index(adopt, "# Forgotten there"), strings.Index(adopt, "# and taken over")
	_, resource, _ := strings.Cut(before, "provider \"sendgrid\" {}\n")
	if start < 0 || end < start || resource == "" {
		t.Fatal("the example has no removed block where it was")
	}
	removed := adopt[start:end]
	both := adopt[:start] + resource + adopt[end:]
	c.write(both + handsOn(oldKey+".api_key"))
	if out := c.ok("apply", "-no-color", "-auto-approve"); !strings.Contains(out, "1 imported, 0 added, 1 changed, 0 destroyed") {
		t.Errorf("%s", out)
	}
	c.unchanged()
	if !strings.Contains(c.read("terraform.tfstate"), old) {
		t.Error("the app has lost its secret")
	}

	next := adopt[:start] + removed + adopt[end:]
	c.write(strings.Replace(next, `"1"`, `"2"`, 1) + handsOn("postern_apikey.newsletter.secret"))
	if out := c.ok("apply", "-no-color", "-auto-approve"); !strings.Contains(out, "0 added, 2 changed, 0 destroyed") {
		t.Errorf("%s", out)
	}
	fresh := secretInState(t, c)
	w.verdicts(old, api.VerifyValid, fresh, api.VerifyValid)
	if got := strings.Count(c.read("terraform.tfstate"), fresh); got < 2 {
		t.Errorf("the new secret is in the state %d times, so the app does not have it", got)
	}
	c.unchanged()
}

// What the guide's table says of subusers: by username and SUBUSER/ID, and addresses that
// are left out are not touched.
func TestMigration_SubusersAndTheirKeysAreImportedAndLeftAlone(t *testing.T) {
	t.Parallel()
	w := onVendor(t, "sendgrid")
	head := "provider \"postern\" {\n  platform = \"sendgrid\"\n}\n"
	c := w.pipeline(head + vendorChild() + vendorKey(`name = "test"`, `scopes = ["mail.send"]`))
	c.ok("apply", "-no-color", "-auto-approve")
	id, secret := c.attribute(vendorKeyAddress, "id"), c.attribute(vendorKeyAddress, "secret")
	c.ok("state", "rm", child, vendorKeyAddress)
	blocks := "import {\n  to = " + child + "\n  id = \"acme1\"\n}\nimport {\n  to = " + vendorKeyAddress + "\n  id = \"acme1/" + id + "\"\n}\n"
	c.write(strings.Replace(c.read("main.tf"), `ip_addresses = ["192.0.2.10"]`, "", 1) + blocks)
	w.server.Reset()
	if out := c.ok("apply", "-no-color", "-auto-approve"); !strings.Contains(out, "2 imported, 0 added,") || !strings.Contains(out, "0 destroyed") {
		t.Errorf("%s", out)
	}
	for _, r := range w.server.Requests() {
		if r.Method != http.MethodGet {
			t.Errorf("they are not left alone: %s %s", r.Method, r.Path)
		}
	}
	w.good(secret)
	c.unchanged()
}
