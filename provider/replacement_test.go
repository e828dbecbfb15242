package provider_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/postern-dev/terraform-provider-postern/client"
	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

// sending is a key of the platform sendgrid, which gives no key a new secret.
func sending(attributes ...string) string {
	return key(append([]string{`name = "test"`, `scopes = ["mail.send"]`}, attributes...)...)
}

// verdicts fails the test unless the old and the new secret are that good.
func (w world) verdicts(old, oldWant, fresh, freshWant string) {
	w.t.Helper()
	if was, is := w.verdict(old), w.verdict(fresh); was != oldWant || is != freshWant {
		w.t.Errorf("the old secret is %s, the new one %s", was, is)
	}
}

func TestPain01_WhereAPlatformRotatesNothingANewKeyIsMadeAndTheOldOneLivesThroughTheOverlap(t *testing.T) {
	t.Parallel()
	w := on(t, "sendgrid")
	var first, second, id string
	create := w.apply(sending(monthly), planned("previous_id", knownvalue.Null()))
	create.Check = func(s *terraform.State) error {
		id = w.only().ID
		return secretIn(&first)(s)
	}
	due := w.later(28*day+time.Minute, w.apply(sending(monthly), action(plancheck.ResourceActionUpdate),
		planned("secret_version", knownvalue.Int64Exact(2)), planned("previous_id", knownvalue.NotNull()), plancheck.ExpectUnknownValue(subject, at("id")),
		planned("rotation_reason", knownvalue.StringRegexp(regexp.MustCompile(`^due since `)))))
	due.Check = func(s *terraform.State) error {
		if of := s.RootModule().Resources[subject].Primary.Attributes; of["previous_id"] != id || of["id"] == id {
			t.Errorf("id %s, previous_id %s, it was %s", of["id"], of["previous_id"], id)
		}
		if keys := w.keys(); len(keys) != 2 {
			t.Errorf("%d keys", len(keys))
		}
		if err := secretIn(&second)(s); err != nil {
			return err
		}
		w.verdicts(first, api.VerifyValid, second, api.VerifyValid)
		return nil
	}
	during := w.later(23*time.Hour, w.apply(sending(monthly), empty()))
	after := w.later(2*time.Hour, w.apply(sending(monthly), action(plancheck.ResourceActionUpdate),
		planned("previous_id", knownvalue.Null()), planned("previous_secret_expires_at", knownvalue.Null()), planned("secret_version", knownvalue.Int64Exact(2)), planned("id", knownvalue.NotNull())))
	after.Check = func(*terraform.State) error {
		w.verdicts(first, api.VerifyInvalid, second, api.VerifyValid)
		if w.only().ID == id {
			t.Error("the wrong key was deleted")
		}
		return nil
	}
	w.run(create, due, during, after, w.apply(sending(monthly), empty()))
}

func TestReplacement_APlanOfYesterdayIsStillRight(t *testing.T) {
	t.Parallel()
	w := on(t, "sendgrid")
	c := w.pipeline(sending(monthly))
	c.ok("apply", "-no-color", "-auto-approve")
	first := secretInState(t, c)
	w.server.Advance(29 * day)
	c.plan("rotate.tfplan")
	w.server.Advance(day)
	c.ok("apply", "-no-color", "rotate.tfplan")
	second := secretInState(t, c)
	w.verdicts(first, api.VerifyValid, second, api.VerifyValid)
	c.unchanged()
	w.server.Advance(25 * time.Hour)
	_, out := c.plan("retire.tfplan")
	if !strings.Contains(out, "loses its previous key") || !strings.Contains(out, "its overlap ended at") {
		t.Errorf("the plan does not tell of the removal: %s", out)
	}
	w.server.Advance(day)
	c.ok("apply", "-no-color", "retire.tfplan")
	w.verdicts(first, api.VerifyInvalid, second, api.VerifyValid)
	c.unchanged()
	c.ok("destroy", "-no-color", "-auto-approve")
}

func TestReplacement_AtMostTwoKeysLiveAndTogetherWithOtherChangesItIsOneApply(t *testing.T) {
	t.Parallel()
	w := on(t, "sendgrid")
	var first, second string
	trigger := func(n, scopes string) string {
		return key(`name = "test"`, `scopes = `+scopes, `rotate_when_changed = { a = "`+n+`" }`)
	}
	one := w.apply(trigger("1", `["mail.send"]`))
	one.Check = secretIn(&first)
	two := w.apply(trigger("2", `["mail.send", "alerts.read"]`), action(plancheck.ResourceActionUpdate), planned("effective_scopes", names("alerts.read", "mail.send")))
	two.Check = func(s *terraform.State) error {
		if got := w.verdict(first, "alerts.read"); got == api.VerifyValid {
			t.Error("the old key gained a scope")
		}
		return secretIn(&second)(s)
	}
	three := w.apply(trigger("3", `["mail.send", "alerts.read"]`), planned("secret_version", knownvalue.Int64Exact(3)))
	three.Check = func(*terraform.State) error {
		if got := w.keys(); len(got) != 2 {
			t.Errorf("%d keys live", len(got))
		}
		w.verdicts(first, api.VerifyInvalid, second, api.VerifyValid)
		return nil
	}
	w.run(one, two, three)
}

func TestReplacement_WithZeroOverlapTheOldKeyGoesInTheSameApply(t *testing.T) {
	t.Parallel()
	w := on(t, "sendgrid")
	body := func(n string) string {
		return sending(`rotation = { period = "720h", overlap = "0s" }`, `rotate_when_changed = { a = "`+n+`" }`)
	}
	var first string
	one := w.apply(body("1"))
	one.Check = secretIn(&first)
	two := w.apply(body("2"), planned("previous_id", knownvalue.Null()))
	two.Check = func(*terraform.State) error {
		w.only()
		w.verdicts(first, api.VerifyInvalid, first, api.VerifyInvalid)
		return nil
	}
	w.run(one, two)
}

// Whatever fails between the two keys, the state knows both, and the next apply finishes.
func TestReplacement_AnOldKeyThatCouldNotBeDeletedIsNotForgotten(t *testing.T) {
	t.Parallel()
	w := on(t, "sendgrid")
	c := w.pipeline(sending(`rotation = { period = "720h", overlap = "0s" }`, `rotate_when_changed = { a = "1" }`))
	c.env = append(c.env, "POSTERN_MAX_RETRIES=0")
	c.ok("apply", "-no-color", "-auto-approve")
	old, first := w.only().ID, secretInState(t, c)
	c.write(strings.Replace(c.read("main.tf"), `a = "1"`, `a = "2"`, 1))
	w.server.Fail(1, "DELETE", "/v1/apikeys", 503, 0)
	if code, out := c.run("apply", "-no-color", "-auto-approve"); code == 0 || !strings.Contains(out, old) {
		t.Fatalf("exit %d: %s", code, out)
	}
	if !strings.Contains(c.read("terraform.tfstate"), old) {
		t.Error("the state has forgotten the old key")
	}
	second := secretInState(t, c)
	w.verdicts(first, api.VerifyValid, second, api.VerifyValid)
	c.ok("apply", "-no-color", "-auto-approve")
	w.verdicts(first, api.VerifyInvalid, secretInState(t, c), api.VerifyValid)
	c.unchanged()
	if w.only().ID == old {
		t.Error("the wrong key is left")
	}
}

func TestReplacement_AFailedCreateChangesNothing(t *testing.T) {
	t.Parallel()
	w := on(t, "sendgrid")
	c := w.pipeline(sending(`rotate_when_changed = { a = "1" }`))
	c.env = append(c.env, "POSTERN_MAX_RETRIES=0")
	c.ok("apply", "-no-color", "-auto-approve")
	first := secretInState(t, c)
	c.write(strings.Replace(c.read("main.tf"), `a = "1"`, `a = "2"`, 1))
	w.server.Fail(1, "POST", "/v1/apikeys", 503, 0)
	if code, _ := c.run("apply", "-no-color", "-auto-approve"); code == 0 {
		t.Fatal("nothing failed")
	}
	if secretInState(t, c) != first {
		t.Error("the state lost the secret")
	}
	c.ok("apply", "-no-color", "-auto-approve")
	w.verdicts(first, api.VerifyValid, secretInState(t, c), api.VerifyValid)
}

func TestReplacement_AKeyThatIsGoneGivesWayToThePredecessorWhichIsNeverForgotten(t *testing.T) {
	t.Parallel()
	w := on(t, "sendgrid")
	c := w.pipeline(sending(`rotate_when_changed = { a = "1" }`))
	c.ok("apply", "-no-color", "-auto-approve")
	old := w.only().ID
	c.write(strings.Replace(c.read("main.tf"), `a = "1"`, `a = "2"`, 1))
	c.ok("apply", "-no-color", "-auto-approve")
	for _, k := range w.keys() {
		if k.ID != old {
			w.remove(k.ID)
		}
	}
	out := c.ok("apply", "-no-color", "-auto-approve")
	if !strings.Contains(out, "is taken for the key again") || w.only().ID != old {
		t.Errorf("%s", out)
	}
	c.unchanged()
	c.ok("destroy", "-no-color", "-auto-approve")
	if left := w.keys(); len(left) > 0 {
		t.Errorf("%d keys are left", len(left))
	}
}

func (w world) remove(id string) {
	w.t.Helper()
	if err := w.client.APIKeys.Delete(w.t.Context(), id); err != nil {
		w.t.Fatal(err)
	}
}

func TestReplacement_ADestroyTakesBothKeysAndAPredecessorDeletedByHandIsNoError(t *testing.T) {
	t.Parallel()
	w := on(t, "sendgrid")
	var old string
	one := w.apply(sending(`rotate_when_changed = { a = "1" }`))
	one.Check = func(*terraform.State) error {
		old = w.only().ID
		return nil
	}
	gone := w.apply(sending(`rotate_when_changed = { a = "2" }`), planned("previous_id", knownvalue.Null()))
	gone.PreConfig = func() { w.remove(old) }
	// Run's own check finds both deleted after the last step.
	w.run(one, w.apply(sending(`rotate_when_changed = { a = "2" }`)), gone, w.apply(sending(`rotate_when_changed = { a = "3" }`)))
}

func TestReplacement_OfASubaccountsKeyWithFixedScopes(t *testing.T) {
	t.Parallel()
	w := on(t, "mailchannels")
	w.makeSubaccount(api.CreateSubaccount{Handle: "acme", Name: "Acme Ltd."})
	body := func(n string) string {
		return "resource \"postern_subaccount_apikey\" \"test\" {\n  subaccount = \"acme\"\n  rotate_when_changed = { a = \"" + n + "\" }\n}\n"
	}
	count := func(want int) resource.TestCheckFunc {
		return func(*terraform.State) error {
			var got int
			for _, err := range w.client.Subaccounts.APIKeys("acme").All(t.Context(), client.ListAPIKeys{}) {
				if err != nil {
					return err
				}
				got++
			}
			if got != want {
				t.Errorf("%d keys, want %d", got, want)
			}
			return nil
		}
	}
	one, two := w.apply(body("1")), w.apply(body("2"))
	one.Check, two.Check = count(1), count(2)
	retired := w.later(25*time.Hour, w.apply(body("2")))
	retired.Check = count(1)
	w.run(one, two, retired)
}

// onAcme is a world on an operator's own platform, that of the example with some texts of
// its file replaced.
func onAcme(t *testing.T, oldnew ...string) world {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "examples", "platforms", "acme.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "acme.hcl")
	if err := os.WriteFile(file, []byte(strings.NewReplacer(oldnew...).Replace(string(text))), 0o600); err != nil {
		t.Fatal(err)
	}
	return newWorld(t, servertest.PlatformFile(file), servertest.Platform("acme"))
}

// Two keys of one name are what the rule forbids, so there can be no new one beside the old.
func TestReplacement_NotWhereNamesAreUnique(t *testing.T) {
	t.Parallel()
	w := onAcme(t, `rotate       = true`, `rotate       = false`, `"168h"`, `"0s"`)
	for _, attribute := range []string{`rotation = { period = "720h" }`, `rotate_when_changed = { a = "1" }`} {
		resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: factories(), Steps: []resource.TestStep{{
			Config: w.hcl(key(`name = "test"`, `scopes = ["mail:read"]`, attribute)), PlanOnly: true,
			ExpectError: regexp.MustCompile(`(?s)Keys keep their secret.*replace_triggered_by.*create_before_destroy.*Remove\s+rot`),
		}}})
	}
}
