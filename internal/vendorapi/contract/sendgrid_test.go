package contract

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
	"github.com/postern-dev/terraform-provider-postern/internal/vendorapi/sendgrid"
)

// fresh is the body of a new subuser.
const fresh = `{"username":"shop","email":"shop@example.com","password":"a-long-one","ips":["192.0.2.1"]}`

func TestSendGrid_AnswersAsItsDescriptionSays(t *testing.T) {
	t.Parallel()
	var all []*description
	for _, name := range []string{"sendgrid-api-keys.yaml", "sendgrid-scopes.yaml", "sendgrid-subusers.yaml"} {
		all = append(all, describe(t, "", name))
	}
	s := servertest.Start(t, servertest.Platform("sendgrid"))
	c := newContract(t, s.URL, sendgridStated(), all...)
	bearer := func(key string) http.Header { return http.Header{"Authorization": {"Bearer " + key}} }
	owner, nobody := bearer(s.Owner), http.Header{}
	_, weakKey := s.NewKey(t, "mail.send")
	_, other := s.NewAccount(t, "postern")
	weak, stranger := bearer(weakKey), bearer(other)
	forNobody := bearer(s.Owner)
	forNobody.Set("On-Behalf-Of", "nobody")

	var made struct {
		ID string `json:"api_key_id"`
	}
	if err := json.Unmarshal(c.send(request{owner, "POST", "/v3/api_keys", `{"name":"a","scopes":["mail.send"]}`, 201}), &made); err != nil {
		t.Fatal(err)
	}
	key := "/v3/api_keys/" + made.ID
	for _, r := range sendgridVariants(key, owner, weak, stranger, forNobody) {
		c.send(r)
	}
	if a := s.Do(t, "POST", "/v1/subaccounts", `{"handle":"plain","name":"no address"}`); a.Status != http.StatusCreated {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	c.send(request{owner, "GET", "/v3/subusers?username=plain", "", 200})
	for _, call := range []request{
		{method: "POST", path: "/v3/api_keys", body: `{"name":"a","scopes":["mail.send"]}`},
		{method: "GET", path: "/v3/api_keys"}, {method: "GET", path: key}, {method: "PATCH", path: key, body: `{"name":"b"}`},
		{method: "PUT", path: key, body: `{"name":"b","scopes":["mail.send"]}`}, {method: "DELETE", path: key},
		{method: "GET", path: "/v3/scopes"}, {method: "POST", path: "/v3/subusers", body: strings.Replace(fresh, "shop", "third", 1)},
		{method: "GET", path: "/v3/subusers"}, {method: "PATCH", path: "/v3/subusers/shop", body: `{"disabled":true}`},
		{method: "PUT", path: "/v3/subusers/shop/ips", body: `["192.0.2.7"]`}, {method: "DELETE", path: "/v3/subusers/shop"},
	} {
		call.header, call.status = nobody, 401
		c.send(call)
		if call.header, call.status = weak, 403; call.path != "/v3/scopes" {
			c.send(call)
		}
	}
	s.FillDisk(t)
	c.send(request{owner, "POST", "/v3/api_keys", `{"name":"a","scopes":["mail.send"]}`, 500})
	c.send(request{owner, "POST", "/v3/subusers", strings.ReplaceAll(fresh, "shop", "fourth"), 500})
	s.FreeDisk(t)
	for _, r := range []request{
		{owner, "DELETE", key + "?x=%zz", "", 400}, {owner, "DELETE", key, "", 204}, {owner, "DELETE", key, "", 404},
		{owner, "DELETE", "/v3/subusers/shop", "", 204},
	} {
		c.send(r)
	}
	reserved(c, owner)
	c.finish(sendgrid.New(sendgrid.Config{}))
}

// reserved checks that no subuser can have a name that the description has in its place.
func reserved(c *contract, owner http.Header) {
	words := map[string]bool{}
	for _, o := range c.operations {
		if rest, ok := strings.CutPrefix(o.path, "/v3/subusers/"); ok && !strings.HasPrefix(rest, "{") {
			word, _, _ := strings.Cut(rest, "/")
			words[word] = true
		}
	}
	for word := range words {
		c.send(request{owner, "POST", "/v3/subusers", strings.Replace(fresh, `"shop"`, `"`+word+`"`, 1), 400})
	}
	if len(words) < 2 {
		c.t.Errorf("the description reserves %v", words)
	}
}

// sendgridVariants are the calls with what each may be sent: well, wrong, and for what is
// not there. key is the path of a key.
func sendgridVariants(key string, owner, weak, stranger, forNobody http.Header) []request {
	return []request{
		{owner, "POST", "/v3/api_keys", `{"name":"full"}`, 201},
		{owner, "POST", "/v3/api_keys", `{}`, 400},
		{owner, "POST", "/v3/api_keys", `{"name":"a","scopes":["no.such"]}`, 400},
		{forNobody, "POST", "/v3/api_keys", `{"name":"a","scopes":["mail.send"]}`, 404},
		{owner, "GET", "/v3/api_keys", "", 200},
		{owner, "GET", "/v3/api_keys?limit=1", "", 200},
		{owner, "GET", "/v3/api_keys?limit=0", "", 400},
		{forNobody, "GET", "/v3/api_keys", "", 404},
		{owner, "GET", key, "", 200},
		{owner, "GET", key + "?x=%zz", "", 400},
		{owner, "GET", "/v3/api_keys/none", "", 404},
		{owner, "PATCH", key, `{"name":"b"}`, 200},
		{owner, "PATCH", key, `{}`, 400},
		{owner, "PATCH", "/v3/api_keys/none", `{"name":"b"}`, 404},
		{owner, "PUT", key, `{"name":"b","scopes":["mail.send","alerts.read"]}`, 200},
		{owner, "PUT", key, `{"name":"b","scopes":["no.such"]}`, 400},
		{owner, "PUT", "/v3/api_keys/none", `{"name":"b","scopes":["mail.send"]}`, 404},
		{owner, "GET", "/v3/scopes", "", 200},
		{weak, "GET", "/v3/scopes", "", 200},
		{stranger, "GET", "/v3/scopes", "", 403},
		{forNobody, "GET", "/v3/scopes", "", 404},
		{owner, "GET", "/v3/user/username", "", 200},
		{weak, "GET", "/v3/user/username", "", 403},
		{owner, "POST", "/v3/subusers", fresh, 200},
		{owner, "POST", "/v3/subusers", strings.Replace(fresh, `{"username":"shop"`, `{"include_region":true,"username":"shop2"`, 1), 200},
		{owner, "POST", "/v3/subusers", fresh, 400},
		{owner, "POST", "/v3/subusers", `{}`, 400},
		{owner, "GET", "/v3/subusers", "", 200},
		{owner, "GET", "/v3/subusers?include_region=true&username=SHOP", "", 200},
		{owner, "GET", "/v3/subusers?limit=501", "", 400},
		{owner, "GET", "/v3/subusers/shop", "", 200},
		{owner, "GET", "/v3/subusers/stats", "", 404},
		{owner, "GET", "/v3/subusers/reputations", "", 404},
		{owner, "PATCH", "/v3/subusers/shop", `{"disabled":true}`, 204},
		{owner, "PATCH", "/v3/subusers/shop", `{}`, 400},
		{owner, "PATCH", "/v3/subusers/nobody", `{"disabled":true}`, 400},
		{owner, "PUT", "/v3/subusers/shop/ips", `["192.0.2.7"]`, 200},
		{owner, "PUT", "/v3/subusers/shop/ips", `["here"]`, 400},
		{owner, "DELETE", "/v3/subusers/nobody", "", 404},
	}
}
