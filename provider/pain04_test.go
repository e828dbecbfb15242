package provider_test

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// A service that answers in another order each time: nothing differs by that, neither a
// resource nor what an output makes of a data source.
func TestPain04_AnswersInAnotherOrderNeverDiffer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.makeSubaccount(api.CreateSubaccount{Handle: "first", Name: "First"})
	w.server.Advance(day)
	w.makeSubaccount(api.CreateSubaccount{Handle: "acme", Name: "Acme"})
	c := w.pipeline(`
resource "postern_scope" "test" {
  name    = "crm:write"
  implies = ["write", "verify"]
}
resource "postern_apikey" "test" {
  count  = 3
  name   = "test ${count.index}"
  scopes = ["verify", "apikeys:read", postern_scope.test.name]
}
resource "postern_subaccount_apikey" "test" {
  subaccount = "acme"
  name       = "test"
  scopes     = ["write", "verify"]
}
data "postern_apikeys" "test" { depends_on = [postern_apikey.test] }
data "postern_subaccount_apikeys" "test" {
  subaccount = "acme"
  depends_on = [postern_subaccount_apikey.test]
}
data "postern_subaccounts" "test" { depends_on = [postern_subaccount_apikey.test] }
data "postern_scopes" "test" { depends_on = [postern_scope.test] }
data "postern_account" "test" {}
output "all" {
  value = [data.postern_apikeys.test, data.postern_subaccount_apikeys.test, data.postern_subaccounts.test, data.postern_scopes.test, data.postern_account.test.caller]
}
`)
	var answers, turned atomic.Int32
	c.env = append(slices.Clone(c.env), "POSTERN_ENDPOINT="+w.throughProxy(func(r *http.Response) error {
		if !strings.Contains(r.Header.Get("Content-Type"), "json") || answers.Add(1)%2 == 0 {
			return nil
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return err
		}
		var v any
		if err := json.Unmarshal(body, &v); err != nil {
			return err
		}
		if reverse(v) {
			turned.Add(1)
		}
		if body, err = json.Marshal(v); err == nil {
			answer(r, body)
		}
		return err
	}))
	c.ok("apply", "-no-color", "-auto-approve")
	for range 3 { // an odd number of answers a run makes each answer come both ways
		c.unchanged()
	}
	c.ok("apply", "-no-color", "-auto-approve", "-replace=postern_subaccount_apikey.test")
	c.unchanged()
	if out := c.ok("output", "-json", "all"); strings.Index(out, `"handle":"first"`) > strings.Index(out, `"handle":"acme"`) {
		t.Errorf("not the oldest first: %s", out)
	}
	if turned.Load() < 5 {
		t.Errorf("only %d answers had anything to turn around", turned.Load())
	}
}

// reverse turns all lists around, and reports whether that made a difference.
func reverse(v any) (changed bool) {
	switch v := v.(type) {
	case []any:
		slices.Reverse(v)
		changed = len(v) > 1
		for _, one := range v {
			changed = reverse(one) || changed
		}
	case map[string]any:
		for _, one := range v {
			changed = reverse(one) || changed
		}
	}
	return changed
}
