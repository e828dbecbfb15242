package provider_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client"
	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// as is the same working folder with another credential in the environment.
func (c cli) as(credential string) cli {
	c.env = append(append([]string(nil), c.env...), "POSTERN_API_KEY="+credential)
	return c
}

// everyAddress are the resources that everyState declares.
var everyAddress = []string{"postern_apikey.test", "postern_scope.test", "postern_subaccount.test", "postern_subaccount_apikey.test"}

func TestOtherAccount_DropsAndTouchesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(everyState)
	c.ok("apply", "-no-color", "-auto-approve")
	for _, address := range everyAddress {
		if got := c.attribute(address, "account_id"); got != w.server.AccountID() {
			t.Errorf("%s belongs to %q, want %q", address, got, w.server.AccountID())
		}
	}
	before := c.read("terraform.tfstate")

	// The other account has a sub-account and a scope of the same names, which are strangers.
	id, owner := w.server.NewAccount(t, "postern")
	other := w.pipeline(everyState).as(owner)
	other.ok("apply", "-no-color", "-auto-approve")
	stranger := c.as(owner)
	for _, args := range [][]string{
		{"plan", "-no-color"},
		{"plan", "-no-color", "-refresh=false"},
		{"plan", "-no-color", "-refresh-only"},
		{"apply", "-no-color", "-auto-approve"},
		{"apply", "-no-color", "-auto-approve", "-refresh=false", "-replace=postern_apikey.test"},
		{"apply", "-no-color", "-auto-approve", "-refresh-only"},
		{"destroy", "-no-color", "-auto-approve"},
		{"destroy", "-no-color", "-auto-approve", "-refresh=false"},
	} {
		out := stranger.fails(args, "another account", w.server.AccountID(), id)
		if strings.Contains(out, "deleted outside of Terraform") {
			t.Errorf("%s calls a live key deleted: %s", args, out)
		}
	}
	if after := c.read("terraform.tfstate"); after != before {
		t.Errorf("the state has changed:\n%s", after)
	}
	c.unchanged()
	other.unchanged()
}

func TestOtherAccount_TakesNoSavedPlan(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, owner := w.server.NewAccount(t, "postern")
	c := w.pipeline(everyState)
	c.ok("plan", "-no-color", "-out=create.tfplan")
	// Terraform itself compares a create with what was planned, before the provider is asked.
	c.as(owner).fails([]string{"apply", "-no-color", "create.tfplan"}, ".account_id", w.server.AccountID(), id)
	for key, err := range newClient(t, w.server.URL, owner).APIKeys.All(t.Context(), client.ListAPIKeys{}) {
		t.Errorf("the other account has got %v (%v)", key, err)
	}
	c.ok("apply", "-no-color", "-auto-approve")
	c.edit(`release = "1"`, `release = "2"`)
	c.ok("plan", "-no-color", "-out=change.tfplan")
	c.as(owner).fails([]string{"apply", "-no-color", "change.tfplan"}, "another account")
	c.ok("plan", "-no-color", "-destroy", "-out=destroy.tfplan")
	c.as(owner).fails([]string{"apply", "-no-color", "destroy.tfplan"}, "another account")
	c.ok("apply", "-no-color", "-auto-approve")
	c.unchanged()
}

func TestOtherSubaccount_IsNotTakenForTheOneInTheState(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(sub(`handle = "acme"`, `name = "Acme"`, `delete_apikeys_on_destroy = true`))
	c.ok("apply", "-no-color", "-auto-approve")
	if err := w.client.Subaccounts.Delete(t.Context(), "acme"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.client.Subaccounts.Create(t.Context(), api.CreateSubaccount{Handle: "acme", Name: "A stranger"}); err != nil {
		t.Fatal(err)
	}
	stranger, err := w.client.Subaccounts.APIKeys("acme").Create(t.Context(), api.CreateAPIKey{Name: "theirs", Scopes: []string{"read"}})
	if err != nil {
		t.Fatal(err)
	}
	c.fails([]string{"destroy", "-no-color", "-auto-approve", "-refresh=false"}, "Another sub-account has this handle now")
	c.edit(`"Acme"`, `"Acme two"`)
	c.fails([]string{"apply", "-no-color", "-auto-approve", "-refresh=false"}, "Another sub-account has this handle now")
	c.fails([]string{"plan", "-no-color"}, "Another sub-account has this handle now", "import it", "The handle is taken")
	c.fails([]string{"destroy", "-no-color", "-auto-approve"}, "The handle is taken")
	if v := w.verdict(stranger.Secret.Reveal()); v != api.VerifyValid {
		t.Errorf("the stranger's key is %q", v)
	}
}

func TestOtherScope_IsNotTakenForTheOneInTheState(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline("resource \"postern_scope\" \"test\" {\n  name = \"crm:write\"\n  implies = [\"read\"]\n}\n")
	c.ok("apply", "-no-color", "-auto-approve")
	if err := w.client.Scopes.Delete(t.Context(), "crm:write"); err != nil {
		t.Fatal(err)
	}
	w.server.Advance(time.Minute)
	if _, err := w.client.Scopes.Create(t.Context(), api.CreateScope{Name: "crm:write", Implies: []string{"read"}}); err != nil {
		t.Fatal(err)
	}
	c.fails([]string{"destroy", "-no-color", "-auto-approve", "-refresh=false"}, "Another scope has this name now")
	c.fails([]string{"plan", "-no-color"}, "Another scope has this name now", "import it")
	c.fails([]string{"destroy", "-no-color", "-auto-approve"}, "The scope exists already")
	if _, err := w.client.Scopes.Get(t.Context(), "crm:write"); err != nil {
		t.Errorf("the other scope: %v", err)
	}
}

func TestOtherPlace_DropsAndTouchesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(everyState)
	c.ok("apply", "-no-color", "-auto-approve")
	before := c.read("terraform.tfstate")
	if _, err := w.client.Subaccounts.Create(t.Context(), api.CreateSubaccount{Handle: "other", Name: "Other"}); err != nil {
		t.Fatal(err)
	}
	all := []string{"admin", "apikeys:write", "subaccounts:write"}
	bound, err := w.client.Subaccounts.APIKeys("other").Create(t.Context(), api.CreateAPIKey{Name: "manager", Scopes: all})
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"plan", "-no-color"}, {"apply", "-no-color", "-auto-approve"}, {"destroy", "-no-color", "-auto-approve"}, {"destroy", "-no-color", "-auto-approve", "-refresh=false"}} {
		c.as(bound.Secret.Reveal()).fails(args, "The credential is of another sub-account")
	}
	if after := c.read("terraform.tfstate"); after != before {
		t.Errorf("the state has changed:\n%s", after)
	}
	c.unchanged()
}

func TestUnknownOwner_IsNotDroppedByAMiss(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(everyState)
	c.ok("apply", "-no-color", "-auto-approve")
	// A state from before there was account_id.
	line := regexp.MustCompile(`"account_id": "[^"]*"`)
	old := line.ReplaceAllString(c.read("terraform.tfstate"), `"account_id": null`)
	if err := os.WriteFile(filepath.Join(c.dir, "terraform.tfstate"), []byte(old), 0o600); err != nil {
		t.Fatal(err)
	}
	_, owner := w.server.NewAccount(t, "postern")
	c.as(owner).fails([]string{"apply", "-no-color", "-auto-approve"}, "It is not known whose this is")
	c.ok("apply", "-no-color", "-auto-approve")
	for _, address := range everyAddress {
		if got := c.attribute(address, "account_id"); got != w.server.AccountID() {
			t.Errorf("%s belongs to %q after a refresh, want %q", address, got, w.server.AccountID())
		}
	}
	c.unchanged()
}

// untold are the scopes of a key of SendGrid that manages all that the tests make, and is not
// told to which account it belongs.
var untold = []string{"mail.send", "api_keys.create", "api_keys.read", "api_keys.update", "api_keys.delete", "subusers.create", "subusers.read", "subusers.update", "subusers.delete"}

// manager is a key of the owner's account with these scopes; the owner itself for none.
func (w vendorWorld) manager(owner string, scopes []string) string {
	w.t.Helper()
	if scopes == nil {
		return owner
	}
	made, err := newClient(w.t, w.server.URL, owner).APIKeys.Create(w.t.Context(), api.CreateAPIKey{Name: "manager", Scopes: scopes})
	if err != nil {
		w.t.Fatal(err)
	}
	return made.Secret.Reveal()
}

// vendorCredential is the variable that the vendor's platform reads its key from.
var vendorCredential = map[string]string{"sendgrid": "SENDGRID_API_KEY", "mailchannels": "MAILCHANNELS_API_KEY"}

// Where a vendor tells no id of the account, what else is there tells it: ids that nobody else
// has, and the part of a key that a list shows.
func TestOtherAccount_OnVendorsDropsAndTouchesNothing(t *testing.T) {
	t.Parallel()
	for name, variant := range map[string]struct {
		platform string
		scopes   []string // of the key that Terraform uses; nil for an owner
	}{
		"sendgrid":                          {"sendgrid", nil},
		"sendgrid, to which it is not told": {"sendgrid", untold},
		"mailchannels":                      {"mailchannels", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			platform := variant.platform
			w := onVendor(t, platform)
			body := "provider \"postern\" {\n  platform = \"" + platform + "\"\n}\n" + vendorChild() + `
resource "postern_subaccount_apikey" "test" {
  for_each   = toset(["a", "b"])
  subaccount = postern_subaccount.test.handle
  name       = each.key
  scopes     = ` + map[string]string{"sendgrid": `["mail.send"]`, "mailchannels": `["api"]`}[platform] + "\n}\n"
			c := w.pipelineAs(w.manager(w.server.Owner, variant.scopes), body)
			c.ok("apply", "-no-color", "-auto-approve")
			c.ok("apply", "-no-color", "-auto-approve", "-refresh-only")
			before := c.read("terraform.tfstate")
			_, owner := w.server.NewAccount(t, platform)
			credential := w.manager(owner, variant.scopes)
			other := w.pipelineAs(credential, body)
			other.ok("apply", "-no-color", "-auto-approve")
			theirs := secretsIn(other)

			stranger := c
			stranger.env = append(append([]string(nil), c.env...), vendorCredential[platform]+"="+credential)
			for _, args := range [][]string{
				{"plan", "-no-color"}, {"apply", "-no-color", "-auto-approve"}, {"apply", "-no-color", "-auto-approve", "-refresh-only"},
				{"destroy", "-no-color", "-auto-approve"}, {"destroy", "-no-color", "-auto-approve", "-refresh=false"},
			} {
				code, out := stranger.run(args...)
				if len(secretsIn(c)) != 2 {
					t.Fatalf("terraform %s has lost keys: %s", args, out)
				}
				if code != 1 {
					t.Errorf("terraform %s exits with %d: %s", args, code, out)
				}
			}
			if len(secretsIn(c)) != 2 {
				t.Fatalf("the state has lost keys: it was\n%s", before)
			}
			mine := newClient(t, w.server.URL, w.server.Owner)
			yours := newClient(t, w.server.URL, owner)
			for secret, of := range map[string]*client.Client{secretsIn(c)[0]: mine, secretsIn(c)[1]: mine, theirs[0]: yours, theirs[1]: yours} {
				if v, err := of.Verify.Verify(t.Context(), api.VerifyRequest{Secret: api.NewSecret(secret)}); err != nil || v.Code != api.VerifyValid {
					t.Errorf("a key is %+v (%v)", v, err)
				}
			}
			c.unchanged()
			other.unchanged()
		})
	}
}
