package api

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// A field that holds what nobody may read, by its name, is a Secret; and a struct that has
// one is in the list of those that MarshalWire is tested with.
func TestFields_ThatHoldSecretsAreOpaque(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var holders []string
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok || !spec.Name.IsExported() {
				return true
			}
			if fields, is := spec.Type.(*ast.StructType); is && holds(t, spec.Name.Name, fields) {
				holders = append(holders, spec.Name.Name)
			}
			return true
		})
	}
	var listed []string
	for _, kind := range kinds {
		listed = append(listed, reflect.TypeOf(kind).Name())
	}
	slices.Sort(holders)
	slices.Sort(listed)
	if !slices.Equal(holders, listed) {
		t.Errorf("the structs %v have a Secret, and those that MarshalWire is tested with are %v", holders, listed)
	}
}

// holds reports whether a struct has a field of type Secret.
func holds(t *testing.T, name string, fields *ast.StructType) (found bool) {
	t.Helper()
	for _, field := range fields.Fields.List {
		typ, _ := field.Type.(*ast.Ident)
		for _, one := range field.Names {
			switch {
			case typ != nil && typ.Name == "Secret":
				found = true
			case typ != nil && typ.Name == "string" && sensitive(one.Name):
				t.Errorf("%s.%s is a string; make it a Secret", name, one.Name)
			}
		}
	}
	return found
}

func sensitive(field string) bool {
	return field != "SecretHint" && slices.ContainsFunc([]string{"secret", "password", "credential", "token"}, func(part string) bool {
		return strings.Contains(strings.ToLower(field), part)
	})
}
