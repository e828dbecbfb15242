package mailchannels_test

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
	h.subaccount(t, "acme1")
	h.want(t, http.MethodPut, root+"/acme1/limit", `{"sends":7}`, 200, `{"limit":{"sends":7}}`)
	for what, c := range map[string]struct{ body, says string }{
		"a name twice":             {`{"company_name":"Acme","company_name":"Other"}`, "company_name is there twice"},
		"the same name in escapes": {`{"company_name":"Acme","company\u005fname":"Other"}`, "company_name is there twice"},
		"an unknown name twice":    {`{"company_name":"Acme","hushhush":1,"hushhush":2}`, "is there twice"},
		"a name twice further in":  {`{"company_name":"Acme","more":[{"hushhush":1,"hushhush":2}]}`, "is there twice"},
		"a name in another case":   {`{"Company_Name":"Acme"}`, `Company_Name is not a field of this request; the nearest is \"company_name\"`},
		"a name in both cases":     {`{"company_name":"Acme","HANDLE":"acme2"}`, `the nearest is \"handle\"`},
		"no UTF-8":                 {"{\"company_name\":\"Ac\xffme\"}", "is not valid UTF-8"},
		"no UTF-8 in a name":       {"{\"company_name\":\"Acme\",\"\xc3\x28\":1}", "is not valid UTF-8"},
		"half of a character":      {`{"company_name":"Ac\ud800me"}`, "half of a character"},
		"something after its end":  {`{"company_name":"Acme"} hushhush`, "is not valid JSON"},
		"a byte 0 after its end":   {"{\"company_name\":\"Acme\"}\x00", "is not valid JSON"},
		"a byte order mark":        {"\ufeff" + `{"company_name":"Acme"}`, "is not valid JSON"},
		"a comma too many":         {`{"company_name":"Acme",}`, "is not valid JSON"},
		"what is nested deeply":    {`{"company_name":"Acme","x":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}`, "nested too deeply"},
		"many fields":              {`{"company_name":"Acme"` + strings.Repeat(`,"x":1`, 100) + `}`, "is there twice"},
	} {
		h.refuse(t, what, h.Owner, http.MethodPost, root, c.body, 400, c.says)
		if a := h.as(t, h.Owner, http.MethodPost, root, c.body); strings.Contains(a.Body, "hushhush") {
			t.Errorf("%s: it repeats what was sent: %s", what, a.Body)
		}
	}
	for what, body := range map[string]string{
		"a limit twice": `{"sends":1,"sends":2}`, "a limit in another case": `{"Sends":1}`, "a limit in both cases": `{"sends":1,"SENDS":2}`, "an exponent": `{"sends":1e3}`, "null": `{"sends":null}`,
		"a long s": `{"ſends":1}`,
	} {
		h.refuse(t, what, h.Owner, http.MethodPut, root+"/acme1/limit", body, 400, "ends")
	}
	h.want(t, http.MethodGet, root+"/acme1/limit", "", 200, `{"sends":7}`)
	h.want(t, http.MethodGet, root, "", 200, `[{"company_name":"Acme","enabled":true,"handle":"acme1"}]`)
	// MailChannels' description leaves its objects open.
	h.want(t, http.MethodPost, root, `{"company_name":"Open","handle":"open1","note":{"a":[1]}}`, 201, `{"company_name":"Open","enabled":true,"handle":"open1"}`)
}

// A filter or a limit that cannot be read never becomes none.
func TestQueries_ThatAreBrokenListNothing(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.subaccount(t, "acme1")
	h.key(t, "acme1")
	for query, says := range map[string]string{
		"limit=%zz":                        "percent-encode",
		"limit=1%":                         "percent-encode",
		"limit=1;offset=2":                 "percent-encode",
		"limit=1&x=%f":                     "percent-encode",
		";":                                "percent-encode",
		"limit=":                           "limit must not be empty",
		"offset=":                          "offset must not be empty",
		"limit":                            "limit must not be empty",
		"limit=1&limit=1":                  "limit must be sent once",
		"offset=0&offset=1":                "offset must be sent once",
		"Limit=1":                          `Limit is not a parameter of this call; the nearest is \"limit\"`,
		"limit=1&OFFSET=3":                 `the nearest is \"offset\"`,
		"limit=+1":                         "limit must be",
		"limit=1.0":                        "limit must be",
		"limit=0x1":                        "limit must be",
		"limit=-1":                         "limit must be",
		"limit=1001":                       "limit must be 1 to 1000",
		"limit=99999999999999999999999999": "limit must be 1 to 1000",
		"offset=99999999999999999999999":   "offset must be",
	} {
		for _, list := range []string{root, root + "/acme1/api-key"} {
			h.refuse(t, list+"?"+query, h.Owner, http.MethodGet, list+"?"+query, "", 400, says)
		}
	}
	// The same on a call that takes no parameters.
	h.refuse(t, "suspend", h.Owner, http.MethodPost, root+"/acme1/suspend?x=%zz", "", 400, "percent-encode")
	h.want(t, http.MethodGet, root+"?limit=1&other=x&other=", "", 200, `[{"company_name":"Acme","enabled":true,"handle":"acme1"}]`)
}
