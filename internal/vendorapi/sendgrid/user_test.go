package sendgrid_test

import "testing"

func TestUsername_TellsWhoseACredentialIs(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.subuser(t, "shop")
	ask := func(credential, subuser string) (got struct {
		Username string `json:"username"`
		ID       int64  `json:"user_id"`
	}) {
		t.Helper()
		h.as(t, credential, subuser, "GET", "/v3/user/username", "").decode(t, &got)
		return got
	}
	_, otherOwner := h.NewAccount(t, "sendgrid")
	account, other := ask(h.Owner, ""), ask(otherOwner, "")
	if account.ID <= 0 || account.ID == other.ID || account.Username == "" {
		t.Errorf("two accounts: %+v and %+v", account, other)
	}
	for _, place := range []string{"", "shop"} {
		with := h.key(t, place, "with", "user.username.read")
		want := account
		if place == "shop" {
			want = ask(h.Owner, "shop")
		}
		if got := ask(with.Secret, ""); got != want {
			t.Errorf("a key of %q: %+v, want %+v", place, got, want)
		}
	}
	if shop := ask(h.Owner, "shop"); shop.Username != "shop" || shop.ID == account.ID {
		t.Errorf("for a subuser: %+v", shop)
	}
	h.as(t, h.Owner, "nobody", "GET", "/v3/user/username", "").is(t, 404, `{"errors":[{"field":null,"message":"not found"}]}`)
}
