package contract

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// stated is what is known to differ, each with its reason. What does not differ any more
// must go.
type stated struct {
	// departures are answers that are not as described. A key is an operation, ": " and
	// what differs; with "*" for the operation it is about all.
	departures map[string]string
	// unseen are described statuses that our server never answers. A key is an operation
	// and the status; with "*" for the operation it is about all.
	unseen map[string]string
	// unserved are described operations that our server does not have.
	unserved []string
}

// contract compares answers with descriptions.
type contract struct {
	t          *testing.T
	url        string
	operations []operation
	stated     stated
	met        map[string]bool
	seen       map[string]bool // an operation and a status
}

// routes tells the pattern of a request's route, "/" for none.
type routes interface {
	Handler(r *http.Request) (http.Handler, string)
}

func newContract(t *testing.T, url string, s stated, descriptions ...*description) *contract {
	c := &contract{t: t, url: url, stated: s, met: map[string]bool{}, seen: map[string]bool{}}
	for _, d := range descriptions {
		c.operations = append(c.operations, d.operations()...)
	}
	return c
}

// request is one variant of a call, and the status that it must have.
type request struct {
	header             http.Header
	method, path, body string
	status             int
}

// send sends a request, compares its answer and returns the body.
func (c *contract) send(r request) []byte {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), r.method, c.url+r.path, strings.NewReader(r.body))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header = r.header.Clone()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	if resp.StatusCode != r.status {
		c.t.Errorf("%s %s %s: %d %s, want %d", r.method, r.path, r.body, resp.StatusCode, body, r.status)
	}
	c.compare(r.method, req.URL.Path, resp, body)
	return body
}

func (c *contract) compare(method, path string, resp *http.Response, body []byte) {
	c.t.Helper()
	var o operation
	best := -1
	for _, one := range c.operations {
		if letters, ok := one.matches(path); ok && one.method == method && letters > best {
			best, o = letters, one
		}
	}
	if best < 0 {
		c.depart(method+" "+path, "is not described")
		return
	}
	status := strconv.Itoa(resp.StatusCode)
	c.seen[o.String()+" "+status] = true
	if slices.Contains(c.stated.unserved, o.String()) && unserving(status) {
		return
	}
	schema, err := o.schema(status)
	if err != nil {
		c.t.Fatal(err)
	}
	if _, described := o.responses[status]; !described {
		c.depart(o.String(), "status "+status+" is not described")
	} else if schema == nil && len(body) > 0 {
		c.depart(o.String(), "an error has a body, and none is described")
	}
	if schema == nil && resp.StatusCode >= http.StatusBadRequest {
		// Whatever else is described of it, an error has the form of the others.
		if schema, err = o.compiler.Compile("mem:///description#/components/schemas/ErrorResponse"); err != nil {
			c.t.Fatal(err)
		}
	}
	if schema == nil {
		if len(body) > 0 {
			c.t.Errorf("%s %s has a body: %s", o, status, body)
		}
		return
	}
	c.fit(o, status, schema, resp, body)
}

// fit compares a body with its schema.
func (c *contract) fit(o operation, status string, schema *jsonschema.Schema, resp *http.Response, body []byte) {
	c.t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil || !strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
		c.t.Errorf("%s %s is no JSON: %v: %s", o, status, err, body)
		return
	}
	invalid := &jsonschema.ValidationError{}
	if errors.As(schema.Validate(value), &invalid) {
		for _, what := range leaves(invalid) {
			c.depart(o.String(), "status "+status+" "+what)
		}
	}
}

// unserving reports whether a status says that there is no such call.
func unserving(status string) bool { return status == "404" || status == "501" }

// leaves say what is wrong in words that do not hang on the values.
func leaves(e *jsonschema.ValidationError) []string {
	if len(e.Causes) > 0 {
		var all []string
		for _, cause := range e.Causes {
			all = append(all, leaves(cause)...)
		}
		return all
	}
	at := ""
	for _, name := range e.InstanceLocation {
		if _, err := strconv.Atoi(name); err == nil {
			name = "[]"
		}
		at += "/" + name
	}
	var all []string
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		for _, name := range k.Missing {
			all = append(all, "lacks "+at+"/"+name)
		}
	case *kind.AdditionalProperties:
		for _, name := range k.Properties {
			all = append(all, "has "+at+"/"+name+", which is not described")
		}
	case *kind.Type:
		all = append(all, fmt.Sprintf("has %s of the type %s, not %s", at, k.Got, strings.Join(k.Want, " or ")))
	default:
		all = append(all, fmt.Sprintf("does not fit at %s: %T", at, k))
	}
	return all
}

// depart notes a departure, and fails the test when it is not a stated one.
func (c *contract) depart(operation, what string) {
	c.t.Helper()
	for _, key := range []string{operation + ": " + what, "*: " + what} {
		if _, ok := c.stated.departures[key]; ok {
			c.met[key] = true
			return
		}
	}
	c.t.Errorf("%s: %s", operation, what)
}

// finish compares the stated lists with what was seen.
func (c *contract) finish(served routes) {
	c.t.Helper()
	for _, key := range slices.Sorted(maps.Keys(c.stated.departures)) {
		if !c.met[key] {
			c.t.Errorf("stated, and it departs no more: %s", key)
		}
	}
	var unserved []string
	used := map[string]bool{}
	for _, o := range c.operations {
		path := strings.NewReplacer("{", "", "}", "").Replace(o.prefix + o.path)
		r, err := http.NewRequestWithContext(c.t.Context(), o.method, path, nil)
		if err != nil {
			c.t.Fatal(err)
		}
		if _, pattern := served.Handler(r); pattern == "/" || c.seen[o.String()+" 501"] || c.seen[o.String()+" 404"] && slices.Contains(c.stated.unserved, o.String()) {
			unserved = append(unserved, o.String())
			continue
		}
		for status := range o.responses {
			key := o.String() + " " + status
			_, one := c.stated.unseen[key]
			_, all := c.stated.unseen["* "+status]
			switch {
			case c.seen[key] && one:
				c.t.Errorf("stated as unseen, and seen: %s", key)
			case !c.seen[key] && one:
				used[key] = true
			case !c.seen[key] && all:
				used["* "+status] = true
			case !c.seen[key]:
				c.t.Errorf("no request here is answered so: %s", key)
			}
		}
	}
	for key := range c.stated.unseen {
		if !used[key] {
			c.t.Errorf("stated as unseen, and not described, or seen everywhere: %s", key)
		}
	}
	slices.Sort(unserved)
	slices.Sort(c.stated.unserved)
	if !slices.Equal(unserved, c.stated.unserved) {
		c.t.Errorf("not served are\n%s\nand stated are\n%s", strings.Join(unserved, "\n"), strings.Join(c.stated.unserved, "\n"))
	}
}
