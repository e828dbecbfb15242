package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

const marker = "MUSTnotSHOW"

// kinds are all exported structs of the package. The test fails when one is missing.
var kinds = []any{
	Account{}, Usage{}, Caller{}, KeyRules{}, SecretFormat{}, PasswordRules{}, SubaccountRules{}, RequestUsage{},
	APIKey{}, IssuedAPIKey{}, CreateAPIKey{}, UpdateAPIKey{}, RotateAPIKey{}, NullableTime{},
	AuditEvent{}, FieldError{}, Problem{}, Scope{}, ScopeDetail{}, CreateScope{}, UpdateScope{}, Preset{}, ScopeGroup{}, ScopeShapes{},
	Subaccount{}, CreateSubaccount{}, UpdateSubaccount{}, NullableInt{}, APIKeyUsage{}, ScopeUsage{}, DayUsage{},
	VerifyRequest{}, Verification{}, Requests{}, Page[IssuedAPIKey]{},
}

func exportedStructs(t *testing.T) map[string]bool {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok && spec.Name.IsExported() {
				if _, is := spec.Type.(*ast.StructType); is {
					found[spec.Name.Name] = true
				}
			}
			return true
		})
	}
	return found
}

// isSecret reports whether a field holds what nobody may read, by its name.
func isSecret(field reflect.StructField) bool {
	name := strings.ToLower(field.Name)
	for _, part := range []string{"secret", "password", "credential", "token"} {
		if strings.Contains(name, part) {
			return field.Name != "SecretHint" // its first characters, to recognise it by
		}
	}
	return false
}

// fill puts the marker into every field that holds a secret, and reports whether there is one.
func fill(v reflect.Value) bool {
	found := false
	switch v.Kind() { //nolint:exhaustive // the others hold no fields
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Field(i)
			switch {
			case !field.CanSet():
			case field.Kind() == reflect.String && isSecret(v.Type().Field(i)):
				field.SetString(marker)
				found = true
			default:
				found = fill(field) || found
			}
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		found = fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		found = fill(v.Index(0))
	}
	return found
}

// A new field that holds a secret fails here until its type prints without it.
func TestSecrets_PrintUnderNoVerbAndInNoLog(t *testing.T) {
	t.Parallel()
	missing := exportedStructs(t)
	holders := 0
	for _, kind := range kinds {
		typ := reflect.TypeOf(kind)
		name, _, _ := strings.Cut(typ.Name(), "[")
		delete(missing, name)
		value := reflect.New(typ)
		if !fill(value.Elem()) {
			continue
		}
		holders++
		v := value.Elem().Interface()
		for how, nested := range nest(value) {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%40v", "%-40.20s"} {
				text := fmt.Sprintf(verb, nested)
				for _, shown := range []string{marker, fmt.Sprintf("%x", marker), fmt.Sprintf("%X", marker)} {
					if strings.Contains(text, shown) {
						t.Errorf("%s, %s: %s shows the secret: %s", typ, how, verb, text)
					}
				}
			}
			if text := fmt.Sprint(nested) + fmt.Sprintln(nested); strings.Contains(text, marker) {
				t.Errorf("%s, %s: %s", typ, how, text)
			}
		}
		if wire, err := json.Marshal(v); err != nil || !strings.Contains(string(wire), marker) {
			t.Errorf("%s: the wire does not have the secret: %s, %v", typ, wire, err)
		}
		if strings.HasPrefix(typ.Name(), "Page[") {
			continue // slog's JSON handler encodes it as JSON
		}
		for _, logged := range []any{v, value.Interface()} {
			var out bytes.Buffer
			slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "value", logged, slog.Group("g", slog.Any("value", logged)))
			slog.New(slog.NewTextHandler(&out, nil)).Info("m", "value", logged)
			if strings.Contains(out.String(), marker) || !strings.Contains(out.String(), redacted) {
				t.Errorf("%s in a log: %s", typ, out.String())
			}
		}
	}
	for name := range missing {
		t.Errorf("%s is missing in the list of this test", name)
	}
	if holders < 5 {
		t.Errorf("only %d types hold a secret: the walk misses some", holders)
	}
}

// nest puts a value where programs put one.
func nest(value reflect.Value) map[string]any {
	v := value.Elem().Interface()
	return map[string]any{
		"itself": v, "a pointer": value.Interface(), "a pointer to a pointer": struct{ P any }{value.Interface()},
		"a slice": []any{v, value.Interface()}, "an array": [1]any{v}, "a map": map[string]any{"a": v, "b": value.Interface()},
		"a field": struct{ In any }{v}, "an embedded one": struct{ Outer struct{ In any } }{struct{ In any }{v}},
		"an error": fmt.Errorf("making %v", v), "arguments": []any{[]any{v}},
	}
}

func TestSecrets_WhatIsEmptyIsNotShownAsOne(t *testing.T) {
	t.Parallel()
	if text := fmt.Sprintf("%+v", CreateAPIKey{Name: "ci"}); strings.Contains(text, redacted) || !strings.Contains(text, "Name:ci") {
		t.Error(text)
	}
	var none *IssuedAPIKey
	if text := fmt.Sprintf("%v", none); text != "<nil>" {
		t.Error(text)
	}
}
