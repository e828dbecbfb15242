package provider_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

func TestPain14_AnImportByIDAndOneByIdentityGiveTheWholeState(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.define("crm:write", "read")
	w.makeSubaccount(api.CreateSubaccount{Handle: "acme", Name: "Acme"})
	own := w.makeKey(api.CreateAPIKey{Name: "test", Scopes: []string{"write"}, Description: "d"})
	theirs := w.makeKeyOf("acme", api.CreateAPIKey{Name: "app", Scopes: []string{"write"}, Description: "d"})
	p := w.inProcess()
	// What an import cannot know, or what there is none of.
	unset := map[string][]string{
		"postern_apikey": {
			"applied_policy", "expires_at", "previous_id", "previous_secret_expires_at", "rotate_when_changed", "rotates_after", "rotation", "rotation_reason", "secret", "secret_source", "secret_wo", "username",
		},
		"postern_scope":      {"apikeys_touched", "description"},
		"postern_subaccount": {"apikey_limit", "email", "ip_addresses", "send_limit"},
	}
	unset["postern_subaccount_apikey"] = unset["postern_apikey"]
	for resourceType, tc := range map[string]struct {
		id       string
		identity map[string]string
	}{
		"postern_apikey":            {own.ID, map[string]string{"id": own.ID}},
		"postern_scope":             {"crm:write", map[string]string{"name": "crm:write"}},
		"postern_subaccount":        {"acme", map[string]string{"handle": "acme"}},
		"postern_subaccount_apikey": {"acme/" + theirs.ID, map[string]string{"subaccount": "acme", "id": theirs.ID}},
	} {
		saidByID, byID := p.imported(resourceType, tc.id, nil)
		said, byIdentity := p.imported(resourceType, "", tc.identity)
		var null []string
		for name, value := range byID {
			if !value.Equal(byIdentity[name]) {
				t.Errorf("%s.%s is %v by id, %v by identity", resourceType, name, value, byIdentity[name])
			}
			if value.IsNull() {
				null = append(null, name)
			}
		}
		slices.Sort(null)
		if !slices.Equal(null, unset[resourceType]) || len(byID) != len(byIdentity) {
			t.Errorf("%s: null are %q, want %q", resourceType, null, unset[resourceType])
		}
		warned := strings.Contains(say(said), "has no secret in state") && strings.Contains(say(saidByID), "has no secret in state")
		if strings.HasSuffix(resourceType, "_apikey") != warned || failed(said) || failed(saidByID) {
			t.Errorf("%s: %s%s", resourceType, say(saidByID), say(said))
		}
	}
	if got := w.only(); got.Revision != own.Revision {
		t.Errorf("the import changed the key: %+v", got)
	}
}

// A terraform before 1.12 fails on an answer without one, also on one that says that the
// thing is gone; a later one asks for it.
func TestIdentity_IsInEachAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.makeSubaccount(api.CreateSubaccount{Handle: "house", Name: "House"})
	p := w.inProcess()
	scopes := tftypes.NewValue(tftypes.Set{ElementType: tftypes.String}, []tftypes.Value{text("read")})
	for resourceType, tc := range map[string]struct {
		config  object
		change  string // the attribute that an update changes
		removed func(identity map[string]string) error
	}{
		"postern_apikey": {object{"name": text("test"), "scopes": scopes}, "name", func(identity map[string]string) error {
			return w.client.APIKeys.Delete(t.Context(), identity["id"])
		}},
		"postern_subaccount_apikey": {object{"subaccount": text("house"), "name": text("test"), "scopes": scopes}, "name", func(identity map[string]string) error {
			return w.client.Subaccounts.APIKeys("house").Delete(t.Context(), identity["id"])
		}},
		"postern_subaccount": {object{"handle": text("acme"), "name": text("test")}, "name", func(map[string]string) error {
			return w.client.Subaccounts.Delete(t.Context(), "acme")
		}},
		"postern_scope": {object{"name": text("crm:write")}, "description", func(map[string]string) error {
			return w.client.Scopes.Delete(t.Context(), "crm:write")
		}},
	} {
		made := p.applied(resourceType, tc.config, nil)
		first := p.identity(resourceType, made.NewIdentity)
		tc.config[tc.change] = text("other")
		changed := p.applied(resourceType, tc.config, made)
		if got := p.identity(resourceType, changed.NewIdentity); len(first) == 0 || !maps.Equal(first, got) {
			t.Errorf("%s: the identity is %v after the create, %v after an update", resourceType, first, got)
		}
		read := func() *tfprotov6.ReadResourceResponse {
			return p.read(&tfprotov6.ReadResourceRequest{TypeName: resourceType, CurrentState: changed.NewState, Private: changed.Private})
		}
		if got := p.identity(resourceType, read().NewIdentity); !maps.Equal(first, got) {
			t.Errorf("%s: the identity is %v after a read", resourceType, got)
		}
		if err := tc.removed(first); err != nil {
			t.Fatal(err)
		}
		gone := read()
		if got := p.identity(resourceType, gone.NewIdentity); !maps.Equal(first, got) || p.attributes(p.kind(resourceType), gone.NewState) != nil {
			t.Errorf("%s: the identity is %v after it is gone", resourceType, got)
		}
	}
}

// applied plans and applies a configuration upon what was applied before; nil for nothing.
// Like a terraform before 1.12 it sends no identity along.
func (p inProcess) applied(resourceType string, config object, before *tfprotov6.ApplyResourceChangeResponse) *tfprotov6.ApplyResourceChangeResponse {
	p.t.Helper()
	kind := p.kind(resourceType)
	none, err := tfprotov6.NewDynamicValue(kind, tftypes.NewValue(kind, nil))
	if err != nil {
		p.t.Fatal(err)
	}
	if before == nil {
		before = &tfprotov6.ApplyResourceChangeResponse{NewState: &none}
	}
	// What the configuration leaves out stays as it is, where the provider sets it.
	proposed := maps.Clone(config)
	for _, a := range p.schemas.ResourceSchemas[resourceType].Block.Attributes {
		if value, ok := p.attributes(kind, before.NewState)[a.Name]; ok && proposed[a.Name].IsNull() && a.Computed {
			proposed[a.Name] = value
		}
	}
	sent := p.value(kind, config)
	planned, err := p.server.PlanResourceChange(p.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: resourceType, PriorState: before.NewState, ProposedNewState: p.value(kind, proposed), Config: sent, PriorPrivate: before.Private,
	})
	if err != nil || failed(planned.Diagnostics) {
		p.t.Fatal(err, say(planned.Diagnostics))
	}
	got, err := p.server.ApplyResourceChange(p.t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: resourceType, PriorState: before.NewState, PlannedState: planned.PlannedState, Config: sent, PlannedPrivate: planned.PlannedPrivate,
	})
	if err != nil || failed(got.Diagnostics) {
		p.t.Fatal(err, say(got.Diagnostics))
	}
	return got
}
