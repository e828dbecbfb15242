// Package httpapi is the management API, version 1, over a keyring: JSON over
// HTTP, described by an OpenAPI 3.1 document that is generated from the same
// types that the handlers take and return.
//
// It decodes, calls one method of the keyring, and encodes. It holds no rule of
// the domain, and no part of it writes a header, a query or a body to the log.
package httpapi

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/proxy"
)

// Config is what an API needs. All of it must be set but Proxies and Vendors.
type Config struct {
	Keyring *keyring.Keyring
	Log     *slog.Logger
	Version string // of the program, for the OpenAPI document

	// Proxies say whom to believe where a request came from.
	Proxies proxy.Trust

	// Vendors are handlers of other APIs over the same keyring, by the beginning of
	// their paths: see Vendor.
	Vendors map[string]http.Handler
}

// API answers the management API's requests. It is safe for concurrent use.
type API struct {
	keyring *keyring.Keyring
	log     *slog.Logger
	mux     *http.ServeMux
	huma    huma.API
	metrics *metrics
	// readiness is what /readyz answers from.
	readiness *readiness
	proxies   proxy.Trust
	warnings  warnings
	vendors   map[string]http.Handler
	document  []byte
	stopping  atomic.Bool
}

// New builds the API.
func New(c Config) (*API, error) {
	overrideHuma()
	a := &API{keyring: c.Keyring, log: c.Log, mux: http.NewServeMux(), metrics: newMetrics(), readiness: &readiness{keyring: c.Keyring, log: c.Log}, proxies: c.Proxies, vendors: c.Vendors}
	a.huma = humago.New(a.mux, humaConfig(c.Version))
	a.huma.UseMiddleware(a.admit)
	a.registerAccount()
	a.registerAPIKeys(ownPlace)
	a.registerSubaccounts()
	a.registerAPIKeys(subaccountPlace)
	a.registerScopes()
	a.registerVerify()
	a.describe(authorizeOperation())
	a.registerAudit()
	a.registerHealth()
	var err error
	if a.document, err = document(a.huma.OpenAPI()); err != nil {
		return nil, fmt.Errorf("describing the API: %w", err)
	}
	a.registerDocs()
	a.metrics.observeSpace(c.Keyring)
	a.mux.Handle("GET /metrics", a.metrics.handler())
	a.registerVendors()
	a.mux.HandleFunc("/", a.unknownRoute)
	return a, nil
}

// ServeHTTP answers one request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	started := time.Now()
	x := &exchange{ResponseWriter: w, log: a.log, id: requestID(r.Header.Get(api.HeaderRequestID)), path: r.URL.EscapedPath()}
	x.address = a.remote(x, r)
	a.commonHeaders(x.Header(), r, x.id)
	defer func() {
		if v := recover(); v != nil {
			a.recovered(x, r, v)
		}
		a.finish(x, r, time.Since(started))
	}()
	if isAuthorize(r) {
		a.authorize(x, r) // the mux would send a gateway's caller away whose path it can clean up
		return
	}
	a.mux.ServeHTTP(x, r)
}

// Route is the template of the route that the request takes, such as
// /v1/apikeys/{id}, or "" when there is none.
func (a *API) Route(r *http.Request) string {
	if isAuthorize(r) {
		return routeAuthorize
	}
	handler, pattern := a.mux.Handler(r)
	if v, ok := handler.(vendor); ok {
		return v.route(r)
	}
	return template(pattern)
}

// template is the path of a ServeMux pattern. The pattern "/" takes what no route
// takes.
func template(pattern string) string {
	if pattern == "/" {
		return ""
	}
	if _, path, ok := strings.Cut(pattern, " "); ok {
		return path
	}
	return pattern
}

// The values of headers that are the same on every answer. Shared slices spare the
// hot path an allocation for each; nothing appends to them.
var (
	nosniff    = []string{"nosniff"}
	noPage     = []string{"default-src 'none'; frame-ancestors 'none'"}
	noReferrer = []string{"no-referrer"}
	noStore    = []string{"no-store"}
)

// commonHeaders are on every answer. The answers are data for programs: a
// browser that is led here must do nothing with them.
func (a *API) commonHeaders(h http.Header, r *http.Request, id string) {
	h[api.HeaderRequestID] = []string{id}
	h["X-Content-Type-Options"] = nosniff
	h["Content-Security-Policy"] = noPage
	h["Referrer-Policy"] = noReferrer
	if a.working(r.URL.Path) {
		h["Cache-Control"] = noStore
	}
}

// recovered answers a request whose handler panicked.
func (a *API) recovered(x *exchange, r *http.Request, v any) {
	err, isError := v.(error)
	switch {
	case isError && errors.Is(err, http.ErrAbortHandler):
		panic(http.ErrAbortHandler) // asks net/http to drop the connection
	case isError && x.status != 0:
		// huma panics when an answer cannot be written; the work is done.
		a.log.Debug("answer not delivered", "request_id", x.id, "cause", err)
	default:
		x.crashed(r, v)
	}
}

// unknownRoute takes what no route takes: another method of a known path is 405,
// the rest is 404.
func (a *API) unknownRoute(w http.ResponseWriter, r *http.Request) {
	x := exchangeOf(w)
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPatch, http.MethodDelete} {
		try := &http.Request{Method: method, URL: r.URL, Host: r.Host}
		if a.Route(try) != "" {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) == 0 {
		x.fail(r, refuse(api.CodeNoSuchPath, "There is no such path. See /openapi.json, or /docs in a browser."))
		return
	}
	x.Header().Set("Allow", strings.Join(allowed, ", "))
	x.fail(r, refuse(api.CodeMethodNotAllowed, "This path takes %s only.", strings.Join(allowed, ", ")))
}
