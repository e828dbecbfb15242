package provider_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

const (
	oldKey = "sendgrid_api_key.newsletter"
	newKey = "postern_apikey.newsletter"
)

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

// adopting is the configuration that takes the key over.
func (w vendorWorld) adopting(t *testing.T) string {
	t.Helper()
	return w.addressed(exampleText(t, "migrating-sendgrid/adopt"))
}

// onlyReads fails the test when anything was asked to be changed.
func (w vendorWorld) onlyReads(t *testing.T) {
	t.Helper()
	for _, r := range w.server.Requests() {
		if r.Method != http.MethodGet {
			t.Errorf("it is not left alone: %s %s", r.Method, r.Path)
		}
	}
}

func TestMigration_OneApplyTakesAKeyOverWithItsSecretAndTheNextMayRotateIt(t *testing.T) {
	t.Parallel()
	w, c, id, old := migrating(t, exampleText(t, "migrating-sendgrid/before"))
	c.write(w.adopting(t))
	w.server.Reset()
	out := c.ok("apply", "-no-color", "-auto-approve")
	w.onlyReads(t)
	told(t, out, "0 added, 1 changed, 0 destroyed", "moved from "+oldKey)
	if strings.Contains(out, "has no secret") {
		t.Errorf("a secret is missed: %s", out)
	}
	if got := c.attribute(newKey, "id"); got != id {
		t.Errorf("the id is %s and was %s", got, id)
	}
	if got := c.attribute(newKey, "secret"); got != old {
		t.Error("the secret is not the one that the old resource had")
	}
	if text := c.read("terraform.tfstate"); strings.Contains(text, "sendgrid_api_key") {
		t.Error("the old resource is in the state still")
	}
	w.good(old)
	c.unchanged()

	c.write(w.addressed(exampleText(t, "migrating-sendgrid/rotate")))
	c.ok("apply", "-no-color", "-auto-approve")
	if got := c.attribute(newKey, "previous_id"); got != id {
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
	w, c, _, old := migrating(t, before)
	c.write(w.adopting(t))
	told(t, c.ok("apply", "-no-color", "-auto-approve"), "0 added, 1 changed, 0 destroyed")
	c.unchanged()
	w.good(old)
}

// Who has the secret from the old resource has it from the new one in the same apply.
func TestMigration_AConfigurationThatHandsTheSecretOnHandsOnTheSame(t *testing.T) {
	t.Parallel()
	handsOn := func(secret string) string {
		return "\nresource \"terraform_data\" \"app\" {\n  input = " + secret + "\n}\n"
	}
	w, c, _, old := migrating(t, exampleText(t, "migrating-sendgrid/before")+handsOn(oldKey+".api_key"))
	c.write(w.adopting(t) + handsOn(newKey+".secret"))
	told(t, c.ok("apply", "-no-color", "-auto-approve"), "0 added, 1 changed, 0 destroyed") // the key's rotate_when_changed
	if got := strings.Count(c.read("terraform.tfstate"), old); got < 3 {
		t.Errorf("the secret is in the state %d times, so the app has lost it", got)
	}
	c.unchanged()
}

// A moved state says nothing about whose key it is: only the service does.
func TestMigration_AKeyThatIsNotHereIsNeitherTakenOverNorForgottenNorMadeAnew(t *testing.T) {
	t.Parallel()
	w, c, id, old := migrating(t, exampleText(t, "migrating-sendgrid/before"))
	before := c.read("terraform.tfstate")
	c.write(w.adopting(t))
	_, stranger := w.server.NewAccount(t, "sendgrid")
	other := c
	other.env = append(append([]string(nil), c.env...), "SENDGRID_API_KEY="+stranger)
	for _, args := range [][]string{planIt, applyIt, destroyIt, {"apply", "-no-color", "-auto-approve", "-refresh-only"}} {
		other.fails(args, "The moved key is not in this account", id, "Nothing is dropped from the state")
	}
	for _, args := range [][]string{{"plan", "-no-color", "-refresh=false"}, {"apply", "-no-color", "-auto-approve", "-refresh=false", "-replace=" + newKey}, {"destroy", "-no-color", "-auto-approve", "-refresh=false"}} {
		other.fails(args, "The moved key was not read yet", id)
		c.fails(args, "The moved key was not read yet", id)
	}
	if after := c.read("terraform.tfstate"); after != before {
		t.Errorf("the state has changed:\n%s", after)
	}
	w.good(old)
	c.ok("apply", "-no-color", "-auto-approve")
	c.unchanged()
	w.good(old)
}

// onBehalf is the old resource with a key of a subuser, as Trois-Six/sendgrid has it.
func onBehalf(t *testing.T) string {
	t.Helper()
	before := strings.Replace(exampleText(t, "migrating-sendgrid/before"), "kenzo0107/sendgrid", "Trois-Six/sendgrid", 1)
	return strings.Replace(before, `  name   = "newsletter-service"`, "  sub_user_on_behalf_of = \"acme1\"\n"+`  name   = "newsletter-service"`, 1)
}

func TestMigration_AKeyOfASubuserMovesToOneOfASubaccount(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		edit     func(state string) string
		settings string // of the provider
	}{
		"whose state names it": {func(s string) string { return s }, ""},
		"whose provider had a subuser": {func(s string) string {
			return strings.Replace(s, `"sub_user_on_behalf_of": "acme1"`, `"sub_user_on_behalf_of": null`, 1)
		}, "  subaccount = \"acme1\"\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := onVendor(t, "sendgrid")
			adopt := strings.Replace(exampleText(t, "migrating-sendgrid/adopt"), "kenzo0107/sendgrid", "Trois-Six/sendgrid", 1)
			c := w.pipeline("provider \"postern\" {\n  platform = \"sendgrid\"\n}\n" + vendorChild())
			c.ok("apply", "-no-color", "-auto-approve")
			c = w.pipeline(adopt)
			c.write(onBehalf(t))
			c.ok("apply", "-no-color", "-auto-approve")
			id, old := c.attribute(oldKey, "id"), c.attribute(oldKey, "api_key")
			w.server.Reset()

			c.write(w.addressed(adopt))
			c.fails(planIt, "The key belongs to a subuser", `"acme1"`, "postern_subaccount_apikey")

			c.overwrite("terraform.tfstate", tt.edit(c.read("terraform.tfstate")))
			placed := strings.ReplaceAll(w.addressed(adopt), "postern_apikey", "postern_subaccount_apikey")
			if tt.settings != "" {
				c.write(strings.Replace(placed, "  name    ", "  subaccount = \"acme1\"\n  name    ", 1))
				c.fails(planIt, "Missing sub-account", "Set subaccount of the provider")
				placed = strings.Replace(placed, "  platform = \"sendgrid\"\n", "  platform = \"sendgrid\"\n"+tt.settings, 1)
			} else {
				placed = strings.Replace(placed, "  name    ", "  subaccount = \"acme1\"\n  name    ", 1)
			}
			c.write(placed)
			told(t, c.ok("apply", "-no-color", "-auto-approve"), "0 added, 1 changed, 0 destroyed")
			w.onlyReads(t)
			moved := "postern_subaccount_apikey.newsletter"
			if c.attribute(moved, "id") != id || c.attribute(moved, "secret") != old || c.attribute(moved, "subaccount") != "acme1" {
				t.Error("the id, the secret or the sub-account is another")
			}
			c.unchanged()
			w.good(old)
		})
	}
}

// overwrite replaces a file of the working folder.
func (c cli) overwrite(name, text string) {
	c.t.Helper()
	if err := os.WriteFile(filepath.Join(c.dir, name), []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

func TestMove_BetweenOurOwnResourcesAndFromOthersSaysWhyNot(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	own := written()
	ofChild := "resource \"postern_subaccount_apikey\" \"test\" {\n  subaccount = postern_subaccount.test.handle\n  name = \"test\"\n  scopes = [\"read\"]\n}\n"
	other := "resource \"terraform_data\" \"test\" {}\n"
	rest := sub(`handle = "acme"`, `name = "Acme"`)
	c := w.pipeline(rest + own + ofChild + other)
	c.ok("apply", "-no-color", "-auto-approve")
	before := c.read("terraform.tfstate")
	const why = "A key cannot move between the account and a sub-account"
	called := func(block string) string { return strings.Replace(block, `"test" {`, `"moved" {`, 1) }
	for name, tt := range map[string]struct{ body, from, to, says string }{
		"into a sub-account":   {ofChild + called(ofChild) + other, subject, "postern_subaccount_apikey.moved", why},
		"out of a sub-account": {own + called(own) + other, "postern_subaccount_apikey.test", "postern_apikey.moved", why},
		"from something else":  {own + ofChild + called(own), "terraform_data.test", "postern_apikey.moved", "takes over a sendgrid_api_key only"},
	} {
		fresh := w.pipeline(rest + tt.body + "moved {\n  from = " + tt.from + "\n  to   = " + tt.to + "\n}\n")
		fresh.overwrite("terraform.tfstate", before)
		fresh.fails(planIt, tt.says)
		if fresh.read("terraform.tfstate") != before {
			t.Errorf("%s: the state has changed", name)
		}
	}
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
	w.onlyReads(t)
	w.good(secret)
	c.unchanged()
}
