package sendgrid_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

// advanceTo moves the server's clock to a Unix time.
func (h *harness) advanceTo(t testing.TB, unix string) {
	t.Helper()
	at, err := strconv.ParseInt(unix, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	h.Advance(time.Unix(at, 0).Sub(h.Now()))
}

type subuser struct {
	Disabled bool
	Email    string
	ID       int64
	UserID   int64 `json:"user_id"`
	Username string
	Region   string
}

func (h *harness) subusers(t testing.TB, query string) []subuser {
	t.Helper()
	a := h.owner(t, http.MethodGet, "/v3/subusers"+query, "")
	var all []subuser
	a.decode(t, &all)
	return all
}

func TestSubusers_LifeOfOne(t *testing.T) {
	t.Parallel()
	h := start(t)
	made := h.owner(t, http.MethodPost, "/v3/subusers", newSubuser("shop"))
	var s subuser
	made.decode(t, &s)
	made.is(t, 200, fmt.Sprintf(`{"username":"shop","user_id":%d,"email":"shop@example.com","credit_allocation":{"type":"unlimited"}}`, s.UserID))
	if s.UserID <= 0 || s.UserID >= 1<<53 {
		t.Errorf("the id %d is no number that JavaScript reads exactly", s.UserID)
	}
	listed := fmt.Sprintf(`[{"disabled":false,"email":"shop@example.com","id":%d,"username":"shop"}]`, s.UserID)
	h.owner(t, http.MethodGet, "/v3/subusers", "").is(t, 200, listed)
	h.Restart(t)
	h.owner(t, http.MethodGet, "/v3/subusers?username=shop&limit=10&offset=0", "").is(t, 200, listed)
	k := h.key(t, "shop", "of the shop", "api_keys.read")
	h.as(t, k.Secret, "", http.MethodGet, "/v3/api_keys", "").is(t, 200, `{"result":[{"name":"of the shop","api_key_id":"`+k.ID+`"}]}`)
	h.owner(t, http.MethodPut, "/v3/subusers/shop/ips", `["192.0.2.7","192.0.2.8"]`).is(t, 200, `{"ips":["192.0.2.7","192.0.2.8"]}`)
	h.owner(t, http.MethodPatch, "/v3/subusers/shop", `{"disabled":true}`).is(t, 204, "")
	if all := h.subusers(t, ""); len(all) != 1 || !all[0].Disabled {
		t.Errorf("got %+v", all)
	}
	h.as(t, k.Secret, "", http.MethodGet, "/v3/api_keys", "").is(t, 403, forbidden)
	h.owner(t, http.MethodPatch, "/v3/subusers/shop", `{"disabled":false}`).is(t, 204, "")
	h.as(t, k.Secret, "", http.MethodGet, "/v3/scopes", "").is(t, 200, `{"scopes":["2fa_required","api_keys.read","sender_verification_eligible"]}`)
	h.owner(t, http.MethodDelete, "/v3/subusers/shop", "").is(t, 204, "")
	h.owner(t, http.MethodGet, "/v3/subusers", "").is(t, 200, `[]`)
	h.as(t, k.Secret, "", http.MethodGet, "/v3/scopes", "").is(t, 401, invalidGrant)
	h.subuser(t, "shop")
	if again := h.subusers(t, "")[0].ID; again == s.UserID {
		t.Error("another subuser of the same name has the same id")
	}
}

func TestSubusers_Errors(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.subuser(t, "there")
	const badIPs = `{"errors":[{"message":"unable to validate IPs at this time"}]}`
	field := func(name, message string) string {
		return `{"errors":[{"field":"` + name + `","message":"` + message + `"}]}`
	}
	post := func(change ...string) string {
		return strings.NewReplacer(change...).Replace(newSubuser("fresh"))
	}
	for name, tc := range map[string]struct {
		method, path, body string
		status             int
		want               string
	}{
		"one that is there":         {"POST", "/v3/subusers", newSubuser("there"), 400, `{"errors":[{"message":"username exists"}]}`},
		"a username that cannot be": {"POST", "/v3/subusers", post(`"fresh"`, `"a b"`), 400, field("username", `must be 3 to 64 letters, digits, \".\", \"_\", \"@\" and \"-\", beginning with a letter or digit`)},
		"nothing": {"POST", "/v3/subusers", `{}`, 400, `{"errors":[{"field":"username","message":"missing required argument"},{"field":"email","message":"missing required argument"},` +
			`{"field":"password","message":"missing required argument"},{"field":"ips","message":"missing required argument"}]}`},
		"no password":           {"POST", "/v3/subusers", post(subuserPassword, ""), 400, field("password", "missing required argument")},
		"a password of numbers": {"POST", "/v3/subusers", post(`"`+subuserPassword+`"`, "1234"), 400, field("password", "must be a string")},
		"no e-mail address":     {"POST", "/v3/subusers", post("fresh@example.com", "fresh"), 400, field("email", "must be an e-mail address")},
		"an address with name":  {"POST", "/v3/subusers", post("fresh@example.com", "F <fresh@example.com>"), 400, field("email", "must be an e-mail address")},
		"IPs of version 6":      {"POST", "/v3/subusers", post("192.0.2.1", "2001:db8::1"), 400, badIPs},
		"IPs in one text":       {"POST", "/v3/subusers", post(`["192.0.2.1"]`, `"192.0.2.1"`), 400, field("ips", "must be an array of strings")},
		"another region":        {"POST", "/v3/subusers", post(`"ips"`, `"region":"eu","ips"`), 400, field("region", "must be global: this server has no other region")},
		"a region in yes or no": {"POST", "/v3/subusers", post(`"ips"`, `"include_region":"yes","ips"`), 400, field("include_region", "must be true or false")},
		"a list of no region":   {"GET", "/v3/subusers?region=mars", "", 400, field("region", "must be all, global or eu")},
		"a list before it":      {"GET", "/v3/subusers?offset=-1", "", 400, field("offset", "must be a whole number of at least 0")},
		"a list of none":        {"GET", "/v3/subusers?limit=0", "", 400, field("limit", "must be a whole number from 1 to 500")},
		"no change":             {"PATCH", "/v3/subusers/there", `{"other":1}`, 400, `{"errors":[{"message":"no fields provided"}]}`},
		"a change in words":     {"PATCH", "/v3/subusers/there", `{"disabled":"yes"}`, 400, field("disabled", "must be true or false")},
		"a change of nobody":    {"PATCH", "/v3/subusers/nobody", `{"disabled":true}`, 400, `{"errors":[{"message":"invalid username"}]}`},
		"IPs of nobody":         {"PUT", "/v3/subusers/nobody/ips", `["192.0.2.1"]`, 400, `{"errors":[{"message":"invalid username"}]}`},
		"IPs that are none":     {"PUT", "/v3/subusers/there/ips", `["localhost"]`, 400, badIPs},
		"IPs in an object":      {"PUT", "/v3/subusers/there/ips", `{"ips":["192.0.2.1"]}`, 400, field("ips", "must be an array of strings")},
		"an end of nobody":      {"DELETE", "/v3/subusers/nobody", "", 404, `{"errors":[{"field":null,"message":"not found"}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			a := h.owner(t, tc.method, tc.path, tc.body)
			a.is(t, tc.status, tc.want)
			if strings.Contains(a.body, subuserPassword) {
				t.Error("the answer holds the password")
			}
		})
	}
	if all := h.subusers(t, ""); len(all) != 1 || all[0].Username != "there" || all[0].Disabled {
		t.Errorf("a refused change has changed something: %+v", all)
	}
}

func TestSubusers_ListByOffsetAndName(t *testing.T) {
	t.Parallel()
	h := start(t)
	for _, name := range []string{"a-1", "a-2", "b-1", "b-2"} {
		h.subuser(t, name)
		h.Advance(time.Second) // so that the order is known
	}
	for query, want := range map[string]string{
		"":                         "a-1 a-2 b-1 b-2",
		"?limit=2":                 "a-1 a-2",
		"?limit=2&offset=2":        "b-1 b-2",
		"?limit=9&offset=3":        "b-2",
		"?offset=4":                "",
		"?offset=1000000000":       "",
		"?username=b-":             "b-1 b-2",
		"?username=b-&offset=1":    "b-2",
		"?username=B-":             "b-1 b-2",
		"?username=b-2":            "b-2",
		"?username=b-22":           "",
		"?username=-1":             "",
		"?username=%25":            "",
		"?username=B_1":            "",
		"?username=none":           "",
		"?region=eu":               "",
		"?region=global&limit=500": "a-1 a-2 b-1 b-2",
	} {
		var names []string
		for _, s := range h.subusers(t, query) {
			names = append(names, s.Username)
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%q: %q, want %q", query, got, want)
		}
	}
	if all := h.subusers(t, "?include_region=true&limit=1"); all[0].Region != "global" {
		t.Errorf("got %+v", all)
	}
}

func TestSubusers_AnOffsetReachesBeyondAPage(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("makes 503 subusers")
	}
	h := start(t, servertest.SendGrid(servertest.SendGridQuirks{RequestsPerMinute: 1000}))
	const all, page = 503, 500
	seen := map[string]bool{}
	for i := range all {
		h.subuser(t, fmt.Sprintf("sub-%03d", i))
	}
	for query, want := range map[string]int{"": page, "?offset=500": all - page, "?offset=250&limit=250": 250, "?offset=499&limit=2": 2} {
		got := h.subusers(t, query)
		if len(got) != want {
			t.Errorf("%q: %d, want %d", query, len(got), want)
		}
		if query == "" || query == "?offset=500" {
			for _, s := range got {
				seen[s.Username] = true
			}
		}
	}
	if len(seen) != all {
		t.Errorf("two pages show %d subusers, want %d", len(seen), all)
	}
}

func TestOnBehalfOf_KeysAreThoseOfTheSubuser(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.subuser(t, "shop")
	h.subuser(t, "blog")
	own, shop := h.key(t, "", "own", "mail.send"), h.key(t, "shop", "of shop", "mail.send")
	h.owner(t, http.MethodGet, "/v3/api_keys", "").is(t, 200, `{"result":[{"name":"own","api_key_id":"`+own.ID+`"}]}`)
	as := func(subuser, method, path, body string) answer { return h.as(t, h.Owner, subuser, method, path, body) }
	as("shop", "GET", "/v3/api_keys", "").is(t, 200, `{"result":[{"name":"of shop","api_key_id":"`+shop.ID+`"}]}`)
	as("shop", "PATCH", "/v3/api_keys/"+shop.ID, `{"name":"renamed"}`).is(t, 200, `{"name":"renamed","api_key_id":"`+shop.ID+`"}`)
	as("shop", "PUT", "/v3/api_keys/"+shop.ID, `{"name":"renamed","scopes":["stats.read"]}`).is(t, 200, `{"name":"renamed","api_key_id":"`+shop.ID+`"}`)
	for _, place := range []string{"", "blog", "nobody", "account-id 7"} {
		as(place, "GET", "/v3/api_keys/"+shop.ID, "").is(t, 404, `{"errors":[{"field":null,"message":"unable to find API Key"}]}`)
		as(place, "DELETE", "/v3/api_keys/"+shop.ID, "").is(t, 404, `{"errors":[{"field":null,"message":"unable to find API Key for deletion"}]}`)
	}
	const notFound = `{"errors":[{"field":null,"message":"not found"}]}`
	as("nobody", "GET", "/v3/api_keys", "").is(t, 404, notFound)
	as("nobody", "POST", "/v3/api_keys", `{"name":"n"}`).is(t, 404, notFound)
	as("nobody", "GET", "/v3/scopes", "").is(t, 404, notFound)
	if a := as("shop", "GET", "/v3/scopes", ""); a.status != 200 {
		t.Errorf("the scopes of a subuser: %d %s", a.status, a.body)
	}
	as("shop", "DELETE", "/v3/api_keys/"+shop.ID, "").is(t, 204, "")
	for _, e := range allCalls {
		if strings.HasPrefix(e.path, "/v3/subusers") {
			as("shop", e.method, e.path, e.body).is(t, 403, forbidden)
		}
	}
	for _, values := range [][]string{{""}, {" "}, {"shop", "blog"}} {
		header := http.Header{"Authorization": {"Bearer " + h.Owner}, "On-Behalf-Of": values}
		h.raw(t, header, "POST", "/v3/api_keys", `{"name":"n"}`).is(t, 400, `{"errors":[{"field":"on-behalf-of","message":"must name one subuser"}]}`)
	}
}

func TestOnBehalfOf_AKeyOfASubuserReachesNoOther(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.subuser(t, "shop")
	h.subuser(t, "blog")
	shop := h.key(t, "shop", "of shop", "api_keys.read", "subusers.read", "subusers.create")
	h.as(t, shop.Secret, "shop", "GET", "/v3/api_keys", "").is(t, 200, `{"result":[{"name":"of shop","api_key_id":"`+shop.ID+`"}]}`)
	h.as(t, shop.Secret, "blog", "GET", "/v3/api_keys", "").is(t, 404, `{"errors":[{"field":null,"message":"not found"}]}`)
	h.as(t, shop.Secret, "blog", "GET", "/v3/scopes", "").is(t, 404, `{"errors":[{"field":null,"message":"not found"}]}`)
	a := h.as(t, shop.Secret, "", "GET", "/v3/subusers", "")
	if !strings.Contains(a.body, `"username":"shop"`) || strings.Contains(a.body, "blog") {
		t.Errorf("it sees %s", a.body)
	}
	h.as(t, shop.Secret, "", "POST", "/v3/subusers", newSubuser("third")).is(t, 403, forbiddenSubusers)
}
