package sendgrid_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

func TestRequestsAreLoggedAndCountedByRoute(t *testing.T) {
	t.Parallel()
	h := start(t)
	k := h.key(t, "", "k", "mail.send")
	header := http.Header{"Authorization": {"Bearer " + h.Owner}, "X-Request-Id": {"my-own-id"}}
	a := h.raw(t, header, http.MethodGet, "/v3/api_keys/"+k.ID, "")
	if got := a.header.Get("X-Request-Id"); got != "my-own-id" {
		t.Errorf("the request's id is %q", got)
	}
	line := ""
	for l := range strings.Lines(h.Logs()) {
		if strings.Contains(l, `"my-own-id"`) {
			line += l
		}
	}
	for _, want := range []string{`"level":"INFO","msg":"request","method":"GET","route":"/v3/api_keys/{id}","status":200`, `"caller":"own_`, `"remote":"127.0.0.1"`} {
		if strings.Count(line, want) != 1 {
			t.Errorf("the log says %q, want %q once", line, want)
		}
	}
	if n := h.Counts()["GET /v3/api_keys/{id}"]; n != 1 {
		t.Errorf("counted %d: %v", n, h.Counts())
	}
	metrics := h.Do(t, http.MethodGet, "/metrics", "").Body
	if want := `postern_http_requests_total{method="GET",route="/v3/api_keys/{id}",status="200"} 1`; !strings.Contains(metrics, want) || strings.Contains(metrics, k.ID) {
		t.Errorf("the metrics lack %s, or have an id", want)
	}
}

func TestTheTrailHoldsWhoAndFromWhere(t *testing.T) {
	t.Parallel()
	h := start(t)
	header := http.Header{"Authorization": {"Bearer " + h.Owner}, "X-Request-Id": {"made-it"}}
	if a := h.raw(t, header, http.MethodPost, "/v3/api_keys", `{"name":"k","scopes":["mail.send"]}`); a.status != http.StatusCreated {
		t.Fatalf("%d %s", a.status, a.body)
	}
	trail := h.Do(t, http.MethodGet, "/v1/audit-events?action=apikey.create", "").Body
	for _, want := range []string{`"request_id":"made-it"`, `"127.0.0.1"`, `"own_`, `"allowed"`} {
		if !strings.Contains(trail, want) {
			t.Errorf("%s lacks %s", trail, want)
		}
	}
}

func TestAFailureIsSendGridsAndItsCauseOnlyInTheLog(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.FillDisk(t)
	h.owner(t, http.MethodPost, "/v3/api_keys", `{"name":"k","scopes":["mail.send"]}`).is(t, 500, `{"errors":[{"field":null,"message":"internal server error"}]}`)
	h.FreeDisk(t)
	if log := h.Logs(); strings.Count(log, `"msg":"request failed"`) != 1 || !strings.Contains(log, `"cause":"`) {
		t.Errorf("the log says %s", log)
	}
}

func TestFaultsReachThesePathsToo(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.Inject(servertest.Fault{Kind: servertest.Lost, Method: http.MethodPost, Prefix: "/v3/api_keys"})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.URL+"/v3/api_keys", strings.NewReader(`{"name":"lost","scopes":["mail.send"]}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+h.Owner)
	if resp, err := http.DefaultClient.Do(req); err == nil {
		resp.Body.Close()
		t.Errorf("an answer came: %s", resp.Status)
	}
	if a := h.owner(t, http.MethodGet, "/v3/api_keys", ""); !strings.Contains(a.body, `"name":"lost"`) {
		t.Errorf("the key is not there: %s", a.body)
	}
}
