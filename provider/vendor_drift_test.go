package provider_test

import (
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// oneKey reports whether an answer is about one key of SendGrid.
func oneKey(r *http.Response) bool {
	return r.Request.Method == http.MethodGet && regexp.MustCompile(`/v3/api_keys/[^/]+$`).MatchString(r.Request.URL.Path)
}

func TestVendorDrift_AMissIsBelievedOnlyAtASecondLook(t *testing.T) {
	t.Parallel()
	for platform, config := range vendorKeys {
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			w := onVendor(t, platform)
			w.makeSubaccount(api.CreateSubaccount{Handle: "acme1", Name: "Acme"})
			w.makeBystander()
			c := w.program(w.server.Owner, strings.Replace(config, "postern_subaccount.test.handle", `"acme1"`, 1))
			c.ok(applyIt...)
			path := map[string]string{"sendgrid": "/v3/api_keys", "mailchannels": "/tx/v1/sub-account/acme1/api-key"}[platform]
			alone := map[string]string{"sendgrid": "/v3/api_keys/", "mailchannels": path}[platform]
			w.server.Fail(1, http.MethodGet, alone, http.StatusNotFound, 0)
			c.fails(planIt, "Unable to read API key", "Try again.")
			w.server.Fail(2, http.MethodGet, path, http.StatusNotFound, 0) // also its list
			c.fails(planIt, "Unable to read API key")
			w.server.ClearFaults()
			c.unchanged()

			for _, k := range w.keysOf("acme1") {
				if err := w.client.Subaccounts.APIKeys("acme1").Delete(t.Context(), k.ID); err != nil {
					t.Fatal(err)
				}
			}
			plan, out := c.plan("again.tfplan")
			told(t, out, "API key is gone", "also at a second look")
			creates := 0
			for _, r := range plan.ResourceChanges {
				if r.Change.Actions.Create() {
					creates++
				}
			}
			if creates != 1 {
				t.Errorf("the plan makes %d keys", creates)
			}
			c.ok("apply", "-no-color", "again.tfplan")
			c.unchanged()
		})
	}
}

// A key that is gone with all else that the state knows of its account may as well be looked
// for in another account. SendGrid tells the account.
func TestVendorDrift_AMissWithNothingElseInSightIsNotBelieved(t *testing.T) {
	t.Parallel()
	for platform, config := range vendorKeys {
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			w := onVendor(t, platform)
			w.makeSubaccount(api.CreateSubaccount{Handle: "acme1", Name: "Acme"})
			c := w.program(w.server.Owner, strings.Replace(config, "postern_subaccount.test.handle", `"acme1"`, 1))
			c.ok(applyIt...)
			for _, k := range w.keysOf("acme1") {
				if err := w.client.Subaccounts.APIKeys("acme1").Delete(t.Context(), k.ID); err != nil {
					t.Fatal(err)
				}
			}
			if platform == "sendgrid" {
				told(t, c.ok(planIt...), "API key is gone")
			} else {
				c.fails(planIt, "It is not known whose this is", "terraform state rm")
				c.ok("state", "rm", vendorKeyAddress)
			}
			c.ok(applyIt...)
			c.unchanged()
		})
	}
}

// makeBystander makes something else in the account, by which a state knows it again.
func (w vendorWorld) makeBystander() {
	w.t.Helper()
	w.makeSubaccount(api.CreateSubaccount{Handle: "bystander", Name: "Bystander"})
	key := api.CreateAPIKey{}
	if w.platform == "sendgrid" {
		w.makeHere("bystander", "mail.send")
		return
	}
	w.makeKeyOf("bystander", key)
}

// Where every path is unknown, as below a wrong address, nothing is gone.
func TestVendorDrift_AWrongAddressDropsNothing(t *testing.T) {
	t.Parallel()
	for platform, config := range map[string]string{
		"sendgrid": key(`name = "test"`, `scopes = ["mail.send"]`), "mailchannels": vendorChild() + vendorKey(`name = "test"`),
	} {
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			w := onVendor(t, platform)
			c := w.program(w.server.Owner, config)
			c.ok(applyIt...)
			before := c.read("terraform.tfstate")
			replaced(c, w.server.URL, w.server.URL+"/wrong")
			c.fails([]string{"apply", "-no-color", "-auto-approve", "-refresh-only"}, "404")
			if c.read("terraform.tfstate") != before {
				t.Error("the state was changed")
			}
			replaced(c, w.server.URL+"/wrong", w.server.URL)
			c.unchanged()
		})
	}
}

func TestVendorDrift_WhatWasChangedElsewhereIsPlannedBack(t *testing.T) {
	t.Parallel()
	w := onVendor(t, "sendgrid")
	config := key(`name = "test"`, `scopes = ["mail.send"]`)
	c := w.program(w.server.Owner, config)
	c.ok(applyIt...)
	made, other := w.only(), "test-other"
	for name, change := range map[string]api.UpdateAPIKey{
		"scopes, more":  {Scopes: []string{"mail.send", "alerts.read"}},
		"scopes, other": {Scopes: []string{"alerts.read"}},
		"the name":      {Name: &other},
		"both":          {Name: &other, Scopes: []string{"alerts.read"}},
	} {
		if _, err := w.client.APIKeys.Update(t.Context(), made.ID, change); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		told(t, c.ok(planIt...), "1 to change")
		c.ok(applyIt...)
		if got := w.only(); got.Name != "test" || strings.Join(got.Scopes, " ") != "mail.send" || got.ID != made.ID {
			t.Errorf("%s: %+v", name, got)
		}
		c.unchanged()
	}
}

func TestVendorDrift_KeysOfOneNameAreToldApartByTheirIDs(t *testing.T) {
	t.Parallel()
	w := onVendor(t, "sendgrid")
	second := strings.Replace(key(`name = "test"`, `scopes = ["alerts.read"]`), `"test" {`, `"second" {`, 1)
	config := key(`name = "test"`, `scopes = ["mail.send"]`) + second
	c := w.program(w.server.Owner, config)
	c.ok(applyIt...)
	c.unchanged()
	one, two := c.attribute(subject, "id"), c.attribute("postern_apikey.second", "id")
	c.ok("state", "rm", subject, "postern_apikey.second")
	c.ok("import", "-no-color", subject, one)
	c.ok("import", "-no-color", "postern_apikey.second", two)
	c.unchanged()
	c.fails([]string{"import", "-no-color", "postern_apikey.third", "nobody"}, "does not exist")
}

// SendGrid adds scopes to keys by itself, others from one day to the next.
func TestVendorDrift_ScopesThatTheServiceAddsByItselfAreNoDifference(t *testing.T) {
	t.Parallel()
	w := onVendor(t, "sendgrid")
	var shown atomic.Pointer[string]
	show := func(scopes string) { shown.Store(&scopes) }
	show(`"mail.send"`)
	c := w.programAt(w.middle(new(atomic.Bool), func(r *http.Response) error {
		if oneKey(r) && r.StatusCode == http.StatusOK {
			text, err := bodyOf(r)
			head, _, _ := strings.Cut(text, `"scopes":`)
			answer(r, []byte(head+`"scopes":[`+*shown.Load()+`]}`))
			return err
		}
		return nil
	}), w.server.Owner, key(`name = "test"`, `scopes = ["mail.send"]`))
	c.ok(applyIt...)
	for _, scopes := range []string{
		`"mail.send","2fa_required"`, `"mail.send","sender_verification_eligible","2fa_required"`, `"mail.send"`,
		`"ui.signup_complete","mail.send","2fa_exempt","sender_verification_legacy"`,
	} {
		show(scopes)
		c.unchanged()
		c.ok(applyIt...)
	}
	// Of a scope beyond those that it is known for, the apply and the plan tell.
	c.ok(destroyIt...)
	show(`"mail.send","surprise.read"`)
	told(t, c.ok(applyIt...), "The service gave the key other scopes than it was asked for", `"surprise.read"`)
	told(t, c.ok(planIt...), `- "surprise.read"`, "1 to change")
	out := c.ok(applyIt...)
	told(t, out, "other scopes than it was asked for")
	show(`"mail.send"`)
	c.unchanged()
}
