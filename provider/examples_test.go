package provider_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// What the docs show must work as it stands. examples/quickstart is walked
// through by make run.
func TestExamples_AreAppliedAsTheyStand(t *testing.T) {
	t.Parallel()
	var files []string
	for _, pattern := range []string{"resources/*/resource.tf", "data-sources/*/data-source.tf", "ephemeral-resources/*/ephemeral-resource.tf"} {
		found, err := filepath.Glob(filepath.Join("..", "examples", pattern))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	_, schemas := schemas(t)
	if want := len(schemas.ResourceSchemas) + len(schemas.DataSourceSchemas) + len(schemas.EphemeralResourceSchemas); len(files) != want {
		t.Errorf("%d examples for %d resources, data sources and ephemeral resources", len(files), want)
	}
	for _, file := range files {
		t.Run(strings.TrimPrefix(file, filepath.Join("..", "examples")+"/"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			w := newWorld(t)
			if strings.Contains(file, "data-sources/postern_apikey") {
				if _, err := w.client.APIKeys.Create(t.Context(), api.CreateAPIKey{Name: "newsletter-service", Scopes: []string{"write"}}); err != nil {
					t.Fatal(err)
				}
			}
			if strings.Contains(file, "data-sources/postern_subaccount") {
				w.makeSubaccount(api.CreateSubaccount{Handle: "acme", Name: "Acme Ltd."})
				w.makeKeyOf("acme", api.CreateAPIKey{Name: "app", Scopes: []string{"write"}})
			}
			c := w.pipeline(string(text))
			c.ok("apply", "-no-color", "-auto-approve")
			c.unchanged()
			c.ok("destroy", "-no-color", "-auto-approve")
		})
	}
}
