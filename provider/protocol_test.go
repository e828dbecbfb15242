package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/postern-dev/terraform-provider-postern/provider"
)

// inProcess speaks Terraform's protocol with the provider: for what a terraform before
// 1.14 does not ask for, such as identities, lists and actions.
type inProcess struct {
	t       *testing.T
	server  wholeServer
	schemas *tfprotov6.GetProviderSchemaResponse
}

// wholeServer is a server with what the framework serves and the interface of all servers
// does not name yet.
type wholeServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
}

// object is the attributes of a value; those that a test does not name are null.
type object map[string]tftypes.Value

func text(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }

var unknownText = tftypes.NewValue(tftypes.String, tftypes.UnknownValue)

// inProcess is the provider with the owner's credential.
func (w world) inProcess() inProcess {
	w.t.Helper()
	return w.inProcessAs(w.server.Owner)
}

func (w world) inProcessAs(credential string) inProcess {
	w.t.Helper()
	return inProcessWith(w.t, object{"endpoint": text(w.server.URL), "api_key": text(credential)})
}

func inProcessWith(t *testing.T, settings object) inProcess {
	t.Helper()
	server, ok := provider.NewServer("test")().(wholeServer)
	if !ok {
		t.Fatal("the provider serves no lists or no actions")
	}
	p := inProcess{t: t, server: server}
	_, p.schemas = schemas(t)
	config := p.value(p.schemas.Provider.ValueType(), settings)
	got, err := p.server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: config})
	if err != nil || len(got.Diagnostics) != 0 {
		t.Fatal(err, got)
	}
	return p
}

// value is what Terraform sends for the attributes.
func (p inProcess) value(kind tftypes.Type, attributes object) *tfprotov6.DynamicValue {
	p.t.Helper()
	of, ok := kind.(tftypes.Object)
	if !ok {
		p.t.Fatalf("%s is no object", kind)
	}
	values := map[string]tftypes.Value{}
	for name, attribute := range of.AttributeTypes {
		values[name] = tftypes.NewValue(attribute, nil)
	}
	for name, value := range attributes {
		if _, ok := values[name]; !ok {
			p.t.Fatalf("there is no attribute %s", name)
		}
		values[name] = value
	}
	sent, err := tfprotov6.NewDynamicValue(kind, tftypes.NewValue(kind, values))
	if err != nil {
		p.t.Fatal(err)
	}
	return &sent
}

// attributes are those of a value that the provider sent; nil for none.
func (p inProcess) attributes(kind tftypes.Type, sent *tfprotov6.DynamicValue) object {
	p.t.Helper()
	if sent == nil {
		return nil
	}
	value, err := sent.Unmarshal(kind)
	if err != nil {
		p.t.Fatal(err)
	}
	if value.IsNull() {
		return nil
	}
	var out map[string]tftypes.Value
	if err := value.As(&out); err != nil {
		p.t.Fatal(err)
	}
	return out
}

func (p inProcess) kind(resourceType string) tftypes.Type {
	p.t.Helper()
	schema, ok := p.schemas.ResourceSchemas[resourceType]
	if !ok {
		p.t.Fatalf("there is no resource %s", resourceType)
	}
	return schema.ValueType()
}

// identityKind is the type of a resource's identity, whose attributes are all texts.
func (p inProcess) identityKind(resourceType string) tftypes.Object {
	p.t.Helper()
	all, err := p.server.GetResourceIdentitySchemas(p.t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		p.t.Fatal(err)
	}
	kinds := map[string]tftypes.Type{}
	for _, a := range all.IdentitySchemas[resourceType].IdentityAttributes {
		kinds[a.Name] = tftypes.String
	}
	return tftypes.Object{AttributeTypes: kinds}
}

// identity is the texts of an identity that the provider sent; nil for none.
func (p inProcess) identity(resourceType string, sent *tfprotov6.ResourceIdentityData) map[string]string {
	p.t.Helper()
	if sent == nil {
		return nil
	}
	out := map[string]string{}
	for name, value := range p.attributes(p.identityKind(resourceType), sent.IdentityData) {
		var s string
		if err := value.As(&s); err != nil {
			p.t.Fatal(err)
		}
		out[name] = s
	}
	return out
}

// imported imports by an id, or where that is empty by an identity, and reads the
// resource as Terraform does next. What both say comes back, and the state.
func (p inProcess) imported(resourceType, id string, identity map[string]string) ([]*tfprotov6.Diagnostic, object) {
	p.t.Helper()
	in := &tfprotov6.ImportResourceStateRequest{TypeName: resourceType, ID: id}
	if id == "" {
		values := object{}
		for name, value := range identity {
			values[name] = text(value)
		}
		in.Identity = &tfprotov6.ResourceIdentityData{IdentityData: p.value(p.identityKind(resourceType), values)}
	}
	got, err := p.server.ImportResourceState(p.t.Context(), in)
	if err != nil {
		p.t.Fatal(err)
	}
	if len(got.ImportedResources) == 0 {
		return got.Diagnostics, nil
	}
	one := got.ImportedResources[0]
	read := p.read(&tfprotov6.ReadResourceRequest{TypeName: resourceType, CurrentState: one.State, CurrentIdentity: one.Identity, Private: one.Private})
	if said := p.identity(resourceType, read.NewIdentity); len(said) == 0 {
		p.t.Errorf("%s: no identity after the read", resourceType)
	}
	return append(got.Diagnostics, read.Diagnostics...), p.attributes(p.kind(resourceType), read.NewState)
}

func (p inProcess) read(in *tfprotov6.ReadResourceRequest) *tfprotov6.ReadResourceResponse {
	p.t.Helper()
	got, err := p.server.ReadResource(p.t.Context(), in)
	if err != nil {
		p.t.Fatal(err)
	}
	return got
}

func failed(diags []*tfprotov6.Diagnostic) bool {
	for _, d := range diags {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			return true
		}
	}
	return false
}

// say is the texts of diagnostics, for a test to look for words in.
func say(diags []*tfprotov6.Diagnostic) string {
	var all string
	for _, d := range diags {
		all += d.Severity.String() + ": " + d.Summary + ": " + d.Detail + "\n"
	}
	return all
}
