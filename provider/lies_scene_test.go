package provider_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/postern-dev/terraform-provider-postern/client"
	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest/lies"
)

// scene is an account with keys of strangers, behind a proxy that lies. What the clients of
// the scene see is the truth, as they ask the server itself.
type scene struct {
	vendorWorld
	place     string // the sub-account whose keys the scene is about; empty for the account
	kind      string // of the resource
	truth     *client.APIKeyService
	elsewhere *client.APIKeyService // of another account
	strangers map[string]*stranger
	schemas   *tfprotov6.GetProviderSchemaResponse
	counts    map[string]*count // by the kind of lie
	named     int
}

// stranger is a key that no run of Terraform is about.
type stranger struct {
	made   api.IssuedAPIKey
	keys   *client.APIKeyService
	client *client.Client
}

// count is what became of the runs that met a kind of lie.
type count struct {
	runs, refused int // refused are those that ended in an error
	touched       int // live keys of strangers that were changed or deleted
	wrong         int // what else is wrong with a state or a key
	left          int // keys that nobody has the secret of; the run said so
}

func (s *scene) count(kind string) *count {
	if s.counts[kind] == nil {
		s.counts[kind] = &count{}
	}
	return s.counts[kind]
}

// log writes the counts into the log of the test: a number that nobody sees proves nothing.
func (s *scene) log() {
	lines := make([]string, 0, len(s.counts)+1)
	var all count
	line := func(kind string, c count) string {
		return fmt.Sprintf("%-13s %-52s runs %4d, refused %4d, strangers' keys touched %d, other faults %d, left behind and told %d", s.platform, kind, c.runs, c.refused, c.touched, c.wrong, c.left)
	}
	for kind, c := range s.counts {
		lines = append(lines, line(kind, *c))
		all = count{all.runs + c.runs, all.refused + c.refused, all.touched + c.touched, all.wrong + c.wrong, all.left + c.left}
	}
	slices.Sort(lines)
	s.t.Logf("faults: %s\n%s", line("all", all), strings.Join(lines, "\n"))
}

// held is what Terraform holds of a resource.
type held struct {
	state   *tfprotov6.DynamicValue
	private []byte
}

// sharedName is what everybody calls their key here, Terraform too, where a platform lets
// them.
const sharedName = "test"

func newScene(t *testing.T, platform string) *scene {
	t.Helper()
	s := &scene{vendorWorld: onVendor(t, platform), kind: "postern_apikey", strangers: map[string]*stranger{}, counts: map[string]*count{}}
	_, s.schemas = schemas(t)
	_, owner := s.server.NewAccount(t, platform)
	other := newClient(t, s.server.URL, owner)
	s.truth, s.elsewhere = s.client.APIKeys, other.APIKeys
	if platform == "mailchannels" {
		s.place, s.kind = "acme1", "postern_subaccount_apikey"
		for _, c := range []*client.Client{s.client, other} {
			if _, err := c.Subaccounts.Create(t.Context(), api.CreateSubaccount{Handle: s.place, Name: "Acme"}); err != nil {
				t.Fatal(err)
			}
		}
		s.truth, s.elsewhere = s.client.Subaccounts.APIKeys(s.place), other.Subaccounts.APIKeys(s.place)
	}
	s.stranger("stranger", s.truth, s.client)
	s.stranger("elsewhere", s.elsewhere, other)
	for range 3 { // or ids that count up would be the same here and there
		s.stranger("elsewhere", s.elsewhere, other)
	}
	return s
}

func (s *scene) scopes() []string {
	return map[string][]string{"postern": {"write"}, "sendgrid": {"mail.send"}, "mailchannels": {"api"}}[s.platform]
}

// stranger makes a key that must live on as it is.
func (s *scene) stranger(called string, keys *client.APIKeyService, of *client.Client) {
	name := sharedName
	if s.platform == "postern" { // where a name is one key's
		s.named++
		name = fmt.Sprintf("%s-%d", name, s.named)
	}
	made, err := keys.Create(context.WithoutCancel(s.t.Context()), api.CreateAPIKey{Name: name, Scopes: s.scopes()})
	if err != nil {
		s.t.Errorf("making the key of a stranger: %v", err)
		return
	}
	s.strangers[called] = &stranger{*made, keys, of}
}

// lies are what is told about a key, and about those of strangers.
func (s *scene) lies(mine string) lies.Scene {
	return lies.Scene{
		Mine: mine, Stranger: s.strangers["stranger"].made.ID, Elsewhere: s.strangers["elsewhere"].made.ID, Numbers: s.platform == "mailchannels", Name: s.strangers["stranger"].made.Name,
		Colleague: func() { s.stranger(fmt.Sprintf("colleague %d", len(s.strangers)), s.truth, s.client) },
	}
}

// provider is the provider before that address, as a new run of Terraform starts it.
func (s *scene) provider(url string) inProcess {
	settings := object{"endpoint": text(url), "api_key": text(s.server.Owner), "max_retries": tftypes.NewValue(tftypes.Number, 0)}
	if s.platform != "postern" {
		settings["platform"] = text(s.platform)
	}
	return inProcessWith(s.t, settings)
}

// honestly calls do with the provider before an address of its own, where nobody lies: the
// pace of a vendor's requests is that of an address, and a test would wait for it.
func (s *scene) honestly(do func(p inProcess)) {
	proxy := lies.Open(s.server.URL)
	defer proxy.Close()
	do(s.provider(proxy.URL))
}

// config is the configuration of the key.
func (s *scene) config(release, description string) object {
	set := make([]tftypes.Value, 0, 1)
	for _, scope := range s.scopes() {
		set = append(set, text(scope))
	}
	out := object{
		"name": text(sharedName), "description": text(description), "scopes": tftypes.NewValue(tftypes.Set{ElementType: tftypes.String}, set),
		"rotate_when_changed": tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, map[string]tftypes.Value{"release": text(release)}),
	}
	if s.place != "" {
		out["subaccount"] = text(s.place)
	}
	return out
}

// refresh is what Terraform does first. Where that fails it goes no further, and the state
// stays as it was.
func (s *scene) refresh(p inProcess, h held) (held, []*tfprotov6.Diagnostic) {
	if h.state == nil {
		return h, nil
	}
	got := p.read(&tfprotov6.ReadResourceRequest{TypeName: s.kind, CurrentState: h.state, Private: h.private})
	if failed(got.Diagnostics) {
		return h, got.Diagnostics
	}
	after := held{got.NewState, got.Private}
	if p.attributes(p.kind(s.kind), got.NewState) == nil {
		after = held{}
	}
	return after, got.Diagnostics
}

// apply plans and applies a configuration, or a removal where that is nil.
func (s *scene) apply(p inProcess, config object, h held) (held, []*tfprotov6.Diagnostic) {
	kind := p.kind(s.kind)
	none, err := tfprotov6.NewDynamicValue(kind, tftypes.NewValue(kind, nil))
	if err != nil {
		s.t.Fatal(err)
	}
	before, proposed, sent := h.state, &none, &none
	if before == nil {
		before = &none
	}
	if config != nil {
		all := maps.Clone(config)
		for _, a := range p.schemas.ResourceSchemas[s.kind].Block.Attributes {
			if value, ok := p.attributes(kind, before)[a.Name]; ok && all[a.Name].IsNull() && a.Computed {
				all[a.Name] = value
			}
		}
		proposed, sent = p.value(kind, all), p.value(kind, config)
	}
	planned, err := p.server.PlanResourceChange(s.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: s.kind, PriorState: before, ProposedNewState: proposed, Config: sent, PriorPrivate: h.private,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	if failed(planned.Diagnostics) || len(planned.RequiresReplace) > 0 {
		return h, planned.Diagnostics
	}
	got, err := p.server.ApplyResourceChange(s.t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: s.kind, PriorState: before, PlannedState: planned.PlannedState, Config: sent, PlannedPrivate: planned.PlannedPrivate,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	after := held{got.NewState, got.Private}
	if p.attributes(kind, got.NewState) == nil {
		after = held{}
	}
	return after, append(planned.Diagnostics, got.Diagnostics...)
}

// field is a text of a state; empty where there is none.
func (s *scene) field(h held, name string) string {
	if h.state == nil {
		return ""
	}
	kind := s.schemas.ResourceSchemas[s.kind].ValueType()
	value := inProcess{t: s.t}.attributes(kind, h.state)[name]
	var out string
	if value.IsNull() || !value.IsKnown() || value.As(&out) != nil {
		return ""
	}
	return out
}

// live are the keys of the place that the scene is about.
func (s *scene) live() map[string]*api.APIKey {
	s.t.Helper()
	out := map[string]*api.APIKey{}
	for key, err := range s.truth.All(s.t.Context(), client.ListAPIKeys{}) {
		if err != nil {
			s.t.Fatal(err)
		}
		out[key.ID] = key
	}
	return out
}

// isStranger reports whether a key of the place is that of a stranger.
func (s *scene) isStranger(id string) bool {
	for _, one := range s.strangers {
		if one.keys == s.truth && one.made.ID == id {
			return true
		}
	}
	return false
}

// works reports whether a secret is good, and for the key of that id.
func (s *scene) works(of *client.Client, secret, id string) bool {
	s.t.Helper()
	v, err := of.Verify.Verify(s.t.Context(), api.VerifyRequest{Secret: api.NewSecret(secret)})
	if err != nil {
		s.t.Fatal(err)
	}
	return v.Valid && v.APIKeyID == id
}

// checkStrangers compares the keys of strangers with what they were, and counts those that
// were touched.
func (s *scene) checkStrangers(kind, what string) {
	s.t.Helper()
	for called, one := range s.strangers {
		now, err := one.keys.Get(s.t.Context(), one.made.ID)
		switch {
		case err != nil:
			s.count(kind).touched++
			s.t.Errorf("%s: the key of a stranger (%s): %v", what, called, err)
			delete(s.strangers, called)
			if called == "stranger" || called == "elsewhere" {
				s.stranger(called, one.keys, one.client)
			}
		case !cmp.Equal(*now, one.made.APIKey) || !s.works(one.client, one.made.Secret.Reveal(), one.made.ID):
			s.count(kind).touched++
			s.t.Errorf("%s: the key of a stranger (%s) has changed, or its secret no longer works: %s", what, called, cmp.Diff(one.made.APIKey, *now))
			one.made.APIKey = *now
		}
	}
}

// tidy deletes all keys but those of the two strangers.
func (s *scene) tidy() {
	for id := range s.live() {
		if id == s.strangers["stranger"].made.ID {
			continue
		}
		if err := s.truth.Delete(s.t.Context(), id); err != nil {
			s.t.Fatal(err)
		}
	}
	maps.DeleteFunc(s.strangers, func(called string, _ *stranger) bool {
		return !slices.Contains([]string{"stranger", "elsewhere"}, called)
	})
}
