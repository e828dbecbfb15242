package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the schema as it is now")

const golden = "testdata/schema.json"

// TestSchema_IsWhatItWas holds the schema, without its texts, so that a change which
// would break a configuration or a state is seen in review: an attribute that goes,
// gets another type, or becomes required. What may change is written anew by
//
//	go test ./internal/docschema -update
func TestSchema_IsWhatItWas(t *testing.T) {
	t.Parallel()
	var now bytes.Buffer
	if err := run(t.Context(), &now); err != nil {
		t.Fatal(err)
	}
	var schema any
	if err := json.Unmarshal(now.Bytes(), &schema); err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(withoutTexts(schema), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, '\n')
	if *update {
		if err := os.WriteFile(golden, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(text), "\n")); diff != "" {
		t.Errorf("the schema has changed, want -, got +:\n%s", diff)
	}
}

// withoutTexts leaves out what people read only.
func withoutTexts(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, child := range v {
			_, text := child.(string)
			if text && (strings.HasPrefix(name, "description") || name == "summary" || name == "deprecation_message") {
				delete(v, name)
				continue
			}
			v[name] = withoutTexts(child)
		}
	case []any:
		for i, child := range v {
			v[i] = withoutTexts(child)
		}
	}
	return v
}
