package mailchannels

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

func TestRule9_NoErrorOfTheDriverHoldsASecret(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.subaccount(t, "acme1")
	var secrets []string
	for _, status := range []int{200, 201, 400, 403, 404, 422, 429, 500} {
		for _, shape := range []string{"%s", "it is %s", `{"key":"%s"}`, `{"id":1,"key":"%s"`, `{"errors":["%s"]}`, `{"message":"it is %s."}`, `["%s"]`, `{"id":"%s","key":""}`} {
			f := newFront(t, w.server.URL)
			b := at(t, f.URL, w.server.Owner)
			f.set(func(rw http.ResponseWriter, r *http.Request, next http.Handler) bool {
				if r.Method != http.MethodPost {
					return false
				}
				caught := httptest.NewRecorder()
				next.ServeHTTP(caught, r)
				var made struct{ Key string }
				if err := json.Unmarshal(caught.Body.Bytes(), &made); err != nil {
					t.Error(err)
				}
				secrets = append(secrets, made.Key)
				rw.WriteHeader(status)
				_, _ = fmt.Fprintf(rw, shape, made.Key)
				return true
			})
			err := second(b.Keys("acme1").Create(t.Context(), backend.APIKeyInput{}))
			if err == nil {
				t.Errorf("%d %s: no error", status, shape)
			}
			for _, s := range append(secrets, w.server.Owner) {
				if text := fmt.Sprintf("%v %+v %#v", err, b, b); strings.Contains(text, s[len(s)-12:]) {
					t.Errorf("%d %s: a secret is in %s", status, shape, err)
				}
			}
			f.set(nil)
			for _, id := range w.ids(t) {
				_ = b.Keys("acme1").Delete(t.Context(), id)
			}
		}
	}
}
