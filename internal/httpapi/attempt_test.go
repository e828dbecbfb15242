package httpapi_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

const guesser = "203.0.113.7"

func TestBlock_AfterTooManyKeysThatAreNotValid(t *testing.T) {
	t.Parallel()
	h := start(t, servertest.Platform("benchmark"), servertest.Proxies("X-Real-IP"))
	key := h.create(t, `{"name":"a","scopes":["contacts:read"]}`, nil)
	for i := range 20 {
		if a := h.gateway(t, "", "bme_guess", guesser); a.status != http.StatusUnauthorized {
			t.Fatalf("guess %d: %d %s", i, a.status, a.body)
		}
	}
	for name, secret := range map[string]string{"a guess": "bme_guess", "a good key": key.Secret.Reveal()} {
		a := h.gateway(t, "", secret, guesser)
		const body = `{"errors":[{"errorType":"TooManyRequestsError","message":"Too many failed authentication attempts. Please try again later."}]}`
		if a.status != http.StatusTooManyRequests || a.body != body {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
		if diff := cmp.Diff(map[string]string{"Retry-After": "900"}, limitHeaders(a)); diff != "" {
			t.Errorf("%s: want -, got +:\n%s", name, diff)
		}
	}
	verdict := func(body string) api.Verification {
		return must[api.Verification](t, h, http.StatusOK, http.MethodPost, pathVerify, body, nil)
	}
	if v := verdict(`{"secret":"` + key.Secret.Reveal() + `","client_address":"` + guesser + `"}`); v.Code != api.VerifyBlocked || v.Status != http.StatusTooManyRequests || v.RetryAfter != 900 || v.APIKeyID != "" {
		t.Errorf("the verdict is %+v", v)
	}
	if v := verdict(`{"secret":"` + key.Secret.Reveal() + `"}`); !v.Valid {
		t.Errorf("without an address: %+v", v)
	}
	for _, address := range []string{guesser + ":443", "here", " " + guesser, "203.0.113.0/24"} {
		invalid(http.MethodPost, pathVerify, "", "client_address", "must be an IP address without a port").check(t,
			h.send(t, http.MethodPost, pathVerify, `{"secret":"x","client_address":"`+address+`"}`, nil))
	}
	h.Advance(15*time.Minute - time.Second)
	if a := h.gateway(t, "", key.Secret.Reveal(), guesser); a.status != http.StatusTooManyRequests || a.header.Get("Retry-After") != "1" {
		t.Errorf("a second before the end: %d %v", a.status, a.header)
	}
	h.Advance(time.Second)
	if a := h.gateway(t, "", key.Secret.Reveal(), guesser); a.status != http.StatusNoContent {
		t.Errorf("at the end: %d %s", a.status, a.body)
	}
}

// The one header that is named counts, and in it what the gateway itself saw. Nothing that its
// caller claims does.
func TestBlock_WhichAddressCounts(t *testing.T) {
	t.Parallel()
	const realIP, forwarded, other = "X-Real-Ip", "X-Forwarded-For", "198.51.100.1"
	type sent struct {
		header  http.Header
		blocked bool
	}
	for named, cases := range map[string]map[string]sent{
		"": {
			"none is believed unasked": {http.Header{realIP: {guesser}, forwarded: {guesser}}, false},
		},
		realIP: {
			"none":              {http.Header{}, false},
			"real":              {http.Header{realIP: {guesser}}, true},
			"another":           {http.Header{realIP: {other}, forwarded: {guesser}}, false},
			"the other header":  {http.Header{forwarded: {guesser}}, false},
			"with a port":       {http.Header{realIP: {guesser + ":443"}}, true},
			"in IPv6":           {http.Header{realIP: {"::ffff:" + guesser}}, true},
			"in brackets":       {http.Header{realIP: {"[::ffff:" + guesser + "]:443"}}, true},
			"twice, the last":   {http.Header{realIP: {guesser, other}}, false},
			"no address at all": {http.Header{realIP: {"unknown"}, forwarded: {guesser}}, false},
		},
		forwarded: {
			"forwarded":               {http.Header{forwarded: {guesser}}, true},
			"beside another real":     {http.Header{forwarded: {guesser}, realIP: {other}}, true},
			"claimed before it":       {http.Header{forwarded: {guesser + ", " + other}}, false},
			"claims another":          {http.Header{forwarded: {other + ", " + guesser}}, true},
			"claims a trusted proxy":  {http.Header{forwarded: {"10.0.0.9, " + guesser}}, true},
			"over a trusted proxy":    {http.Header{forwarded: {other + ", " + guesser + ", 10.0.0.1"}}, true},
			"over one that is not":    {http.Header{forwarded: {guesser + ", 192.0.2.1"}}, false},
			"two lines":               {http.Header{forwarded: {other, guesser}}, true},
			"two lines, another last": {http.Header{forwarded: {guesser, other}}, false},
			"last is no IP":           {http.Header{forwarded: {guesser + ", unknown"}}, false},
			"last is empty":           {http.Header{forwarded: {guesser + ","}}, false},
		},
	} {
		var trusted []string
		if named == forwarded {
			trusted = []string{"10.0.0.0/8"}
		}
		h := start(t, servertest.Platform("benchmark"), servertest.Proxies(named, trusted...))
		key := h.create(t, `{"name":"a","scopes":["contacts:read"]}`, nil)
		for range 20 {
			h.send(t, http.MethodGet, "/v1/authorize", "", map[string]string{api.HeaderAuthorize: h.Owner, api.HeaderAPIKey: "bme_guess", realIP: guesser, forwarded: guesser})
		}
		for name, tc := range cases {
			t.Run(named+" "+name, func(t *testing.T) {
				req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.URL+"/v1/authorize", nil)
				if err != nil {
					t.Fatal(err)
				}
				req.Header = tc.header
				req.Header.Set(api.HeaderAuthorize, h.Owner)
				req.Header.Set(api.HeaderAPIKey, key.Secret.Reveal())
				want := map[bool]int{true: http.StatusTooManyRequests, false: http.StatusNoContent}[tc.blocked]
				if a := h.do(t, req); a.status != want {
					t.Errorf("%d, want %d: %s", a.status, want, a.body)
				}
			})
		}
	}
}

func TestLock_AfterWrongPasswordsUntilItIsUnlocked(t *testing.T) {
	t.Parallel()
	h := start(t, servertest.Platform("dotdigital"))
	user := h.create(t, `{"secret":"`+hush+`"}`, nil)
	signIn := func(password string) answer {
		t.Helper()
		return h.send(t, http.MethodGet, "/v1/authorize", "", map[string]string{
			api.HeaderAuthorize: h.Owner, api.HeaderAPIKey: "-", "Authorization": basic(user.Username + ":" + password),
		})
	}
	verdict := func() api.Verification {
		t.Helper()
		return must[api.Verification](t, h, http.StatusOK, http.MethodPost, pathVerify, `{"username":"`+user.Username+`","secret":"`+hush+`"}`, nil)
	}
	if a, v := signIn(hush), verdict(); a.status != http.StatusNoContent || !v.Valid {
		t.Fatalf("%d %s, %+v", a.status, a.body, v)
	}
	for range 5 {
		signIn("wrong horse 1")
	}
	a := signIn(hush)
	if a.status != http.StatusUnauthorized || a.body != `{"message":"Error: ERROR_APIUSER_INVALID"}` || !strings.HasPrefix(a.header.Get("WWW-Authenticate"), "Basic realm=") {
		t.Errorf("%d %v %s", a.status, a.header, a.body)
	}
	if v := verdict(); v.Code != api.VerifyLocked || v.Status != http.StatusUnauthorized || v.APIKeyID != user.ID {
		t.Errorf("the verdict is %+v", v)
	}
	list := must[api.Page[api.APIKey]](t, h, http.StatusOK, http.MethodGet, pathKeys+"?status=locked", "", nil)
	if len(list.Items) != 1 || list.Items[0].Status != api.StatusLocked {
		t.Errorf("the locked ones are %+v", list.Items)
	}
	_, reader := h.NewOwner(t, h.AccountID(), "apikeys:read")
	refused("", "", "", http.StatusForbidden, api.CodeForbidden, "", "apikeys:update").check(t, h.send(t, http.MethodPost, pathKeys+"/"+user.ID+"/unlock", "", as(reader)))
	for range 2 { // the second changes nothing
		if got := must[api.APIKey](t, h, http.StatusOK, http.MethodPost, pathKeys+"/"+user.ID+"/unlock", "", nil); got.Status != api.StatusActive {
			t.Errorf("unlocked: %+v", got)
		}
	}
	if a, v := signIn(hush), verdict(); a.status != http.StatusNoContent || !v.Valid {
		t.Errorf("unlocked: %d %s, %+v", a.status, a.body, v)
	}
	var actions []string
	for _, e := range h.trail(t, "?target="+user.ID).Items {
		actions = append(actions, e.Action+" "+e.Outcome)
	}
	if diff := cmp.Diff([]string{"apikey.create allowed", "apikey.lock allowed", "apikey.unlock denied", "apikey.unlock allowed"}, actions); diff != "" {
		t.Errorf("the trail: want -, got +:\n%s", diff)
	}
}
