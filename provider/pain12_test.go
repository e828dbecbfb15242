package provider_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

// throughProxy is the address of a proxy that may change each answer of the server.
func (w world) throughProxy(change func(*http.Response) error) string {
	w.t.Helper()
	to, err := url.Parse(w.server.URL)
	if err != nil {
		w.t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(to)
	proxy.ModifyResponse = change
	front := httptest.NewServer(proxy)
	w.t.Cleanup(front.Close)
	return front.URL
}

// answer replaces the body of an answer.
func answer(r *http.Response, body []byte) {
	r.Body.Close()
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	r.Header.Set("Content-Length", fmt.Sprint(len(body)))
}

// A 404 of something on the way, for keys of the account and of a sub-account.
func TestPain12_AStrayMissNeverDropsALiveKey(t *testing.T) {
	t.Parallel()
	for path, config := range map[string]string{
		"/v1/apikeys": written(), "/v1/subaccounts/acme/apikeys": keyIn(`"acme"`, `name = "test"`, `scopes = ["write"]`),
	} {
		w := newWorld(t)
		w.makeSubaccount(api.CreateSubaccount{Handle: "acme", Name: "Acme"})
		c := w.pipeline(config)
		c.ok("apply", "-no-color", "-auto-approve")
		w.server.Fail(1, "GET", path, http.StatusNotFound, 0)
		code, out := c.run("plan", "-no-color")
		if code != 1 || !strings.Contains(out, "Unable to read API key") {
			t.Errorf("exit %d: %s", code, out)
		}
		c.unchanged()
	}
}

// A list that misses a key, as a replica that lags behind does, is looked at once more.
func TestPain12_AListThatMissesAKeyNeverDropsIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(written())
	c.ok("apply", "-no-color", "-auto-approve")
	var missed atomic.Int32
	c.env = append(slices.Clone(c.env), "POSTERN_ENDPOINT="+w.throughProxy(func(r *http.Response) error {
		if r.Request.Method == http.MethodGet && r.Request.URL.Path == "/v1/apikeys" {
			missed.Add(1)
			answer(r, []byte(`{"items":[],"next_cursor":""}`))
		}
		return nil
	}))
	c.unchanged()
	if missed.Load() == 0 {
		t.Error("no list was asked for")
	}
}

// Only what is really gone is dropped, and not in silence.
func TestPain12_AKeyThatIsGoneIsWarnedOf(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(written())
	c.ok("apply", "-no-color", "-auto-approve")
	gone := w.only()
	if err := w.client.APIKeys.Delete(t.Context(), gone.ID); err != nil {
		t.Fatal(err)
	}
	out := c.ok("plan", "-no-color")
	if !strings.Contains(out, "Warning: API key is gone") || !strings.Contains(out, "Key test ("+gone.ID+") is not there any more") || !strings.Contains(out, "1 to add, 0 to change, 0 to destroy") {
		t.Errorf("%s", out)
	}
}

func TestPain12_AWrongBasePathNeverDropsALiveKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(written())
	c.ok("apply", "-no-color", "-auto-approve")
	wrong := c
	wrong.env = append(slices.Clone(c.env), "POSTERN_ENDPOINT="+w.server.URL+"/postern")
	code, out := wrong.run("plan", "-no-color")
	if code != 1 || !strings.Contains(out, "There is no such path") {
		t.Errorf("exit %d: %s", code, out)
	}
	c.unchanged()
}

// The keys of the state come after a whole page of others.
func TestPain12_KeysOnALaterPageAreNotLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for n := range api.MaxPageSize {
		if _, err := w.client.APIKeys.Create(t.Context(), api.CreateAPIKey{Name: fmt.Sprintf("other %d", n), Scopes: []string{"read"}}); err != nil {
			t.Fatal(err)
		}
	}
	const thirty = "resource \"postern_apikey\" \"test\" {\n  count  = 30\n  name   = \"test ${count.index}\"\n  scopes = [\"read\"]\n}\n"
	const found = "data \"postern_apikeys\" \"all\" { depends_on = [postern_apikey.test] }\noutput \"found\" { value = length(data.postern_apikeys.all.ids) }\n"
	c := w.pipeline(thirty + found)
	c.ok("apply", "-no-color", "-auto-approve")
	w.server.Reset()
	c.unchanged()
	if !slices.ContainsFunc(w.server.Requests(), func(r servertest.Request) bool { return strings.Contains(r.Path, "cursor=") }) {
		t.Errorf("no second page was read: %v", w.server.Counts())
	}
	if got, want := c.ok("output", "found"), fmt.Sprint(api.MaxPageSize+30); got != want {
		t.Errorf("found %s keys, want %s", got, want)
	}
}
