package httpapi_test

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Keys have two routes for each call, made from one description.
func TestDocument_NamesEachCallOnceAndAllOfItsPath(t *testing.T) {
	t.Parallel()
	h := start(t)
	ids := map[string]string{}
	for _, route := range h.routes(t) {
		method, path, _ := strings.Cut(route, " ")
		op := at(h.contract.document, "paths", path, strings.ToLower(method))
		id := fmt.Sprint(at(op, "operationId"))
		if other := ids[id]; other != "" || id == "" {
			t.Errorf("%s and %s are both %q", route, other, id)
		}
		ids[id] = route
		var inPath, described []string
		for _, m := range regexp.MustCompile(`\{(\w+)\}`).FindAllStringSubmatch(path, -1) {
			inPath = append(inPath, m[1])
		}
		parameters, _ := at(op, "parameters").([]any)
		for _, p := range parameters {
			if at(p, "in") == "path" {
				described = append(described, fmt.Sprint(at(p, "name")))
				if at(p, "required") != true || at(p, "description") == nil {
					t.Errorf("%s: %v", route, p)
				}
			}
		}
		slices.Sort(inPath)
		slices.Sort(described)
		if diff := cmp.Diff(inPath, described); diff != "" {
			t.Errorf("%s: want -, got +:\n%s", route, diff)
		}
	}
	for _, want := range []string{"list-apikeys", "list-subaccount-apikeys", "get-apikey-usage", "get-subaccount-apikey-usage", "rotate-subaccount-apikey"} {
		if ids[want] == "" {
			t.Errorf("no call is %q", want)
		}
	}
}

// What may be null is said to be, and what a create needs at least is no more than the
// platforms have in common.
func TestDocument_Schemas(t *testing.T) {
	t.Parallel()
	h := start(t)
	schema := func(name string, path ...string) any {
		return at(h.contract.document, append([]string{"components", "schemas", name}, path...)...)
	}
	for _, name := range []string{"subaccounts", "subaccount_rules", "requests_hour", "requests_month"} {
		if got := fmt.Sprint(schema("Account", "properties", name, "anyOf")); !strings.Contains(got, "null") || !strings.Contains(got, "$ref") {
			t.Errorf("%s is %s", name, got)
		}
	}
	for name, want := range map[string]string{"CreateAPIKey": "<nil>", "CreateScope": "[name]", "CreateSubaccount": "[name]", "UpdateSubaccount": "<nil>"} {
		if got := fmt.Sprint(schema(name, "required")); got != want {
			t.Errorf("%s needs %s, want %s", name, got, want)
		}
	}
	if got := fmt.Sprint(schema("UpdateSubaccount", "properties", "apikey_limit", "type")); got != "[integer null]" {
		t.Errorf("apikey_limit is %s", got)
	}
	if got := fmt.Sprint(schema("CreateAPIKey", "properties", "access", "additionalProperties", "type")); got != "string" {
		t.Errorf("the levels of access are %s", got)
	}
	limits := at(h.contract.document, "paths", "/v1/authorize", "get", "responses", fmt.Sprint(http.StatusTooManyRequests), "headers")
	if at(limits, "Retry-After", "required") != true || at(limits, "X-RateLimit-Reset", "required") == true {
		t.Errorf("the headers of 429 are %v", limits)
	}
}
