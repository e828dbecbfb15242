package client

import (
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/postern-dev/terraform-provider-postern"

// surface is all that the package exports, by reflection. TestSurface fails when
// a name is missing here.
var surface = map[string]any{
	"New": New, "WithTimeout": WithTimeout, "WithUserAgent": WithUserAgent, "WithMaxRetries": WithMaxRetries,
	"WithRootCAs": WithRootCAs, "WithCACertificate": WithCACertificate, "WithTransport": WithTransport, "WithInsecureHTTP": WithInsecureHTTP,
	"IfMatch": IfMatch, "IdempotencyKey": IdempotencyKey, "DeleteAPIKeys": DeleteAPIKeys,

	"Client": (*Client)(nil), "Option": Option(nil), "APIKeyService": (*APIKeyService)(nil), "ScopeService": (*ScopeService)(nil),
	"AccountService": (*AccountService)(nil), "VerifyService": (*VerifyService)(nil), "ListAPIKeys": ListAPIKeys{}, "ListScopes": ListScopes{},
	"AuditEventService": (*AuditEventService)(nil), "ListAuditEvents": ListAuditEvents{},
	"CreateOption": (*CreateOption)(nil), "ChangeOption": (*ChangeOption)(nil), "RotateOption": (*RotateOption)(nil),
	"SubaccountService": (*SubaccountService)(nil), "ListSubaccounts": ListSubaccounts{}, "RemoveOption": (*RemoveOption)(nil), "Cascade": Cascade{},
	"Precondition": Precondition{}, "Repeatable": Repeatable{}, "Error": (*Error)(nil), "ConnectionError": (*ConnectionError)(nil),

	"ErrUnauthorized": ErrUnauthorized, "ErrForbidden": ErrForbidden, "ErrConflict": ErrConflict, "ErrStale": ErrStale,
	"ErrValidation": ErrValidation, "ErrRateLimited": ErrRateLimited, "ErrUnavailable": ErrUnavailable, "ErrNotFound": ErrNotFound,
	"ErrUnexpectedAnswer": ErrUnexpectedAnswer, "ErrUnreachable": ErrUnreachable, "ErrUncertain": ErrUncertain,
}

func parsed(t *testing.T) map[string]*ast.File {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]*ast.File{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		if files[name], err = parser.ParseFile(token.NewFileSet(), name, nil, 0); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// Who imports the client gets the standard library, the wire types, the bounds of answers,
// which are of the standard library too, and resty, and could lose resty without noticing.
func TestSurface_imports(t *testing.T) {
	t.Parallel()
	for name, file := range parsed(t) {
		for _, spec := range file.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			first, _, _ := strings.Cut(path, "/")
			switch {
			case !strings.Contains(first, "."), path == module+"/client/api", path == module+"/internal/outside":
			case path == "github.com/go-resty/resty/v2" && name == "transport.go":
			default:
				t.Errorf("%s imports %s", name, path)
			}
		}
	}
}

func TestSurface(t *testing.T) {
	t.Parallel()
	for _, name := range exported(parsed(t)) {
		if _, ok := surface[name]; !ok {
			t.Errorf("%s is exported and missing in the list of this test", name)
		}
	}
	seen := map[reflect.Type]bool{}
	for name, v := range surface {
		walk(t, name, reflect.TypeOf(v), seen)
	}
	if !seen[reflect.TypeFor[http.RoundTripper]()] {
		t.Error("the walk misses parameters of functions")
	}
}

func exported(files map[string]*ast.File) []string {
	var names []string
	add := func(id *ast.Ident) {
		if id.IsExported() {
			names = append(names, id.Name)
		}
	}
	for _, file := range files {
		for _, decl := range file.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil {
					add(d.Name)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					switch s := spec.(type) {
					case *ast.TypeSpec:
						add(s.Name)
					case *ast.ValueSpec:
						for _, id := range s.Names {
							add(id)
						}
					}
				}
			}
		}
	}
	return names
}

// walk goes through all types that a program can reach from typ, and stops at
// those of the standard library.
func walk(t *testing.T, from string, typ reflect.Type, seen map[reflect.Type]bool) {
	t.Helper()
	if typ == nil || seen[typ] {
		return
	}
	seen[typ] = true
	from += " > " + typ.String()
	if path := typ.PkgPath(); path != "" && path != module+"/client" && path != module+"/client/api" {
		if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") {
			t.Errorf("%s is of %s", from, path)
		}
		return
	}
	for i := range typ.NumMethod() {
		walk(t, from+"."+typ.Method(i).Name, typ.Method(i).Type, seen)
	}
	switch typ.Kind() { //nolint:exhaustive // the others hold no types
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Chan:
		walk(t, from, typ.Elem(), seen)
	case reflect.Map:
		walk(t, from, typ.Key(), seen)
		walk(t, from, typ.Elem(), seen)
	case reflect.Func:
		for i := range typ.NumIn() {
			walk(t, from, typ.In(i), seen)
		}
		for i := range typ.NumOut() {
			walk(t, from, typ.Out(i), seen)
		}
	case reflect.Struct:
		for i := range typ.NumField() {
			if f := typ.Field(i); f.IsExported() || f.Anonymous {
				walk(t, from+"."+f.Name, f.Type, seen)
			}
		}
	}
}
