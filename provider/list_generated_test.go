package provider_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// generated is the configuration that `terraform query -generate-config-out` writes for
// what a list found: what can be configured, without what is sensitive, and an optional
// text that is empty as none.
func (p inProcess) generated(resourceType string, found object) object {
	p.t.Helper()
	config := object{}
	for _, a := range p.schemas.ResourceSchemas[resourceType].Block.Attributes {
		value, wanted := found[a.Name], a.Required || a.Optional
		var s string
		if value.Type().Is(tftypes.String) && !value.IsNull() {
			if err := value.As(&s); err != nil {
				p.t.Fatal(err)
			}
			wanted = wanted && (a.Required || s != "")
		}
		if wanted && !a.Sensitive {
			config[a.Name] = value
		}
	}
	return config
}

// plansNothing imports what a list found by its identity, with the configuration that is
// generated for it, and fails the test unless the plan says that nothing is to be done.
func (p inProcess) plansNothing(resourceType string, one listed) {
	p.t.Helper()
	config, kind := p.generated(resourceType, one.resource), p.kind(resourceType)
	sent := p.value(kind, config)
	checked, err := p.server.ValidateResourceConfig(p.t.Context(), &tfprotov6.ValidateResourceConfigRequest{TypeName: resourceType, Config: sent})
	if err != nil || len(checked.Diagnostics) > 0 {
		p.t.Errorf("%s: the configuration of %s is not valid: %v %s", resourceType, one.called, err, say(checked.Diagnostics))
		return
	}
	said, state := p.imported(resourceType, "", one.identity)
	if failed(said) || state == nil {
		p.t.Errorf("%s: importing %s: %s", resourceType, one.called, say(said))
		return
	}
	proposed := maps.Clone(config)
	for _, a := range p.schemas.ResourceSchemas[resourceType].Block.Attributes {
		if a.Computed && config[a.Name].IsNull() {
			proposed[a.Name] = state[a.Name]
		}
	}
	planned, err := p.server.PlanResourceChange(p.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: resourceType, PriorState: p.value(kind, state), ProposedNewState: p.value(kind, proposed), Config: sent,
	})
	if err != nil || len(planned.Diagnostics) > 0 {
		p.t.Errorf("%s: the plan for %s: %v %s", resourceType, one.called, err, say(planned.Diagnostics))
		return
	}
	for name, value := range p.attributes(kind, planned.PlannedState) {
		if !value.Equal(state[name]) {
			p.t.Errorf("%s: the plan changes %s of %s from %v to %v", resourceType, name, one.called, state[name], value)
		}
	}
}

// A generated configuration is imported to an empty plan, whatever the backend, and a list
// of what a platform has none of says so in words.
func TestList_AGeneratedConfigurationPlansNothing(t *testing.T) {
	t.Parallel()
	own, sub, theirs, scopes := "postern_apikey", "postern_subaccount", "postern_subaccount_apikey", "postern_scope"
	for name, tc := range map[string]struct {
		vendor, platform string
		key              api.CreateAPIKey
		finds            []string
		refuses          map[string]string
	}{
		"postern":                 {platform: "postern", key: api.CreateAPIKey{Name: "test", Scopes: []string{"write"}}, finds: []string{own, sub, theirs, scopes}},
		"a server's benchmark":    {platform: "benchmark", key: api.CreateAPIKey{Name: "test", Scopes: []string{"contacts:read"}}, finds: []string{own}, refuses: map[string]string{sub: "has no sub-accounts", theirs: "has no sub-accounts"}},
		"a server's sendgrid":     {platform: "sendgrid", key: api.CreateAPIKey{Name: "test", Scopes: []string{"mail.send"}}, finds: []string{own, sub, theirs}},
		"a server's mailchannels": {platform: "mailchannels", key: api.CreateAPIKey{Scopes: []string{"api"}}, finds: []string{own, sub, theirs}},
		"a server's dotdigital":   {platform: "dotdigital", key: api.CreateAPIKey{Name: "test", Secret: api.NewSecret("first-one-1")}, finds: []string{own}, refuses: map[string]string{sub: "has no sub-accounts", theirs: "has no sub-accounts"}},
		"the vendor SendGrid":     {vendor: "sendgrid", platform: "sendgrid", key: api.CreateAPIKey{Name: "test", Scopes: []string{"mail.send"}}, finds: []string{own, sub, theirs}},
		"the vendor MailChannels": {vendor: "mailchannels", platform: "mailchannels", finds: []string{sub, theirs}, refuses: map[string]string{own: "Console"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := on(t, tc.platform)
			settings := object{"endpoint": text(w.server.URL), "api_key": text(w.server.Owner)}
			if tc.vendor != "" {
				settings["platform"] = text(tc.vendor)
			}
			if tc.vendor == "sendgrid" {
				vendorWorld{w, tc.vendor}.makeHere("test-own", "mail.send")
			}
			for _, kind := range tc.finds {
				switch kind {
				case own:
					if tc.vendor == "" {
						w.makeKey(tc.key)
					}
				case sub:
					w.makeSubaccount(api.CreateSubaccount{Handle: "acme1", Name: "Acme"})
				case theirs:
					w.makeKeyOf("acme1", tc.key)
				case scopes:
					w.define("crm:write", "read")
				}
			}
			p := inProcessWith(t, settings)
			for _, kind := range tc.finds {
				found := p.mustList(query{resourceType: kind, whole: true})
				if len(found) == 0 {
					t.Errorf("%s: nothing is listed", kind)
				}
				for _, one := range found {
					p.plansNothing(kind, one)
				}
			}
			for kind, want := range tc.refuses {
				if found, diags := p.list(query{resourceType: kind, whole: true}); len(found) > 0 || !strings.Contains(say(diags), want) || strings.Contains(say(diags), "log") {
					t.Errorf("%s: %d results and %s", kind, len(found), say(diags))
				}
			}
		})
	}
}
