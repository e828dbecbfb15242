package httpapi_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

func basic(text string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(text)) }

// signIns sends each set of headers of a gateway's caller, and wants it let in or not.
func (h *harness) signIns(t *testing.T, cases map[string]http.Header, good func(name string) bool) {
	t.Helper()
	for name, header := range cases {
		t.Run(name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.URL+"/v1/authorize", nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header = header
			req.Header.Set(api.HeaderAuthorize, h.Owner)
			a := h.do(t, req)
			if want := map[bool]int{true: http.StatusNoContent, false: http.StatusUnauthorized}[good(name)]; a.status != want {
				t.Errorf("%d, want %d: %s", a.status, want, a.body)
			}
			if a.status == http.StatusUnauthorized && a.header.Get("Content-Type") != jsonType {
				t.Errorf("not the platform's own words: %s", a.body)
			}
		})
	}
}

func TestAuthorize_APIUsers(t *testing.T) {
	t.Parallel()
	h := start(t, servertest.Platform("dotdigital"))
	user := h.create(t, `{"secret":"cor:rect hörse 1"}`, nil).Username
	const password, auth = "cor:rect hörse 1", "Authorization"
	good := basic(user + ":" + password)
	_, encoded, _ := strings.Cut(good, " ")
	h.signIns(t, map[string]http.Header{
		"good":                   {auth: {good}},
		"good, in other letters": {auth: {"bASIC " + encoded}},
		"good, twice":            {auth: {good, good}},
		"good, more space":       {auth: {" Basic  " + encoded + " "}},
		"good, another scheme":   {auth: {"Digest x", good}},
		"nothing":                {},
		"two users":              {auth: {good, basic("a:b")}},
		"a key as well":          {auth: {good}, "X-Api-Key": {password}},
		"a bearer as well":       {auth: {good, "Bearer " + password}},
		"a broken one as well":   {auth: {good, "Basic !"}},
		"the password alone":     {"X-Api-Key": {password}},
		"the password as bearer": {auth: {"Bearer " + password}},
		"no text":                {auth: {"Basic"}},
		"not in base64":          {auth: {"Basic " + user + ":" + password}},
		"base64 without its end": {auth: {strings.TrimRight(basic(user+":"+password+"x"), "=")}},
		"no colon":               {auth: {basic(user)}},
		"no username":            {auth: {basic(":" + password)}},
		"no password":            {auth: {basic(user + ":")}},
		"another password":       {auth: {basic(user + ":cor:rect")}},
		"another user":           {auth: {basic("x" + user + ":" + password)}},
		"user in other letters":  {auth: {basic(strings.ToUpper(user) + ":" + password)}},
	}, func(name string) bool { return strings.HasPrefix(name, "good") })
}

// Where secrets are minted, nobody signs in.
func TestAuthorize_BasicIsForAPIUsers(t *testing.T) {
	t.Parallel()
	h := start(t)
	_, key := h.NewKey(t, "read")
	const auth = "Authorization"
	h.signIns(t, map[string]http.Header{
		"good":               {"X-Api-Key": {key}},
		"as a password":      {auth: {basic("user:" + key)}},
		"without a username": {auth: {basic(":" + key)}},
		"as a username":      {auth: {basic(key + ":")}},
		// X-API-Key wins: what is in Authorization is the application's own.
		"good, beside a user":   {auth: {basic("user:x")}, "X-Api-Key": {key}},
		"good, beside a broken": {auth: {"Basic x"}, "X-Api-Key": {key}},
		"good, beside a token":  {auth: {"Bearer a-token-of-the-application"}, "X-Api-Key": {key}},
		"good, as bearer":       {auth: {"Bearer " + key}},
		"good, key is empty":    {auth: {"Bearer " + key}, "X-Api-Key": {""}},
		"beside a bad key":      {auth: {"Bearer " + key}, "X-Api-Key": {"ptn_key_x"}},
		"two keys":              {"X-Api-Key": {key, "ptn_key_x"}},
		"two bearers":           {auth: {"Bearer " + key, "Bearer ptn_key_x"}},
		"bearer and a user":     {auth: {"Bearer " + key, basic("user:x")}},
	}, func(name string) bool { return strings.HasPrefix(name, "good") })
	if a := h.gateway(t, "", "ptn_key_x", ""); a.header.Values("WWW-Authenticate") != nil {
		t.Errorf("the answer asks to sign in: %v", a.header)
	}
	if v := must[api.Verification](t, h, http.StatusOK, http.MethodPost, pathVerify, `{"username":"user","secret":"`+key+`"}`, nil); v.Code != api.VerifyInvalid {
		t.Errorf("the verdict is %+v", v)
	}
}
