package provider_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// signIn asks the server what a password of the one API user is good for.
func (w world) signIn(password string) string {
	w.t.Helper()
	v, err := w.client.Verify.Verify(w.t.Context(), api.VerifyRequest{Username: w.only().Username, Secret: api.NewSecret(password)})
	if err != nil {
		w.t.Fatal(err)
	}
	return v.Code
}

// password sets one.
func password(text string) string { return `secret_wo = "` + text + `"` }

func TestPassword_IsTakenAtCreationAndAtARotation(t *testing.T) {
	t.Parallel()
	w := on(t, "dotdigital")
	username := statecheck.CompareValue(compare.ValuesSame())
	bare := []statecheck.StateCheck{
		stated("username", knownvalue.StringRegexp(regexp.MustCompile(`^apiuser-.+@apiconnector\.com$`))),
		stated("secret", knownvalue.Null()), stated("secret_wo", knownvalue.Null()), stated("secret_hint", knownvalue.Null()), stated("scopes", knownvalue.Null()),
	}
	expect := func(good string, bad ...string) resource.TestCheckFunc {
		return func(*terraform.State) error {
			if got := w.signIn(good); got != api.VerifyValid {
				t.Errorf("%s is %s", good, got)
			}
			for _, b := range bad {
				if got := w.signIn(b); got != api.VerifyInvalid {
					t.Errorf("%s is %s", b, got)
				}
			}
			return nil
		}
	}
	create := w.apply(key(password("first-one-1"), `rotate_when_changed = { a = "1" }`),
		planned("secret", knownvalue.Null()), planned("secret_hint", knownvalue.Null()), planned("effective_scopes", names()), plancheck.ExpectUnknownValue(subject, at("username")))
	create.ConfigStateChecks, create.Check = append(slices.Clone(bare), username.AddStateValue(subject, at("username"))), expect("first-one-1")
	// Another password alone changes nothing: rotation decides when it is taken.
	ignored := w.apply(key(password("second-one-2"), `rotate_when_changed = { a = "1" }`), empty())
	ignored.Check = expect("first-one-1", "second-one-2")
	rotate := w.apply(key(password("second-one-2"), `rotate_when_changed = { a = "2" }`), action(plancheck.ResourceActionUpdate),
		planned("secret_version", knownvalue.Int64Exact(2)), planned("username", knownvalue.NotNull()), planned("secret", knownvalue.Null()))
	rotate.ConfigStateChecks, rotate.Check = append(slices.Clone(bare), username.AddStateValue(subject, at("username"))), expect("second-one-2", "first-one-1")
	w.run(create, ignored, rotate,
		// Left out it is missed only when the next rotation needs it.
		w.apply(key(`rotate_when_changed = { a = "2" }`), empty()),
		resource.TestStep{Config: w.hcl(key(`rotate_when_changed = { a = "3" }`)), ExpectError: regexp.MustCompile(`(?s)Missing password.*rotates\s+key.*rotate_when_changed:\s+"a"\s+changed`), PlanOnly: true},
		w.apply(key(`name = "test"`, `enabled = false`), action(plancheck.ResourceActionUpdate), planned("secret_version", knownvalue.Int64Exact(2))),
	)
}

func TestPassword_RotationByAgeNeedsOne(t *testing.T) {
	t.Parallel()
	w := on(t, "dotdigital")
	const monthly = `rotation = { period = "720h" }`
	missing := resource.TestStep{Config: w.hcl(key(monthly)), ExpectError: regexp.MustCompile(`(?s)Missing password.*due\s+since`)}
	missing.PreConfig = func() { w.server.Advance(31 * day) }
	due := w.apply(key(monthly, password("second-one-2")), planned("secret_version", knownvalue.Int64Exact(2)))
	due.Check = func(*terraform.State) error {
		if before, after := w.signIn("first-one-1"), w.signIn("second-one-2"); before != api.VerifyInvalid || after != api.VerifyValid {
			t.Errorf("the old password is %s, the new one %s", before, after)
		}
		return nil
	}
	w.run(w.apply(key(monthly, password("first-one-1"))), missing, due)
}

// Wrong passwords are the world's doing: they are no change, and break no apply.
func TestPassword_ALockedKeyIsNoChangeAndARotationUnlocksIt(t *testing.T) {
	t.Parallel()
	w := on(t, "dotdigital")
	lock := func() {
		for range 5 {
			w.signIn("wrong-password-1")
		}
		if got := w.only().Status; got != api.StatusLocked {
			t.Errorf("the key is %s", got)
		}
	}
	c := w.pipeline(key(password("first-one-1"), `rotate_when_changed = { a = "1" }`))
	c.ok("apply", "-no-color", "-auto-approve")
	c.write(strings.Replace(c.read("main.tf"), `secret_wo`, "name = \"test\"\n secret_wo", 1))
	c.plan("rename.tfplan")
	lock() // between the plan and its apply
	c.ok("apply", "-no-color", "rename.tfplan")
	c.unchanged()
	c.write(strings.NewReplacer(`a = "1"`, `a = "2"`, "first-one-1", "second-one-2").Replace(c.read("main.tf")))
	c.ok("apply", "-no-color", "-auto-approve")
	if got := w.signIn("second-one-2"); got != api.VerifyValid {
		t.Errorf("the new password is %s", got)
	}
	c.unchanged()
	c.ok("destroy", "-no-color", "-auto-approve")
	if left := w.keys(); len(left) != 0 {
		t.Errorf("%d keys are left", len(left))
	}
}

// From an ephemeral value a password is in nothing that terraform writes or prints.
func TestPassword_IsInNoFileAndNoLog(t *testing.T) {
	t.Parallel()
	w := on(t, "dotdigital")
	const first, second, refused = "first-one-UNSEEN-1", "second-one-UNSEEN-2", "UNSEENletters"
	with := func(c cli, secret string) cli {
		c.env = append(append([]string{}, c.env...), "TF_VAR_password="+secret)
		return c
	}
	c := w.pipeline(`
variable "password" {
  type      = string
  ephemeral = true
  sensitive = true
}
` + key(`secret_wo = var.password`, `rotate_when_changed = { a = "1" }`)).traced()
	one, two := with(c, first), with(c, second)
	code, printed := with(c, refused).run("apply", "-no-color", "-auto-approve")
	if code == 0 || !strings.Contains(printed, "must hold at least one digit") || !strings.Contains(printed, "secret_wo") {
		t.Errorf("exit %d: %s", code, printed)
	}
	one.plan("create.tfplan")
	w.server.LoseAnswers(1, "POST", "/v1/apikeys")
	printed += one.ok("apply", "-no-color", "create.tfplan")
	if got := w.signIn(first); got != api.VerifyValid {
		t.Errorf("the first password is %s", got)
	}
	c.write(strings.Replace(c.read("main.tf"), `a = "1"`, `a = "2"`, 1))
	_, planned := two.plan("rotate.tfplan")
	printed += planned + two.ok("apply", "-no-color", "rotate.tfplan")
	if got := w.signIn(second); got != api.VerifyValid {
		t.Errorf("the second password is %s", got)
	}
	two.unchanged()
	two.ok("destroy", "-no-color", "-auto-approve")
	for _, secret := range []string{first, second, refused} {
		if found := c.filesWith(secret); len(found) > 0 {
			t.Errorf("a password is in %v", found)
		}
		if strings.Contains(printed, secret) || strings.Contains(w.server.Logs(), secret) {
			t.Error("a password was printed or logged")
		}
	}
}

func TestPassword_AnImportSaysThatNoneComesAndPlansNothing(t *testing.T) {
	t.Parallel()
	w := on(t, "dotdigital")
	user, err := w.client.APIKeys.Create(t.Context(), api.CreateAPIKey{Name: "test", Secret: api.NewSecret("by-hand-1")})
	if err != nil {
		t.Fatal(err)
	}
	c := w.pipeline(key(`name = "test"`))
	out := c.ok("import", "-no-color", subject, user.ID)
	if !strings.Contains(out, "platform dotdigital has passwords") {
		t.Errorf("the import says: %s", out)
	}
	c.unchanged()
	w.server.Advance(time.Hour)
	c.unchanged()
}
