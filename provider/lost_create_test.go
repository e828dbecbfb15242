package provider_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest/lies"
)

// A rotation on a platform where it makes a new key, with an answer that is lost or is about
// the old key, and lists that are right, late or empty: the key of the state lives on.
func TestLostCreate_NeverCostsTheKeyInTheState(t *testing.T) {
	t.Parallel()
	for platform, body := range map[string]string{
		"sendgrid":     vendorKey(`name = "test"`, `scopes = ["mail.send"]`, triggered),
		"mailchannels": vendorKey(`name = "test"`, triggered),
	} {
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			w := onVendor(t, platform)
			proxy := lies.Before(t, w.server.URL)
			c := w.programAt(proxy.URL, w.server.Owner, vendorChild()+body)
			replaced(c, "  endpoint =", "  max_retries = 0\n  endpoint =")
			c.ok(applyIt...)
			old, secret := c.attribute(vendorKeyAddress, "id"), secretInState(t, c)
			replaced(c, `a = "1"`, `a = "2"`)
			end := map[string]string{"sendgrid": "/v3/api_keys", "mailchannels": "/api-key"}[platform]
			empty := lies.Body(http.StatusOK, map[string]string{"sendgrid": `{"result":[]}`, "mailchannels": `[]`}[platform])
			id := map[string]string{"sendgrid": "api_key_id", "mailchannels": "id"}[platform]
			for name, told := range map[string][]lies.Lie{
				"lost":                        {{Method: http.MethodPost, Suffix: end, Rewrite: lies.Lost}},
				"lost, and the list is empty": {{Method: http.MethodGet, Suffix: end, Rewrite: empty}, {Method: http.MethodPost, Suffix: end, Rewrite: lies.Lost}},
				"the old key's id":            {{Method: http.MethodPost, Suffix: end, Rewrite: lies.Set(id, old)}},
				"429":                         {{Method: http.MethodPost, Suffix: end, Rewrite: lies.Body(http.StatusTooManyRequests, `{"message":"slow down"}`)}},
			} {
				for _, lie := range told {
					proxy.Tell(lie)
				}
				c.fails([]string{"apply", "-no-color", "-auto-approve", "-refresh=false"})
				proxy.Relent()
				if got := w.verdict(secret); got != api.VerifyValid || c.attribute(vendorKeyAddress, "id") != old || secretInState(t, c) != secret {
					t.Fatalf("%s: the key of the state is %s, the state has %s", name, got, c.attribute(vendorKeyAddress, "id"))
				}
			}
			c.ok(applyIt...)
			if got := w.verdict(secretInState(t, c)); got != api.VerifyValid || c.attribute(vendorKeyAddress, "previous_id") != old {
				t.Errorf("after that the new key is %s", got)
			}
			c.unchanged()
		})
	}
}

// A proxy mixes answers up: the key for one run gets the id of another.
func TestLostCreate_AKeyForOneRunDeletesNoOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other, err := w.client.APIKeys.Create(t.Context(), api.CreateAPIKey{Name: "other", Scopes: []string{"read"}})
	if err != nil {
		t.Fatal(err)
	}
	proxy := lies.Before(t, w.server.URL)
	c := w.pipeline("ephemeral \"postern_apikey\" \"run\" {\n  scopes = [\"read\"]\n}\n")
	c.env = append(append([]string(nil), c.env...), "POSTERN_ENDPOINT="+proxy.URL)
	proxy.Tell(lies.Lie{Method: http.MethodPost, Suffix: "/apikeys", Rewrite: lies.Set("id", other.ID)})
	told(t, c.fails(applyIt, "Unable to create API key"), other.ID)
	if v := w.verdict(other.Secret.Reveal()); v != api.VerifyValid {
		t.Errorf("the other key is %q", v)
	}
}

// A state that does not say what it holds destroys nothing, and says so.
func TestNullID_IsNoDestroy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(everyState)
	c.ok(applyIt...)
	whole := c.read("terraform.tfstate")
	for _, address := range []string{"postern_apikey.test", "postern_subaccount_apikey.test"} {
		id := c.attribute(address, "id")
		without := regexp.MustCompile(fmt.Sprintf(`"id": "%s"`, regexp.QuoteMeta(id))).ReplaceAllString(whole, `"id": null`)
		if without == whole {
			t.Fatalf("no id %q in the state", id)
		}
		if err := os.WriteFile(filepath.Join(c.dir, "terraform.tfstate"), []byte(without), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{{"destroy", "-no-color", "-auto-approve", "-refresh=false", "-target=" + address}, {"plan", "-no-color"}} {
			if out := c.fails(args, "does not say which", "terraform state rm"); strings.Contains(out, "Destroy complete") {
				t.Errorf("terraform %s: %s", args, out)
			}
		}
		if err := os.WriteFile(filepath.Join(c.dir, "terraform.tfstate"), []byte(whole), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c.unchanged()
}

// A plan that was saved for one account rotates nothing in another.
func TestOtherAccount_OnVendorsTakesNoSavedRotation(t *testing.T) {
	t.Parallel()
	for platform, body := range rotating(triggered) {
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			w := onVendor(t, platform)
			config := "provider \"postern\" {\n  platform = \"" + platform + "\"\n}\n" + vendorChild() + body
			c := w.pipeline(config)
			c.ok(applyIt...)
			_, owner := w.server.NewAccount(t, platform)
			other := w.pipelineAs(owner, config)
			other.ok(applyIt...)
			replaced(c, `a = "1"`, `a = "2"`)
			c.ok("plan", "-no-color", "-out=rotate.tfplan")
			stranger := c
			stranger.env = append(append([]string(nil), c.env...), vendorCredential[platform]+"="+owner)
			stranger.fails([]string{"apply", "-no-color", "rotate.tfplan"}, "another account")
			yours, err := newClient(t, w.server.URL, owner).Subaccounts.Get(t.Context(), "acme1")
			if err != nil || yours.APIKeys.Used != 1 || len(w.keysOf("acme1")) != 1 {
				t.Errorf("the other account has %+v (%v)", yours, err)
			}
			c.ok(applyIt...)
			c.unchanged()
		})
	}
}
