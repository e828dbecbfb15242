package sendgrid_test

import (
	"net/http"
	"strings"
	"testing"
)

// What encoding/json and net/url would read as something else than was sent, or pass over,
// is refused, and nothing happens.
func TestBodies_AreReadToTheLetter(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.subuser(t, "there")
	k := h.key(t, "", "first", "mail.send")
	key := "/v3/api_keys/" + k.ID
	for what, c := range map[string]struct{ method, path, body, says string }{
		"a name twice":            {"POST", "/v3/api_keys", `{"name":"a","scopes":["mail.send"],"name":"hushhush"}`, `{"field":"name","message":"is there twice; send it once"}`},
		"an unknown name twice":   {"POST", "/v3/api_keys", `{"name":"a","scopes":["mail.send"],"hushhush":1,"hushhush":2}`, "is there twice"},
		"a name twice further in": {"POST", "/v3/api_keys", `{"name":"a","scopes":["mail.send"],"x":{"hushhush":1,"hushhush":2}}`, "is there twice"},
		// Passed over, this one would make a key with full access.
		"scopes in another case":   {"POST", "/v3/api_keys", `{"name":"a","Scopes":["mail.send"]}`, `{"field":"Scopes","message":"is not a field of this request; the nearest is \"scopes\""}`},
		"scopes in another script": {"POST", "/v3/api_keys", `{"name":"a","\u017fcopes":["mail.send"]}`, `the nearest is \"scopes\"`},
		"scopes in both cases":     {"PUT", key, `{"name":"a","scopes":["mail.send"],"SCOPES":[]}`, `the nearest is \"scopes\"`},
		"a name in another case":   {"PATCH", key, `{"Name":"a"}`, `the nearest is \"name\"`},
		"disabled in another case": {"PATCH", "/v3/subusers/there", `{"Disabled":true,"disabled":false}`, `the nearest is \"disabled\"`},
		"a username in both cases": {"POST", "/v3/subusers", strings.Replace(newSubuser("fresh"), `{`, `{"Username":"other",`, 1), `the nearest is \"username\"`},
		"no UTF-8":                 {"PATCH", key, "{\"name\":\"a\xff\"}", "is not valid UTF-8"},
		"half of a character":      {"PATCH", key, `{"name":"a\udc00"}`, "half of a character"},
		"half in the IPs":          {"PUT", "/v3/subusers/there/ips", `["192.0.2.1\ud800"]`, "half of a character"},
		"something after its end":  {"PATCH", key, `{"name":"a"} hushhush`, "is not valid JSON"},
		"a byte 0 after its end":   {"PATCH", key, "{\"name\":\"a\"}\x00", "is not valid JSON"},
		"something after the IPs":  {"PUT", "/v3/subusers/there/ips", `["192.0.2.1"] []`, "is not valid JSON"},
		"a byte order mark":        {"PATCH", key, "\ufeff" + `{"name":"a"}`, "is not valid JSON"},
		"what is nested deeply":    {"PATCH", key, `{"name":"a","x":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}`, "nested too deeply"},
		"a list":                   {"PATCH", key, `[{"name":"a"}]`, "must be a JSON object"},
		"nothing":                  {"PATCH", key, ``, "expected JSON request body"},
	} {
		a := h.owner(t, c.method, c.path, c.body)
		if a.status != http.StatusBadRequest || !strings.Contains(a.body, c.says) || strings.Contains(a.body, "hushhush") {
			t.Errorf("%s: %d %s, want 400 with %s", what, a.status, a.body, c.says)
		}
	}
	h.owner(t, "GET", "/v3/api_keys", "").is(t, 200, `{"result":[{"name":"first","api_key_id":"`+k.ID+`"}]}`)
	if all := h.subusers(t, ""); len(all) != 1 || all[0].Disabled {
		t.Errorf("a refused change has changed something: %+v", all)
	}
	// A field that is none of SendGrid's is passed over, as there.
	if a := h.owner(t, "PATCH", key, `{"name":"second","note":{"a":[1]}}`); a.status != http.StatusOK {
		t.Errorf("another field: %d %s", a.status, a.body)
	}
}

// A filter or a limit that cannot be read never becomes none, and a limit above the most
// is never cut in silence.
func TestQueries_ThatAreBrokenListNothing(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.subuser(t, "there")
	h.key(t, "", "first", "mail.send")
	both := []string{"/v3/api_keys", "/v3/subusers"}
	for query, c := range map[string]struct {
		lists []string
		says  string
	}{
		"limit=%zz":                        {both, "percent-encode"},
		"limit=1;offset=2":                 {both, "percent-encode"},
		"x=%":                              {both, "percent-encode"},
		"limit=":                           {both, `"field":"limit","message":"must not be empty; leave it out"`},
		"limit=1&limit=2":                  {both, `"field":"limit","message":"must be sent once"`},
		"Limit=1":                          {both, `the nearest is \"limit\"`},
		"limit=1.0":                        {both, `"field":"limit"`},
		"limit=99999999999999999999999999": {both, `"field":"limit"`},
		"limit=501":                        {both[1:], `"field":"limit","message":"must be a whole number from 1 to 500"`},
		"offset=":                          {both[1:], `"field":"offset"`},
		"username=":                        {both[1:], `"field":"username","message":"must not be empty; leave it out"`},
		"username=a&username=b":            {both[1:], `"field":"username","message":"must be sent once"`},
		"UserName=there":                   {both[1:], `the nearest is \"username\"`},
		"region=":                          {both[1:], `"field":"region"`},
		"region=global&region=eu":          {both[1:], `"field":"region"`},
		"include_region=perhaps":           {both[1:], `"field":"include_region","message":"must be true or false"`},
	} {
		for _, list := range c.lists {
			a := h.owner(t, "GET", list+"?"+query, "")
			if a.status != http.StatusBadRequest || !strings.Contains(a.body, c.says) {
				t.Errorf("%s?%s: %d %s, want 400 with %s", list, query, a.status, a.body, c.says)
			}
		}
	}
	for _, call := range allCalls {
		if a := h.owner(t, call.method, call.path+"?x=%zz", call.body); a.status != http.StatusBadRequest || !strings.Contains(a.body, "percent-encode") {
			t.Errorf("%s %s with a broken query: %d %s", call.method, call.path, a.status, a.body)
		}
	}
	for _, query := range []string{"?other=&other=x&limit=500", "?limit=1"} {
		for _, list := range both {
			if a := h.owner(t, "GET", list+query, ""); a.status != http.StatusOK {
				t.Errorf("%s%s: %d %s", list, query, a.status, a.body)
			}
		}
	}
	// An account has fewer keys than any such limit: it is honoured.
	if a := h.owner(t, "GET", "/v3/api_keys?limit=100000", ""); a.status != http.StatusOK {
		t.Errorf("many keys: %d %s", a.status, a.body)
	}
}
