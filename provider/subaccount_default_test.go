package provider_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// defaulted is a provider block with that sub-account, and a key that leaves it out.
func defaulted(subaccount string) string {
	return "provider \"postern\" {\n  subaccount = " + subaccount + "\n}\n" +
		"resource \"postern_subaccount_apikey\" \"test\" {\n  name = \"a\"\n  scopes = [\"read\"]\n}\n"
}

func TestSubaccountDefault_HoldsForWhatLeavesItOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, handle := range []string{"one", "two"} {
		w.makeSubaccount(api.CreateSubaccount{Handle: handle, Name: handle})
	}
	const looks = `
data "postern_subaccount_apikeys" "test" { depends_on = [postern_subaccount_apikey.test] }
data "postern_subaccount_apikey" "test" { id = postern_subaccount_apikey.test.id }
output "found" { value = "${data.postern_subaccount_apikeys.test.subaccount} ${length(data.postern_subaccount_apikeys.test.ids)} ${data.postern_subaccount_apikey.test.subaccount}" }
`
	c := w.pipeline(defaulted(`"one"`) + looks)
	plan, _ := c.plan("create.tfplan")
	if after, _, _ := change(t, plan, childKey); after["subaccount"] != "one" {
		t.Errorf("planned in %v", after["subaccount"])
	}
	c.ok("apply", "-no-color", "create.tfplan")
	c.unchanged()
	made := w.keysOf("one")
	if len(made) != 1 || c.ok("output", "-raw", "found") != "one 1 one" {
		t.Fatalf("in one: %+v, found %s", made, c.ok("output", "-raw", "found"))
	}

	// Set or left out, by attribute or from the environment: the same key.
	replaced(c, `name = "a"`, "name = \"a\"\n  subaccount = \"one\"")
	c.unchanged()
	replaced(c, `subaccount = "one"`, "")
	if code, out := c.run("plan", "-no-color"); code != 1 || !strings.Contains(out, "Missing sub-account") || strings.Contains(out, "Invalid handle") {
		t.Errorf("neither: exit %d: %s", code, out)
	}
	outside := c
	outside.env = append(slices.Clone(c.env), "POSTERN_SUBACCOUNT=one")
	outside.unchanged()
	replaced(c, `name = "a"`, `name = "b"`)
	if out := outside.ok("apply", "-no-color", "-auto-approve"); !strings.Contains(out, "0 added, 1 changed, 0 destroyed") {
		t.Errorf("a rename: %s", out)
	}
	if got := w.keysOf("one"); len(got) != 1 || got[0].ID != made[0].ID || got[0].Name != "b" {
		t.Errorf("in one: %+v", got)
	}

	// Another default is another sub-account, and so another key.
	outside.env = append(slices.Clone(c.env), "POSTERN_SUBACCOUNT=two")
	_, out := outside.plan("replace.tfplan")
	if !strings.Contains(out, `"one" -> "two" # forces replacement`) {
		t.Errorf("no replacement: %s", out)
	}
	outside.ok("apply", "-no-color", "replace.tfplan")
	outside.unchanged()
	if one, two := w.keysOf("one"), w.keysOf("two"); len(one) != 0 || len(two) != 1 {
		t.Errorf("in one: %+v, in two: %+v", one, two)
	}
}

// The sub-account is made in the same apply: at the plan its handle is not known.
func TestSubaccountDefault_MayBeKnownAfterApplyOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline("resource \"terraform_data\" \"handle\" {\n  input = \"acme\"\n}\n" + defaulted("terraform_data.handle.output"))
	w.makeSubaccount(api.CreateSubaccount{Handle: "acme", Name: "Acme"})
	c.ok("apply", "-no-color", "-auto-approve")
	c.unchanged()
	if got := w.keysOf("acme"); len(got) != 1 {
		t.Errorf("in acme: %+v", got)
	}
	// Empty in the end it is no sub-account, and never the account itself.
	empty := w.pipeline("resource \"terraform_data\" \"handle\" {\n  input = \"\"\n}\n" + defaulted("terraform_data.handle.output"))
	if code, out := empty.run("apply", "-no-color", "-auto-approve"); code != 1 || !strings.Contains(out, "subaccount") {
		t.Errorf("exit %d: %s", code, out)
	}
	early := w.pipeline("resource \"terraform_data\" \"handle\" {\n  input = \"acme\"\n}\n" +
		"provider \"postern\" {\n  subaccount = terraform_data.handle.output\n}\ndata \"postern_subaccount_apikeys\" \"test\" {}\n")
	if code, out := early.run("plan", "-no-color"); code != 1 || !strings.Contains(out, "The provider's sub-account is not known yet") {
		t.Errorf("exit %d: %s", code, out)
	}
	if len(w.keys()) != 0 {
		t.Errorf("in the account: %+v", w.keys())
	}
}

func TestSubaccountDefault_AnImportKeepsTheKeyOfItsOwnSubaccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, handle := range []string{"one", "two"} {
		w.makeSubaccount(api.CreateSubaccount{Handle: handle, Name: handle})
	}
	made := w.makeKeyOf("one", api.CreateAPIKey{Name: "a", Scopes: []string{"read"}})
	for _, id := range []string{made.ID, "one/" + made.ID} {
		c := w.pipeline(defaulted(`"one"`))
		c.ok("import", "-no-color", childKey, id)
		c.unchanged()
	}
	c := w.pipeline(defaulted(`"two"`))
	if code, out := c.run("import", "-no-color", childKey, made.ID); code != 1 || !strings.Contains(out, "Cannot import non-existent remote object") {
		t.Errorf("exit %d: %s", code, out)
	}
	// The state holds whose the key is: another default is seen, and not forgotten.
	c.ok("import", "-no-color", childKey, "one/"+made.ID)
	if out := c.ok("plan", "-no-color"); !strings.Contains(out, "1 to add, 0 to change, 1 to destroy") {
		t.Errorf("%s", out)
	}
}

func TestSubaccountDefault_HoldsForAKeyForOneRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.makeSubaccount(api.CreateSubaccount{Handle: "acme", Name: "Acme"})
	c := w.pipeline("provider \"postern\" {\n  subaccount = \"acme\"\n}\nephemeral \"postern_apikey\" \"test\" { scopes = [\"read\"] }\n" +
		"resource \"terraform_data\" \"x\" {\n  provisioner \"local-exec\" {\n    command = \"echo in ${ephemeral.postern_apikey.test.subaccount}\"\n  }\n}\n")
	c.ok("apply", "-no-color", "-auto-approve")
	in := 0
	for _, r := range w.server.Requests() {
		if r.Method == "POST" && r.Status == 201 && strings.HasPrefix(r.Path, "/v1/subaccounts/acme/apikeys") {
			in++
		} else if r.Method == "POST" && r.Route == "/v1/apikeys" {
			t.Error("a key of the account was made")
		}
	}
	if in == 0 || len(w.keysOf("acme")) != 0 {
		t.Errorf("%d keys made in the sub-account, %d left", in, len(w.keysOf("acme")))
	}
}

func TestSubaccountDefault_EmptyIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	config := strings.Replace(w.hcl(""), "\n}", "\n  subaccount = \"\"\n}", 1)
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: factories(), Steps: []resource.TestStep{
		{Config: config + written(), ExpectError: regexp.MustCompile(`(?s)subaccount.*at least 1`), PlanOnly: true},
	}})
}
