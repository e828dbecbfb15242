package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/postern-dev/terraform-provider-postern/internal/leftout"
)

// description is one OpenAPI document of a vendor.
type description struct {
	prefix   string // what stands before its paths on our server
	doc      map[string]any
	compiler *jsonschema.Compiler
}

// operation is one call of a description, such as GET /v3/api_keys/{api_key_id}.
type operation struct {
	*description
	method, path string
	responses    map[string]any
}

func (o operation) String() string { return o.method + " " + o.prefix + o.path }

// folder finds the descriptions beside the checkout, or beside a folder above it.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		found := filepath.Join(dir, "shared", "data", "openapi")
		if info, err := os.Stat(found); err == nil && info.IsDir() {
			return found
		}
		up := filepath.Dir(dir)
		if up == dir {
			break
		}
		dir = up
	}
	leftout.Skip(t, "the vendors' paths against the vendors' descriptions", "there is no folder shared/data/openapi beside the checkout")
	return ""
}

// describe reads a document, and makes its schemas tight: see tighten.
func describe(t *testing.T, prefix, name string) *description {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder(t), name))
	if err != nil {
		t.Fatal(err)
	}
	var read any
	if err := yaml.Unmarshal(text, &read); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	asJSON, err := json.Marshal(read)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
	doc, ok := value.(map[string]any)
	if err != nil || !ok {
		t.Fatalf("%s is no document: %v", name, err)
	}
	tighten(doc)
	d := &description{prefix: prefix, doc: doc, compiler: jsonschema.NewCompiler()}
	d.compiler.AssertFormat()
	if err := d.compiler.AddResource("mem:///description", doc); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return d
}

// tighten makes every object of a schema have all the fields that are described, and no
// other: the documents require next to none, so that any object would fit them. Of an
// error all fields but the text may be left out.
func tighten(node any) {
	switch node := node.(type) {
	case []any:
		for _, one := range node {
			tighten(one)
		}
	case map[string]any:
		for _, one := range node {
			tighten(one)
		}
		if kind, ok := node["type"].(string); ok && node["nullable"] == true {
			node["type"] = []any{kind, "null"}
		}
		fields, ok := node["properties"].(map[string]any)
		if _, described := fields["properties"]; !ok || described {
			return
		}
		if _, open := node["additionalProperties"]; !open {
			node["additionalProperties"] = false
		}
		required := []any{}
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			_, isError := fields["message"]
			if _, isEnvelope := fields["errors"]; !isError && !isEnvelope || name == "message" || name == "errors" {
				required = append(required, name)
			}
		}
		node["required"] = required
	}
}

func (d *description) operations() []operation {
	var all []operation
	paths, _ := d.doc["paths"].(map[string]any)
	for path, item := range paths {
		methods, _ := item.(map[string]any)
		for method, op := range methods {
			if fields, ok := op.(map[string]any); ok {
				responses, _ := fields["responses"].(map[string]any)
				all = append(all, operation{d, strings.ToUpper(method), path, responses})
			}
		}
	}
	return all
}

// matches reports whether a request's path is one of the operation, and by how many
// segments to the letter.
func (o operation) matches(path string) (int, bool) {
	want, got := strings.Split(o.prefix+o.path, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return 0, false
	}
	letters := 0
	for i, segment := range want {
		switch {
		case segment == got[i]:
			letters++
		case !strings.HasPrefix(segment, "{"):
			return 0, false
		}
	}
	return letters, true
}

// schema is that of an answer's body; nil where none is described.
func (o operation) schema(status string) (*jsonschema.Schema, error) {
	at := []string{"paths", o.path, strings.ToLower(o.method), "responses", status}
	response, _ := o.responses[status].(map[string]any)
	if ref, ok := response["$ref"].(string); ok {
		at = strings.Split(strings.TrimPrefix(ref, "#/"), "/")
		node := o.doc
		for _, name := range at {
			node, _ = node[name].(map[string]any)
		}
		response = node
	}
	if _, ok := response["content"]; !ok {
		return nil, nil
	}
	var pointer strings.Builder
	for _, name := range append(at, "content", "application/json", "schema") {
		pointer.WriteString("/" + url.PathEscape(strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")))
	}
	s, err := o.compiler.Compile("mem:///description#" + pointer.String())
	if err != nil {
		return nil, fmt.Errorf("the schema of %s %s: %w", o, status, err)
	}
	return s, nil
}
