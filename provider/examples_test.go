package provider_test

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/tfcli"
)

// example is what it takes to apply one folder of examples as it stands.
type example struct {
	platform string                      // empty for postern
	vendor   string                      // a platform that the provider speaks to by the vendor's own API
	before   func(t *testing.T, w world) // makes what it presumes
	env      []string
	says     []string // what the apply says
}

// examples are all folders of examples that a test applies, by their path in examples/.
func examples() map[string]example {
	key := func(t *testing.T, w world) {
		makeKeys(t, w, api.CreateAPIKey{Name: "newsletter-service", Scopes: []string{"write"}})
	}
	sub := func(_ *testing.T, w world) {
		w.makeSubaccount(api.CreateSubaccount{Handle: "acme", Name: "Acme Ltd."})
		w.makeKeyOf("acme", api.CreateAPIKey{Name: "app", Scopes: []string{"write"}})
	}
	ci := func(t *testing.T, w world) {
		makeKeys(t, w, api.CreateAPIKey{Name: "ci-build", Scopes: []string{"read"}, Description: "Reads what a build needs."},
			api.CreateAPIKey{Name: "ci-deploy", Scopes: []string{"write"}, Description: "Deploys."},
			api.CreateAPIKey{Name: "ci-old", Scopes: []string{"read"}})
	}
	return map[string]example{
		"quickstart":           {},
		"get-started":          {},
		"rotation":             {},
		"replacement":          {platform: "sendgrid"},
		"api-user":             {platform: "dotdigital", env: []string{"TF_VAR_password=correct horse 1"}},
		"secret-outside-state": {},
		"secret-from-vault":    {},
		"least-privilege":      {platform: "sendgrid"},
		"sub-accounts":         {},
		"sendgrid":             {vendor: "sendgrid"},
		"sendgrid-credential":  {vendor: "sendgrid"},
		"mailchannels":         {vendor: "mailchannels"},
		"importing":            {before: ci, says: []string{"2 imported, 0 added, 0 changed", "Not in this configuration: ci-old."}},

		"resources/postern_apikey":            {},
		"resources/postern_scope":             {},
		"resources/postern_subaccount":        {},
		"resources/postern_subaccount_apikey": {},

		"data-sources/postern_account":            {},
		"data-sources/postern_apikey":             {before: key},
		"data-sources/postern_apikey_usage":       {before: key},
		"data-sources/postern_apikeys":            {before: key},
		"data-sources/postern_scope":              {},
		"data-sources/postern_scopes":             {},
		"data-sources/postern_subaccount":         {before: sub},
		"data-sources/postern_subaccount_apikey":  {before: sub},
		"data-sources/postern_subaccount_apikeys": {before: sub},
		"data-sources/postern_subaccounts":        {before: sub},

		"ephemeral-resources/postern_apikey": {},
		"ephemeral-resources/postern_secret": {},
	}
}

// elsewhere are the folders whose examples other tests hold, and those tests. The examples
// of functions are held by TestFunctions_ExamplesGiveWhatTheySay.
var elsewhere = map[string]string{
	"provider":            "TestExamples_TheProviderBlockIsValid",
	"platforms":           "those of cmd/postern on platform files",
	"pipelines":           "those in pipeline_scripts_test.go",
	"kubernetes":          "that of cmd/postern on the manifest",
	"gateways":            "those of internal/gateways, which run the blocks",
	"pipeline-credential": "TestPipelines_ACredentialOfItsOwnGrantsNoMoreThanItHolds",
	"brownfield":          "TestPain15_ThePluralDataSourceAndAnImportBlockTakeManyKeys",
	"letting-go":          "TestExamples_AKeyThatIsLetGoGoesOnToWork",

	"mailchannels-parent-key":   "TestMailChannels_AKeyOfTheAccountComesFromASecretManagerAndIsInNoFile",
	"terraform-test":            "TestTerraformTest_TheExamplesSuitePassesAndLeavesNothing",
	"terraform-test/tests":      "TestTerraformTest_TheExamplesSuitePassesAndLeavesNothing",
	"migrating-sendgrid/before": "those in migration_test.go",
	"migrating-sendgrid/adopt":  "those in migration_test.go",
	"migrating-sendgrid/rotate": "those in migration_test.go",
}

func makeKeys(t *testing.T, w world, keys ...api.CreateAPIKey) {
	t.Helper()
	for _, k := range keys {
		if _, err := w.client.APIKeys.Create(t.Context(), k); err != nil {
			t.Fatal(err)
		}
	}
}

// What the docs show must work as it stands.
func TestExamples_AreAppliedAsTheyStand(t *testing.T) {
	t.Parallel()
	for folder, e := range examples() {
		t.Run(folder, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if platform := e.platform + e.vendor; platform != "" {
				w = on(t, platform)
			}
			if e.before != nil {
				e.before(t, w)
			}
			c := w.pipeline(exampleText(t, folder))
			if e.vendor != "" {
				c = vendorWorld{w, e.vendor}.pipeline(exampleText(t, folder))
			}
			c.env = append(c.env, append(e.env, "VAULTSTUB_FOLDER="+t.TempDir())...)
			out := c.ok("apply", "-no-color", "-auto-approve")
			for _, want := range e.says {
				if !strings.Contains(out, want) {
					t.Errorf("no %q in: %s", want, out)
				}
			}
			if len(e.says) == 0 && strings.Contains(out, "Check block assertion failed") {
				t.Errorf("its check fails: %s", out)
			}
			c.unchanged()
			c.ok("destroy", "-no-color", "-auto-approve")
		})
	}
}

// exampleText is the configuration of a folder: all of its files but those with import
// blocks, which name ids.
func exampleText(t *testing.T, folder string) string {
	t.Helper()
	var text []string
	for _, file := range exampleFiles(t, folder, "*.tf") {
		if !strings.HasPrefix(filepath.Base(file), "import-") {
			text = append(text, readExample(t, file))
		}
	}
	if len(text) == 0 {
		t.Fatalf("examples/%s has no configuration", folder)
	}
	return strings.Join(text, "\n")
}

func exampleFiles(t *testing.T, folder, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "examples", folder, pattern))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func readExample(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestExamples_NoFolderIsWithoutATest(t *testing.T) {
	t.Parallel()
	_, schemas := schemas(t)
	tested := examples()
	known := func(folder string) bool {
		_, applied := tested[folder]
		kind, name, _ := strings.Cut(folder, "/")
		switch kind {
		case "functions":
			return schemas.Functions[name] != nil
		case "list-resources", "actions":
			// Terraform 1.14 reads these; their own tests hold them without it.
			return schemas.ListResourceSchemas[name] != nil || schemas.ActionSchemas[name] != nil
		default:
			return applied || elsewhere[folder] != ""
		}
	}
	root, found := filepath.Join("..", "examples"), map[string]bool{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		folder, err := filepath.Rel(root, filepath.Dir(path))
		found[filepath.ToSlash(folder)] = true
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for folder := range found {
		if !known(folder) {
			t.Errorf("no test applies examples/%s: add it to examples()", folder)
		}
	}
	for kind, names := range map[string][]string{
		"resources": slices.Collect(maps.Keys(schemas.ResourceSchemas)), "data-sources": slices.Collect(maps.Keys(schemas.DataSourceSchemas)),
		"ephemeral-resources": slices.Collect(maps.Keys(schemas.EphemeralResourceSchemas)), "functions": slices.Collect(maps.Keys(schemas.Functions)),
	} {
		for _, name := range names {
			if !found[kind+"/"+name] {
				t.Errorf("%s has no example in examples/%s/%s", name, kind, name)
			}
		}
	}
}

func TestExamples_TheProviderBlockIsValid(t *testing.T) {
	t.Parallel()
	newCLI(t, exampleText(t, "provider")).ok("validate", "-no-color")
}

func TestExamples_AKeyThatIsLetGoGoesOnToWork(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(exampleText(t, "get-started"))
	c.ok("apply", "-auto-approve")
	secret := secretInState(t, c)
	c.write(exampleText(t, "letting-go"))
	if out := c.ok("apply", "-no-color", "-auto-approve"); !strings.Contains(out, map[string]string{tfcli.Terraform: "will no longer be managed by Terraform", tfcli.OpenTofu: "will be removed from the OpenTofu state but will not be destroyed"}[tool.Product]) {
		t.Error(out)
	}
	if text := c.read("terraform.tfstate"); strings.Contains(text, "postern_apikey") {
		t.Error("it is in the state still")
	}
	w.good(secret)
}

// Those by identity need Terraform 1.12; TestPain16_ImportByIdentity holds that way in without a CLI.
func TestExamples_ImportBlocksTakeWhatTheResourcesMade(t *testing.T) {
	t.Parallel()
	const placeholder = "key_3FvKq0bXy2Zr8Tn5LsWd"
	for _, name := range []string{"postern_apikey", "postern_scope", "postern_subaccount", "postern_subaccount_apikey"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			folder := "resources/" + name
			config := exampleText(t, folder)
			block := readExample(t, filepath.Join("..", "examples", folder, "import-by-string-id.tf"))
			_, rest, _ := strings.Cut(block, "to = ")
			address, _, _ := strings.Cut(rest, "\n")
			c := w.pipeline(config)
			c.ok("apply", "-no-color", "-auto-approve")
			if before, after, ok := strings.Cut(block, placeholder); ok {
				block = before + c.attribute(address, "id") + after
			}
			c.ok("state", "rm", address)
			c.write(c.read("main.tf") + "\n" + block)
			if out := c.ok("apply", "-no-color", "-auto-approve"); !strings.Contains(out, "1 imported, 0 added") {
				t.Errorf("nothing imported: %s", out)
			}
			c.unchanged()
			c.ok("destroy", "-no-color", "-auto-approve")
		})
	}
}
