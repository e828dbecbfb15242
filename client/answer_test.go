package client

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/outside"
)

// The server that a redirect points to must not see a call.
func TestRedirect_is_not_followed(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		for name, op := range operations() {
			other := newScript(t)
			only := op.step
			only.reply = text(status, "text/html", "moved", "Location", other.URL+"/hidden?token=hidden")
			err := op.call(t.Context(), scripted(t, only))
			var e *Error
			if !errors.As(err, &e) || e.Status != status || !errors.Is(err, ErrUnexpectedAnswer) {
				t.Fatalf("%s, %d: %v", name, status, err)
			}
			if !strings.Contains(e.Message, "redirect to "+other.URL+", which is never followed") || strings.Contains(err.Error(), "hidden") {
				t.Errorf("%s, %d: %v", name, status, err)
			}
		}
	}
	// One on the same host is none of the API's either, and one that cannot be
	// read must not repeat what it holds.
	if e := getError(t, text(308, "", "", "Location", "/elsewhere")); !strings.Contains(e.Message, "redirect to http://127.0.0.1:") {
		t.Error(e)
	}
	c := newScript(t, step{method: "GET", path: "/v1/account", reply: text(302, "", "", "Location", "http://[hidden")}).client(WithMaxRetries(0))
	if _, err := c.Account.Get(t.Context()); err == nil || strings.Contains(err.Error(), "hidden") {
		t.Error(err)
	}
}

// Half a success is an error: what is missing would be taken for empty.
func TestAnswer_must_be_whole(t *testing.T) {
	t.Parallel()
	key := func(change func(*api.IssuedAPIKey)) reply {
		issued := testMade("key_1", "n")
		change(&issued)
		return reveal(200, issued)
	}
	list := func(body string) reply { return text(200, "application/json", body) }
	for name, tt := range map[string]struct {
		op    string
		reply reply
		want  string
	}{
		"html":               {"get", text(200, "text/html", "<html>"+testSecret), "is not the JSON that this call gets, it comes with a body of text/html"},
		"empty":              {"get", text(200, "", ""), "comes with an empty body"},
		"no content":         {"create", text(204, "", ""), "comes with an empty body"},
		"null":               {"get", text(200, "application/json", "null"), "without an id"},
		"a list":             {"get", text(200, "application/json", `["`+testSecret+`"]`), "is not the JSON"},
		"two values":         {"get", text(200, "application/json", `{"id": "key_1"}{}`), "is not the JSON"},
		"cut off":            {"create", text(200, "application/json", `{"id": "key_1", "secret": "`+testSecret), "is not the JSON"},
		"wrong type":         {"create", text(200, "application/json", `{"secret": "`+testSecret+`", "id": 7}`), "is not the JSON"},
		"no id":              {"create", key(func(k *api.IssuedAPIKey) { k.ID = "" }), "without an id"},
		"no status":          {"update", key(func(k *api.IssuedAPIKey) { k.Status = "" }), "without a status"},
		"no revision":        {"get", key(func(k *api.IssuedAPIKey) { k.Revision = 0 }), "without a revision"},
		"created, no secret": {"create", reveal(201, testKey("key_1")), "without its secret"},
		"rotated, no secret": {"rotate", reveal(200, testKey("key_1")), "without its secret"},
		"no items":           {"list", list(`{}`), "has no items"},
		"null items":         {"list", list(`{"items": null}`), "has no items"},
		"an item without id": {"list", list(`{"items": [{}]}`), "without an id"},
		"too long":           {"list", list(`{"items": []` + strings.Repeat(" ", outside.MostAnswer) + `}`), "is longer than 16 MiB"},
		"a long text":        {"list", list(`{"items": [], "x": "` + strings.Repeat("x", 1<<20) + `"}`), "holds a text that is longer than 64 KiB"},
		"empty items":        {"list", list(`{"items": [` + strings.Repeat(`{},`, 5_000_000) + `{}]}`), "holds more than 200000 objects"},
		"empty texts":        {"get", list(`{"id": "key_1", "scopes": [` + strings.Repeat(`"",`, 5_000_000) + `""]}`), "holds more than 2000000 values"},
		"too many items":     {"list", list(`{"items": [` + strings.Repeat(`{"id": "a"},`, 501) + `{}]}`), "without a status"},
		"501 keys":           {"list", reveal(200, keysPage("", numbered(501)...)), "lists more than 500 items"},
		"a key twice":        {"list", reveal(200, keysPage("", "a", "b", "a")), "lists an item twice"},
		"an id of a line":    {"get", key(func(k *api.IssuedAPIKey) { k.ID = "key_1\x1b[2J\nError" }), "with an id that is none"},
		"an id of a path":    {"get", key(func(k *api.IssuedAPIKey) { k.ID = "../account" }), "with an id that is none"},
		"a scope of a line":  {"get", key(func(k *api.IssuedAPIKey) { k.Scopes = []string{"read\nall"} }), "with scopes that are none"},
		"a status of a line": {"get", key(func(k *api.IssuedAPIKey) { k.Status = "act\x1bive" }), "holds characters that none has"},
		"a long cursor":      {"list", list(`{"items": [], "next_cursor": "` + strings.Repeat("x", 5000) + `"}`), "has a cursor that is longer than any"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := run(t, tt.op, tt.reply)
			var e *Error
			if !errors.As(err, &e) || !errors.Is(err, ErrUnexpectedAnswer) || !strings.Contains(e.Message, tt.want) || e.RequestID != "req_test" {
				t.Fatalf("%v, want %q", err, tt.want)
			}
			if errors.Is(err, ErrUncertain) != isWrite(tt.op) {
				t.Errorf("%v: uncertain %v", err, errors.Is(err, ErrUncertain))
			}
			noSecrets(t, err)
		})
	}
}

// What the other services check.
func TestAnswer_must_be_whole_everywhere(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{}`:                           "has no account id",
		`{"id": "a"}`:                  "has no platform",
		`{"id": "a", "platform": "p"}`: "has no server time",
	} {
		c := scripted(t, step{method: "GET", path: "/v1/account", reply: text(200, "application/json", body)})
		if a, err := c.Account.Get(t.Context()); a != nil || !errors.Is(err, ErrUnexpectedAnswer) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, %v", body, a, err)
		}
	}
	for path, tt := range map[string]struct {
		body string
		call func(*Client) error
	}{
		"/v1/scopes/a":            {`{}`, func(c *Client) error { _, err := c.Scopes.Get(t.Context(), "a"); return err }},
		"/v1/scope-shapes":        {`{"presets": []}`, func(c *Client) error { _, err := c.Scopes.Shapes(t.Context()); return err }},
		"/v1/subaccounts/acme":    {`{"id": "sub_1", "handle": "acme", "revision": 1}`, func(c *Client) error { _, err := c.Subaccounts.Get(t.Context(), "acme"); return err }},
		"/v1/apikeys/key_1/usage": {`{"apikey_id": "key_1", "since": "2026-01-01", "observed_since": "2026-01-01T00:00:00Z", "scopes": [], "days": []}`, func(c *Client) error { _, err := c.APIKeys.Usage(t.Context(), "key_1", 0); return err }},
		"/v1/apikeys/key_2/usage": {`{"apikey_id": "key_2", "since": "2026-01-01", "scopes": [], "days": [], "unused_scopes": ["admin"]}`, func(c *Client) error { _, err := c.APIKeys.Usage(t.Context(), "key_2", 0); return err }},
	} {
		c := scripted(t, step{method: "GET", path: path, reply: text(200, "application/json", tt.body)})
		if err := tt.call(c); !errors.Is(err, ErrUnexpectedAnswer) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// A cookie that one answer sets must not come back with the next call; the script
// checks each call for it.
func TestClient_keeps_no_cookies(t *testing.T) {
	t.Parallel()
	c := scripted(t,
		step{method: "GET", path: "/v1/apikeys/key_1", reply: reveal(200, testKey("key_1"), "Set-Cookie", "session=1; Path=/")},
		step{method: "GET", path: "/v1/apikeys/key_1", reply: reveal(200, testKey("key_1"))},
	)
	for range 2 {
		if _, err := c.APIKeys.Get(t.Context(), "key_1"); err != nil {
			t.Error(err)
		}
	}
}

func numbered(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("key_%d", i)
	}
	return ids
}

// A small answer over the network is a large one in memory.
func TestAnswer_is_bounded_after_decompression(t *testing.T) {
	t.Parallel()
	var bomb bytes.Buffer
	z, err := gzip.NewWriterLevel(&bomb, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(z, `{"items": [`+strings.Repeat(`{},`, 5_000_000)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	err = run(t, "list", text(200, "application/json", bomb.String(), "Content-Encoding", "gzip"))
	if !errors.Is(err, ErrUnexpectedAnswer) || !strings.Contains(err.Error(), "holds more than 200000 objects") {
		t.Error(err)
	}
	t.Logf("%d bytes on the wire", bomb.Len())
}

// Whatever a server counts as faults, an error stays readable.
func TestAnswer_of_many_faults_is_bounded(t *testing.T) {
	t.Parallel()
	body := `{"code": "validation_failed", "detail": "d", "errors": [` + strings.Repeat(`{},`, 20_000) + `{}]}`
	var e *Error
	if err := run(t, "get", text(422, "application/problem+json", body)); !errors.As(err, &e) || len(e.Fields) != mostFields {
		t.Errorf("%.500v", err)
	}
}
