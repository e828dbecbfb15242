package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// A refusal of the gateway itself must not pass for one of its caller.
func TestGateway_Ask(t *testing.T) {
	t.Parallel()
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path != "/v1/authorize" || r.URL.Query().Get("scope") != "a:b":
			w.WriteHeader(http.StatusNotFound)
		case r.Header.Get(api.HeaderAuthorize) != "gateway":
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = w.Write([]byte(`{"detail":"The credential is not valid.","request_id":"r1"}`))
		case r.Header.Get(api.HeaderAPIKey) != "caller":
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = w.Write([]byte(`{"code":"invalid_credential"}`))
		default:
			w.Header().Set(headerAPIKeyID, "key_1")
			w.WriteHeader(http.StatusNoContent)
		}
	})
	s := httptest.NewServer(handler)
	defer s.Close()
	let := map[string]int64{}
	ask := func(credential, secret string) (answer, error) {
		return gateway{endpoint: s.URL, credential: credential, let: let}.ask(t.Context(), "a:b", caller{secret: secret})
	}
	if got, err := ask("gateway", "caller"); got.status != http.StatusNoContent || err != nil {
		t.Errorf("a good key: got %d, %v", got.status, err)
	}
	if got, err := ask("gateway", "other"); got.status != http.StatusUnauthorized || got.body != `{"code":"invalid_credential"}` || err != nil {
		t.Errorf("a bad key: got %d %s, %v", got.status, got.body, err)
	}
	if let["key_1"] != 1 || len(let) != 1 {
		t.Errorf("one yes was counted as %v", let)
	}
	if _, err := ask("other", "caller"); err == nil || !strings.Contains(err.Error(), "the gateway itself was refused") {
		t.Errorf("a bad gateway: got %v", err)
	}
}

func TestGateway_AskForAUsernameAndNoScope(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		username, password, ok := r.BasicAuth()
		if r.URL.RawQuery != "" || !ok || username != "ann" || password != "horse" || r.Header.Get(api.HeaderAPIKey) != "" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	defer s.Close()
	g := gateway{endpoint: s.URL, credential: "gateway", let: map[string]int64{}}
	if got, err := g.ask(t.Context(), "", caller{username: "ann", secret: "horse"}); got.status != http.StatusNoContent || err != nil {
		t.Errorf("got %d, %v", got.status, err)
	}
}
