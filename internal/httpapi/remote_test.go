package httpapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

// lastAddress is the address in the newest record of the trail.
func (h *harness) lastAddress(t *testing.T) string {
	t.Helper()
	items := h.trail(t, "?limit=500").Items
	return items[len(items)-1].Address
}

// Behind a trusted proxy the trail and the log hold the caller's own address, on the
// management API and on the vendors' paths alike.
func TestRemote_IsTheCallersBehindATrustedProxy(t *testing.T) {
	t.Parallel()
	const forwarded = "X-Forwarded-For"
	for name, tc := range map[string]struct {
		header  string
		trusted []string
		sent    string
		want    string
	}{
		"trusted":                  {forwarded, []string{"127.0.0.0/8"}, guesser, guesser},
		"over two":                 {forwarded, []string{"127.0.0.0/8", "10.0.0.1"}, "192.0.2.1, " + guesser + ":4000, 10.0.0.1", guesser},
		"not trusted":              {forwarded, []string{"10.0.0.0/8"}, guesser, "127.0.0.1"},
		"nothing is set":           {"", nil, guesser, "127.0.0.1"},
		"a header, nobody trusted": {forwarded, nil, guesser, "127.0.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := start(t, servertest.Platform("sendgrid"), servertest.Proxies(tc.header, tc.trusted...))
			weak := h.create(t, `{"name":"weak","scopes":["mail.send"]}`, nil).Secret
			as := func(credential string) map[string]string {
				return map[string]string{api.HeaderAPIKey: credential, "Authorization": "Bearer " + credential, forwarded: tc.sent}
			}
			h.send(t, http.MethodPost, pathKeys, `{"name":"a","scopes":["mail.send"]}`, as(h.Owner))
			if got := h.lastAddress(t); got != tc.want {
				t.Errorf("a write is recorded from %q, want %q", got, tc.want)
			}
			h.send(t, http.MethodPost, pathKeys, `{"name":"b","scopes":["mail.send"]}`, as(weak.Reveal()))
			if got := h.lastAddress(t); got != tc.want {
				t.Errorf("a denial is recorded from %q, want %q", got, tc.want)
			}
			h.send(t, http.MethodPost, "/v3/api_keys", `{"name":"c","scopes":["mail.send"]}`, as(h.Owner))
			if got := h.lastAddress(t); got != tc.want {
				t.Errorf("a write on a vendor's path is recorded from %q, want %q", got, tc.want)
			}
			h.send(t, http.MethodGet, "/v3/api_keys", "", as("SG.unknown"))
			if got := h.metric(t, `postern_refusals_total{reason="invalid_credential",route="/v3/api_keys"}`); got != "1" {
				t.Errorf("%s refusals on a vendor's path are counted", got)
			}
			// What the header tells a gateway's question is its caller's address, not its own.
			h.ask(t, http.MethodGet, pathAuthorize, "", http.Header{api.HeaderAuthorize: {weak.Reveal()}, forwarded: {tc.sent}})
			if !strings.Contains(h.Logs(), `"code":"forbidden","remote":"127.0.0.1"`) {
				t.Errorf("the gateway is not logged by its own address:\n%s", h.Logs())
			}
			if !strings.Contains(h.Logs(), `"route":"/v3/api_keys","status":201`) || strings.Count(h.Logs(), `"remote":"`+tc.want+`"`) < 3 {
				t.Errorf("the log has another address than %s:\n%s", tc.want, h.Logs())
			}
		})
	}
}

// What cannot be read is logged, and not at each request, and counted.
func TestRemote_UnreadableHeadersAreNamedAndCounted(t *testing.T) {
	t.Parallel()
	h := start(t, servertest.Platform("benchmark"), servertest.Proxies("X-Forwarded-For", "127.0.0.1"))
	const words = "tells no address that can be read"
	for range 30 {
		h.send(t, http.MethodGet, "/v1/account", "", map[string]string{"X-Forwarded-For": "hushhush"})
	}
	if n := strings.Count(h.Logs(), words); n != 1 || h.metric(t, `postern_client_address_faults_total{fault="unreadable"}`) != "30" {
		t.Errorf("said %d times, counted %s", n, h.metric(t, `postern_client_address_faults_total{fault="unreadable"}`))
	}
	for range 30 { // a gateway that tells nothing leaves the block off
		h.ask(t, http.MethodGet, pathAuthorize, "", http.Header{"X-Api-Key": {"bme_guess"}})
	}
	if n := strings.Count(h.Logs(), words); n != 2 || h.metric(t, `postern_client_address_faults_total{fault="missing"}`) != "30" {
		t.Errorf("said %d times, counted %s", n, h.metric(t, `postern_client_address_faults_total{fault="missing"}`))
	}
	if strings.Contains(h.Logs(), "hushhush") {
		t.Error("the log repeats what was sent")
	}
	for range 5 { // a stranger is no gateway: what it sends says nothing about one
		h.ask(t, http.MethodGet, pathAuthorize, "", http.Header{api.HeaderAuthorize: {"ptn_service_x"}, "X-Forwarded-For": {"x"}})
	}
	if got := h.metric(t, `postern_client_address_faults_total{fault="unreadable"}`); got != "30" {
		t.Errorf("a stranger's header is counted: %s", got)
	}
}

// A platform that blocks addresses is not left without any in silence.
func TestRemote_SaysThatNoHeaderIsNamed(t *testing.T) {
	t.Parallel()
	const words = "no address is blocked after too many wrong keys"
	for platform, want := range map[string]int{"benchmark": 1, "postern": 0} {
		h := start(t, servertest.Platform(platform))
		for range 10 {
			h.gateway(t, "", "bme_guess", guesser)
		}
		if n := strings.Count(h.Logs(), words); n != want {
			t.Errorf("%s: said %d times, want %d", platform, n, want)
		}
	}
}
