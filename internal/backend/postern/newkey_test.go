package postern

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest/lies"
)

// What is made now is neither of the state nor older than the answers that a server keeps.
func TestCreate_TakesNoOldKeyForTheNewOne(t *testing.T) {
	t.Parallel()
	server := servertest.Start(t)
	in := backend.APIKeyInput{Name: "twin", Scopes: []string{"read"}, Enabled: true}
	old, err := at(t, server, server.URL).Keys("").Create(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		lie   lies.Rewrite
		known []string
		good  bool
	}{
		"of the state": {lies.Set("id", old.ID), []string{old.ID}, false},
		"of last week": {lies.Set("created_at", server.Now().Add(-7*24*time.Hour).Format(time.RFC3339)), nil, false},
		"of today":     {lies.Set("created_at", server.Now().Add(-23*time.Hour).Format(time.RFC3339)), nil, true},
	} {
		proxy := lies.Before(t, server.URL)
		proxy.Tell(lies.Lie{Method: http.MethodPost, Rewrite: c.lie})
		in.Name, in.Known = name, c.known
		if _, err := at(t, server, proxy.URL).Keys("").Create(t.Context(), in); (err == nil) != c.good || err != nil && !strings.Contains(err.Error(), "none is taken for it") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
