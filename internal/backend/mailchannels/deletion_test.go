package mailchannels

import (
	"errors"
	"net/http"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

// An attempt that got no answer and a second one that got a 404 do not prove a deletion,
// and neither does a 404 alone: the list decides.
func TestDelete_IsBelievedFromTheListOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.subaccount(t, "acme1")
	made := w.key(t)
	plain, once := at(t, w.front.URL, w.server.Owner), 1
	b, err := open(backend.Settings{Endpoint: w.front.URL, Credential: w.server.Owner, UserAgent: "test", MaxRetries: &once}, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.caller.CloseIdleConnections)
	first := true
	w.front.set(func(rw http.ResponseWriter, r *http.Request, _ http.Handler) bool {
		if r.Method != http.MethodDelete {
			return false
		}
		status := http.StatusNotFound
		if first {
			status = http.StatusBadGateway
		}
		first = false
		http.Error(rw, "a proxy", status)
		return true
	})
	if err := b.Keys("acme1").Delete(t.Context(), made.ID); err == nil || errors.Is(err, backend.ErrNotFound) {
		t.Errorf("a key that lives is deleted: %v", err)
	}
	if err := plain.Subaccounts().Delete(t.Context(), "acme1", true); err == nil || errors.Is(err, backend.ErrNotFound) {
		t.Errorf("a sub-account that lives is deleted: %v", err)
	}
	w.front.set(nil)
	if left := w.ids(t); len(left) != 1 {
		t.Errorf("the sub-account has the keys %v", left)
	}
}
