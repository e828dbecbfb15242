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
	answer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
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
			w.WriteHeader(http.StatusNoContent)
		}
	})
	s := httptest.NewServer(answer)
	defer s.Close()
	ask := func(credential, secret string) (int, string, error) {
		return gateway{endpoint: s.URL, credential: credential}.ask(t.Context(), "a:b", secret)
	}
	if status, _, err := ask("gateway", "caller"); status != http.StatusNoContent || err != nil {
		t.Errorf("a good key: got %d, %v", status, err)
	}
	if status, body, err := ask("gateway", "other"); status != http.StatusUnauthorized || body != `{"code":"invalid_credential"}` || err != nil {
		t.Errorf("a bad key: got %d %s, %v", status, body, err)
	}
	if _, _, err := ask("other", "caller"); err == nil || !strings.Contains(err.Error(), "the gateway itself was refused") {
		t.Errorf("a bad gateway: got %v", err)
	}
}
