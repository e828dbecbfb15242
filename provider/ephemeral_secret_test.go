package provider_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// vault is where the stand-in for Vault keeps its secrets.
type vault struct {
	t   *testing.T
	dir string
}

// withVault is a CLI on an example that hands secrets to Vault.
func (w world) withVault(example string) (cli, vault) {
	w.t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "examples", example, "main.tf"))
	if err != nil {
		w.t.Fatal(err)
	}
	v := vault{w.t, w.t.TempDir()}
	c := w.pipeline(string(text)).traced()
	c.env = append(c.env, "VAULTSTUB_FOLDER="+v.dir)
	return c, v
}

// secret is what Vault has for the one service of the example.
func (v vault) secret() string {
	v.t.Helper()
	found, err := filepath.Glob(filepath.Join(v.dir, "secret_*-service"))
	if err != nil || len(found) != 1 {
		v.t.Fatalf("Vault has %v: %v", found, err)
	}
	text, err := os.ReadFile(found[0])
	if err != nil {
		v.t.Fatal(err)
	}
	var data map[string]string
	if err := json.Unmarshal(text, &data); err != nil || data["secret"] == "" {
		v.t.Fatalf("Vault has no secret: %v", err)
	}
	return data["secret"]
}

// seal makes every write fail from now on.
func (v vault) seal() {
	v.t.Helper()
	if err := os.WriteFile(filepath.Join(v.dir, "sealed_"), nil, 0o600); err != nil {
		v.t.Fatal(err)
	}
}

func (v vault) unseal() {
	v.t.Helper()
	if err := os.Remove(filepath.Join(v.dir, "sealed_")); err != nil {
		v.t.Fatal(err)
	}
}

// good fails the test unless each secret verifies.
func (w world) good(secrets ...string) {
	w.t.Helper()
	for i, s := range secrets {
		if got := w.verdict(s); got != api.VerifyValid {
			w.t.Errorf("secret %d is %s", i+1, got)
		}
	}
}

// The whole way: made, rotated by a saved plan because it is due, delivered in the same
// apply, and in nothing that terraform wrote or printed.
func TestPain02_ASecretGoesToVaultInTheSameApplyAndIsInNothingThatTerraformWrites(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, v := w.withVault("secret-outside-state")
	_, printed := c.plan("create.tfplan")
	printed += c.ok("apply", "-no-color", "create.tfplan")
	first := v.secret()
	w.good(first)
	c.unchanged()

	w.server.Advance(29 * day) // within early
	plan, out := c.plan("rotate.tfplan")
	printed += out
	for _, change := range plan.ResourceChanges {
		after, _ := change.Change.After.(map[string]any)
		if version := after["secret_version"]; change.Type == "postern_apikey" && fmt.Sprint(version) != "2" {
			t.Errorf("the plan's secret_version is %v", version)
		}
		if version := after["data_json_wo_version"]; change.Type == "vault_kv_secret_v2" && fmt.Sprint(version) != "2" {
			t.Errorf("the plan gives Vault version %v", version)
		}
	}
	w.server.Advance(time.Hour)
	printed += c.ok("apply", "-no-color", "rotate.tfplan")
	second := v.secret()
	if first == second {
		t.Error("Vault still has the old secret")
	}
	w.good(first, second) // the overlap
	c.unchanged()
	w.server.Advance(25 * time.Hour)
	if got := w.verdict(first); got != api.VerifyInvalid {
		t.Errorf("after the overlap the old secret is %s", got)
	}
	w.good(second)

	for _, secret := range []string{first, second} {
		if found := c.filesWith(secret); len(found) > 0 {
			t.Errorf("a secret is in %v", found)
		}
		if strings.Contains(printed, secret) || strings.Contains(w.server.Logs(), secret) {
			t.Error("a secret was printed or logged")
		}
	}
	if found := c.filesWith("postern_apikey"); !slices.Contains(found, "terraform.tfstate") || !slices.Contains(found, "rotate.tfplan") || !slices.Contains(found, "terraform.log") {
		t.Errorf("the search looks into %v only", found)
	}
	c.ok("destroy", "-no-color", "-auto-approve")
}

func TestSecret_AfterADeliveryThatFailedOneMoreRotationAgrees(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, v := w.withVault("secret-outside-state")
	c.ok("apply", "-no-color", "-auto-approve")
	old := v.secret()
	v.seal()
	c.write(strings.Replace(c.read("main.tf"), `by_hand = "1"`, `by_hand = "2"`, 1))
	if code, _ := c.run("apply", "-no-color", "-auto-approve"); code == 0 {
		t.Fatal("nothing failed")
	}
	w.good(old) // which Vault still has
	v.unseal()
	c.write(strings.Replace(c.read("main.tf"), `by_hand = "2"`, `by_hand = "3"`, 1))
	c.ok("apply", "-no-color", "-auto-approve")
	w.good(v.secret())
	c.unchanged()
}

func TestSecret_TakenFromVaultAFailedApplyIsFinishedByTheNext(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, v := w.withVault("secret-from-vault")
	c.ok("apply", "-no-color", "-auto-approve")
	old := v.secret()
	w.good(old)
	c.unchanged()
	w.server.Fail(100, "POST", "/v1/apikeys", 503, 0)
	c.env = append(c.env, "POSTERN_MAX_RETRIES=0")
	if code, out := c.run("apply", "-no-color", "-auto-approve", "-var=rotation=2"); code == 0 {
		t.Fatalf("nothing failed: %s", out)
	}
	w.good(old)
	w.server.ClearFaults()
	c.ok("apply", "-no-color", "-auto-approve", "-var=rotation=2")
	if v.secret() == old {
		t.Error("Vault still has the old secret")
	}
	w.good(v.secret())
	for _, secret := range []string{old, v.secret()} {
		if found := c.filesWith(secret); len(found) > 0 {
			t.Errorf("a secret is in %v", found)
		}
	}
}

// A key that was made with a secret in the state keeps it until a rotation.
func TestSecret_MovesOutOfTheStateAtTheNextRotation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const secret = `ephemeral "postern_secret" "s" {}` + "\n"
	first := w.apply(written(`rotate_when_changed = { a = "1" }`))
	given := w.apply(secret+written(`rotate_when_changed = { a = "1" }`, `secret_wo = ephemeral.postern_secret.s.secret`), planned("secret_source", knownvalue.StringExact("chosen")), planned("secret_version", knownvalue.Int64Exact(1)))
	rotated := w.apply(secret+written(`rotate_when_changed = { a = "2" }`, `secret_wo = ephemeral.postern_secret.s.secret`), planned("secret", knownvalue.Null()))
	back := w.apply(written(`rotate_when_changed = { a = "3" }`))
	w.run(first, given, rotated, back)
}

func TestSecret_RefusedInWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, tc := range map[string]struct{ body, want string }{
		"sendgrid holds the id":     {`platform = "sendgrid"`, `(?s)No secret can be made.*holds\s+the\s+id\s+of\s+its\s+key.*Leave\s+secret_wo\s+out`},
		"no such platform":          {`platform = "sengrid"`, `(?s)not built in; the\s+nearest\s+is\s+"sendgrid"`},
		"platform and format":       {`platform = "postern"` + "\n" + `format = { prefix = "a_", alphabet = "base62", length = 43 }`, `(?s)Remove\s+one\s+of\s+the\s+two`},
		"too short":                 {`format = { prefix = "a_", alphabet = "base62", length = 10 }`, `(?s)length must be 22 to 128`},
		"no alphabet of that name":  {`format = { prefix = "a_", alphabet = "hex", length = 43 }`, `(?s)alphabet "hex" is\s+not\s+known`},
		"of another platform's key": {`platform = "benchmark"`, `(?s)breaks the platform's rules`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := w.hcl("ephemeral \"postern_secret\" \"s\" {\n" + tc.body + "\n}\n" + written(`secret_wo = ephemeral.postern_secret.s.secret`))
			resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: factories(), Steps: []resource.TestStep{
				{Config: config, ExpectError: regexp.MustCompile(tc.want), PlanOnly: true},
			}})
		})
	}
}

// Whatever the platform, what postern_secret makes for it is taken.
func TestSecret_FitsEachPlatformThatTakesOne(t *testing.T) {
	t.Parallel()
	for platform, attributes := range map[string][]string{
		"benchmark":    {`name = "test"`, `scopes = ["contacts:read"]`},
		"mailchannels": {`scopes = ["api"]`},
		"dotdigital":   {`name = "test"`},
	} {
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			w := on(t, platform)
			w.run(w.apply("ephemeral \"postern_secret\" \"s\" {\n platform = \"" + platform + "\"\n}\n" + key(append(attributes, `secret_wo = ephemeral.postern_secret.s.secret`)...)))
		})
	}
}
