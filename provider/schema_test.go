package provider_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/postern-dev/terraform-provider-postern/provider"
)

func schemas(t *testing.T) (tfprotov6.ProviderServer, *tfprotov6.GetProviderSchemaResponse) {
	t.Helper()
	server := provider.NewServer("test")()
	got, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range got.Diagnostics {
		t.Errorf("%s: %s", d.Summary, d.Detail)
	}
	return server, got
}

func TestSchema_EveryDescriptionIsASentenceAndEverySecretIsSensitive(t *testing.T) {
	t.Parallel()
	_, got := schemas(t)
	all := map[string]*tfprotov6.Schema{"provider": got.Provider}
	for name, s := range got.ResourceSchemas {
		all["resource "+name] = s
	}
	for name, s := range got.DataSourceSchemas {
		all["data source "+name] = s
	}
	for name, s := range got.ListResourceSchemas {
		all["list "+name] = s
	}
	for name, s := range got.ActionSchemas {
		all["action "+name] = s.Schema
	}
	for name, s := range all {
		if !sentence(s.Block.Description) {
			t.Errorf("%s: description %q", name, s.Block.Description)
		}
		attributes(t, name, s.Block.Attributes)
	}
}

func attributes(t *testing.T, in string, list []*tfprotov6.SchemaAttribute) {
	t.Helper()
	secrets := map[string]bool{"secret": true, "api_key": true, "password": true, "token": true}
	for _, a := range list {
		if !sentence(a.Description) {
			t.Errorf("%s.%s: description %q", in, a.Name, a.Description)
		}
		if secrets[strings.TrimSuffix(a.Name, "_wo")] && !a.Sensitive && !a.WriteOnly {
			t.Errorf("%s.%s is neither sensitive nor write-only", in, a.Name)
		}
		if a.NestedType != nil {
			attributes(t, in+"."+a.Name, a.NestedType.Attributes)
		}
	}
}

func sentence(text string) bool { return len(text) > 10 && strings.HasSuffix(text, ".") }

func TestSchema_ScopesHaveAnIdentity(t *testing.T) {
	t.Parallel()
	server, _ := schemas(t)
	got, err := server.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		t.Fatal(err)
	}
	identity := got.IdentitySchemas["postern_scope"]
	if identity == nil || len(identity.IdentityAttributes) != 1 || identity.IdentityAttributes[0].Name != "name" || !identity.IdentityAttributes[0].RequiredForImport {
		t.Errorf("got %+v", identity)
	}
}

// What can be managed can be found.
func TestSchema_EachResourceHasAList(t *testing.T) {
	t.Parallel()
	_, schemas := schemas(t)
	for name := range schemas.ResourceSchemas {
		if schemas.ListResourceSchemas[name] == nil {
			t.Errorf("%s has no list", name)
		}
	}
}

// CLIs before 1.12 do not ask for it, so no CLI test would miss it.
func TestSchema_EachResourceHasAnIdentity(t *testing.T) {
	t.Parallel()
	server, schemas := schemas(t)
	got, err := server.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		t.Fatal(err)
	}
	// States and import blocks hold these: they never change.
	want := map[string][]string{
		"postern_apikey":            {"id"},
		"postern_scope":             {"name"},
		"postern_subaccount":        {"handle"},
		"postern_subaccount_apikey": {"id", "subaccount"},
	}
	if len(want) != len(schemas.ResourceSchemas) || len(want) != len(got.IdentitySchemas) {
		t.Errorf("%d resources, %d identities", len(schemas.ResourceSchemas), len(got.IdentitySchemas))
	}
	for name, schema := range got.IdentitySchemas {
		var names []string
		for _, a := range schema.IdentityAttributes {
			names = append(names, a.Name)
			if !a.RequiredForImport {
				t.Errorf("%s: %s is not required", name, a.Name)
			}
		}
		slices.Sort(names)
		if !slices.Equal(want[name], names) {
			t.Errorf("%s: %v", name, names)
		}
	}
}
