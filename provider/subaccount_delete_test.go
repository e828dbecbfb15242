package provider_test

import (
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// destroy imports a sub-account and destroys it, as Terraform does at an apply.
func (p inProcess) destroy(handle string) []*tfprotov6.Diagnostic {
	p.t.Helper()
	const resourceType = "postern_subaccount"
	kind := p.kind(resourceType)
	got, err := p.server.ImportResourceState(p.t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: resourceType, ID: handle})
	if err != nil || len(got.ImportedResources) != 1 {
		p.t.Error(err, got)
		return nil
	}
	one := got.ImportedResources[0]
	read := p.read(&tfprotov6.ReadResourceRequest{TypeName: resourceType, CurrentState: one.State, CurrentIdentity: one.Identity, Private: one.Private})
	none, err := tfprotov6.NewDynamicValue(kind, tftypes.NewValue(kind, nil))
	if err != nil {
		p.t.Error(err)
		return nil
	}
	done, err := p.server.ApplyResourceChange(p.t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: resourceType, PriorState: read.NewState, PlannedState: &none, Config: &none, PlannedPrivate: read.Private,
	})
	if err != nil {
		p.t.Error(err)
		return nil
	}
	return done.Diagnostics
}

// Where no key refers to its sub-account, Terraform destroys both at the same time.
func TestSubaccount_WaitsForItsKeysWhenBothAreDestroyed(t *testing.T) {
	t.Parallel()
	for platform, tc := range map[string]struct {
		vendor bool
		key    api.CreateAPIKey
		tried  string // the first request of the destroy
	}{
		"postern":      {key: api.CreateAPIKey{Name: "test", Scopes: []string{"read"}}, tried: "DELETE /v1/subaccounts/{handle}"},
		"sendgrid":     {vendor: true, key: api.CreateAPIKey{Name: "test", Scopes: []string{"mail.send"}}, tried: "GET /v3/api_keys"},
		"mailchannels": {vendor: true, tried: "GET /tx/v1/sub-account/{handle}/api-key"},
	} {
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			w := on(t, platform)
			settings := object{"endpoint": text(w.server.URL), "api_key": text(w.server.Owner)}
			if tc.vendor {
				settings["platform"] = text(platform)
			}
			p := inProcessWith(t, settings)
			w.makeSubaccount(api.CreateSubaccount{Handle: "acme1", Name: "Acme"})
			first := w.makeKeyOf("acme1", tc.key)
			if tc.key.Name != "" {
				tc.key.Name = "other"
			}
			second := w.makeKeyOf("acme1", tc.key)
			w.server.Reset()
			ended := make(chan []*tfprotov6.Diagnostic, 1)
			go func() { ended <- p.destroy("acme1") }()
			for _, id := range []string{first.ID, second.ID} {
				for seen := w.server.Counts()[tc.tried]; w.server.Counts()[tc.tried] == seen; {
					time.Sleep(10 * time.Millisecond)
				}
				if err := w.client.Subaccounts.APIKeys("acme1").Delete(t.Context(), id); err != nil {
					t.Error(err)
				}
			}
			if diags := <-ended; len(diags) > 0 || len(w.subaccounts()) > 0 {
				t.Errorf("%d are left: %s", len(w.subaccounts()), say(diags))
			}
		})
	}
}

// A key that nobody deletes keeps its sub-account, and the refusal says what to do.
func TestSubaccount_DoesNotWaitForKeysThatStay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.makeSubaccount(api.CreateSubaccount{Handle: "acme", Name: "Acme"})
	w.makeKeyOf("acme", api.CreateAPIKey{Name: "test", Scopes: []string{"read"}})
	diags := w.inProcess().destroy("acme")
	for _, want := range []string{"Unable to delete sub-account", "has 1 API key", "set delete_apikeys_on_destroy", "subaccount = postern_subaccount.NAME.handle"} {
		if !strings.Contains(say(diags), want) {
			t.Errorf("no %q in: %s", want, say(diags))
		}
	}
	if len(w.subaccounts()) != 1 {
		t.Error("it is gone")
	}
}
