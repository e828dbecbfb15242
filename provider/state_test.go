package provider_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

var update = flag.Bool("update", false, "write the states in testdata/state as an apply leaves them now")

// everyState sets all that can be set, so that its states leave little null.
const everyState = `
resource "postern_scope" "test" {
  name        = "crm:write"
  description = "d"
  group       = "crm"
  implies     = ["read"]
}
resource "postern_subaccount" "test" {
  handle       = "acme"
  name         = "Acme"
  apikey_limit = 5
}
resource "postern_apikey" "test" {
  name                = "test"
  description         = "d"
  scopes              = ["crm:write"]
  expires_at          = "2100-01-01T00:00:00Z"
  rotate_when_changed = { release = "1" }
  rotation = {
    period  = "720h"
    overlap = "24h"
    early   = "48h"
  }
  depends_on = [postern_scope.test]
}
resource "postern_subaccount_apikey" "test" {
  subaccount          = postern_subaccount.test.handle
  name                = "test"
  description         = "d"
  scopes              = ["read"]
  expires_at          = "2100-01-01T00:00:00Z"
  rotate_when_changed = { release = "1" }
  rotation = {
    period = "720h"
  }
}
`

// stateFile is where the state of a resource lies that a version of its schema wrote.
func stateFile(version int64, resourceType string) string {
	return filepath.Join("testdata", "state", fmt.Sprintf("v%d", version), resourceType+".json")
}

// writeStates applies, changes and writes what terraform then keeps, without the secrets.
func writeStates(t *testing.T) {
	t.Helper()
	w := newWorld(t, servertest.Clock(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)))
	c := w.pipeline(everyState)
	c.ok("apply", "-no-color", "-auto-approve")
	c.write(strings.ReplaceAll(strings.Replace(c.read("main.tf"), `implies     = ["read"]`, `implies     = ["write"]`, 1), `release = "1"`, `release = "2"`))
	c.ok("apply", "-no-color", "-auto-approve")
	var kept struct {
		Resources []struct {
			Type      string
			Instances []struct {
				Version    int64 `json:"schema_version"`
				Attributes map[string]any
			}
		}
	}
	if err := json.Unmarshal([]byte(c.read("terraform.tfstate")), &kept); err != nil {
		t.Fatal(err)
	}
	for _, r := range kept.Resources {
		one := r.Instances[0]
		if _, ok := one.Attributes["secret"]; ok {
			one.Attributes["secret"] = "not a secret"
		}
		text, err := json.MarshalIndent(one.Attributes, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		file := stateFile(one.Version, r.Type)
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, append(text, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// A state that a release has written is read by each later one. The states in
// testdata/state are those of applies; none of a version that was released is written anew.
// What breaks them raises the schema's version, brings an upgrader (ResourceWithUpgradeState)
// and leaves the old file for it. The files of a new version are written by
//
//	go test ./provider -run TestState -update
func TestState_OfEachVersionIsReadWithoutLoss(t *testing.T) {
	t.Parallel()
	if *update {
		writeStates(t)
	}
	server, got := schemas(t)
	for resourceType, schema := range got.ResourceSchemas {
		for version := range schema.Version + 1 {
			text, err := os.ReadFile(stateFile(version, resourceType))
			if err != nil {
				t.Fatalf("%v: each version of a schema has a state as it was written; use -update for a new one", err)
			}
			upgraded, err := server.UpgradeResourceState(t.Context(), &tfprotov6.UpgradeResourceStateRequest{TypeName: resourceType, Version: version, RawState: &tfprotov6.RawState{JSON: text}})
			if err != nil || len(upgraded.Diagnostics) != 0 {
				t.Fatalf("%s of version %d: %v %s", resourceType, version, err, say(upgraded.Diagnostics))
			}
			if version == schema.Version { // what an upgrader makes of an older one is for its own test
				sameState(t, resourceType, schema, text, upgraded.UpgradedState)
			}
		}
	}
}

// sameState fails the test unless each attribute of the state that was written is in the
// one that was read. Without it an attribute that has left the schema is lost silently.
func sameState(t *testing.T, resourceType string, schema *tfprotov6.Schema, written []byte, read *tfprotov6.DynamicValue) {
	t.Helper()
	state, err := read.Unmarshal(schema.ValueType())
	if err != nil {
		t.Fatal(err)
	}
	var is map[string]tftypes.Value
	if err := state.As(&is); err != nil {
		t.Fatal(err)
	}
	var was map[string]json.RawMessage
	if err := json.Unmarshal(written, &was); err != nil {
		t.Fatal(err)
	}
	for name, text := range was {
		value, ok := is[name]
		if !ok {
			t.Errorf("%s.%s is lost: raise the schema's version and bring an upgrader", resourceType, name)
			continue
		}
		want, err := tftypes.ValueFromJSON(text, value.Type()) //nolint:staticcheck // deprecated for providers, whose own reading is under test here
		if err != nil || !want.Equal(value) {
			t.Errorf("%s.%s is read as %v, not %s: %v", resourceType, name, value, text, err)
		}
	}
}
