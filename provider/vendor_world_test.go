package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
)

// vendorWorld is a world whose provider speaks the vendor's own API, to a server that
// answers on the vendor's paths. What the world's own client sees is the truth behind.
type vendorWorld struct {
	world
	platform string
}

func onVendor(t *testing.T, platform string) vendorWorld {
	t.Helper()
	return vendorWorld{on(t, platform), platform}
}

func (w vendorWorld) hclAs(credential, body string) string {
	return fmt.Sprintf("provider \"postern\" {\n  platform = %q\n  endpoint = %q\n  api_key  = %q\n}\n%s", w.platform, w.server.URL, credential, body)
}

func (w vendorWorld) hcl(body string) string { return w.hclAs(w.server.Owner, body) }

func (w vendorWorld) apply(body string, checks ...plancheck.PlanCheck) resource.TestStep {
	return resource.TestStep{Config: w.hcl(body), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: checks}}
}

// pipeline is terraform on a configuration that names the platform and no address, as one
// for the vendor does: the credential is in the vendor's variable, and the server of the
// test is the endpoint.
func (w vendorWorld) pipeline(config string) cli { return w.pipelineAs(w.server.Owner, config) }

func (w vendorWorld) pipelineAs(credential, config string) cli {
	w.t.Helper()
	env := map[string]string{"sendgrid": "SENDGRID_API_KEY", "mailchannels": "MAILCHANNELS_API_KEY"}[w.platform]
	return newCLI(w.t, w.addressed(config), env+"="+credential, "SENDGRIDSTUB_ENDPOINT="+w.server.URL)
}

// addressed is the configuration with the server of the test as its endpoint.
func (w vendorWorld) addressed(config string) string {
	w.t.Helper()
	line := fmt.Sprintf("  platform = %q\n", w.platform)
	if strings.Count(config, line) != 1 {
		w.t.Fatalf("the configuration does not name the platform %s once:\n%s", w.platform, config)
	}
	return strings.Replace(config, line, line+fmt.Sprintf("  endpoint = %q\n", w.server.URL), 1)
}

// vendorChild is a sub-account that every platform can make, and vendorKey a key of it.
func vendorChild(attributes ...string) string {
	return sub(append([]string{`handle = "acme1"`, `name = "Acme"`, `email = "ops@example.com"`, `ip_addresses = ["192.0.2.10"]`}, attributes...)...)
}

func vendorKey(attributes ...string) string {
	return "resource \"postern_subaccount_apikey\" \"test\" {\n  subaccount = postern_subaccount.test.handle\n  " + strings.Join(attributes, "\n  ") + "\n}\n"
}
