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
	send := func(method, at, body, credential string) answer {
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
		return answer{resp.StatusCode, resp.Header, string(text)}
	}
	resolve := func(at, reference string) string {
		t.Helper()
		from, err := url.Parse(at)
		if err != nil {
			t.Fatal(err)
		}
		to, err := from.Parse(reference)
		if err != nil {
			t.Fatal(err)
		}
		return to.String()
	}
	base := proxy.URL + "/keys"
	for _, tc := range []struct{ path, body, credential string }{
		{"/v1/apikeys", `{"name":"a","scopes":["read"]}`, h.Owner},
		{"/v1/subaccounts", `{"handle":"two","name":"Two"}`, h.Owner},
		{"/v1/subaccounts/two/apikeys", `{"name":"a","scopes":["read"]}`, h.Owner},
		{"/v1/scopes", `{"name":"mail:send"}`, h.Owner},
		{"/v1/apikeys", `{"name":"b","scopes":["read"]}`, bound.Secret.Reveal()}, // the key is then below the sub-account
	} {
		made := send(http.MethodPost, base+tc.path, tc.body, tc.credential)
		if made.status != http.StatusCreated || made.header.Get("Location") == "" {
			t.Errorf("%s: %d %v: %s", tc.path, made.status, made.header, made.body)
			continue
		}
		at := resolve(base+tc.path, made.header.Get("Location"))
		if got := send(http.MethodGet, at, "", tc.credential); got.status != http.StatusOK {
			t.Errorf("%s: Location %q leads to %d: %s", tc.path, made.header.Get("Location"), got.status, got.body)
		}
	}
	for _, path := range []string{"/v1//apikeys", "/v3", "/tx/v1"} {
		to := send(http.MethodGet, base+path, "", h.Owner).header.Get("Location")
		if at := resolve(base+path, to); !strings.HasPrefix(at, base+"/") {
			t.Errorf("%s leads to %s", path, at)
		}
	}
	page := send(http.MethodGet, base+"/docs", "", h.Owner)
	for _, link := range regexp.MustCompile(`(?:src|href)="([^"]+)"`).FindAllStringSubmatch(page.body, -1) {
		at := resolve(base+"/docs", link[1])
		if got := send(http.MethodGet, at, "", h.Owner); got.status != http.StatusOK {
			t.Errorf("/docs links to %s: %d %s", at, got.status, got.body)
		}
	}
	document := send(http.MethodGet, base+"/openapi.json", "", h.Owner)
	var said struct{ Servers []struct{ URL string } }
	if err := json.Unmarshal([]byte(document.body), &said); err != nil || len(said.Servers) != 1 || said.Servers[0].URL != "." {
		t.Errorf("the document's servers are %+v, %v: a call from the page would leave the prefix", said.Servers, err)
	}
}
