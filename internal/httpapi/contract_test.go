package httpapi_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// contract is the OpenAPI document as a client sees it.
type contract struct {
	mu       sync.Mutex
	document map[string]any
}

func readContract(t *testing.T, url string) *contract {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/openapi.json", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	c := &contract{}
	if err := json.Unmarshal(text, &c.document); err != nil {
		t.Fatal(err)
	}
	return c
}

// at follows the names into nested objects, or returns nil.
func at(v any, names ...string) any {
	for _, name := range names {
		object, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = object[name]
	}
	return v
}

// check holds an answer against what the document says about it.
func (c *contract) check(t *testing.T, method, route string, a answer) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	operation := at(c.document, "paths", route, strings.ToLower(method))
	if operation == nil {
		return // no call of the API: a page, or an unknown path or method
	}
	declared, ok := at(operation, "responses", strconv.Itoa(a.status)).(map[string]any)
	if !ok {
		t.Errorf("%s %s answers %d, which the document does not say", method, route, a.status)
		return
	}
	for name, header := range object(declared["headers"]) {
		if a.header.Values(name) == nil && at(header, "required") == true {
			t.Errorf("%s %s %d: the header %s is missing", method, route, a.status, name)
		}
	}
	content := object(declared["content"])
	if len(content) == 0 {
		if a.body != "" {
			t.Errorf("%s %s %d has a body, which the document does not say", method, route, a.status)
		}
		return
	}
	media, ok := content[a.header.Get("Content-Type")]
	if !ok {
		t.Errorf("%s %s %d is %s, which the document does not say", method, route, a.status, a.header.Get("Content-Type"))
		return
	}
	var body any
	if err := json.Unmarshal([]byte(a.body), &body); err != nil {
		t.Errorf("%s %s %d is not JSON: %v", method, route, a.status, err)
		return
	}
	for _, fault := range c.faults("body", object(at(media, "schema")), body) {
		t.Errorf("%s %s %d: %s", method, route, a.status, fault)
	}
}

func object(v any) map[string]any {
	o, _ := v.(map[string]any)
	return o
}

// faults compares a value with as much of JSON Schema as the document uses.
func (c *contract) faults(path string, schema map[string]any, v any) []string {
	if ref, ok := schema["$ref"].(string); ok {
		return c.faults(path, object(at(c.document, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)), v)
	}
	if choices, ok := schema["anyOf"].([]any); ok {
		return c.fewest(path, choices, v)
	}
	if !slices.Contains(types(schema), kind(v)) {
		return []string{fmt.Sprintf("%s is a %s, the document says %v", path, kind(v), types(schema))}
	}
	var found []string
	if allowed, ok := schema["enum"].([]any); ok && !slices.Contains(allowed, v) {
		found = append(found, fmt.Sprintf("%s is %v, the document says one of %v", path, v, allowed))
	}
	switch v := v.(type) {
	case string:
		if _, err := time.Parse(time.RFC3339, v); schema["format"] == "date-time" && err != nil {
			found = append(found, path+" is no time")
		}
	case []any:
		for i, item := range v {
			found = append(found, c.faults(fmt.Sprintf("%s[%d]", path, i), object(schema["items"]), item)...)
		}
	case map[string]any:
		properties := object(schema["properties"])
		required, _ := schema["required"].([]any)
		for _, name := range required {
			if _, ok := v[fmt.Sprint(name)]; !ok {
				found = append(found, fmt.Sprintf("%s lacks %v", path, name))
			}
		}
		for name, member := range v {
			if property, ok := properties[name]; ok {
				found = append(found, c.faults(path+"."+name, object(property), member)...)
			} else if schema["additionalProperties"] == false {
				found = append(found, path+" has "+name+", which the document does not say")
			}
		}
	}
	return found
}

// fewest are the faults by the schema that the value fits best.
func (c *contract) fewest(path string, choices []any, v any) []string {
	var best []string
	for i, choice := range choices {
		if found := c.faults(path, object(choice), v); i == 0 || len(found) < len(best) {
			best = found
		}
	}
	return best
}

// types are the types that a schema allows; all of them when it says nothing.
func types(schema map[string]any) []string {
	switch t := schema["type"].(type) {
	case string:
		return append([]string{t}, map[string][]string{"number": {"integer"}}[t]...)
	case []any:
		var all []string
		for _, one := range t {
			all = append(all, fmt.Sprint(one))
		}
		return all
	}
	return []string{"null", "boolean", "integer", "number", "string", "array", "object"}
}

func kind(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case float64:
		if v == float64(int64(v)) {
			return "integer"
		}
		return "number"
	case string:
		return "string"
	case []any:
		return "array"
	}
	return "object"
}
