package provider_test

import (
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// rotating are the keys of a sub-account on each vendor that rotate like this.
func rotating(attribute string) map[string]string {
	return map[string]string{
		"sendgrid":     vendorKey(`name = "test"`, `scopes = ["mail.send"]`, attribute),
		"mailchannels": vendorKey(`name = "test"`, attribute),
	}
}

// Nobody tells when an imported key was made.
func TestVendorRotation_AnImportedKeyAgesFromWhenItWasFirstSeen(t *testing.T) {
	t.Parallel()
	for platform, body := range rotating(monthly) {
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			w := onVendor(t, platform)
			c := w.program(w.server.Owner, vendorChild())
			c.ok(applyIt...)
			in := api.CreateAPIKey{Name: "test", Scopes: []string{"mail.send"}}
			if platform == "mailchannels" {
				in = api.CreateAPIKey{}
			}
			made := w.makeKeyOf("acme1", in)
			w.server.Advance(100 * day)
			c.write(c.read("main.tf") + body)
			c.ok("import", "-no-color", vendorKeyAddress, "acme1/"+made.ID)
			c.ok(applyIt...)
			c.unchanged()
			w.server.Advance(27 * day)
			c.unchanged()
			w.server.Advance(day + time.Minute)
			c.ok(applyIt...)
			if got := w.verdict(secretInState(t, c)); got != api.VerifyValid || c.attribute(vendorKeyAddress, "previous_id") != made.ID {
				t.Errorf("the secret is %s", got)
			}
			c.unchanged()
		})
	}
}

func TestVendorRotation_AnOverlapLongerThanThePeriodKeepsTwoKeysAndSaysSo(t *testing.T) {
	t.Parallel()
	for platform, body := range rotating(`rotation = { period = "24h", overlap = "72h" }`) {
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			w := onVendor(t, platform)
			c := w.program(w.server.Owner, vendorChild()+body)
			c.ok(applyIt...)
			for i := range 3 {
				w.server.Advance(25 * time.Hour)
				out := c.ok(applyIt...)
				if said := strings.Contains(out, "loses its previous key before the overlap is over"); said != (i > 0) {
					t.Errorf("rotation %d: said %v: %s", i+1, said, out)
				}
				if n := len(w.keysOf("acme1")); n != 2 {
					t.Errorf("rotation %d: %d keys", i+1, n)
				}
				c.unchanged()
			}
		})
	}
}

func TestVendorRotation_OtherSettingsInTheSameApplyAreThoseOfTheNewKey(t *testing.T) {
	t.Parallel()
	w := onVendor(t, "sendgrid")
	c := w.program(w.server.Owner, key(`name = "test"`, `scopes = ["mail.send"]`, monthly))
	c.ok(applyIt...)
	old := w.only()
	w.server.Advance(29 * day)
	replaced(c, `name = "test"`, `name = "test-2"`)
	replaced(c, `["mail.send"]`, `["alerts.read"]`)
	c.ok(applyIt...)
	for _, k := range w.keys() {
		want := "test-2 alerts.read"
		if k.ID == old.ID {
			want = "test mail.send"
		}
		if got := k.Name + " " + strings.Join(k.Scopes, " "); got != want {
			t.Errorf("%s is %s, want %s", k.ID, got, want)
		}
	}
	c.unchanged()
}

// The rotation setting goes while the predecessor still lives.
func TestVendorRotation_WithoutTheSettingThePredecessorIsStillDeleted(t *testing.T) {
	t.Parallel()
	for platform, body := range rotating(monthly) {
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			w := onVendor(t, platform)
			c := w.program(w.server.Owner, vendorChild()+body)
			c.ok(applyIt...)
			w.server.Advance(29 * day)
			c.ok(applyIt...)
			replaced(c, monthly, "")
			c.ok(applyIt...)
			c.unchanged()
			if n := len(w.keysOf("acme1")); n != 2 {
				t.Fatalf("%d keys during the overlap", n)
			}
			w.server.Advance(25 * time.Hour)
			// A plan that is saved now, and somebody is faster than its apply.
			_, out := c.plan("retire.tfplan")
			told(t, out, "loses its previous key")
			previous := c.attribute(vendorKeyAddress, "previous_id")
			if err := w.client.Subaccounts.APIKeys("acme1").Delete(t.Context(), previous); err != nil {
				t.Fatal(err)
			}
			c.ok("apply", "-no-color", "retire.tfplan")
			if n := len(w.keysOf("acme1")); n != 1 {
				t.Errorf("%d keys", n)
			}
			c.unchanged()
		})
	}
}

func TestVendorRotation_PlansWithoutARefreshGoByTheLastOneAndADestroyTakesBothKeys(t *testing.T) {
	t.Parallel()
	for platform, body := range rotating(monthly) {
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			w := onVendor(t, platform)
			c := w.program(w.server.Owner, vendorChild()+body)
			c.ok(applyIt...)
			w.server.Advance(29 * day)
			if code, out := c.run("plan", "-no-color", "-refresh=false", "-detailed-exitcode"); code != 0 {
				t.Errorf("exit %d: %s", code, out)
			}
			c.ok("apply", "-no-color", "-auto-approve", "-refresh-only")
			if code, out := c.run("plan", "-no-color", "-refresh=false", "-detailed-exitcode"); code != 2 || !strings.Contains(out, "due since") {
				t.Errorf("exit %d: %s", code, out)
			}
			c.ok("apply", "-no-color", "-auto-approve", "-refresh=false")
			if n := len(w.keysOf("acme1")); n != 2 {
				t.Errorf("%d keys", n)
			}
			c.ok("destroy", "-no-color", "-auto-approve", "-refresh=false")
			if _, err := w.client.Subaccounts.Get(t.Context(), "acme1"); err == nil {
				t.Error("the sub-account is still there")
			}
		})
	}
}

// Whoever takes a scope away means it for both secrets that work: at the rotation itself, and
// while its overlap runs.
func TestVendorRotation_NarrowedScopesGoFromBothKeys(t *testing.T) {
	t.Parallel()
	w := onVendor(t, "sendgrid")
	c := w.program(w.server.Owner, key(`name = "test"`, `scopes = ["mail.send", "alerts.read", "alerts.update"]`, monthly))
	c.ok(applyIt...)
	hold := func(want string) {
		t.Helper()
		for _, k := range w.keys() {
			if got := strings.Join(k.Scopes, " "); got != want {
				t.Errorf("%s holds %s, want %s", k.ID, got, want)
			}
		}
	}
	w.server.Advance(29 * day)
	replaced(c, `, "alerts.update"`, "")
	told(t, c.ok(applyIt...), `and its previous key`, `lose "alerts.update"`, "for 24h from the apply on")
	hold("alerts.read mail.send")
	c.unchanged()
	replaced(c, `, "alerts.read"`, "")
	told(t, c.ok(applyIt...), `and its previous key`, `lose "alerts.read"`)
	hold("mail.send")
	if n := len(w.keys()); n != 2 {
		t.Errorf("%d keys", n)
	}
	c.unchanged()
}

// Somebody has left the previous key other scopes than the state knows of: a narrowing never
// gives it one.
func TestVendorRotation_NarrowingGivesThePreviousKeyNothing(t *testing.T) {
	t.Parallel()
	w := onVendor(t, "sendgrid")
	c := w.program(w.server.Owner, key(`name = "test"`, `scopes = ["mail.send", "alerts.read"]`, monthly))
	c.ok(applyIt...)
	old := w.only()
	w.server.Advance(29 * day)
	c.ok(applyIt...)
	if _, err := w.client.APIKeys.Update(t.Context(), old.ID, api.UpdateAPIKey{Scopes: []string{"alerts.read"}}); err != nil {
		t.Fatal(err)
	}
	replaced(c, `, "alerts.read"`, "")
	told(t, c.ok(applyIt...), "API key "+old.ID+" keeps its scopes")
	for _, k := range w.keys() {
		want := "mail.send"
		if k.ID == old.ID {
			want = "alerts.read"
		}
		if got := strings.Join(k.Scopes, " "); got != want {
			t.Errorf("%s holds %s, want %s", k.ID, got, want)
		}
	}
	c.unchanged()
}
