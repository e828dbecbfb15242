package provider_test

import (
	"regexp"
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

const day = 24 * time.Hour

const monthly = `rotation = { period = "720h", early = "48h", overlap = "24h" }`

// secretIn keeps the secret that the state holds after a step.
func secretIn(into *string) resource.TestCheckFunc {
	return func(s *terraform.State) error {
		*into = s.RootModule().Resources[subject].Primary.Attributes["secret"]
		return nil
	}
}

// later is the step with the server's clock moved on before it.
func (w world) later(d time.Duration, step resource.TestStep) resource.TestStep {
	step.PreConfig = func() { w.server.Advance(d) }
	return step
}

func empty() plancheck.PlanCheck { return plancheck.ExpectEmptyPlan() }

func TestPain01_ARotationByAgeIsInPlaceAndTheOldSecretLivesThroughTheOverlap(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := statecheck.CompareValue(compare.ValuesSame())
	var first, second string
	start := w.server.Now().UTC()
	create := w.apply(written(monthly))
	create.ConfigStateChecks = []statecheck.StateCheck{id.AddStateValue(subject, at("id"))}
	create.Check = secretIn(&first)
	due := w.later(time.Minute, w.apply(written(monthly),
		action(plancheck.ResourceActionUpdate), planned("secret_version", knownvalue.Int64Exact(2)),
		planned("rotation_reason", knownvalue.StringRegexp(regexp.MustCompile(`^due since `+start.Add(28*day).Format("2006-01-02T")))),
		planned("id", knownvalue.NotNull()), planned("effective_scopes", names("read", "write")),
		plancheck.ExpectUnknownValue(subject, at("secret"))))
	due.ConfigStateChecks = []statecheck.StateCheck{
		id.AddStateValue(subject, at("id")), stated("secret_version", knownvalue.Int64Exact(2)), stated("status", knownvalue.StringExact("active")),
	}
	due.Check = func(s *terraform.State) error {
		if err := secretIn(&second)(s); err != nil {
			return err
		}
		if first == second {
			t.Error("the secret did not change")
		}
		for which, secret := range map[string]string{"old": first, "new": second} {
			if got := w.verdict(secret, "write"); got != api.VerifyValid {
				t.Errorf("in the overlap the %s secret is %s", which, got)
			}
		}
		w.server.Advance(day)
		if got := w.verdict(first); got != api.VerifyInvalid {
			t.Errorf("after the overlap the old secret is %s", got)
		}
		if got := w.verdict(second); got != api.VerifyValid {
			t.Errorf("after the overlap the new secret is %s", got)
		}
		return nil
	}
	w.run(create,
		w.later(28*day-time.Minute, w.apply(written(monthly), empty())),
		due,
		w.later(day, w.apply(written(monthly), empty())),
	)
}

func TestPain11_AKeyIsRotatedWhenAValueChangesAndNotWhenItIsFirstSetOrRemoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	version := func(n int64) plancheck.PlanCheck { return planned("secret_version", knownvalue.Int64Exact(n)) }
	trigger := func(values string) string { return written("rotate_when_changed = " + values) }
	var before, after string
	change := w.apply(trigger(`{ a = "2" }`), version(2), planned("rotation_reason", knownvalue.StringExact(`rotate_when_changed: "a" changed`)))
	change.Check = func(s *terraform.State) error {
		if err := secretIn(&after)(s); err != nil {
			return err
		}
		if before == after || w.verdict(before) != api.VerifyValid || w.verdict(after) != api.VerifyValid {
			t.Errorf("changed %v, old %s, new %s", before != after, w.verdict(before), w.verdict(after))
		}
		return nil
	}
	set := w.apply(trigger(`{ a = "1" }`), version(1))
	set.Check = secretIn(&before)
	w.run(
		w.apply(written()),
		set,
		change,
		w.apply(trigger(`{ a = "2", b = "1" }`), version(3)),
		w.apply(trigger(`{ b = "1" }`), version(4), planned("rotation_reason", knownvalue.StringExact(`rotate_when_changed: "a" changed`))),
		w.apply(trigger(`{}`), version(4)),
		w.apply(written(), version(4)),
	)
}

func TestRotation_WithZeroOverlapTheOldSecretEndsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var old string
	create := w.apply(written(`rotation = { period = "720h", overlap = "0s" }`, `rotate_when_changed = { a = "1" }`))
	create.Check = secretIn(&old)
	rotate := w.apply(written(`rotation = { period = "720h", overlap = "0s" }`, `rotate_when_changed = { a = "2" }`))
	rotate.Check = func(*terraform.State) error {
		if got := w.verdict(old); got != api.VerifyInvalid {
			t.Errorf("the old secret is %s", got)
		}
		return nil
	}
	w.run(create, rotate)
}

// Twice in a row within one overlap: the first of three secrets must be dead.
func TestRotation_AtMostTwoSecretsAreEverGood(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	secrets := make([]string, 3)
	var steps []resource.TestStep
	for i, value := range []string{"1", "2", "3"} {
		step := w.apply(written(`rotate_when_changed = { a = "` + value + `" }`))
		step.Check = secretIn(&secrets[i])
		steps = append(steps, step)
	}
	check := steps[2].Check
	steps[2].Check = func(s *terraform.State) error {
		if err := check(s); err != nil {
			return err
		}
		for i, want := range []string{api.VerifyInvalid, api.VerifyValid, api.VerifyValid} {
			if got := w.verdict(secrets[i]); got != want {
				t.Errorf("secret %d is %s, want %s", i+1, got, want)
			}
		}
		return nil
	}
	w.run(steps...)
}

func TestPain09_RemovingTheRotationOfADueKeyRotatesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(
		w.apply(written(monthly)),
		w.later(40*day, w.apply(written(), action(plancheck.ResourceActionUpdate), planned("secret_version", knownvalue.Int64Exact(1)), planned("rotates_after", knownvalue.Null()))),
	)
}

func TestRotation_ALongerPeriodMakesADueKeyNotDue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(
		w.apply(written(monthly)),
		w.later(40*day, w.apply(written(`rotation = { period = "2160h" }`), planned("secret_version", knownvalue.Int64Exact(1)),
			planned("rotates_after", knownvalue.StringExact(w.server.Now().UTC().Add(90*day).Format(time.RFC3339))))),
	)
}

// An old key that gets its first rotation attribute is overdue at once. The plan
// behind that apply must be empty all the same; the next scheduled run rotates.
func TestPain10_AnOverdueKeyIsRotatedByTheNextRunNotByThePlanRightBehind(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(
		w.apply(written()),
		w.later(60*day, w.apply(written(monthly), planned("secret_version", knownvalue.Int64Exact(1)))),
		w.later(59*time.Minute, w.apply(written(monthly), empty())),
		w.later(time.Minute, w.apply(written(monthly), planned("secret_version", knownvalue.Int64Exact(2)))),
	)
}

func TestRotation_TogetherWithOtherChangesIsOneApply(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	both := w.later(30*day, w.apply(key(`name = "test-2"`, `scopes = ["read"]`, `description = "d"`, monthly),
		planned("secret_version", knownvalue.Int64Exact(2)), planned("effective_scopes", names("read"))))
	both.Check = func(*terraform.State) error {
		if got := w.only(); got.Name != "test-2" || got.SecretVersion != 2 || len(got.EffectiveScopes) != 1 {
			t.Errorf("on the server: %+v", got)
		}
		return nil
	}
	w.run(w.apply(written(monthly)), both)
}

func TestExpiry_AKeyThatExpiredBehindTerraformsBackIsAPlannedRenewal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var dead, alive string
	create := w.apply(written(monthly))
	create.Check = secretIn(&dead)
	renewal := w.apply(written(monthly), action(plancheck.ResourceActionUpdate), planned("secret_version", knownvalue.Int64Exact(2)),
		planned("rotation_reason", knownvalue.StringRegexp(regexp.MustCompile("^expired at "))), planned("status", knownvalue.StringExact("active")))
	renewal.PreConfig = func() {
		soon := w.server.Now().Add(time.Minute)
		if _, err := w.client.APIKeys.Update(t.Context(), w.only().ID, api.UpdateAPIKey{ExpiresAt: api.SetTime(&soon)}); err != nil {
			t.Fatal(err)
		}
		w.server.Advance(time.Hour)
	}
	renewal.Check = func(s *terraform.State) error {
		if err := secretIn(&alive)(s); err != nil {
			return err
		}
		if got := w.verdict(dead); got != api.VerifyInvalid && got != api.VerifyExpired {
			t.Errorf("the expired secret is %s after the renewal", got)
		}
		if got := w.verdict(alive); got != api.VerifyValid {
			t.Errorf("the new secret is %s", got)
		}
		return nil
	}
	w.run(create, renewal)
}

func TestExpiry_ALaterExpiryRenewsAnExpiredKeyWithANewSecret(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	expires := func(d time.Duration) string {
		return `expires_at = "` + w.server.Now().UTC().Add(d).Format(time.RFC3339) + `"`
	}
	first, second := expires(day), expires(90*day)
	w.run(
		w.apply(written(first)),
		// Expired and unchanged: nothing that Terraform could do about it.
		w.later(2*day, w.apply(written(first), empty())),
		w.apply(written(second, `description = "d"`), planned("secret_version", knownvalue.Int64Exact(2)), planned("rotation_reason", knownvalue.StringRegexp(regexp.MustCompile("^expired at ")))),
	)
	// The last step's state was checked by its empty second plan; the key is active.
}
