package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest/lies"
)

// moreOperations are those that are no apply of the resource.
func moreOperations() []operation {
	return []operation{
		{name: "import", run: (*scene).importKey},
		{name: "data source", run: (*scene).readData},
		{name: "revocation", run: (*scene).revoke, removes: true},
		{name: "key for one run", run: (*scene).openAndClose},
	}
}

// importKey imports the key into a state that does not hold it yet.
func (s *scene) importKey(p inProcess, h held) (held, []*tfprotov6.Diagnostic) {
	id := s.field(h, "id")
	if s.place != "" {
		id = s.place + "/" + id
	}
	got, err := p.server.ImportResourceState(s.t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: s.kind, ID: id})
	if err != nil {
		s.t.Fatal(err)
	}
	if failed(got.Diagnostics) || len(got.ImportedResources) == 0 {
		return h, got.Diagnostics
	}
	after, said := s.refresh(p, held{got.ImportedResources[0].State, got.ImportedResources[0].Private})
	if failed(said) || after.state == nil { // Terraform refuses an import of what is not there
		return h, append(said, &tfprotov6.Diagnostic{Severity: tfprotov6.DiagnosticSeverityError, Summary: "nothing is imported"})
	}
	return after, said
}

// readData reads the key as data, which must be about the id that was asked for.
func (s *scene) readData(p inProcess, h held) (held, []*tfprotov6.Diagnostic) {
	kind := p.schemas.DataSourceSchemas[s.kind].ValueType()
	config := object{"id": text(s.field(h, "id"))}
	if s.place != "" {
		config["subaccount"] = text(s.place)
	}
	got, err := p.server.ReadDataSource(s.t.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: s.kind, Config: p.value(kind, config)})
	if err != nil {
		s.t.Fatal(err)
	}
	if failed(got.Diagnostics) {
		return h, got.Diagnostics
	}
	var id string
	if err := p.attributes(kind, got.State)["id"].As(&id); err != nil || id != s.field(h, "id") {
		s.t.Errorf("the data source tells of key %q, and was asked for %q", id, s.field(h, "id"))
	}
	return h, got.Diagnostics
}

// revoke ends the key with the action. Without an error it must be gone.
func (s *scene) revoke(p inProcess, h held) (held, []*tfprotov6.Diagnostic) {
	config := object{"id": text(s.field(h, "id"))}
	if s.place != "" {
		config["subaccount"] = text(s.place)
	}
	if _, said := p.act(revokeAPIKey, config); failed(said) {
		return h, said
	}
	return held{}, nil
}

// openAndClose makes a key for one run and ends it.
func (s *scene) openAndClose(p inProcess, h held) (held, []*tfprotov6.Diagnostic) {
	const kind = "postern_apikey"
	config := p.value(p.schemas.EphemeralResourceSchemas[kind].ValueType(), object{"scopes": s.config("", "")["scopes"]})
	opened, err := p.server.OpenEphemeralResource(s.t.Context(), &tfprotov6.OpenEphemeralResourceRequest{TypeName: kind, Config: config})
	if err != nil {
		s.t.Fatal(err)
	}
	if failed(opened.Diagnostics) {
		return h, opened.Diagnostics
	}
	closed, err := p.server.CloseEphemeralResource(s.t.Context(), &tfprotov6.CloseEphemeralResourceRequest{TypeName: kind, Private: opened.Private})
	if err != nil {
		s.t.Fatal(err)
	}
	return h, closed.Diagnostics
}

// A few of the lies through the real terraform: what its own steps make of a refusal.
func TestLies_ThroughTheCLITouchNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stranger := w.makeKey(api.CreateAPIKey{Name: "stranger", Scopes: []string{"write"}})
	c := w.pipeline(written())
	c.ok("apply", "-no-color", "-auto-approve")
	mine, secret := c.attribute(subject, "id"), secretInState(t, c)
	for name, told := range map[string]struct {
		lie   lies.Lie
		blind bool // also without a refresh: where a deletion is carried out, it is of the right key
	}{
		"a 404 for all keys":                     {lies.Lie{Part: "apikeys", Withheld: true, Rewrite: lies.Body(404, `{"code":"not_found","detail":"gone"}`)}, true},
		"the answers of all reads are of others": {lies.Lie{Method: "GET", Part: "apikeys", Rewrite: lies.Set("id", stranger.ID)}, false},
		"a deletion that a page answers":         {lies.Lie{Method: "DELETE", Withheld: true, Rewrite: lies.Page}, true},
	} {
		proxy := lies.Before(t, w.server.URL)
		proxy.Tell(told.lie)
		liar := c
		liar.env = append(append([]string(nil), c.env...), "POSTERN_ENDPOINT="+proxy.URL, "POSTERN_MAX_RETRIES=0")
		liar.fails([]string{"destroy", "-no-color", "-auto-approve"})
		if told.blind {
			liar.fails([]string{"destroy", "-no-color", "-auto-approve", "-refresh=false"})
		}
		if got := c.attribute(subject, "id"); got != mine {
			t.Errorf("%s: the state holds key %q, want %q", name, got, mine)
		}
		if w.verdict(secret) != api.VerifyValid || w.verdict(stranger.Secret.Reveal()) != api.VerifyValid {
			t.Errorf("%s: a key has ended", name)
		}
	}
	c.unchanged()
}
