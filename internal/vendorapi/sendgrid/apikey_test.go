package sendgrid_test

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

func TestKeys_LifeOfOne(t *testing.T) {
	t.Parallel()
	h := start(t)
	made := h.owner(t, http.MethodPost, "/v3/api_keys", `{"name":"first","scopes":["mail.send","alerts.read"],"unknown":{"field":1}}`)
	var k issued
	made.decode(t, &k)
	if !regexp.MustCompile(`^SG\.[0-9A-Za-z_-]{22}\.[0-9A-Za-z_-]{43}$`).MatchString(k.Secret) || strings.Split(k.Secret, ".")[1] != k.ID {
		t.Errorf("the key %q with the id %q", k.Secret, k.ID)
	}
	made.is(t, 201, fmt.Sprintf(`{"api_key":%q,"api_key_id":%q,"name":"first","scopes":["alerts.read","mail.send"]}`, k.Secret, k.ID))
	path := "/v3/api_keys/" + k.ID
	h.owner(t, http.MethodGet, path, "").is(t, 200, `{"name":"first","api_key_id":"`+k.ID+`","scopes":["2fa_required","alerts.read","mail.send","sender_verification_eligible"]}`)
	h.owner(t, http.MethodGet, "/v3/api_keys", "").is(t, 200, `{"result":[{"name":"first","api_key_id":"`+k.ID+`"}]}`)
	h.owner(t, http.MethodPatch, path, `{"name":"renamed"}`).is(t, 200, `{"name":"renamed","api_key_id":"`+k.ID+`"}`)
	if got := h.scopesOf(t, "", k.ID); !slices.Equal(got, []string{"alerts.read", "mail.send"}) {
		t.Errorf("after PATCH it has %v", got)
	}
	h.owner(t, http.MethodPut, path, `{"name":"replaced","scopes":["stats.read"]}`).is(t, 200, `{"name":"replaced","api_key_id":"`+k.ID+`"}`)
	if got := h.scopesOf(t, "", k.ID); !slices.Equal(got, []string{"stats.read"}) {
		t.Errorf("after PUT it has %v", got)
	}
	h.owner(t, http.MethodDelete, path, "").is(t, 204, "")
	h.owner(t, http.MethodGet, path, "").is(t, 404, `{"errors":[{"field":null,"message":"unable to find API Key"}]}`)
	h.owner(t, http.MethodGet, "/v3/api_keys", "").is(t, 200, `{"result":[]}`)
	h.as(t, k.Secret, "", http.MethodGet, "/v3/scopes", "").is(t, 401, `{"errors":[{"field":null,"message":"The provided authorization grant is invalid, expired, or revoked"}]}`)
	if n := h.VerifyAudit(t); n != 5 { // account, create, rename, replace, delete
		t.Errorf("%d audit records, want 5", n)
	}
}

func TestKeys_Errors(t *testing.T) {
	t.Parallel()
	h := start(t)
	k := h.key(t, "", "there", "mail.send")
	path, gone := "/v3/api_keys/"+k.ID, "/v3/api_keys/AAAAAAAAAAAAAAAAAAAAAA"
	errorOf := func(field, message string) string {
		return `{"errors":[{"field":` + field + `,"message":"` + message + `"}]}`
	}
	noName := errorOf(`null`, "expected JSON request body with 'name' property")
	missing := errorOf(`"name"`, "missing required argument")
	for name, tc := range map[string]struct {
		method, path, body string
		status             int
		want               string // the whole body, or its beginning where it ends with "..."
	}{
		"POST without a name":               {"POST", "/v3/api_keys", `{"scopes":["mail.send"]}`, 400, missing},
		"POST with an empty name":           {"POST", "/v3/api_keys", `{"name":""}`, 400, missing},
		"POST with a name of null":          {"POST", "/v3/api_keys", `{"name":null}`, 400, missing},
		"POST with a name of another type":  {"POST", "/v3/api_keys", `{"name":7}`, 400, errorOf(`"name"`, "must be a string")},
		"POST with a name too long":         {"POST", "/v3/api_keys", `{"name":"` + strings.Repeat("n", 101) + `"}`, 400, `{"errors":[{"field":"name",...`},
		"POST with scopes of another type":  {"POST", "/v3/api_keys", `{"name":"n","scopes":"mail.send"}`, 400, errorOf(`"scopes"`, "must be an array of strings")},
		"POST with scopes of null":          {"POST", "/v3/api_keys", `{"name":"n","scopes":null}`, 400, errorOf(`"scopes"`, "must be an array of strings")},
		"POST with a null among scopes":     {"POST", "/v3/api_keys", `{"name":"n","scopes":["mail.send",null]}`, 400, errorOf(`"scopes"`, "must be an array of strings")},
		"POST with no scope at all":         {"POST", "/v3/api_keys", `{"name":"n","scopes":[]}`, 400, `{"errors":[{"field":"scopes","message":"invalid or unassignable scopes were given: must hold at least one...`},
		"POST with automatic scopes only":   {"POST", "/v3/api_keys", `{"name":"n","scopes":["2fa_required"]}`, 400, `{"errors":[{"field":"scopes",...`},
		"POST with an unknown scope":        {"POST", "/v3/api_keys", `{"name":"n","scopes":["mail.sent"]}`, 400, `{"errors":[{"field":"scopes","message":"invalid or unassignable scopes were given: scope \"mail.sent\" does not exist; the nearest is \"mail.send\"...`},
		"POST with billing and others":      {"POST", "/v3/api_keys", `{"name":"n","scopes":["billing.read","mail.send"]}`, 400, `{"errors":[{"field":"scopes","message":"invalid or unassignable scopes were given: mix the classes...`},
		"POST with a secret as a scope":     {"POST", "/v3/api_keys", `{"name":"n","scopes":["` + k.Secret + `"]}`, 400, errorOf(`"scopes"`, "invalid or unassignable scopes were given")},
		"POST without a body":               {"POST", "/v3/api_keys", ``, 400, errorOf(`null`, "expected JSON request body. The request needs a body of JSON.")},
		"POST with an array":                {"POST", "/v3/api_keys", `["name"]`, 400, errorOf(`null`, "expected JSON request body. The body must be a JSON object.")},
		"POST with a body too large":        {"POST", "/v3/api_keys", `{"name":"n","x":"` + strings.Repeat("x", 64<<10) + `"}`, 413, errorOf(`null`, "request body too large")},
		"GET with a limit of 0":             {"GET", "/v3/api_keys?limit=0", ``, 400, errorOf(`"limit"`, "must be a whole number of at least 1")},
		"GET with a limit in words":         {"GET", "/v3/api_keys?limit=ten", ``, 400, errorOf(`"limit"`, "must be a whole number of at least 1")},
		"GET of one that is not there":      {"GET", gone, ``, 404, errorOf(`null`, "unable to find API Key")},
		"GET of no id":                      {"GET", "/v3/api_keys/x", ``, 404, errorOf(`null`, "unable to find API Key")},
		"PATCH without a name":              {"PATCH", path, `{}`, 400, noName},
		"PATCH with a name of another type": {"PATCH", path, `{"name":["n"]}`, 400, errorOf(`"name"`, "must be a string")},
		"PATCH of one that is not there":    {"PATCH", gone, `{"name":"n"}`, 404, errorOf(`null`, "unable to find API Key to update")},
		"PUT without a name":                {"PUT", path, `{"scopes":["mail.send"]}`, 400, noName},
		"PUT without scopes":                {"PUT", path, `{"name":"n"}`, 400, errorOf(`"scopes"`, "missing required argument")},
		"PUT with no scope at all":          {"PUT", path, `{"name":"n","scopes":[]}`, 400, `{"errors":[{"field":null,"message":"unauthorized scopes: must hold at least one...`},
		"PUT with an unknown scope":         {"PUT", path, `{"name":"n","scopes":["nothing.such"]}`, 400, `{"errors":[{"field":null,"message":"unauthorized scopes: scope \"nothing.such\"...`},
		"PUT with a secret as a scope":      {"PUT", path, `{"name":"n","scopes":["` + k.Secret + `"]}`, 400, errorOf(`null`, "unauthorized scopes")},
		"PUT with billing and others":       {"PUT", path, `{"name":"n","scopes":["billing.read","mail.send"]}`, 400, `{"errors":[{"field":null,"message":"unauthorized scopes: mix the classes...`},
		"PUT of one that is not there":      {"PUT", gone, `{"name":"n","scopes":["mail.send"]}`, 404, errorOf(`null`, "unable to find API Key to update")},
		"DELETE of one that is not there":   {"DELETE", gone, ``, 404, errorOf(`null`, "unable to find API Key for deletion")},
		"an unknown path":                   {"GET", "/v3/user/profile", ``, 404, errorOf(`null`, "not found")},
		"another method":                    {"DELETE", "/v3/api_keys", ``, 405, errorOf(`null`, "method not allowed")},
	} {
		t.Run(name, func(t *testing.T) {
			a := h.owner(t, tc.method, tc.path, tc.body)
			if start, cut := strings.CutSuffix(tc.want, "..."); cut && a.status == tc.status && strings.HasPrefix(a.body, start) {
				return
			}
			a.is(t, tc.status, tc.want)
		})
	}
	if got := h.scopesOf(t, "", k.ID); !slices.Equal(got, []string{"mail.send"}) {
		t.Errorf("a refused change has changed the key: %v", got)
	}
	h.owner(t, http.MethodGet, "/v3/api_keys", "").is(t, 200, `{"result":[{"name":"there","api_key_id":"`+k.ID+`"}]}`)
}

func TestKeys_AnotherMethodIsToldWhichThereAre(t *testing.T) {
	t.Parallel()
	h := start(t)
	if got := h.owner(t, http.MethodPost, "/v3/api_keys/x", "").header.Get("Allow"); got != "DELETE, GET, PATCH, PUT" {
		t.Errorf("Allow: %q", got)
	}
}

func TestKeys_NamesNeedNotBeUniqueAndTheLimitCutsTheList(t *testing.T) {
	t.Parallel()
	h := start(t)
	first := h.key(t, "", "same", "mail.send")
	h.Advance(time.Second) // so that the order is known
	h.key(t, "", "same", "mail.send")
	h.owner(t, http.MethodGet, "/v3/api_keys?limit=1&unknown=1", "").is(t, 200, `{"result":[{"name":"same","api_key_id":"`+first.ID+`"}]}`)
	var all struct{ Result []issued }
	h.owner(t, http.MethodGet, "/v3/api_keys?limit=100000", "").decode(t, &all)
	if len(all.Result) != 2 {
		t.Errorf("%d keys, want 2", len(all.Result))
	}
}

func TestKeys_TheHundredAndFirstIsRefused(t *testing.T) {
	t.Parallel()
	h := start(t)
	for i := range 100 {
		h.key(t, "", fmt.Sprint("key ", i), "mail.send")
	}
	h.owner(t, http.MethodPost, "/v3/api_keys", `{"name":"one more"}`).is(t, 403, `{"errors":[{"field":null,"message":"Cannot create more than 100 API Keys"}]}`)
	var all struct{ Result []issued }
	h.owner(t, http.MethodGet, "/v3/api_keys", "").decode(t, &all)
	if len(all.Result) != 100 {
		t.Errorf("the list has %d keys without a limit", len(all.Result))
	}
}

func TestKeys_AutomaticScopesMayBeSentAndAreOnlyShown(t *testing.T) {
	t.Parallel()
	h := start(t)
	k := h.key(t, "", "k", "mail.send", "sender_verification_eligible", "ui.provision")
	if diff := cmp.Diff([]string{"mail.send"}, k.Scopes); diff != "" {
		t.Errorf("POST echoes\n%s", diff)
	}
	h.owner(t, http.MethodPut, "/v3/api_keys/"+k.ID, `{"name":"k","scopes":["mail.send","2fa_required","2fa_exempt"]}`)
	h.owner(t, http.MethodGet, "/v3/api_keys/"+k.ID, "").is(t, 200, `{"name":"k","api_key_id":"`+k.ID+`","scopes":["2fa_required","mail.send","sender_verification_eligible"]}`)
	if a := h.Do(t, http.MethodGet, "/v1/apikeys/"+k.ID, ""); !strings.Contains(a.Body, `"scopes":["mail.send"]`) {
		t.Errorf("the management API shows %s", a.Body)
	}
}

func TestQuirks(t *testing.T) {
	t.Parallel()
	h := start(t, servertest.SendGrid(servertest.SendGridQuirks{PutEchoesScopes: true, SubuserCreated: true, AutomaticScopes: []string{}}))
	k := h.key(t, "", "k", "mail.send")
	h.owner(t, http.MethodPut, "/v3/api_keys/"+k.ID, `{"name":"k","scopes":["stats.read","alerts.read"]}`).
		is(t, 200, `{"name":"k","api_key_id":"`+k.ID+`","scopes":["alerts.read","stats.read"]}`)
	h.owner(t, http.MethodGet, "/v3/api_keys/"+k.ID, "").is(t, 200, `{"name":"k","api_key_id":"`+k.ID+`","scopes":["alerts.read","stats.read"]}`)
	if a := h.owner(t, http.MethodPost, "/v3/subusers", newSubuser("sub")); a.status != http.StatusCreated {
		t.Errorf("a subuser is made with %d", a.status)
	}
	other := start(t, servertest.SendGrid(servertest.SendGridQuirks{AutomaticScopes: []string{"2fa_exempt"}}))
	k = other.key(t, "", "k", "mail.send")
	other.as(t, k.Secret, "", http.MethodGet, "/v3/scopes", "").is(t, 200, `{"scopes":["2fa_exempt","mail.send"]}`)
}
