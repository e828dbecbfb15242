package provider_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/querycheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/tfcli"
)

// What these tests do through a tool that has more than the oldest terraform, others do over
// the protocol with any: a tool that cannot run them leaves nothing untested.

func TestNewerCLI_IdentitiesAreKeptAndImportedBy(t *testing.T) {
	t.Parallel()
	needs(t, tfcli.IdentityImport)
	w := newWorld(t)
	step := w.apply(written())
	step.ConfigStateChecks = []statecheck.StateCheck{statecheck.ExpectIdentityValueMatchesState(subject, at("id"))}
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(),
		Steps:                    []resource.TestStep{step, {ResourceName: subject, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity}},
	})
}

func TestNewerCLI_QueriesFindKeys(t *testing.T) {
	t.Parallel()
	needs(t, tfcli.Queries)
	w := newWorld(t)
	w.makeSubaccount(api.CreateSubaccount{Handle: "acme", Name: "Acme"})
	theirs := w.makeKeyOf("acme", api.CreateAPIKey{Name: "app", Scopes: []string{"write"}})
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(),
		Steps: []resource.TestStep{w.apply(written()), {
			Query: true,
			// Beside the configuration of the step before, which has the provider block.
			Config: `
list "postern_apikey" "found" {
  provider = postern
  config {
    name_prefix = "te"
    scope       = "write"
  }
}
list "postern_subaccount_apikey" "found" {
  provider = postern
}
`,
			QueryResultChecks: []querycheck.QueryResultCheck{
				querycheck.ExpectLength("postern_apikey.found", 1),
				querycheck.ExpectIdentity("postern_subaccount_apikey.found", map[string]knownvalue.Check{
					"subaccount": knownvalue.StringExact("acme"), "id": knownvalue.StringExact(theirs.ID),
				}),
			},
		}},
	})
}

func TestNewerCLI_AnActionRotatesAPasswordFromAnEphemeralValue(t *testing.T) {
	t.Parallel()
	needs(t, tfcli.Actions)
	w := on(t, "dotdigital")
	user := w.makeKey(api.CreateAPIKey{Name: "test", Secret: api.NewSecret("first-one-1")})
	config := strings.ReplaceAll(`
variable "password" {
  type      = string
  ephemeral = true
  default   = "second-one-2"
}
action "postern_rotate_apikey" "now" {
  config {
    id        = "ID"
    secret_wo = var.password
  }
}
resource "terraform_data" "trigger" {
  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.postern_rotate_apikey.now]
    }
  }
}
`, "ID", user.ID)
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(),
		Steps: []resource.TestStep{{Config: w.hcl(config), PostApplyFunc: func() {
			if got := w.signIn("second-one-2"); got != api.VerifyValid {
				t.Errorf("the new password is %s", got)
			}
		}}},
	})
}

func TestNewerCLI_AnActionRevokesAKey(t *testing.T) {
	t.Parallel()
	needs(t, tfcli.Actions)
	w := newWorld(t)
	leaked := w.makeKey(api.CreateAPIKey{Name: "test", Scopes: []string{"write"}})
	config := strings.ReplaceAll(`
action "postern_revoke_apikey" "now" {
  config {
    id = "ID"
  }
}
resource "terraform_data" "trigger" {
  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.postern_revoke_apikey.now]
    }
  }
}
`, "ID", leaked.ID)
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(),
		Steps: []resource.TestStep{{Config: w.hcl(config), PostApplyFunc: func() {
			if got := w.verdict(leaked.Secret.Reveal(), "write"); got != api.VerifyInvalid {
				t.Errorf("the key is %s", got)
			}
		}}},
	})
}
