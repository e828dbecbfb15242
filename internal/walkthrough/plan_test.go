package main

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestParsePlan_Create(t *testing.T) {
	t.Parallel()
	got, err := parsePlan(read(t, "create.json"))
	if err != nil {
		t.Fatal(err)
	}
	want := keyChange{Actions: []string{"create"}, After: apiKey{Scopes: []string{"write"}, EffectiveScopes: []string{"read", "write"}, SecretVersion: 1}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if !got.is("create") || got.is("update") {
		t.Error("it is a create and nothing else")
	}
}

func TestParsePlan_Rotation(t *testing.T) {
	t.Parallel()
	got, err := parsePlan(read(t, "rotate.json"))
	if err != nil {
		t.Fatal(err)
	}
	if !got.is("update") || got.Before.SecretVersion != 1 || got.After.SecretVersion != 2 {
		t.Errorf("got %v %d -> %d", got.Actions, got.Before.SecretVersion, got.After.SecretVersion)
	}
	if got.After.ID != got.Before.ID || got.After.ID == "" {
		t.Errorf("id %q -> %q", got.Before.ID, got.After.ID)
	}
	if want := `rotate_when_changed: "release" changed`; got.After.RotationReason != want {
		t.Errorf("got the reason %q, want %q", got.After.RotationReason, want)
	}
}

func TestParsePlan_Refused(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct{ text, want string }{
		"not JSON":          {"Error: no such file", "reading the plan"},
		"another resource":  {`{"resource_changes":[{"address":"postern_apikey.other","change":{"actions":["create"]}}]}`, "says nothing about " + keyAddress},
		"no change at all":  {`{}`, "says nothing about " + keyAddress},
		"a key of old type": {`{"resource_changes":[{"address":"postern_apikey.newsletter","change":{"after":{"secret_version":"1"}}}]}`, "reading the plan"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := parsePlan([]byte(one.text)); err == nil || !strings.Contains(err.Error(), one.want) {
				t.Errorf("got %v, want %q", err, one.want)
			}
		})
	}
}

func TestParseState(t *testing.T) {
	t.Parallel()
	got, err := parseState(read(t, "state.json"))
	if err != nil {
		t.Fatal(err)
	}
	want := apiKey{
		ID: "key_0123456789abcdefghij", Scopes: []string{"write"}, EffectiveScopes: []string{"read", "write"},
		Secret: "ptn_key_made-up", SecretHint: "ptn_key_made...", SecretVersion: 2, PreviousSecretExpiresAt: "2030-01-02T02:36:59Z",
		RotationReason: `rotate_when_changed: "release" changed`, RotatesAfter: "2030-01-29T02:36:59Z",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if _, err := parseState([]byte(`{"values":{}}`)); err == nil {
		t.Error("an empty state holds a key")
	}
}
