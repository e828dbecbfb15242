package httpapi_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// Whatever leads from one path to another must stay under the prefix that a proxy serves
// the API under, of which the server knows nothing.
func TestPrefixOfAProxy_EveryLinkStaysUnderIt(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.subaccount(t, "one")
	bound := h.createIn(t, "one", `{"name":"manager","scopes":["admin"]}`)
	behind, err := url.Parse(h.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewServer(http.StripPrefix("/keys", &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(behind) }}))
	t.Cleanup(proxy.Close)
	send := func(method, at, body, credential string) (*http.Response, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, at, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set(api.HeaderAPIKey, credential)
		req.Header.Set("Content-Type", jsonType)
		resp, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp, string(text)
	}
	base := proxy.URL + "/keys"
	for _, tc := range []struct{ path, body, credential string }{
		{"/v1/apikeys", `{"name":"a","scopes":["read"]}`, h.Owner},
		{"/v1/subaccounts", `{"handle":"two","name":"Two"}`, h.Owner},
		{"/v1/subaccounts/two/apikeys", `{"name":"a","scopes":["read"]}`, h.Owner},
		{"/v1/scopes", `{"name":"mail:send"}`, h.Owner},
		{"/v1/apikeys", `{"name":"b","scopes":["read"]}`, bound.Secret}, // the key is then below the sub-account
	} {
		resp, text := send(http.MethodPost, base+tc.path, tc.body, tc.credential)
		at, err := resp.Location()
		if err != nil || resp.StatusCode != http.StatusCreated {
			t.Errorf("%s: %d, %v: %s", tc.path, resp.StatusCode, err, text)
			continue
		}
		if got, text := send(http.MethodGet, at.String(), "", tc.credential); got.StatusCode != http.StatusOK {
			t.Errorf("%s: Location %q leads to %d: %s", tc.path, resp.Header.Get("Location"), got.StatusCode, text)
		}
	}
	for _, path := range []string{"/v1//apikeys", "/v3", "/tx/v1"} {
		resp, text := send(http.MethodGet, base+path, "", h.Owner)
		if at, err := resp.Location(); err == nil && !strings.HasPrefix(at.Path, "/keys/") {
			t.Errorf("%s leads to %s: %s", path, at, text)
		}
	}
	_, page := send(http.MethodGet, base+"/docs", "", h.Owner)
	for _, link := range regexp.MustCompile(`(?:src|href)="([^"]+)"`).FindAllStringSubmatch(page, -1) {
		at, err := url.Parse(base + "/docs")
		if err != nil {
			t.Fatal(err)
		}
		if at, err = at.Parse(link[1]); err != nil {
			t.Fatal(err)
		}
		if got, text := send(http.MethodGet, at.String(), "", h.Owner); got.StatusCode != http.StatusOK {
			t.Errorf("/docs links to %s: %d %s", at, got.StatusCode, text)
		}
	}
	_, document := send(http.MethodGet, base+"/openapi.json", "", h.Owner)
	var said struct{ Servers []struct{ URL string } }
	if err := json.Unmarshal([]byte(document), &said); err != nil || len(said.Servers) != 1 || said.Servers[0].URL != "." {
		t.Errorf("the document's servers are %+v, %v: a call from the page would leave the prefix", said.Servers, err)
	}
}
