package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/postern-dev/terraform-provider-postern/client"
	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
	"github.com/postern-dev/terraform-provider-postern/provider"
)

// subject is the address of the resource that the tests are about.
const subject = "postern_apikey.test"

// world is a real server, a client of its owner, and the provider driven by the
// real terraform CLI.
type world struct {
	t      *testing.T
	server *servertest.Server
	client *client.Client
}

func newWorld(t *testing.T, options ...servertest.Option) world {
	t.Helper()
	server := servertest.Start(t, options...)
	return world{t: t, server: server, client: newClient(t, server.URL, server.Owner)}
}

func newClient(t *testing.T, url, credential string) *client.Client {
	t.Helper()
	c, err := client.New(url, credential)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// hcl is a whole configuration for the owner.
func (w world) hcl(body string) string { return w.hclAs(w.server.Owner, body) }

// hclAs is a whole configuration for the holder of a credential.
func (w world) hclAs(credential, body string) string {
	return fmt.Sprintf("provider \"postern\" {\n  endpoint = %q\n  api_key  = %q\n}\n%s", w.server.URL, credential, body)
}

// key is the resource under test, with these attributes.
func key(attributes ...string) string {
	return "resource \"postern_apikey\" \"test\" {\n  " + strings.Join(attributes, "\n  ") + "\n}\n"
}

// written is a key named test with the scope write and these attributes more.
func written(attributes ...string) string {
	return key(append([]string{`name = "test"`, `scopes = ["write"]`}, attributes...)...)
}

// run applies the steps in order and destroys what is left; no key may be left
// on the server then.
func (w world) run(steps ...resource.TestStep) {
	w.t.Helper()
	resource.UnitTest(w.t, resource.TestCase{
		ProtoV6ProviderFactories: factories(),
		Steps:                    steps,
		CheckDestroy: func(*terraform.State) error {
			if left := w.keys(); len(left) > 0 {
				return fmt.Errorf("%d keys are still on the server, the first is %s", len(left), left[0].ID)
			}
			return nil
		},
	})
}

// keys are those on the server that a test may have made: without a name, or with one
// that begins with test.
func (w world) keys() []api.APIKey {
	w.t.Helper()
	var found []api.APIKey
	for k, err := range w.client.APIKeys.All(w.t.Context(), client.ListAPIKeys{}) {
		if err != nil {
			w.t.Fatal(err)
		}
		if k.Name == "" || strings.HasPrefix(k.Name, "test") {
			found = append(found, *k)
		}
	}
	return found
}

func factories() map[string]func() (tfprotov6.ProviderServer, error) {
	return map[string]func() (tfprotov6.ProviderServer, error){
		"postern": func() (tfprotov6.ProviderServer, error) { return provider.NewServer("test")(), nil },
	}
}

// apply is a step that applies the configuration; the test framework itself
// fails it when a second plan is not empty.
func (w world) apply(body string, checks ...plancheck.PlanCheck) resource.TestStep {
	return resource.TestStep{Config: w.hcl(body), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: checks}}
}

// action holds the plan to one action on the key.
func action(want plancheck.ResourceActionType) plancheck.PlanCheck {
	return plancheck.ExpectResourceAction(subject, want)
}

// only returns the one key that the test has made.
func (w world) only() api.APIKey {
	w.t.Helper()
	found := w.keys()
	if len(found) != 1 {
		w.t.Fatalf("%d keys on the server, want 1", len(found))
	}
	return found[0]
}

// verdict asks the server what a secret is good for.
func (w world) verdict(secret string, scopes ...string) string {
	w.t.Helper()
	v, err := w.client.Verify.Verify(w.t.Context(), api.VerifyRequest{Secret: api.NewSecret(secret), Scopes: scopes})
	if err != nil {
		w.t.Fatal(err)
	}
	return v.Code
}
