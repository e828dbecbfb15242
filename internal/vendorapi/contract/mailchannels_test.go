package contract

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
	"github.com/postern-dev/terraform-provider-postern/internal/vendorapi/mailchannels"
)

func TestMailChannels_AnswersAsItsDescriptionSays(t *testing.T) {
	t.Parallel()
	d := describe(t, "/tx/v1", "mailchannels-email-api.yaml")
	s := servertest.Start(t, servertest.Platform("mailchannels"))
	c := newContract(t, s.URL, mailchannelsStated(), d)
	as := func(key string) http.Header { return http.Header{"X-Api-Key": {key}} }
	owner, nobody := as(s.Owner), http.Header{}
	_, reader := s.NewOwner(t, s.AccountID(), "subaccounts:read", "apikeys:read")
	weak := as(reader)
	const all, one, none = "/tx/v1/sub-account", "/tx/v1/sub-account/acme1", "/tx/v1/sub-account/none1"

	c.send(request{owner, "POST", all, `{"company_name":"Acme","handle":"acme1"}`, 201})
	var made struct{ ID json.Number }
	if err := json.Unmarshal(c.send(request{owner, "POST", one + "/api-key", "", 201}), &made); err != nil {
		t.Fatal(err)
	}
	key := one + "/api-key/" + made.ID.String()
	for _, r := range []request{
		{owner, "POST", all, `{"company_name":"Acme"}`, 201},
		{owner, "POST", all, `{"company_name":"A"}`, 400},
		{owner, "POST", all, `{"company_name":"Acme","handle":"acme1"}`, 409},
		{owner, "GET", all, "", 200},
		{owner, "GET", all + "?limit=1&offset=1", "", 200},
		{owner, "GET", all + "?limit=1001", "", 400},
		{owner, "POST", one + "/suspend", "", 204}, {owner, "POST", none + "/suspend", "", 404},
		{owner, "POST", one + "/activate", "", 204}, {owner, "POST", none + "/activate", "", 404},
		{owner, "GET", one + "/api-key", "", 200},
		{owner, "GET", one + "/api-key?limit=0", "", 400},
		{owner, "GET", none + "/api-key", "", 404}, {owner, "POST", none + "/api-key", "", 404},
		{owner, "DELETE", one + "/api-key/abc", "", 400},
		{owner, "GET", one + "/limit", "", 200}, {owner, "GET", none + "/limit", "", 404},
		{owner, "GET", one + "/usage", "", 200}, {owner, "GET", none + "/usage", "", 404},
		{owner, "PUT", one + "/limit", `{"sends":5}`, 200}, {owner, "PUT", one + "/limit", `{}`, 400}, {owner, "PUT", none + "/limit", `{"sends":5}`, 404},
		{owner, "GET", one + "/limit", "", 200}, {owner, "GET", one + "/usage", "", 200},
		{owner, "DELETE", one + "/limit", "", 204},
		{owner, "GET", one + "/smtp-password", "", 501}, {owner, "POST", one + "/smtp-password", "", 501}, {owner, "DELETE", one + "/smtp-password/1", "", 501},
	} {
		c.send(r)
	}
	for _, call := range []request{
		{method: "GET", path: all}, {method: "POST", path: all, body: `{"company_name":"Acme"}`}, {method: "DELETE", path: one},
		{method: "POST", path: one + "/suspend"}, {method: "POST", path: one + "/activate"},
		{method: "GET", path: one + "/api-key"}, {method: "POST", path: one + "/api-key"}, {method: "DELETE", path: key},
		{method: "GET", path: one + "/limit"}, {method: "PUT", path: one + "/limit", body: `{"sends":5}`}, {method: "DELETE", path: one + "/limit"},
		{method: "GET", path: one + "/usage"},
	} {
		call.header, call.status = nobody, 401
		c.send(call)
		if call.header, call.status = weak, 403; call.method != "GET" {
			c.send(call)
		}
	}
	for range 99 {
		c.send(request{owner, "POST", one + "/api-key", "", 201})
	}
	c.send(request{owner, "POST", one + "/api-key", "", 422})
	s.FillDisk(t)
	c.send(request{owner, "POST", all, `{"company_name":"Acme"}`, 500})
	s.FreeDisk(t)
	for _, path := range []string{key, one} {
		c.send(request{owner, "DELETE", path, "", 204})
	}
	c.finish(mailchannels.New(mailchannels.Config{}))
}
