package provider_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client"
	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// The guide's key for Terraform is enough for the guide's configuration, and holds nothing
// that could be left out.
func TestSendGrid_TheKeyForTerraformMayDoWhatTheGuideDoesAndNoMore(t *testing.T) {
	t.Parallel()
	w := onVendor(t, "sendgrid")
	c := w.pipeline(exampleText(t, "sendgrid-credential"))
	c.ok("apply", "-no-color", "-auto-approve")
	secret := c.attribute("postern_apikey.terraform", "secret")

	config := exampleText(t, "sendgrid")
	c = w.pipelineAs(secret, config)
	c.ok("apply", "-no-color", "-auto-approve")
	c.unchanged()
	changed := strings.NewReplacer(`"dashboard"`+"\n  scopes", `"the dashboard"`+"\n  scopes", `"The example shop"`, `"The shop"`, `"192.0.2.10"`, `"192.0.2.11"`).Replace(config)
	c.write(w.addressed(changed))
	c.ok("apply", "-no-color", "-auto-approve")
	c.write(w.addressed(strings.Replace(config, `["mail.send"]`, `["mail.send", "alerts.read"]`, 1)))
	if code, out := c.run("plan", "-no-color"); code == 0 || !strings.Contains(out, "alerts.read") {
		t.Errorf("it gives away what it does not hold: exit %d: %s", code, out)
	}
	c.write(w.addressed(config))
	c.ok("destroy", "-no-color", "-auto-approve")
}

// The table of the guide: what each kind of resource takes, and what fails without it.
func TestSendGrid_EachScopeOfTheGuidesTableIsNeeded(t *testing.T) {
	t.Parallel()
	const subuser = "postern_subaccount"
	keyScopes := []string{"api_keys.create", "api_keys.read", "api_keys.update", "api_keys.delete"}
	for name, tc := range map[string]struct {
		scopes []string
		steps  []string
	}{
		"keys": {keyScopes, []string{sending(), key(`name = "test"`, `scopes = ["mail.send", "stats.read"]`)}},
		"keys of subusers": {keyScopes, []string{
			strings.ReplaceAll(vendorKey(`name = "test"`, `scopes = ["mail.send"]`), subuser+".test.handle", `"shop"`),
			strings.ReplaceAll(vendorKey(`name = "renamed"`, `scopes = ["mail.send"]`), subuser+".test.handle", `"shop"`),
		}},
		"subusers": {[]string{"subusers.create", "subusers.read", "subusers.update", "subusers.delete", "api_keys.read"}, []string{
			vendorChild(), vendorChild(`status = "suspended"`),
		}},
	} {
		without := append([]string{""}, tc.scopes...)
		if strings.HasSuffix(name, "of subusers") {
			without = without[:1] // the same calls as for keys of the account
		}
		for _, without := range without {
			t.Run(name+" without "+without, func(t *testing.T) {
				t.Parallel()
				w := onVendor(t, "sendgrid")
				w.makeSubaccount(api.CreateSubaccount{Handle: "shop", Name: "Shop"})
				held := slices.DeleteFunc(slices.Clone(tc.scopes), func(s string) bool { return s == without })
				caller := w.makeKey(api.CreateAPIKey{Name: "terraform", Scopes: append(held, "mail.send", "stats.read")})
				c := w.pipelineAs(caller.Secret.Reveal(), "provider \"postern\" {\n  platform = \"sendgrid\"\n}\n"+tc.steps[0])
				c.env = append(c.env, "POSTERN_MAX_RETRIES=0")
				refused := 0
				try := func(args ...string) {
					if code, _ := c.run(append(args, "-no-color", "-auto-approve")...); code != 0 {
						refused++
					}
				}
				try("apply")
				c.write(strings.Replace(c.read("main.tf"), tc.steps[0], tc.steps[1], 1))
				try("apply")
				try("destroy")
				if (refused > 0) != (without != "") {
					t.Errorf("%d of 3 steps were refused", refused)
				}
			})
		}
	}
}

func TestMailChannels_AKeyOfTheAccountComesFromASecretManagerAndIsInNoFile(t *testing.T) {
	t.Parallel()
	w := onVendor(t, "mailchannels")
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "secret_mailchannels"), []byte(`{"api_key":"`+w.server.Owner+`"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	c := w.pipelineAs("", exampleText(t, "mailchannels-parent-key")).traced()
	c.env = append(c.env, "VAULTSTUB_FOLDER="+folder)
	c.plan("saved.tfplan")
	c.ok("apply", "-no-color", "saved.tfplan")
	c.unchanged()
	if found := c.filesWith(w.server.Owner); len(found) > 0 {
		t.Errorf("the key of the account is in %v", found)
	}
	c.ok("destroy", "-no-color", "-auto-approve")
}

// The suite is what people copy: the real terraform test runs it as it stands, but for the
// address of the server.
func TestTerraformTest_TheExamplesSuitePassesAndLeavesNothing(t *testing.T) {
	t.Parallel()
	w := onVendor(t, "sendgrid")
	const suite = "tests/customer.tftest.hcl"
	text := readExample(t, filepath.Join("..", "examples", "terraform-test", suite))
	if strings.Count(text, `"http://127.0.0.1:8411"`) != 1 {
		t.Fatal("the suite does not name the server once")
	}
	c := newCLI(t, exampleText(t, "terraform-test"), "SENDGRID_API_KEY="+w.server.Owner)
	if err := os.Mkdir(filepath.Join(c.dir, "tests"), 0o700); err != nil {
		t.Fatal(err)
	}
	write := func(text string) {
		if err := os.WriteFile(filepath.Join(c.dir, suite), []byte(strings.Replace(text, "http://127.0.0.1:8411", w.server.URL, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(text)
	if out := c.ok("test", "-no-color"); !strings.Contains(out, "Success! 4 passed, 0 failed.") {
		t.Errorf("%s", out)
	}
	// And it is no suite that always passes.
	for old, wrong := range map[string]string{`== toset(["mail.send"])`: `== toset(["stats.read"])`, `secret_version == 2`: `secret_version == 1`, `.previous_id != null`: `.previous_id == null`, `, "templates.delete"`: ``} {
		write(strings.Replace(text, old, wrong, 1))
		if code, out := c.run("test", "-no-color"); code == 0 || !strings.Contains(out, "1 failed") {
			t.Errorf("with %q it ends with %d: %s", wrong, code, out)
		}
	}
	if left := w.keys(); len(left) > 0 {
		t.Errorf("%d keys are left", len(left))
	}
	for sub, err := range w.client.Subaccounts.All(t.Context(), client.ListSubaccounts{}) {
		t.Errorf("%+v is left (%v)", sub, err)
	}
}
