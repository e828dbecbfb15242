package provider_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/postern-dev/terraform-provider-postern/client"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest/lies"
	"github.com/postern-dev/terraform-provider-postern/provider"
)

// number is the number of the account that SendGrid tells a credential.
func (w vendorWorld) number(credential string) string {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.server.URL+"/v3/user/username", nil)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+credential)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	var got struct {
		ID int64 `json:"user_id"`
	}
	body, err := io.ReadAll(res.Body)
	if err == nil {
		err = json.Unmarshal(body, &got)
	}
	if err != nil || got.ID == 0 {
		w.t.Fatalf("%s: %v", body, err)
	}
	return fmt.Sprint(got.ID)
}

// What a plan creates is in no state that names an account. Terraform itself compares the
// account_id that was planned; with account_id in the provider's configuration it is refused
// in words.
func TestAccountID_BindsASavedPlanOfCreates(t *testing.T) {
	t.Parallel()
	for _, platform := range []string{"postern", "sendgrid"} {
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			w := onVendor(t, platform)
			other, owner := w.server.NewAccount(t, platform)
			mine, variable := w.server.AccountID(), "POSTERN_API_KEY"
			config, scopes := "provider \"postern\" {\n  endpoint = \""+w.server.URL+"\"\n}\n", `["read"]`
			if platform == "sendgrid" {
				mine, other, variable = w.number(w.server.Owner), w.number(owner), vendorCredential[platform]
				config, scopes = w.addressed("provider \"postern\" {\n  platform = \"sendgrid\"\n}\n"), `["mail.send"]`
			}
			c := newCLI(t, config+key(`name = "test"`, "scopes = "+scopes), variable+"="+w.server.Owner)
			stranger := c
			stranger.env = append(append([]string(nil), c.env...), variable+"="+owner)
			c.ok("plan", "-no-color", "-out=a.tfplan")
			stranger.fails([]string{"apply", "-no-color", "a.tfplan"}, ".account_id", mine, other)

			replaced(c, "  endpoint =", fmt.Sprintf("  account_id = %q\n  endpoint =", mine))
			c.ok("plan", "-no-color", "-out=b.tfplan")
			for _, args := range [][]string{{"plan", "-no-color"}, {"apply", "-no-color", "b.tfplan"}} {
				if out := stranger.fails(args, "account_id is", "another account", mine, other); strings.Contains(out, "bug in the provider") {
					t.Errorf("terraform %s: %s", args, out)
				}
			}
			for key, err := range newClient(t, w.server.URL, owner).APIKeys.All(t.Context(), client.ListAPIKeys{}) {
				t.Errorf("the other account has got %v (%v)", key, err)
			}
			c.ok("apply", "-no-color", "b.tfplan")
			if got := c.attribute(subject, "account_id"); got != mine {
				t.Errorf("the key belongs to %q, want %q", got, mine)
			}
			c.unchanged()
		})
	}
}

// A credential that is not told its account cannot be held to one.
func TestAccountID_NeedsAnAccountThatIsTold(t *testing.T) {
	t.Parallel()
	w := onVendor(t, "sendgrid")
	settings := object{"platform": text("sendgrid"), "endpoint": text(w.server.URL), "account_id": text(w.number(w.server.Owner)), "api_key": text(w.manager(w.server.Owner, untold))}
	p := inProcessWith(t, settings)
	kind := p.schemas.DataSourceSchemas["postern_account"].ValueType()
	got, err := p.server.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: "postern_account", Config: p.value(kind, nil)})
	if err != nil || !strings.Contains(say(got.Diagnostics), "does not tell this credential") {
		t.Errorf("%v, %s", err, say(got.Diagnostics))
	}
	settings["platform"] = text("mailchannels")
	configured, err := provider.NewServer("test")().ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: p.value(p.schemas.Provider.ValueType(), settings)})
	if err != nil || !strings.Contains(say(configured.Diagnostics), "tells nobody which account") {
		t.Errorf("%v, %s", err, say(configured.Diagnostics))
	}
}

// Which credential is told its account may differ between the plan and the apply.
func TestAccountID_OfSendGridFitsWhoeverPlansAndApplies(t *testing.T) {
	t.Parallel()
	w := onVendor(t, "sendgrid")
	weak := w.manager(w.server.Owner, untold)
	config := w.addressed("provider \"postern\" {\n  platform = \"sendgrid\"\n}\n") + key(`name = "test"`, `scopes = ["mail.send"]`)
	c := newCLI(t, config, vendorCredential["sendgrid"]+"="+weak)
	told := c
	told.env = append(append([]string(nil), c.env...), vendorCredential["sendgrid"]+"="+w.server.Owner)
	c.ok("plan", "-no-color", "-out=a.tfplan")
	told.ok("apply", "-no-color", "a.tfplan")
	mine := w.number(w.server.Owner)
	for _, step := range []func(){
		c.unchanged, told.unchanged,
		func() { replaced(c, `name = "test"`, `name = "renamed"`); c.ok(applyIt...) },
		func() { replaced(c, `"renamed"`, `"test"`); told.ok(applyIt...) },
	} {
		if step(); c.attribute(subject, "account_id") != mine {
			t.Errorf("the state names account %q, want %s", c.attribute(subject, "account_id"), mine)
		}
	}
	told.ok("destroy", "-no-color", "-auto-approve")
	c.ok(applyIt...)
	if state := c.read("terraform.tfstate"); !strings.Contains(state, `"account_id": null`) {
		t.Errorf("a key that is not told its account stores one: %s", state)
	}
	replaced(c, `name = "test"`, `name = "third"`)
	c.ok("plan", "-no-color", "-out=b.tfplan")
	told.ok("apply", "-no-color", "b.tfplan")
	told.ok("apply", "-no-color", "-auto-approve", "-refresh-only")
	if got := c.attribute(subject, "account_id"); got != mine {
		t.Errorf("after a refresh the state names account %q, want %s", got, mine)
	}
	c.unchanged()
}

// An account that was told wrong once is in no state, and one that is in a state all the same
// is corrected by a refresh: nobody has to take the key out of the state, and its secret with it.
func TestAccountID_ThatWasALieIsCorrectedByARefresh(t *testing.T) {
	t.Parallel()
	for _, platform := range []string{"postern", "sendgrid"} {
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, platform)
			lie := map[string]lies.Lie{
				"postern":  {Suffix: "/v1/account", Rewrite: lies.Set("id", "acct_ofSomebodyElse")},
				"sendgrid": {Suffix: "/v3/user/username", Rewrite: lies.Set("user_id", json.Number("4711"))},
			}[platform]
			for times, want := range map[int]string{1: "named two accounts", 0: ""} { // 0 is always
				proxy := lies.Before(t, s.server.URL)
				lie.Times = times
				proxy.Tell(lie)
				made, said := s.apply(s.provider(proxy.URL), s.config("1", "one"), held{})
				if failed(said) != (want != "") || !strings.Contains(say(said), want) || failed(said) && len(s.live()) != 1 {
					t.Fatalf("%d keys, and %s", len(s.live()), say(said))
				}
				if want != "" {
					continue
				}
				s.honestly(func(p inProcess) {
					_, said := s.apply(p, nil, made)
					if !strings.Contains(say(said), "another account") {
						t.Errorf("a destroy without a refresh: %s", say(said))
					}
					after, said := s.refresh(p, made)
					if failed(said) || !strings.Contains(say(said), "is corrected") || s.field(after, "account_id") == s.field(made, "account_id") || s.field(after, "secret") != s.field(made, "secret") {
						t.Errorf("%s: %s", s.field(after, "account_id"), say(said))
					}
					if after, said = s.refresh(p, after); strings.Contains(say(said), "is corrected") {
						t.Errorf("once more: %s", say(said))
					}
					if after, said = s.apply(p, nil, after); after.state != nil {
						t.Errorf("a destroy after it: %s", say(said))
					}
				})
			}
		})
	}
}
