// Package sendgrid serves SendGrid's own paths for keys, scopes and subusers over a
// keyring, so that what was written for SendGrid can be tried on one machine: its
// SDKs, Terraform modules and our own driver.
//
// It is a translation and holds no rule of the domain: rights, grants, limits and
// the audit trail are the keyring's. Its paths answer accounts of the platform
// "sendgrid" only. Where SendGrid's documentation is silent, a comment says that
// the behaviour is our choice.
//
// Sources, as the comments name them: the OpenAPI files of twilio/sendgrid-oai
// (tsg_api_keys_v3, tsg_scopes_v3, tsg_subusers_v3; 2026-01), the older API
// reference in sendgrid/docs (2018-12), and bodies from issues and clients that
// ran against the service.
package sendgrid

import (
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// Prefix is where the paths begin.
const Prefix = "/v3/"

// platformName is the platform whose accounts these paths answer.
const platformName = "sendgrid"

// Config is what a handler needs. Keyring and Log must be set.
type Config struct {
	Keyring *keyring.Keyring
	Log     *slog.Logger
	Quirks  Quirks
}

// Quirks are what sources about SendGrid disagree on, or what differs from account
// to account. The zero value is the most likely behaviour.
type Quirks struct {
	// PutEchoesScopes puts scopes into the answer to PUT /v3/api_keys/{id}. The
	// OpenAPI's example has them; its schema has not, and the service was seen
	// without them in 2025.
	PutEchoesScopes bool

	// SubuserCreated answers POST /v3/subusers with 201 instead of 200: the
	// OpenAPI says 200, the older reference 201.
	SubuserCreated bool

	// ListOmitsDisabled leaves disabled subusers out of GET /v3/subusers, as a client of
	// the service reports.
	ListOmitsDisabled bool

	// AutomaticScopes are shown with every key beside the scopes that it was given;
	// nil for those of the platform file. Which they are differs by the kind of
	// account. An empty list shows none.
	AutomaticScopes []string

	// RequestsPerMinute is how many requests one account may make to one endpoint
	// in a minute of the clock; DefaultRequestsPerMinute when 0. SendGrid limits by
	// endpoint too and does not publish the numbers.
	RequestsPerMinute int
}

// DefaultRequestsPerMinute is our choice: enough for a plan that reads every key of
// an account several times.
const DefaultRequestsPerMinute = 600

// Handler answers SendGrid's paths. It is safe for concurrent use.
type Handler struct {
	config Config
	mux    *http.ServeMux
	limits limits
}

// New builds the handler. It answers whatever begins with Prefix.
func New(c Config) *Handler {
	if c.Quirks.RequestsPerMinute == 0 {
		c.Quirks.RequestsPerMinute = DefaultRequestsPerMinute
	}
	h := &Handler{config: c, mux: http.NewServeMux(), limits: limits{most: c.Quirks.RequestsPerMinute}}
	for _, e := range endpoints() {
		h.mux.HandleFunc(e.method+" "+e.path, func(w http.ResponseWriter, r *http.Request) { h.answer(w, r, e) })
	}
	h.mux.HandleFunc("/", h.unknown)
	return h
}

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.mux.ServeHTTP(w, r) }

// Handler returns the handler and the pattern of the request's route, as
// http.ServeMux has it.
func (h *Handler) Handler(r *http.Request) (http.Handler, string) { return h.mux.Handler(r) }

// endpoint is one call of the API.
type endpoint struct {
	method, path string
	do           func(*call) error
	missing      string // the message of a 404
	subusers     bool   // about subusers, so that nobody acts for one
}

const (
	pathKeys     = "/v3/api_keys"
	pathKey      = "/v3/api_keys/{id}"
	pathScopes   = "/v3/scopes"
	pathSubusers = "/v3/subusers"
	pathSubuser  = "/v3/subusers/{name}"
	pathUsername = "/v3/user/username"
)

// endpoints are all calls. The messages are those of the 2018 reference; for PATCH it
// has none.
func endpoints() []endpoint {
	return []endpoint{
		{method: http.MethodPost, path: pathKeys, do: createKey, missing: "not found"},
		{method: http.MethodGet, path: pathKeys, do: listKeys, missing: "not found"},
		{method: http.MethodGet, path: pathKey, do: getKey, missing: "unable to find API Key"},
		{method: http.MethodPatch, path: pathKey, do: renameKey, missing: "unable to find API Key to update"},
		{method: http.MethodPut, path: pathKey, do: replaceKey, missing: "unable to find API Key to update"},
		{method: http.MethodDelete, path: pathKey, do: deleteKey, missing: "unable to find API Key for deletion"},
		{method: http.MethodGet, path: pathScopes, do: listScopes, missing: "not found"},
		{method: http.MethodGet, path: pathUsername, do: getUsername, missing: "not found"},
		{method: http.MethodPost, path: pathSubusers, do: createSubuser, missing: "not found", subusers: true},
		{method: http.MethodGet, path: pathSubusers, do: listSubusers, missing: "not found", subusers: true},
		{method: http.MethodGet, path: pathSubuser, do: getSubuser, missing: "not found", subusers: true},
		{method: http.MethodPatch, path: pathSubuser, do: changeSubuser, missing: "not found", subusers: true},
		{method: http.MethodDelete, path: pathSubuser, do: deleteSubuser, missing: "not found", subusers: true},
		{method: http.MethodPut, path: pathSubuser + "/ips", do: replaceIPs, missing: "not found", subusers: true},
	}
}

// unknown takes what no endpoint takes: another method of a known path is 405, the
// rest is 404. Neither needs a credential, as nothing is told by it.
func (h *Handler) unknown(w http.ResponseWriter, r *http.Request) {
	var allowed []string
	for _, e := range endpoints() {
		try := &http.Request{Method: e.method, URL: r.URL, Host: r.Host}
		if _, pattern := h.mux.Handler(try); pattern != "/" && !slices.Contains(allowed, e.method) {
			allowed = append(allowed, e.method)
		}
	}
	h.limits.show(w.Header(), "", "", h.now())
	if len(allowed) == 0 {
		send(w, http.StatusNotFound, refusal(http.StatusNotFound, "not found"))
		return
	}
	slices.Sort(allowed)
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	send(w, http.StatusMethodNotAllowed, refusal(http.StatusMethodNotAllowed, "method not allowed"))
}

func (h *Handler) now() time.Time { return h.config.Keyring.Now() }
