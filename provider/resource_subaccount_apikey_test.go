package provider_test

import (
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/postern-dev/terraform-provider-postern/client"
	"github.com/postern-dev/terraform-provider-postern/client/api"
)

func onChildKey(want plancheck.ResourceActionType) plancheck.PlanCheck {
	return plancheck.ExpectResourceAction(childKey, want)
}

// From create to destroy, with the sub-account made in the same apply: its handle is
// known at the plan in all but the last.
func TestSubaccountAPIKey_TheLifeOfAKey(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		platform, sub string
		first, second []string
		effective     []string
	}{
		"postern":                {"postern", acme(), []string{`name = "a"`, `scopes = ["write"]`}, []string{`name = "b"`, `scopes = ["write"]`, `description = "d"`, `enabled = false`}, []string{"read", "write"}},
		"sendgrid":               {"sendgrid", acme(), []string{`name = "a"`, `scopes = ["mail.send"]`}, []string{`name = "b"`, `scopes = ["mail.send"]`}, []string{"mail.send"}},
		"mailchannels":           {"mailchannels", acme(), nil, []string{`name = "b"`}, []string{"api"}},
		"mailchannels, in words": {"mailchannels", acme(), []string{`scopes = ["api"]`, `name = ""`}, []string{`scopes = null`, `name = "b"`}, []string{"api"}},
		"a handle that is made":  {"postern", sub(`name = "x"`), []string{`name = "a"`, `scopes = ["write"]`}, []string{`name = "b"`, `scopes = ["write"]`}, []string{"read", "write"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := on(t, tc.platform)
			same, secret := statecheck.CompareValue(compare.ValuesSame()), statecheck.CompareValue(compare.ValuesSame())
			effective := plancheck.ExpectKnownValue(childKey, at("effective_scopes"), names(tc.effective...))
			first := w.apply(tc.sub+keyOf(tc.first...), onChildKey(plancheck.ResourceActionCreate), effective)
			second := w.apply(tc.sub+keyOf(tc.second...), onChildKey(plancheck.ResourceActionUpdate), effective)
			for _, step := range []*resource.TestStep{&first, &second} {
				step.ConfigStateChecks = []statecheck.StateCheck{
					same.AddStateValue(childKey, at("id")), secret.AddStateValue(childKey, at("secret")),
					statecheck.CompareValuePairs(childKey, at("subaccount"), child, at("handle"), compare.ValuesSame()),
				}
			}
			w.runSubaccounts(first, second)
		})
	}
}

func TestSubaccountAPIKey_RefusedAtPlan(t *testing.T) {
	t.Parallel()
	for platform, cases := range map[string]map[string]struct{ config, want string }{
		"postern": {
			"an empty handle":               {keyIn(`""`, `name = "a"`, `scopes = ["read"]`), `(?s)subaccount.*at least 1`},
			"a bad handle":                  {keyIn(`"A!"`, `name = "a"`, `scopes = ["read"]`), `(?s)Invalid handle.*3\s+to\s+64\s+lower\s+case`},
			"no sub-account":                {"resource \"postern_subaccount_apikey\" \"test\" {\n name = \"a\"\n scopes = [\"read\"]\n}", `(?s)Missing sub-account.*set\s+subaccount\s+of\s+the\s+provider,\s+or\s+the\s+environment\s+variable\s+POSTERN_SUBACCOUNT`},
			"a misspelt scope":              {acme() + keyOf(`name = "a"`, `scopes = ["wrte"]`), `(?s)Unknown scope.*nearest\s+is\s+"write"`},
			"no scopes":                     {acme() + keyOf(`name = "a"`), `(?s)Missing scopes`},
			"an expiry in the past":         {acme() + keyOf(`name = "a"`, `scopes = ["read"]`, `expires_at = "2020-01-01T00:00:00Z"`), `(?s)Expiry in the past`},
			"a rotation that is always due": {acme() + keyOf(`name = "a"`, `scopes = ["read"]`, `rotation = { period = "1h", early = "1h" }`), `(?s)Rotation is always due`},
		},
		"mailchannels": {
			"scopes other than the fixed ones": {acme() + keyOf(`scopes = ["inbound"]`), `(?s)Scopes are fixed.*exactly\s+"api"`},
		},
		"dotdigital": {"any": {keyIn(`"acme"`, chosen), `(?s)has no sub-accounts.*dotdigital`}},
	} {
		w := on(t, platform)
		for name, tc := range cases {
			t.Run(platform+"/"+name, func(t *testing.T) {
				t.Parallel()
				resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: factories(), Steps: []resource.TestStep{
					{Config: w.hcl(tc.config), ExpectError: regexp.MustCompile(tc.want), PlanOnly: true},
				}})
			})
		}
	}
}

// An empty handle that is known at the apply only must not mean the account itself.
func TestSubaccountAPIKey_AnEmptyHandleIsNeverTheAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(resource.TestStep{
		Config:      w.hcl("resource \"terraform_data\" \"later\" { input = \"\" }\n" + keyIn(`terraform_data.later.output`, `name = "test"`, `scopes = ["read"]`)),
		ExpectError: regexp.MustCompile(`(?s)subaccount.*at least 1`),
	})
}

func TestSubaccountAPIKey_AnotherSubaccountTakesAnotherKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.makeSubaccount(api.CreateSubaccount{Handle: "one", Name: "One"})
	w.makeSubaccount(api.CreateSubaccount{Handle: "two", Name: "Two"})
	different := statecheck.CompareValue(compare.ValuesDiffer())
	first := w.apply(keyIn(`"one"`, `name = "a"`, `scopes = ["read"]`), onChildKey(plancheck.ResourceActionCreate))
	second := w.apply(keyIn(`"two"`, `name = "a"`, `scopes = ["read"]`), onChildKey(plancheck.ResourceActionDestroyBeforeCreate))
	for _, step := range []*resource.TestStep{&first, &second} {
		step.ConfigStateChecks = []statecheck.StateCheck{different.AddStateValue(childKey, at("id"))}
	}
	w.run(first, second)
	if one, two := w.keysOf("one"), w.keysOf("two"); len(one)+len(two) != 0 {
		t.Errorf("left: %v %v", one, two)
	}
}

func TestSubaccountAPIKey_RotatesInPlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	attributes := func(trigger string) []string {
		return []string{`name = "a"`, `scopes = ["read"]`, `rotation = { period = "720h", overlap = "1h" }`, `rotate_when_changed = { a = "` + trigger + `" }`}
	}
	w.runSubaccounts(
		w.apply(acme()+keyOf(attributes("1")...), plancheck.ExpectKnownValue(childKey, at("secret_version"), knownvalue.Int64Exact(1))),
		w.apply(acme()+keyOf(attributes("2")...), onChildKey(plancheck.ResourceActionUpdate),
			plancheck.ExpectKnownValue(childKey, at("secret_version"), knownvalue.Int64Exact(2)), plancheck.ExpectUnknownValue(childKey, at("secret"))),
	)
}

func TestSubaccountAPIKey_AKeyOrASubaccountThatIsGoneIsAPlannedCreate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	config := acme() + keyOf(`name = "a"`, `scopes = ["read"]`)
	keyGone := w.apply(config, onChildKey(plancheck.ResourceActionCreate), onChild(plancheck.ResourceActionNoop))
	keyGone.PreConfig = func() {
		if err := w.client.Subaccounts.APIKeys("acme").Delete(t.Context(), w.keysOf("acme")[0].ID); err != nil {
			t.Fatal(err)
		}
	}
	allGone := w.apply(config, onChildKey(plancheck.ResourceActionCreate), onChild(plancheck.ResourceActionCreate))
	allGone.PreConfig = func() {
		if err := w.client.Subaccounts.Delete(t.Context(), "acme", client.DeleteAPIKeys()); err != nil {
			t.Fatal(err)
		}
	}
	w.runSubaccounts(w.apply(config), keyGone, allGone)
}

// Where only an owner manages the account's keys, a key may still manage those of its
// sub-accounts.
func TestSubaccountAPIKey_AnAPIKeyManagesThemWhereThePlatformLetsIt(t *testing.T) {
	t.Parallel()
	w := on(t, "mailchannels")
	_, manager := w.server.NewKey(t, "api")
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: factories(), Steps: []resource.TestStep{
		{Config: w.hclAs(manager, acme()+keyOf(`name = "a"`))},
		{Config: w.hclAs(manager, acme()+keyOf(`name = "b"`))},
		{Config: w.hclAs(manager, acme()+keyOf(`name = "b"`)+key(`scopes = ["api"]`)), ExpectError: regexp.MustCompile(`Only an owner credential manages these keys`), PlanOnly: true},
	}})
	if left := w.subaccounts(); len(left) != 0 {
		t.Errorf("left: %+v", left)
	}
}

// Whoever may manage keys need not see sub-accounts.
func TestSubaccountAPIKey_NeedsNoRightToReadSubaccounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.makeSubaccount(api.CreateSubaccount{Handle: "acme", Name: "Acme"})
	_, manager := w.server.NewKey(t, "apikeys:write", "read")
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: factories(), Steps: []resource.TestStep{
		{Config: w.hclAs(manager, keyIn(`"acme"`, `name = "a"`, `scopes = ["read"]`))},
	}})
}

func TestSubaccountAPIKey_ACredentialOfASubaccountManagesItsOwnKeysOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.makeSubaccount(api.CreateSubaccount{Handle: "acme", Name: "Acme"})
	w.makeSubaccount(api.CreateSubaccount{Handle: "other", Name: "Other"})
	own := w.makeKeyOf("acme", api.CreateAPIKey{Name: "manager", Scopes: []string{"apikeys:write", "read"}})
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: factories(), Steps: []resource.TestStep{
		{Config: w.hclAs(own.Secret.Reveal(), keyIn(`"other"`, `name = "a"`, `scopes = ["read"]`)), ExpectError: regexp.MustCompile(`(?s)sees no other sub-account.*"acme"`), PlanOnly: true},
		{Config: w.hclAs(own.Secret.Reveal(), keyIn(`"acme"`, `name = "a"`, `scopes = ["write"]`)), ExpectError: regexp.MustCompile(`(?s)cannot grant these scopes.*"write"`), PlanOnly: true},
		{Config: w.hclAs(own.Secret.Reveal(), keyIn(`"acme"`, `name = "a"`, `scopes = ["read"]`))},
	}})
	if left := w.keysOf("acme"); len(left) != 1 {
		t.Errorf("left: %+v", left)
	}
}
