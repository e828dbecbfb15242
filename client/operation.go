package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// operation is one call of the API, before it is put into a request.
type operation struct {
	method string
	// path is a template such as /v1/apikeys/{id}; errors show it as it is.
	path string
	args []string // for the template's braces, in order
	// query and header leave out what is empty.
	query          url.Values
	ifMatch        *int64
	idempotencyKey string
	in             any // the body; nil for none
	// write is true where the server's state changes, so that a lost answer
	// leaves the caller unsure.
	write bool
	// once is true for a write that no server can tell from a second one, so
	// that it is not sent again when an answer is lost.
	once bool
	// secrets are what the request holds and no error may repeat.
	secrets []string
	flaw    string // why the operation is not worth sending; empty for none
}

// with returns the operation with a body.
func (o operation) with(in any) operation {
	o.in = in
	return o
}

// hiding returns the operation with a secret that no error may repeat.
func (o operation) hiding(hidden api.Secret) operation {
	if secret := hidden.Reveal(); secret != "" {
		// A message may quote it, and then marks and backslashes in it look
		// different.
		quoted := strconv.Quote(secret)
		o.secrets = append(o.secrets, quoted[1:len(quoted)-1], secret)
	}
	return o
}

// request builds what goes out. Its errors are errors.Is ErrValidation.
func (o operation) request() (request, error) {
	r := request{method: o.method, query: o.query, header: map[string]string{}}
	var err error
	if o.flaw != "" {
		return r, o.invalid(o.flaw)
	}
	if r.path, err = expand(o.path, o.args); err != nil {
		return r, o.invalid(err.Error())
	}
	if o.ifMatch != nil {
		if *o.ifMatch < 1 {
			return r, o.invalid(fmt.Sprintf("revisions begin at 1, the precondition is for %d", *o.ifMatch))
		}
		r.header["If-Match"] = strconv.Quote(strconv.FormatInt(*o.ifMatch, 10))
	}
	if o.idempotencyKey != "" {
		if !isVisibleASCII(o.idempotencyKey) {
			return r, o.invalid("the idempotency key must hold visible ASCII characters only")
		}
		r.header[api.HeaderIdempotencyKey] = o.idempotencyKey
	}
	if o.in != nil {
		if r.body, err = api.MarshalWire(o.in); err != nil {
			// The cause could quote what it could not encode.
			return r, o.invalid("the request cannot be written as JSON")
		}
	}
	return r, nil
}

// invalid is the error of a request that is not worth sending.
func (o operation) invalid(why string) error {
	return fmt.Errorf("%s %s: %w: %s; nothing was sent", o.method, o.path, ErrValidation, why)
}

// expand puts args into the braces of a template. It is the one place where path
// elements are escaped.
func expand(template string, args []string) (string, error) {
	parts := strings.Split(template, "/")
	for i, part := range parts {
		if !strings.HasPrefix(part, "{") {
			continue
		}
		what := strings.Trim(part, "{}")
		arg := args[0]
		args = args[1:]
		switch arg {
		case "":
			// It would name the list instead of an item of it.
			return "", fmt.Errorf("the %s is empty", what)
		case ".", "..":
			// Escaping does not help: servers and proxies take them for steps in
			// the path all the same.
			return "", fmt.Errorf("the %s %q cannot be part of a path", what, arg)
		}
		parts[i] = url.PathEscape(arg)
	}
	return strings.Join(parts, "/"), nil
}

func get(path string, args ...string) operation {
	return operation{method: http.MethodGet, path: path, args: args}
}

// call runs an operation and reads its answer. check says what the answer lacks,
// such as "has no id", or nothing. Half an answer is an error: a program would
// take what is missing for empty.
func call[T any](ctx context.Context, c *core, o operation, check func(*T) string) (*T, error) {
	a, err := c.do(ctx, o)
	if err != nil {
		return nil, err
	}
	out := new(T)
	if lack := decode(a, out); lack != "" {
		return nil, c.unexpected(o, a, lack)
	}
	if lack := check(out); lack != "" {
		return nil, c.unexpected(o, a, lack)
	}
	return out, nil
}

// decode reads the answer's JSON, and says what is wrong with it.
func decode(a *answer, out any) string {
	switch {
	case a.excess != "":
		return a.excess
	case json.Unmarshal(a.body, out) != nil:
		// The cause would quote the body, which may hold a secret.
		return "is not the JSON that this call gets, it comes " + kind(a)
	}
	return ""
}
