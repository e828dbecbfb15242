package sendgrid_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

const noSuchSubuser = `{"errors":[{"field":null,"message":"not found"}]}`

func TestSubusers_OneAloneIsAsInTheList(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.subuser(t, "shop")
	h.subuser(t, "Shop")
	address := strings.Replace(newSubuser("mail"), `"username":"mail"`, `"username":"a@b.example"`, 1)
	if a := h.owner(t, "POST", "/v3/subusers", address); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	var id int64
	for _, s := range h.subusers(t, "?username=SHOP") {
		if s.Username == "shop" {
			id = s.ID
		}
	}
	shown := func(disabled bool, region string) string {
		return fmt.Sprintf(`{"disabled":%t,"email":"shop@example.com","id":%d,"username":"shop"%s}`, disabled, id, region)
	}
	h.owner(t, "GET", "/v3/subusers/shop", "").is(t, 200, shown(false, ""))
	h.owner(t, "GET", "/v3/subusers/shop?include_region=true", "").is(t, 200, shown(false, `,"region":"global"`))
	h.owner(t, "PATCH", "/v3/subusers/shop", `{"disabled":true}`).is(t, 204, "")
	h.owner(t, "GET", "/v3/subusers/shop?limit=5&offset=0", "").is(t, 200, shown(true, ""))
	if a := h.owner(t, "GET", "/v3/subusers/a%40b.example", ""); a.status != 200 || !strings.Contains(a.body, `"username":"a@b.example"`) {
		t.Errorf("an address: %d %s", a.status, a.body)
	}
	for _, name := range []string{"SHOP", "sho", "shop2", "nobody", "%20", "shop%2Fips", "stats", "reputations", "Stats", "%73tats"} {
		h.owner(t, "GET", "/v3/subusers/"+name, "").is(t, 404, noSuchSubuser)
	}
	h.owner(t, "DELETE", "/v3/subusers/shop", "").is(t, 204, "")
	h.owner(t, "GET", "/v3/subusers/shop", "").is(t, 404, noSuchSubuser)
	// A key of a subuser sees no other.
	key := h.key(t, "Shop", "of Shop", "subusers.read")
	if a := h.as(t, key.Secret, "", "GET", "/v3/subusers/Shop", ""); a.status != 200 {
		t.Errorf("its own: %d %s", a.status, a.body)
	}
	h.as(t, key.Secret, "", "GET", "/v3/subusers/a%40b.example", "").is(t, 404, noSuchSubuser)
	h.VerifyAudit(t)
}

func TestSubusers_WhatSendGridsPathsHaveIsNoName(t *testing.T) {
	t.Parallel()
	h := start(t)
	for _, name := range []string{"stats", "reputations", "STATS", "Reputations"} {
		h.owner(t, http.MethodPost, "/v3/subusers", newSubuser(name)).is(t, 400,
			`{"errors":[{"field":"username","message":"must be another one: SendGrid's own paths have this one"}]}`)
	}
	h.subuser(t, "stats2") // only the whole word
	// One that was made by other means is not answered where SendGrid answers something else.
	if a := h.Do(t, http.MethodPost, "/v1/subaccounts", `{"handle":"stats","name":"stats"}`); a.Status != http.StatusCreated {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	h.owner(t, "GET", "/v3/subusers/stats", "").is(t, 404, noSuchSubuser)
	h.owner(t, "DELETE", "/v3/subusers/stats", "").is(t, 204, "")
	if all := h.subusers(t, ""); len(all) != 1 || all[0].Username != "stats2" {
		t.Errorf("got %+v", all)
	}
}

func TestQuirk_AListMayLeaveOutDisabledSubusers(t *testing.T) {
	t.Parallel()
	h := start(t, servertest.SendGrid(servertest.SendGridQuirks{ListOmitsDisabled: true}))
	h.subuser(t, "shop")
	h.subuser(t, "blog")
	h.owner(t, "PATCH", "/v3/subusers/shop", `{"disabled":true}`).is(t, 204, "")
	for query, want := range map[string]int{"": 1, "?username=shop": 0, "?offset=1": 0} {
		if got := h.subusers(t, query); len(got) != want {
			t.Errorf("%q: %+v", query, got)
		}
	}
	if a := h.owner(t, "GET", "/v3/subusers/shop", ""); a.status != 200 || !strings.Contains(a.body, `"disabled":true`) {
		t.Errorf("alone: %d %s", a.status, a.body)
	}
}
